"""Runs a command and says what it took, seen from outside."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from .errors import JobFailed


@dataclass(frozen=True)
class Usage:
    """Of a whole process, the start of Python and the loading of an engine included."""

    wall_s: float
    user_s: float
    system_s: float
    peak_memory_bytes: int


def run(command):
    """What a command took, and the JSON it printed."""
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
    peak_memory_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Usage(wall_s, usage.ru_utime, usage.ru_stime, peak_memory_bytes), json.loads(printed)


def failure(code, errors):
    """How a process failed, without paths of this machine: it may end up in a result."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    end = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{end}: {lines[-1].strip().replace(os.getcwd(), '.')}" if lines else end
