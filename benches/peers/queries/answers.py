"""Whether two engines gave the same answer."""

import json

# Of rows that differ, so many are shown.
SHOWN = 3


def normal(count, rows):
    """The rows in an order of their own. A group in which nothing counts is left out, as hotshard does."""
    counted = [list(row) for row in rows if row[len(count.by)] != 0]
    return sorted(counted, key=json.dumps)


def difference(expected, seen):
    """What differs between two normal answers, for people; None when nothing does."""
    if seen == expected:
        return None
    missing, further = apart(expected, seen), apart(seen, expected)
    return f"of {len(expected)} rows it lacks {missing}; of its {len(seen)} it has instead {further}"


def apart(rows, others):
    differing = [row for row in rows if row not in others]
    text = ", ".join(json.dumps(row) for row in differing[:SHOWN])
    return f"{text}, …" if len(differing) > SHOWN else text or "nothing"
