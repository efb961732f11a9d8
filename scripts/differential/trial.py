"""One store and its queries: asks `hotshard query` and the oracle, and tells where they differ."""

import random
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path

from . import hostile, stores
from .hotshard import Failed, Hotshard
from .oracle import Oracle
from .queries import OTHER_PROPERTIES, random_query

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

    def sample(column):
        return oracle.sample(rng, column)

    result.rows = oracle.count()
    names_are_recorded = stores.SHAPES[store.shape].names == 0
    memory = least_memory(hotshard, store)
    for number in range(trial.queries):
        query = random_query(rng, number, PROPERTIES, sample, names_are_recorded, memory)
        left, right = ours(hotshard, store, query), theirs(oracle, query)
        result.asked[query.measure, store.remedy, query.dedup, right[1] > 0] += 1
        result.from_records += "--metadata" in query.running
        if left != right:
            query = simplified(hotshard, store, oracle, query)
            result.failures.append(difference(hotshard, store, oracle, query))
        if len(result.failures) == MOST_FAILURES:
            break


def least_memory(hotshard, store):
    """The smallest `--memory` that queries of a store take, in MiB: a smaller one is told what it is."""
    told = hotshard.refused("query", "--store", store.folder, "--memory=1")
    found = re.search(r"give at least ([0-9]+) MiB", told)
    if not found:
        raise Failed(f"a memory budget of 1 MiB was refused without the least that would do: {told}")
    return int(found[1])


def ours(hotshard, store, query):
    """The rows and the total of `hotshard query`."""
    command = ["query", "--store", store.folder, *query.arguments()]
    answer = hotshard.json(*command)
    if answer["damaged"]:
        raise Failed(f"{hotshard.command(*command)}\nfound damage: {answer['problems']}")
    budget, peak = answer["memory_budget_bytes"], answer["peak_memory_bytes"]
    if peak is not None and peak > budget:
        raise Failed(f"{hotshard.command(*command)}\ntook {peak:,} bytes of memory, {peak - budget:,} more than its budget")
    return [our_row(row, query) for row in answer["rows"]], answer["total"]


def our_row(row, query):
    figures = ("count",) if query.measure != "per-user" else ("count", "events", "min", "p50", "p90", "p99", "max", "mean", "histogram")
    named = [*query.by, *figures]
    if sorted(row) != sorted(named):
        raise Failed(f"a row of {query} has the fields {list(row)} instead of {named}")
    return tuple(buckets(row[name]) if name == "histogram" else row[name] for name in named)


def buckets(histogram):
    return tuple((bucket["from"], bucket["to"], bucket["users"]) for bucket in histogram)


def theirs(oracle, query):
    """The rows and the total of the oracle."""
    rows = oracle.answer(query)
    total = sum(row[len(query.by)] for row in rows)
    rows = [their_row(row, query) for row in rows]
    return rows[: query.top] if query.top is not None else rows, total


def their_row(row, query):
    if query.measure != "per-user":
        return row
    *keys, users, events, least, p50, p90, p99, most, digits = row
    if users == 0:
        return (*keys, 0, 0, None, None, None, None, None, 0, ())
    histogram = tuple((2 ** (bits - 1), 2**bits - 1, users) for bits, users in sorted(digits.items()))
    return (*keys, users, events, least, p50, p90, p99, most, events / users, histogram)


def simplified(hotshard, store, oracle, query):
    """A query that differs as well, with nothing in it that could be left out."""
    for smaller in smaller_queries(query):
        if ours(hotshard, store, smaller) != theirs(oracle, smaller):
            return simplified(hotshard, store, oracle, smaller)
    return query


def smaller_queries(query):
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
