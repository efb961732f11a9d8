"""hotshard alone on stores of several sizes: the time a row should not depend on them."""

from dataclasses import asdict

from .. import page_cache, process, results, work
from ..errors import JobFailed, PeersError
from ..progress import say
from . import stores, tables
from .counts import PLAIN, named
from .engines import hotshard

COUNTS = tuple(named(key) for key in ("by_event_date", "users_by_event", "dedup"))


def run(options):
    """Measures and writes; returns where the results are."""
    work.build(options.no_build)
    threshold = work.THRESHOLDS[0]
    record = results.begin(options) | {"shards": work.SHARDS, "threshold": threshold, "sizes": []}
    prepared = [work.prepare(events) for events in options.sizes]
    paths = [stores.make(PLAIN, threshold, source, truth) for source, truth in prepared]
    for store, events in zip(paths, options.sizes):
        counts = [about(count, store, options.repeats) for count in COUNTS]
        parquet_bytes = sum(path.stat().st_size for path in stores.paths(store))
        record["sizes"].append({"events": events, "parquet_bytes": parquet_bytes, "counts": counts})
    for number in range(1, options.rounds + 1):
        for store, size in zip(paths, record["sizes"]):
            for count, entry in zip(COUNTS, size["counts"]):
                entry["runs"].append({"round": number} | ask(count, store, options.repeats))
        say(f"round {number} of {options.rounds} is done")
    work.clear(stores.FOLDER)
    work.discard([source for source, _ in prepared], options.keep)
    return results.write(options, "query-scaling", record, tables.scaling(record))


def about(count, store, repeats):
    command = hotshard.command(count, "query", store, repeats)
    return {"key": count.key, "title": count.title, "command": results.shown(command), "runs": []}


def ask(count, store, repeats):
    page_cache.warm(*stores.paths(store))
    try:
        usage, answer = process.run(hotshard.command(count, "query", store, repeats))
    except JobFailed as failure:
        raise PeersError(f"{count.title}, {store.name}: {failure}") from failure
    figures = hotshard.read(count, answer)
    del figures["rows"]
    return asdict(usage) | figures
