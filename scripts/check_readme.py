"""Runs the README's commands and holds what they print against what the README shows.

A fenced `console` block holds commands (lines that begin with `$ `) and their output. Times and
memory differ from run to run, so durations and sizes are compared as placeholders, and a line that
says how noisy the machine was is passed over; a line of `…` stands for any number of lines. `cargo test` is left to the check script, which runs it anyway.

Usage: check_readme.py [README.md]
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
VARIES = re.compile(r"\d[\d,.]*\s?(?:ns|µs|ms|s|KiB|MiB|GiB|B|events/s)\b")
RATIO_OF_TIMES = re.compile(r"\b\d+\.\d+×")
NOISE = re.compile(r"Noise\b.*")
SKIPPED = ("cargo test",)
TIMEOUT_S = 1800


def blocks(text):
    for block in re.findall(r"^```console\n(.*?)^```", text, re.S | re.M):
        command, expected = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, expected
                command, expected = line[2:], []
            else:
                expected.append(line)
        if command:
            yield command, expected


def plain(line):
    """A line without what varies, and without the spaces and rules that follow its width."""
    line = RATIO_OF_TIMES.sub("<x>", VARIES.sub("<varies>", line))
    return re.sub(r"[\s─━═┄╌-]+", " ", line).strip()


def matches(expected, printed):
    if not expected:
        return not printed
    if expected[0] == "…":
        return any(matches(expected[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and expected[0] == printed[0] and matches(expected[1:], printed[1:])


def lines(text):
    return [line for line in map(plain, text) if line and not NOISE.match(line)]


def main():
    checked = 0
    with tempfile.TemporaryDirectory() as folder:
        binary = Path("target/release/hotshard").resolve()
        for command, expected in blocks(README.read_text(encoding="utf-8")):
            if command.startswith(SKIPPED):
                continue
            # Commands on an installed `hotshard` run on the one just built, on files of their own.
            shell = f'hotshard() {{ "{binary}" "$@"; }}; S="{folder}"; ' + command.replace("/tmp/", '"$S"/')
            print(f"$ {command}", flush=True)
            done = subprocess.run(["bash", "-c", shell], stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
            if done.returncode != 0:
                sys.exit(f"`{command}` ended with {done.returncode}")
            printed = lines(done.stdout.replace(folder, "/tmp").splitlines())
            if expected and not matches(lines(expected), printed):
                sys.exit(f"`{command}` printed\n\n{done.stdout}\nand the README shows\n\n" + "\n".join(expected))
            checked += 1
    if not checked:
        sys.exit("the README has no command to check")
    print(f"{checked} passed, 0 failed")


if __name__ == "__main__":
    main()
