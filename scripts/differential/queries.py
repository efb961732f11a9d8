"""Random queries, as arguments of `hotshard query`."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from .conditions import random_condition

MEASURES = ("events", "users", "per-user")
COLUMNS = ("event", "date", "shard", "distinct_id", "original_event", "original_distinct_id")
# Kept in columns, so that `property:NAME` does not know them, or unknown altogether.
OTHER_PROPERTIES = ("distinct_id", "$insert_id", "time", "mp_original_event_name", "mp_original_distinct_id", "deeper", "absent")


@dataclass(frozen=True)
class Query:
    """What is asked; `running` are options that may not change the answer."""

    measure: str
    by: tuple = ()
    events: tuple = ()
    ids: tuple = ()
    first: str | None = None
    last: str | None = None
    conditions: tuple = ()
    top: int | None = None
    dedup: bool = False
    running: tuple = ()

    def arguments(self):
        """The command line after `hotshard query --store DIR`."""
        return [
            f"--measure={self.measure}",
            *([f"--by={','.join(self.by)}"] if self.by else []),
            *[f"--event={name}" for name in self.events],
            *[f"--id={name}" for name in self.ids],
            *([f"--from={self.first}"] if self.first else []),
            *([f"--to={self.last}"] if self.last else []),
            *[f"--where={condition.written()}" for condition in self.conditions],
            *([f"--top={self.top}"] if self.top is not None else []),
            *(["--dedup"] if self.dedup else []),
            *self.running,
        ]


@dataclass(frozen=True)
class Subject:
    """What there is to ask of a store."""

    properties: tuple
    # Gives a value of a column, or None.
    sample: Callable
    names_are_recorded: bool
    # In MiB.
    least_memory: int


def random_query(rng, number, subject):
    """Query number so-and-so of a store: measures and `--dedup` take turns, all else is random."""
    measure, dedup = list(itertools.product(MEASURES, (False, True)))[number % 6]
    first, last = random_dates(rng, subject.sample)
    query = Query(
        measure,
        events=tuple(random_texts(rng, "event", subject.sample, "No such event")),
        first=first,
        last=last,
        top=rng.choice([0, 1, 2, 5, 50]) if rng.random() < 0.25 else None,
        dedup=dedup,
    )
    if rng.random() < 0.2:
        query = replace(query, by=rng.choice([(), ("shard",), ("event",), ("date",), ("date", "event"), ("event", "date")]))
    else:
        query = replace(
            query,
            by=random_columns(rng, subject.properties),
            ids=tuple(random_texts(rng, "distinct_id", subject.sample, "nobody")),
            conditions=tuple(random_condition(rng, subject.properties, subject.sample) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))),
        )
    if is_recorded(query, subject.names_are_recorded) and rng.random() < 0.7:
        return replace(query, running=("--metadata",))
    return replace(query, running=random_running(rng, query, subject.least_memory))


def is_recorded(query, names_are_recorded):
    """Whether commit records tell the answer."""
    if query.measure != "events" or query.dedup or query.ids or query.conditions:
        return False
    if query.by == ("shard",):
        return not (query.events or query.first or query.last)
    needs_names = query.events or "event" in query.by
    return set(query.by) <= {"event", "date"} and (names_are_recorded or not needs_names)


def random_columns(rng, properties):
    """Different columns to group by; a comma in a name would end it on the command line."""
    choices = [*COLUMNS, *[f"property:{name}" for name in rng.sample(properties, 3) if "," not in name]]
    return tuple(rng.sample(choices, rng.choice([0, 1, 1, 2, 2, 3])))


def random_texts(rng, column, sample, absent):
    """Mostly none: no condition at all."""
    count = rng.choice([0, 0, 0, 0, 0, 0, 1, 2, 3])
    drawn = [sample(column) if rng.random() < 0.85 else absent for _ in range(count)]
    return [text for text in drawn if text is not None and "\0" not in text]


def random_dates(rng, sample):
    """No dates, one end, both ends, a single day, or days that hold nothing."""
    chance = rng.random()
    if chance < 0.5:
        return None, None
    if chance < 0.55:
        return rng.choice([("1971-06-01", "1971-06-02"), ("2024-04-01", None), (None, "1970-12-31")])
    ends = sorted([sample("date") or "2024-02-28", sample("date") or "2024-02-29"])
    return rng.choice([(ends[0], None), (None, ends[1]), (ends[0], ends[1]), (ends[0], ends[0])])


def random_running(rng, query, least_memory):
    """How the query is run."""
    options = [f"--threads={rng.randint(1, 3)}"] if rng.random() < 0.3 else []
    if rng.random() < 0.3:
        # Left to itself, it repeats for as long as it takes to time it well.
        options += ["--timing=isolated", f"--repeats={rng.randint(1, 2)}"]
    elif rng.random() < 0.1:
        options.append(f"--repeats={rng.randint(1, 3)}")
    # Counts that do not fit are made in several passes; the answer itself has to fit.
    if rng.random() < 0.6 and is_small(query):
        options.append(f"--memory={least_memory + rng.choice([0, 0, 8])}")
    return tuple(options)


def is_small(query):
    """Whether the answer has few groups; of users, all groups count until the last pass."""
    return set(query.by) <= {"event", "date", "shard"} or (query.measure == "events" and query.top is not None)
