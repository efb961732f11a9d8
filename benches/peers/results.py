"""The record of a run and where it is kept."""

import json
import shlex
import sys
from datetime import datetime, timezone
from pathlib import Path

from . import machine
from .errors import PeersError
from .work import FOLDER

KEPT = Path("benches/results")
TRIALS = FOLDER / "results"
README = Path("README.md")


def begin(options):
    """What every record opens with."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "command": " ".join(["benches/peers/run", *sys.argv[1:]]),
        "rounds": options.rounds,
        "machine": machine.describe(),
        "versions": machine.versions(),
    }


def shown(command):
    """A command line as anyone could type it: the interpreter by its name, paths from the repository."""
    return shlex.join("python" if part == sys.executable else str(part) for part in command)


def write(options, name, record, page):
    folder = (TRIALS if options.trial else KEPT) / record["date"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    written = folder / f"{name}.md"
    written.write_text(page)
    return written


def into_readme(marker, table):
    """Replaces what stands between the marker's two comments."""
    text = README.read_text(encoding="utf-8")
    begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise PeersError(f"{README} needs {begin} and {end}, once each")
    before, after = text.split(begin)[0], text.split(end)[1]
    README.write_text(f"{before}{begin}\n{table}{end}{after}", encoding="utf-8")
