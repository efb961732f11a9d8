"""hotshard alone at several numbers of events: throughput and memory should not depend on them."""

from dataclasses import asdict

from .. import check, results, work
from ..errors import JobFailed, PeersError
from ..progress import say
from . import measure, tables
from .engines import hotshard


def run(options):
    """Measures, checks and writes; returns where the results are."""
    work.build(options.no_build)
    job = next(job for job in hotshard.jobs() if job.threshold == work.THRESHOLDS[0])
    record = results.begin(options) | {"shards": work.SHARDS, "threshold": job.threshold, "sizes": []}
    prepared = [work.prepare(events) for events in options.sizes]
    for (source, truth), events in zip(prepared, options.sizes):
        entry = {"events": events, "input_bytes": source.stat().st_size, "runs": []}
        record["sizes"].append(entry | {"command": results.shown(job.command(source, work.OUTPUT))})
    for number in range(1, options.rounds + 1):
        for (source, truth), entry in zip(prepared, record["sizes"]):
            entry["runs"].append({"round": number, **run_size(job, source, truth)})
            say(f"round {number}: {entry['events']:,} events: {entry['runs'][-1]['job_s']:.2f} s")
    work.clear(work.OUTPUT)
    work.discard([source for source, _ in prepared], options.keep)
    return results.write(options, "scaling", record, tables.scaling(record))


def run_size(job, source, truth):
    try:
        figures, _ = measure.run(job.command(source, work.OUTPUT), source, work.OUTPUT)
    except JobFailed as failure:
        raise PeersError(f"{job.title}, {source.name}: {failure}") from failure
    check.check(job, work.OUTPUT, truth)
    return asdict(figures)
