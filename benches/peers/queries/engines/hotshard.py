"""hotshard: its own program, which times itself as the other engines' processes do."""

from ...work import HOTSHARD
from ..counts import COUNTS
from ..engine import THREADS, Engine

NOTE = "hotshard checks every byte it reads against a checksum, and reads it anew in each repeat. Its time runs from the opened snapshot, which knows its files, to the answer; the others find theirs by a pattern."
NANOSECONDS = 1e9


def command(count, way, store, repeats, timing="concurrent"):
    options = ["--timing", timing, "--repeats", str(repeats), "--threads", str(THREADS), "--format", "json"]
    return [HOTSHARD, "query", "--store", str(store), *count.arguments, *options]


def read(count, answer):
    times = ("first", "best", "worst")
    return {
        **{f"{name}_s": answer[f"latency_{name}_ns"] / NANOSECONDS for name in times},
        "median_s": answer["latency_ns"] / NANOSECONDS,
        "repeats": answer["repeats"],
        "noise": answer["noise"],
        "rows": [[row[column] for column in (*count.by, *count.figures)] for row in answer["rows"]],
    }


ENGINE = Engine("hotshard", NOTE, {count.key: ("query",) for count in COUNTS}, command, read)
