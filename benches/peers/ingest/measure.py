"""Times a job from outside, and an engine from inside its process."""

import json
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import page_cache, process, work


@dataclass(frozen=True)
class Figures(process.Usage):
    """One run. `job_s` leaves out what `wall_s` holds of starting Python and loading the engine."""

    job_s: float
    bytes: int
    parquet_bytes: int
    parquet_files: int


def run(command, source, output):
    """Runs a command that turns `source` into the folder `output`; its figures, and what it printed.

    The input is read before, so that every run finds it in the page cache as far as it fits, and
    what earlier runs wrote is on disk, so that none pays for another.
    """
    work.clear(output)
    page_cache.warm(source)
    os.sync()
    usage, answer = process.run(command)
    return figures(usage, answer, Path(output)), answer


def figures(usage, answer, output):
    files = [path for path in output.rglob("*") if path.is_file()]
    parquet = [path for path in files if path.suffix == ".parquet"]
    return Figures(
        **asdict(usage),
        job_s=answer.get("job_s", usage.wall_s),
        bytes=sum(path.stat().st_size for path in files),
        parquet_bytes=sum(path.stat().st_size for path in parquet),
        parquet_files=len(parquet),
    )


@contextmanager
def timed(version):
    """Around the job in an engine's own process: prints what `run` reads."""
    started = time.perf_counter()
    yield
    print(json.dumps({"job_s": time.perf_counter() - started, "version": version}))
