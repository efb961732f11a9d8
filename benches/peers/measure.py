"""Times a process from outside, and an engine from inside its process."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import JobFailed

READ_BYTES = 8 << 20


@dataclass(frozen=True)
class Figures:
    """One run. `job_s` leaves out what `wall_s` holds of starting Python and loading the engine."""

    wall_s: float
    job_s: float
    user_s: float
    system_s: float
    peak_memory_bytes: int
    bytes: int
    parquet_bytes: int
    parquet_files: int


def run(command, source, output):
    """Runs a command that turns `source` into the folder `output`; its figures, and what it printed.

    The input is read before, so that every run finds it in the page cache as far as it fits, and
    what earlier runs wrote is on disk, so that none pays for another.
    """
    clear(output)
    read(source)
    os.sync()
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.stdout.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise JobFailed(failure(process.returncode, errors))
    answer = json.loads(printed)
    return figures(wall_s, answer, usage, Path(output)), answer


def figures(wall_s, answer, usage, output):
    files = [path for path in output.rglob("*") if path.is_file()]
    parquet = [path for path in files if path.suffix == ".parquet"]
    return Figures(
        wall_s=wall_s,
        job_s=answer.get("job_s", wall_s),
        user_s=usage.ru_utime,
        system_s=usage.ru_stime,
        peak_memory_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        bytes=sum(path.stat().st_size for path in files),
        parquet_bytes=sum(path.stat().st_size for path in parquet),
        parquet_files=len(parquet),
    )


def failure(code, errors):
    """How a process failed, without paths of this machine: it may end up in a result."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    end = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{end}: {lines[-1].strip().replace(os.getcwd(), '.')}" if lines else end


def clear(output):
    if Path(output).exists():
        shutil.rmtree(output)


def read(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(READ_BYTES):
            pass


@contextmanager
def timed(version):
    """Around the job in an engine's own process: prints what `run` reads."""
    started = time.perf_counter()
    yield
    print(json.dumps({"job_s": time.perf_counter() - started, "version": version}))
