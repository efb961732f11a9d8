"""Polars: a lazy scan of the files, collected by its streaming engine.

Usage: python -m peers.queries.engines.polars COUNT WAY STORE REPEATS
"""

import os
from datetime import date

from ...work import RENAMED
from .. import repeats
from ..counts import FROM, TO, TOP
from ..engine import THREADS, python_engine
from ..stores import files

NOTE = "Polars plans the whole count anew in each repeat."


def by(*columns):
    return {"group_by": lambda pl, t: t.group_by(*columns).len()}


def purchase(pl, t):
    return t.filter(pl.col("event") == "Purchase").group_by("event_date").len()


def board(pl, t):
    keys = ["mp_original_distinct_id", "mp_original_event_name"]
    groups = t.filter(pl.col("event") == RENAMED).group_by(keys).len()
    return groups.sort("len", *keys, descending=[True, False, False]).head(TOP)


def with_id(pl, t):
    return t.filter(pl.col("distinct_id") != "")


USERS = {
    "n_unique": lambda pl, t: with_id(pl, t).group_by("event").agg(pl.col("distinct_id").n_unique()),
    "unique": lambda pl, t: with_id(pl, t).select("event", "distinct_id").unique().group_by("event").len(),
    "group_by": lambda pl, t: with_id(pl, t).group_by("event", "distinct_id").agg().group_by("event").len(),
}


def originals(pl, t):
    """What events were before a remedy, and how many can be no copies since they have no insert id."""
    known, unknown = t.filter(pl.col("insert_id").is_not_null()), t.filter(pl.col("insert_id").is_null())
    event = pl.coalesce("mp_original_event_name", "event").alias("event")
    distinct_id = pl.coalesce("mp_original_distinct_id", "distinct_id").alias("distinct_id")
    return known.select(event, "time", distinct_id, "insert_id"), unknown.select(pl.len())


def dedup(distinct):
    """A count of the distinct rows among those that can be copies, and the others."""

    def count(pl, t):
        known, unknown = originals(pl, t)
        return pl.concat([distinct(pl, known), unknown]).sum()

    return count


def by_unique(pl, rows):
    return rows.unique().select(pl.len())


def by_struct(pl, rows):
    return rows.select(pl.struct(pl.all()).n_unique().alias("len"))


def stored_columns(pl, t):
    return by_unique(pl, t.select("event", "time", "distinct_id", "insert_id"))


PLANS = {
    "json_path_match": lambda pl: pl.col("properties").str.json_path_match("$.plan"),
    "json_decode": lambda pl: pl.col("properties").str.json_decode(pl.Struct({"plan": pl.String})).struct.field("plan"),
}


def by_plan(plan):
    return lambda pl, t: t.group_by(plan(pl).alias("plan")).len()


def users_of_pro(plan):
    def count(pl, t):
        dates = pl.col("event_date").is_between(date.fromisoformat(FROM), date.fromisoformat(TO))
        return USERS["group_by"](pl, t.filter(dates).filter(plan(pl) == "pro"))

    return count


def per_user(pl, t):
    # The rank that Polars calls equiprobable is the nearest.
    n = pl.col("n")
    percentiles = [n.quantile(q, "equiprobable").cast(pl.Int64).alias(f"q{q}") for q in (0.5, 0.9)]
    users = with_id(pl, t).group_by("event", "distinct_id").len("n").group_by("event")
    return users.agg(pl.len(), *percentiles, n.max().alias("max"))


WAYS = {
    "by_event": by("event"),
    "by_event_date": by("event", "event_date"),
    "purchase_by_date": {"group_by": purchase},
    "users_by_event": USERS,
    "board": {"group_by": board},
    "dedup": {"unique": dedup(by_unique), "struct": dedup(by_struct), "stored columns": stored_columns},
    "plan": {way: by_plan(plan) for way, plan in PLANS.items()},
    "promoted_plan": by("plan"),
    "users_of_pro": {way: users_of_pro(plan) for way, plan in PLANS.items()},
    "per_user": {"group_by": per_user},
}
ENGINE = python_engine("Polars", NOTE, WAYS, "peers.queries.engines.polars", package="polars")


def main():
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars

    key, way, store, times = repeats.arguments()
    lazy = WAYS[key][way](polars, polars.scan_parquet(files(store), hive_partitioning=True))
    repeats.report(polars.__version__, lambda: lazy.collect(engine="streaming").rows(), times)


if __name__ == "__main__":
    main()
