"""The work: generated events in a file, and what must come out of them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import PeersError
from .progress import say

FOLDER = Path("target/peers")
OUTPUT = FOLDER / "out"
HOTSHARD = "target/dist/hotshard"

DEFAULT_EVENTS = 5_000_000
SHARDS = 64
THRESHOLDS = (200_000, 20_000)

# The name of remedied events.
RENAMED = "$hotshard_events"


def build(no_build):
    """Builds the program that is measured, unless told to take the one that is there."""
    if no_build:
        if not Path(HOTSHARD).exists():
            raise PeersError(f"--no-build, but there is no {HOTSHARD}")
        return
    done = subprocess.run(["cargo", "build", "--profile", "dist", "-p", "hotshard-report"])
    if done.returncode != 0:
        raise PeersError("hotshard does not build; see above")


def prepare(events):
    """The file of so many events and the truth about it; both are made once and kept."""
    source = source_path(events)
    if not source.exists():
        generate(events, source)
    truth = truth_path(source)
    if not truth.exists():
        say(f"counting {events:,} events, to hold every engine against")
        publish(truth, lambda file: file.write_text(printed([sys.executable, "-m", "peers.truth", str(source)])))
    found = json.loads(truth.read_text())
    if found["events"] != events:
        raise PeersError(f"{source} holds {found['events']:,} events and not {events:,}: remove it and its .truth.json")
    return source, found


def generate(events, source):
    say(f"generating {events:,} events")
    command = [HOTSHARD, "generate", "--preset", "reference", "--events", str(events), "--force", "--output"]
    source.parent.mkdir(parents=True, exist_ok=True)
    publish(source, lambda file: printed([*command, str(file)]))


def describe(source, truth):
    return {
        "preset": "reference",
        "events": truth["events"],
        "input_bytes": source.stat().st_size,
        "shards": SHARDS,
        "remedied": {threshold: sum(days.values()) for threshold, days in truth["remedied_by_date"].items()},
    }


def clear(folder):
    if Path(folder).exists():
        shutil.rmtree(folder)


def discard(sources, keep):
    """Removes files of events that were made for one run: all but those of the default size, unless told to keep them."""
    for source in sources:
        if not keep and source != source_path(DEFAULT_EVENTS):
            source.unlink(missing_ok=True)
            truth_path(source).unlink(missing_ok=True)


def source_path(events):
    return FOLDER / f"reference-{events}.jsonl"


def truth_path(source):
    return source.with_suffix(".truth.json")


def publish(path, write):
    """Writes beside the path and renames, so that what was broken off is not taken for the whole."""
    unfinished = path.with_name(f"unfinished-{path.name}")
    write(unfinished)
    unfinished.rename(path)


def printed(command):
    """What a helper process prints; its failure ends the run."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise PeersError(f"`{' '.join(command)}` ended with {done.returncode}; see above")
    return done.stdout
