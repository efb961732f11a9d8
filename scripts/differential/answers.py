"""The answers of `hotshard query` and of the oracle, in one form: rows in their order, and the total."""

import re

from .hotshard import Failed

PER_USER = ("count", "events", "min", "p50", "p90", "p99", "max", "mean", "histogram")


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
    named = [*query.by, *(PER_USER if query.measure == "per-user" else ("count",))]
    if list(row)[: len(query.by) + 1] != named[: len(query.by) + 1] or sorted(row) != sorted(named):
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


def least_memory(hotshard, store):
    """The smallest `--memory` that all queries of a store take, in MiB: a smaller one is told what it is.

    Queries of a property take most."""
    told = hotshard.refused("query", "--store", store.folder, "--by=property:plan", "--memory=1")
    found = re.search(r"give at least ([0-9]+) MiB", told)
    if not found:
        raise Failed(f"a memory budget of 1 MiB was refused without the least that would do: {told}")
    return int(found[1])
