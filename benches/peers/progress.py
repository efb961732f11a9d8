"""What a run tells whoever waits for it; the results go elsewhere."""

import sys


def say(line):
    print(line, file=sys.stderr)
