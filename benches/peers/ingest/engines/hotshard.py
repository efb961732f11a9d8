"""hotshard: its own program, nothing of Python. Its time is that of the whole process."""

from ..job import Job, work_title
from ...work import HOTSHARD, SHARDS, THRESHOLDS

NOTE = "hotshard keeps what is left of the properties as text once the known fields are columns; it sorts, checksums and syncs its files before the commit, inside its time. Route only is `--remedy off`: it counts ids all the same."


def ingest(*options):
    def command(source, target):
        return [HOTSHARD, "ingest", "--store", str(target), "--shards", str(SHARDS), *options, "--format", "json", str(source)]

    return command


def at(threshold, *options):
    return ingest("--threshold", str(threshold), *options)


def jobs():
    yield Job("hotshard", "hotshard-route", work_title(None), None, ingest("--remedy", "off"))
    for threshold in THRESHOLDS:
        yield Job("hotshard", f"hotshard-{threshold}", work_title(threshold), threshold, at(threshold))
    first = THRESHOLDS[0]
    about = f"{work_title(first)}; one thread"
    yield Job("hotshard", "hotshard-one-thread", about, first, at(first, "--threads", "1"))
