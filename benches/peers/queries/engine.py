"""An engine: how it is started to answer a count, and what it is asked."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

# Threads of every engine.
THREADS = 2


@dataclass(frozen=True)
class Engine:
    """`ways` names, for each count, the ways of asking that were found worth trying.

    `command` makes the command line of a count, a way, a store and a number of repeats; `read` makes a
    run's figures and rows of the JSON that it prints.
    """

    name: str
    note: str
    ways: dict
    command: Callable
    read: Callable
    package: Optional[str] = None


def python_engine(name, note, ways, module, package):
    """An engine that is a Python package, run by the file of that engine, which prints what `repeats.report` does."""

    def command(count, way, store, repeats):
        return [sys.executable, "-m", module, count.key, way, str(store), str(repeats)]

    return Engine(name, note, ways, command, lambda count, answer: answer, package)
