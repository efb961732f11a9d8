"""How fast the parts of the work can be at best: the bench program `floors`, where there is one."""

import json
import subprocess
from pathlib import Path

from .. import page_cache
from ..errors import PeersError
from ..progress import say
from ..work import printed

PROGRAM = "target/dist/floors"
BUILD = ["cargo", "build", "--profile", "dist", "-p", "hotshard-benches", "--bin", "floors"]
COMMAND = "cargo run --profile dist -p hotshard-benches --bin floors --"


def missing(no_build):
    """Why floors cannot be measured, or None once the program is built."""
    if no_build:
        return None if Path(PROGRAM).exists() else f"--no-build, and there is no {PROGRAM}"
    done = subprocess.run(BUILD, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    return errors[0] if errors else f"cargo ended with {done.returncode}"


def run(source, events):
    say("floors")
    page_cache.warm(source)
    answer = json.loads(printed([PROGRAM, str(source)]))
    if answer["events"] != events:
        raise PeersError(f"the floors counted {answer['events']:,} events and not {events:,}")
    return answer
