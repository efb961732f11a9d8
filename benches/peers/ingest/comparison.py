"""JSON lines to Parquet by shard: every engine in turn on the same file, several rounds."""

from dataclasses import asdict

from .. import check, results, work
from ..errors import JobFailed, PeersError
from ..markdown import size
from ..progress import say
from ..rounds import WARM_UP, turns
from . import floors, measure, tables
from .engines import clickhouse, duckdb, hotshard, polars

ENGINES = (hotshard, duckdb, clickhouse, polars)


def run(options):
    """Measures, checks and writes; returns where the results are."""
    work.build(options.no_build)
    source, truth = work.prepare(options.events)
    record = results.begin(options) | {"work": work.describe(source, truth), "notes": [engine.NOTE for engine in ENGINES]}
    jobs, record["left_out"] = available()
    floors_missing = floors.missing(options.no_build)
    if floors_missing:
        say(f"no floors: {floors_missing}")
    record["floors"] = {"command": f"{floors.COMMAND} {source}", "left_out": floors_missing, "runs": []}
    record["jobs"] = [about(job, source) for job in jobs]
    for number in range(WARM_UP, options.rounds + 1):
        for job in turns(jobs, number, options.rounds):
            if job.key not in record["left_out"]:
                run_job(job, number, source, truth, record)
        if number != WARM_UP and not floors_missing:
            record["floors"]["runs"].append(floors.run(source, options.events))
    work.clear(work.OUTPUT)
    record["jobs"] = [job for job in record["jobs"] if job["key"] not in record["left_out"]]
    written = results.write(options, "ingest", record, tables.page(record))
    if not options.trial:
        results.into_readme("peers:ingest", tables.readme(record, written))
    return written


def available():
    """The jobs that can run here, and why the others cannot."""
    jobs = [job for engine in ENGINES for job in engine.jobs()]
    if any(job.missing for job in jobs if job.engine == "DuckDB"):
        raise PeersError("DuckDB is not installed, and the check reads every engine's files with it")
    left_out = {job.key: job.missing for job in jobs if job.missing}
    for reason in sorted(set(left_out.values())):
        say(f"left out: {reason}")
    return jobs, left_out


def run_job(job, number, source, truth, record):
    """One run, checked. An engine that fails is left out from then on; hotshard may not fail."""
    entry = next(entry for entry in record["jobs"] if entry["key"] == job.key)
    try:
        figures, answer = measure.run(job.command(source, work.OUTPUT), source, work.OUTPUT)
    except JobFailed as failure:
        if job.engine == "hotshard":
            raise PeersError(f"{job.title}: {failure}") from failure
        record["left_out"][job.key] = f"{job.title}: failed in round {number}: {failure}"
        say(record["left_out"][job.key])
        return
    check.check(job, work.OUTPUT, truth)
    if "version" in answer:
        record["versions"][job.engine] = answer["version"]
    entry["warm_up" if number == WARM_UP else "runs"].append({"round": number, **asdict(figures)})
    say(f"round {number}: {job.title}: {figures.job_s:.2f} s, {size(figures.peak_memory_bytes)}")


def about(job, source):
    return {
        "key": job.key,
        "engine": job.engine,
        "about": job.about,
        "threshold": job.threshold,
        "command": results.shown(job.command(source, work.OUTPUT)),
        "warm_up": [],
        "runs": [],
    }
