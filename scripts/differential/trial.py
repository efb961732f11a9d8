"""One store and its queries: asks `hotshard query` and the oracle, and tells where they differ."""

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from . import hostile, stores
from .answers import least_memory, ours, theirs
from .hotshard import Failed, Hotshard
from .oracle import Oracle
from .queries import OTHER_PROPERTIES, Subject, random_query

PROPERTIES = (*hostile.TYPICAL_VALUES, *OTHER_PROPERTIES)
MOST_FAILURES = 3
MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Trial:
    """What to do; the same trial does the same on every machine."""

    binary: str
    seed: int
    number: int
    queries: int
    folder: str


@dataclass
class Result:
    """What a trial did: queries by measure, remedy, dedup and whether something was counted."""

    number: int
    rows: int = 0
    from_records: int = 0
    asked: Counter = field(default_factory=Counter)
    failures: list = field(default_factory=list)
    # The commands that made the store.
    calls: list = field(default_factory=list)

    def story(self, seed, queries):
        """What differed, and all that one needs to look into it."""
        again = f"store {self.number} (--seed {seed} --queries {queries} --only {self.number} does it again) was made by"
        return "\n".join([again, *self.calls, *[f"\n{failure}" for failure in self.failures]])


def run(trial):
    """Makes the store, asks the queries, and keeps the store if an answer differs."""
    result = Result(trial.number)
    folder = Path(trial.folder, f"store-{trial.number}")
    folder.mkdir(parents=True)
    hotshard = Hotshard(trial.binary)
    try:
        store = stores.make(random.Random(f"{trial.seed} store {trial.number}"), trial.number, hotshard, folder)
        ask(trial, hotshard, store, result)
    except Failed as error:
        result.failures.append(str(error))
    result.calls = hotshard.calls
    if not result.failures:
        shutil.rmtree(folder)
    return result


def ask(trial, hotshard, store, result):
    rng = random.Random(f"{trial.seed} queries {trial.number}")
    oracle = Oracle(store.folder, PROPERTIES)
    result.rows = oracle.count()
    subject = Subject(
        PROPERTIES,
        sample=lambda column: oracle.sample(rng, column),
        names_are_recorded=stores.SHAPES[store.shape].names == 0,
        least_memory=least_memory(hotshard, store),
    )
    for number in range(trial.queries):
        query = random_query(rng, number, subject)
        left, right = ours(hotshard, store, query), theirs(oracle, query)
        result.asked[query.measure, store.remedy, query.dedup, right[1] > 0] += 1
        result.from_records += "--metadata" in query.running
        if left != right:
            query = simplified(hotshard, store, oracle, query)
            result.failures.append(difference(hotshard, store, oracle, query))
        if len(result.failures) == MOST_FAILURES:
            break


def simplified(hotshard, store, oracle, query):
    """A query that differs as well, with nothing in it that could be left out."""
    for smaller in smaller_queries(query):
        if differs(hotshard, store, oracle, smaller):
            return simplified(hotshard, store, oracle, smaller)
    return query


def differs(hotshard, store, oracle, query):
    """Whether there are two answers, and they differ."""
    try:
        return ours(hotshard, store, query) != theirs(oracle, query)
    except Failed:
        # Without its --top, say, an answer may not fit in the memory.
        return False


def smaller_queries(query):
    """The query without one of its parts."""
    for part in ("by", "events", "ids", "conditions", "running"):
        values = getattr(query, part)
        for place in range(len(values)):
            yield replace(query, **{part: values[:place] + values[place + 1 :]})
    yield from (replace(query, **{part: None}) for part in ("first", "last", "top") if getattr(query, part) is not None)
    if query.dedup:
        yield replace(query, dedup=False)


def difference(hotshard, store, oracle, query):
    (left, left_total), (right, right_total) = ours(hotshard, store, query), theirs(oracle, query)
    told = [hotshard.command("query", "--store", store.folder, *query.arguments()), f"SQL: {oracle.sql(query)}"]
    if left_total != right_total:
        told.append(f"total: hotshard {left_total}, DuckDB {right_total}")
    differing = [(place, *pair) for place, pair in enumerate(zip_longest(left, right)) if pair[0] != pair[1]]
    for place, our, their in differing[:MOST_DIFFERENCES]:
        told.append(f"row {place}: hotshard {our}\n{' ' * len(f'row {place}: ')}DuckDB   {their}")
    if len(differing) > MOST_DIFFERENCES:
        told.append(f"and {len(differing) - MOST_DIFFERENCES} rows more")
    rows = store.folder.parent / "rows.parquet"
    oracle.save(rows)
    told.append(f"the rows as DuckDB sees them (`events` in the SQL) are in {rows}")
    return "\n".join(told)
