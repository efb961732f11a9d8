"""Arguments of `benches/peers/run`."""

import argparse
import sys

from .errors import PeersError
from .ingest import comparison as ingest, scaling as ingest_scaling
from .queries import comparison as queries, scaling as query_scaling
from .work import DEFAULT_EVENTS

DEFAULT_ROUNDS = 3
DEFAULT_REPEATS = 7


def main():
    options = arguments()
    try:
        print(measured(options)(options))
    except PeersError as error:
        sys.exit(f"error: {error}")


def measured(options):
    """What to run; it returns where its results are."""
    if options.queries:
        return query_scaling.run if options.sizes else queries.run
    return ingest_scaling.run if options.sizes else ingest.run


def arguments():
    parser = argparse.ArgumentParser(
        prog="benches/peers/run",
        description="Times hotshard, DuckDB, ClickHouse and Polars on the same generated events, from JSON lines to "
        "Parquet partitioned by shard, and checks that all of them stored the same; or, with --queries, on counts over "
        "a store that hotshard made of them, and checks that all of them answer the same.",
        epilog="Results go to benches/results/DATE, and the main table to README.md. A trial (fewer events, rounds or "
        "repeats than the default, or --no-build) writes to target/peers/results/DATE and leaves README.md alone.",
    )
    parser.add_argument("--queries", action="store_true", help="counts over a store instead of ingest")
    parser.add_argument("--events", type=count, default=DEFAULT_EVENTS, help="events to generate [default: %(default)s]")
    parser.add_argument("--rounds", type=count, default=DEFAULT_ROUNDS, help="runs of each job [default: %(default)s]")
    parser.add_argument("--repeats", type=count, default=DEFAULT_REPEATS, help="timed answers a run of a count [default: %(default)s]")
    parser.add_argument("--sizes", type=counts, metavar="N,N,...", help="only hotshard, at several numbers of events")
    parser.add_argument("--keep", action="store_true", help="keep the generated events of sizes other than the default")
    parser.add_argument("--no-build", action="store_true", help="take target/dist/ as it is")
    options = parser.parse_args()
    few = options.rounds < DEFAULT_ROUNDS or options.repeats < DEFAULT_REPEATS
    options.trial = max(options.sizes or [options.events]) < DEFAULT_EVENTS or few or options.no_build
    return options


def count(text):
    number = int(text.replace("_", ""))
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return number


def counts(text):
    return [count(part) for part in text.split(",")]


main()
