"""Inside an engine's own process: one run apart, then the timed repeats."""

import json
import sys
import time
from statistics import median

# A slow count has fewer repeats: as many as fit into so much time for each of those asked for.
SECONDS_A_REPEAT = 2.0


def arguments():
    """Count, way, store and number of repeats, as an engine's file is started with them."""
    key, way, store, repeats = sys.argv[1:]
    return key, way, store, int(repeats)


def report(version, answer, repeats):
    """Prints what `answer` returns, and how long it took."""
    first_s, rows = timed(answer)
    times_s = [timed(answer)[0] for _ in range(fitting(repeats, first_s))]
    figures = {
        "version": version,
        "first_s": first_s,
        "median_s": median(times_s),
        "best_s": min(times_s),
        "worst_s": max(times_s),
        "repeats": len(times_s),
    }
    # A date as text, as hotshard prints it.
    print(json.dumps(figures | {"rows": rows}, default=str))


def timed(answer):
    started = time.perf_counter()
    rows = answer()
    return time.perf_counter() - started, rows


def fitting(repeats, first_s):
    return max(1, min(repeats, int(repeats * SECONDS_A_REPEAT / first_s)))
