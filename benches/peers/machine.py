"""What a figure was measured on and with; nothing here names a path or a host."""

import os
import platform
import subprocess
from pathlib import Path

from .work import HOTSHARD

# Everything but what a run writes itself.
SOURCES = (".", ":!README.md", ":!benches/results")


def describe():
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_average_at_start": os.getloadavg()[0],
    }


def versions():
    return {
        "hotshard": first_line(HOTSHARD, "--version").removeprefix("hotshard "),
        "hotshard_commit": first_line("git", "rev-parse", "HEAD"),
        "uncommitted_changes": bool(first_line("git", "status", "--porcelain", "--", *SOURCES)),
        "rustc": first_line("rustc", "--version"),
        "python": platform.python_version(),
    }


def cpu_model():
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def first_line(*command):
    """The first line a program prints; empty when it is not there or fails."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return ""
    return done.stdout.partition("\n")[0] if done.returncode == 0 else ""
