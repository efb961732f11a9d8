"""Random stores: how they are set up, and how events get into them."""

import gzip
from dataclasses import dataclass, replace

from . import hostile
from .events import Events, Habits
from .hotshard import Failed

REMEDIES = ("rename", "split", "off")
TIME_ZONES = ("UTC", "UTC", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
PROMOTED_TYPES = ("string", "long", "double", "boolean")


@dataclass(frozen=True)
class Shape:
    """How much a store holds, and in how many files."""

    events: range
    ingests: range
    shards: tuple
    names: int = 0
    long_ids: int = 0
    padding: int = 0
    memory: int | None = None


SHAPES = {
    "usual": Shape(range(300, 2_500), range(1, 5), (1, 2, 5, 16, 64)),
    # Hardly an event a shard, if any at all.
    "sparse": Shape(range(0, 40), range(1, 3), (3, 16, 64)),
    # More rows in a shard than a page or a batch holds.
    "tall": Shape(range(24_000, 30_000), range(1, 3), (1, 2)),
    # Ids that neither a dictionary page nor the least memory for counts holds all at once.
    "wide": Shape(range(2_500, 3_000), range(1, 3), (1, 3), long_ids=2_000),
    # More than the memory for one row group.
    "heavy": Shape(range(1_500, 2_500), range(1, 3), (1, 2), padding=6_000, memory=92),
    # More names than a commit record counts.
    "names": Shape(range(2_500, 3_500), range(1, 3), (2, 5), names=2_000),
}
ORDER = ("usual", "sparse", "usual", "names", "usual", "tall", "heavy", "usual", "wide", "usual", "sparse", "usual", "heavy")


@dataclass(frozen=True)
class Store:
    """A store that was made."""

    folder: str
    remedy: str
    shape: str
    promoted: dict


def make(rng, number, hotshard, folder):
    """Store number so-and-so of a run: remedies and shapes take turns, all else is random."""
    remedy, shape = REMEDIES[number % len(REMEDIES)], ORDER[number // len(REMEDIES) % len(ORDER)]
    store = Store(folder / "store", remedy, shape, promoted(rng))
    settings = [
        f"--shards={rng.choice(SHAPES[shape].shards)}",
        f"--threshold={rng.choice([5, 20, 60, 200])}",
        f"--remedy={remedy}",
        f"--time-zone={rng.choice(TIME_ZONES)}",
    ]
    settings += [f"--promote={','.join(f'{name}:{kind}' for name, kind in store.promoted.items())}"] if store.promoted else []
    fill(rng, SHAPES[shape], hotshard, store, settings, folder)
    check_files(hotshard, store)
    return store


def fill(rng, shape, hotshard, store, settings, folder):
    habits = habits_of(rng, shape)
    events = Events(rng, habits)
    ingests, count = rng.choice(shape.ingests), rng.choice(shape.events)
    for number in range(ingests):
        file = folder / f"events-{number}.{'json' if rng.random() < 0.2 else 'jsonl'}"
        lines = events.lines(count // ingests)
        write(rng, file, lines)
        options = [*(settings if number == 0 else []), *random_options(rng, habits, shape)]
        ingest(hotshard, store, options, file, len(lines))
        if rng.random() < 0.15:
            ingest(hotshard, store, ["--again"], file, len(lines))
        if rng.random() < 0.35:
            hotshard.remembered("compact", "--store", store.folder)
        if rng.random() < 0.1:
            hotshard.remembered("vacuum", "--store", store.folder)


def habits_of(rng, shape):
    habits = Habits.random(rng, shape.padding)
    habits.names.extend(f"event {number}" for number in range(shape.names))
    # Random, so that they do not shrink to nothing when they are compressed.
    habits.ids.extend(f"{number}-{rng.randbytes(4_000).hex()}" for number in range(shape.long_ids))
    return replace(habits, hot_share=0.1) if shape.long_ids else habits


def promoted(rng):
    """Some properties with a column of their own, a few of them of a type that does not fit."""
    names = rng.sample(sorted(hostile.PROMOTABLE), rng.randint(0, 4))
    return {name: rng.choice(PROMOTED_TYPES) if rng.random() < 0.2 else hostile.PROMOTABLE[name] for name in names}


def random_options(rng, habits, shape):
    """Options that change what an ingest writes, or how; none makes it fail."""
    sendable = [identifier for identifier in habits.ids if "\0" not in identifier and len(identifier) < 1_000]
    choices = [
        lambda: f"--compression={rng.choice([1, 3, 9])}",
        lambda: "--commit-every=1",
        lambda: f"--threads={rng.randint(1, 3)}",
        lambda: f"--unattributed={rng.choice(sendable)}",
        lambda: f"--hot={rng.choice(sendable)}",
        lambda: f"--threshold-for={rng.choice(sendable)}={rng.randint(1, 50)}",
    ]
    drawn = [choice() for choice in choices if rng.random() < 0.2]
    # An id is treated in one way only.
    overrides = [option for option in drawn if option.startswith(("--unattributed", "--hot", "--threshold-for"))]
    drawn = [option for option in drawn if option not in overrides[1:]]
    return [*drawn, f"--memory={shape.memory}"] if shape.memory else drawn


def write(rng, file, lines):
    content = f"[{','.join(lines)}]" if file.suffix == ".json" else "".join(f"{line}\n" for line in lines)
    packed = rng.random() < 0.3
    file.write_bytes(gzip.compress(content.encode(), 1) if packed else content.encode())


def ingest(hotshard, store, options, file, events):
    summary = hotshard.remembered("ingest", "--store", store.folder, *options, file)
    if (summary["stored"], summary["rejected"]) != (events, 0):
        raise Failed(f"{hotshard.calls[-1]}\nstored {summary['stored']} of {events} events: {summary['reject_samples']}")


def check_files(hotshard, store):
    """The files that are committed are those that a glob finds."""
    listed = {file["path"] for file in hotshard.json("files", "--store", store.folder)["files"]}
    found = {str(path.relative_to(store.folder)) for path in store.folder.glob("events/*/*.parquet")}
    if listed != found:
        raise Failed(f"{store.folder}: committed and found in the data root differ by {sorted(listed ^ found)}")
