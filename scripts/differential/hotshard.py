"""Runs the `hotshard` binary."""

import json
import shlex
import subprocess


class Failed(Exception):
    """A command that should have worked did not."""


class Hotshard:
    """The binary; remembers how it was called, so that a store can be made again by hand."""

    def __init__(self, binary):
        self.binary = str(binary)
        self.calls = []

    def remembered(self, *arguments):
        """Runs a command that changes a store."""
        self.calls.append(self.command(*arguments))
        return self.json(*arguments)

    def json(self, *arguments):
        """The answer to a command."""
        done = subprocess.run([self.binary, *map(str, arguments), "--format=json"], capture_output=True)
        if done.returncode != 0:
            raise Failed(f"{self.command(*arguments)}\nended with {done.returncode}:\n{done.stderr.decode()}")
        return json.loads(done.stdout)

    def refused(self, *arguments):
        """What a command that cannot work says."""
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True)
        if done.returncode != 2:
            raise Failed(f"{self.command(*arguments)}\nended with {done.returncode} instead of 2:\n{done.stderr.decode()}")
        return done.stderr.decode()

    def command(self, *arguments):
        """The command as one would type it."""
        return shlex.join([self.binary, *map(str, arguments)])
