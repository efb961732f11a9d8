"""A job: one engine doing one kind of work in a process of its own."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from .. import packages


@dataclass(frozen=True)
class Job:
    """What is timed. Jobs with the same `threshold` do the same work; None is routing alone."""

    engine: str
    key: str
    about: str
    threshold: Optional[int]
    command: Callable
    module: Optional[str] = None

    @property
    def title(self):
        return f"{self.engine}, {self.about}"

    @property
    def missing(self):
        """Why the job cannot run here, or None."""
        return packages.missing(self.engine, self.module) if self.module else None


def work_title(threshold):
    """The kind of work, for people."""
    return "route only" if threshold is None else f"detect, rename, route; T = {threshold:,}"


def python_job(module, *arguments):
    """A command for an engine that is a Python package, run by the file of that engine."""
    return lambda source, target: [sys.executable, "-m", module, *arguments, str(source), str(target)]
