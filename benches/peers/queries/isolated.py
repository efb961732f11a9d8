"""Whether a shard's service time, measured alone, comes out the same a second time."""

from statistics import median

from .. import page_cache, process, results
from ..errors import JobFailed, PeersError
from ..progress import say
from . import stores
from .counts import COUNTS
from .engines import hotshard

RUNS = 2


def run(paths, repeats):
    """Each count so many times, with all the other counts in between; `paths` are stores by their kind."""
    counts = [{"key": count.key, "title": count.title, "service_ns": []} for count in COUNTS]
    for number in range(1, RUNS + 1):
        for count, entry in zip(COUNTS, counts):
            command = hotshard.command(count, "query", paths[count.store], repeats, timing="isolated")
            entry["command"] = results.shown(command)
            entry["service_ns"].append(service_times(count, command, paths[count.store]))
        say(f"isolated service times: run {number} of {RUNS} is done")
    return [entry | {"deviation": spread(entry["service_ns"])} for entry in counts]


def service_times(count, command, store):
    """Of every shard, in the order of their numbers."""
    page_cache.warm(*stores.paths(store))
    try:
        _, answer = process.run(command)
    except JobFailed as failure:
        raise PeersError(f"{count.title}, isolated: {failure}") from failure
    return [shard["service_ns"] for shard in sorted(answer["shards"], key=lambda shard: shard["shard"])]


def spread(service_ns):
    """How far the runs of a shard lie apart, over their mean: the median shard, and the nearest-rank 95 %."""
    apart = sorted((max(times) - min(times)) * len(times) / max(1, sum(times)) for times in zip(*service_ns))
    return {"median": median(apart), "p95": apart[(95 * len(apart) + 99) // 100 - 1], "max": apart[-1]}
