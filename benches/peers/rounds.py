"""Rounds: everything that is measured takes its turn in each, so that drift of the machine hits all alike."""

# Round 0 is kept apart: on a virtual machine, memory that no process has touched yet comes slowly, and
# whoever needs most of it first would pay for all.
WARM_UP = 0


def turns(items, number, rounds):
    """Each round begins with another one, so that none always follows the same one's heat and caches."""
    start = (number - 1) * len(items) // rounds
    return items[start:] + items[:start]
