"""Every count by every engine on the same files, several rounds."""

from .. import packages, results, work
from ..errors import PeersError
from ..progress import say
from ..rounds import turns
from . import isolated, stores, tables
from .contest import Contest
from .counts import COUNTS
from .engine import THREADS
from .engines import clickhouse, duckdb, hotshard, polars

# The first one's answer is what the others are held against.
ENGINES = (hotshard.ENGINE, duckdb.ENGINE, clickhouse.ENGINE, polars.ENGINE)


def run(options):
    """Asks, compares, measures and writes; returns where the results are."""
    work.build(options.no_build)
    source, truth = work.prepare(options.events)
    record = results.begin(options) | {"work": work.describe(source, truth), "threads": THREADS, "left_out": {}}
    engines = available(record["left_out"])
    record["notes"] = [engine.note for engine in engines]
    paths = {(kind, threshold): stores.make(kind, threshold, source, truth) for threshold in work.THRESHOLDS for kind in stores.OPTIONS}
    contests = [
        Contest(count, threshold, paths[count.store, threshold], options.repeats, record["left_out"])
        for threshold in work.THRESHOLDS
        for count in COUNTS
    ]
    for contest in contests:
        contest.agree(engines)
        record["versions"] |= contest.versions
    for number in range(1, options.rounds + 1):
        for contest in contests:
            for engine in turns(engines, number, options.rounds):
                contest.run(engine, number)
        say(f"round {number} of {options.rounds} is done")
    record["settings"] = [setting(threshold, contests, paths) for threshold in work.THRESHOLDS]
    record["isolated"] = isolated.run({kind: paths[kind, work.THRESHOLDS[0]] for kind in stores.OPTIONS}, options.repeats)
    work.clear(stores.FOLDER)
    written = results.write(options, "queries", record, tables.page(record))
    if not options.trial:
        results.into_readme("peers:queries", tables.readme(record, written))
    return written


def available(left_out):
    """The engines that can run here; of the others, why not."""
    if reason := packages.missing(duckdb.ENGINE.name, duckdb.ENGINE.package):
        raise PeersError(f"{reason}; the check of a store needs it")
    reasons = {engine.name: packages.missing(engine.name, engine.package) for engine in ENGINES if engine.package}
    left_out.update({name: reason for name, reason in reasons.items() if reason})
    for reason in left_out.values():
        say(f"left out: {reason}")
    return [engine for engine in ENGINES if engine.name not in left_out]


def setting(threshold, contests, paths):
    return {
        "threshold": threshold,
        "parquet_bytes": {
            kind: sum(path.stat().st_size for path in stores.paths(paths[kind, threshold])) for kind in stores.OPTIONS
        },
        "counts": [contest.record() for contest in contests if contest.threshold == threshold],
    }
