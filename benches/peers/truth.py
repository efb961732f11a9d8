"""What every engine must store, counted from the input by a plain loop that shares no code with any.

Usage: python -m peers.truth INPUT     (prints JSON)
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta

from .work import THRESHOLDS

MILLISECONDS_A_DAY = 86_400_000


def main():
    by_event_date, ids_by_day = Counter(), defaultdict(Counter)
    with open(sys.argv[1], "rb") as lines:
        for line in lines:
            record = json.loads(line)
            properties = record["properties"]
            day = properties["time"] // MILLISECONDS_A_DAY
            by_event_date[record["event"], day] += 1
            ids_by_day[day][properties.get("distinct_id") or ""] += 1
    for ids in ids_by_day.values():
        del ids[""]
    truth = {
        "events": by_event_date.total(),
        "ids": len(set().union(*ids_by_day.values())),
        "by_event_date": sorted([event, iso(day), n] for (event, day), n in by_event_date.items()),
        "remedied_by_date": {str(t): remedied(ids_by_day, t) for t in THRESHOLDS},
    }
    print(json.dumps(truth))


def remedied(ids_by_day, threshold):
    """Events past the threshold, by date: those that a remedy renames, whichever rows it takes."""
    excess = {iso(day): sum(max(0, n - threshold) for n in ids.values()) for day, ids in ids_by_day.items()}
    return {day: n for day, n in sorted(excess.items()) if n}


def iso(day):
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


if __name__ == "__main__":
    main()
