"""The stores that are counted: each ingested anew by the hotshard that is measured, and checked."""

from .. import check, process, work
from ..errors import JobFailed, PeersError
from ..ingest.engines import hotshard
from ..ingest.job import Job
from ..progress import say
from .counts import PLAIN, PROMOTED

FOLDER = work.FOLDER / "stores"

# What the ingest of a kind of store is told beyond the threshold.
OPTIONS = {PLAIN: (), PROMOTED: ("--promote", "plan:string")}


def make(kind, threshold, source, truth):
    """The path of a new store."""
    store = FOLDER / f"{source.stem}-{threshold}-{kind}"
    ingest = hotshard.at(threshold, *OPTIONS[kind])
    job = Job("hotshard", kind, f"{kind} store; T = {threshold:,}", threshold, ingest)
    say(f"storing {truth['events']:,} events: {job.about}")
    work.clear(store)
    try:
        process.run(job.command(source, store))
    except JobFailed as failure:
        raise PeersError(f"{job.title}: {failure}") from failure
    check.check(job, store, truth)
    return store


def files(store):
    """The Parquet files of a store, as a pattern."""
    return f"{store}/events/**/*.parquet"


def paths(store):
    return sorted(store.glob("events/**/*.parquet"))
