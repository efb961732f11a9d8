"""Random events as JSON lines.

An event is drawn as its parts and written in a random form, so that a retry can be the same line
again, the same event in other words, or another event with the same insert id.
"""

import json
from dataclasses import dataclass, replace

from . import hostile

DAY_S = 86_400
# Larger times are milliseconds.
LEAST_MILLISECONDS = 31_536_000_000
# 2024-02-28, so that a leap day is among the days.
FIRST_DAY_S = 1_709_078_400
FAR_DAYS_S = [DAY_S * 366, 1_360_300_000 // DAY_S * DAY_S, 32_503_680_000, 2_000_000_000 // DAY_S * DAY_S]
RENAMED = "$hotshard_events"


@dataclass(frozen=True)
class Event:
    """One event; ids and values are JSON, None is what is not sent."""

    name: str
    distinct_id: str | None
    insert_id: str | None
    time_ms: int
    properties: tuple


@dataclass(frozen=True)
class Habits:
    """What the events of a store are like; shares are numbers from 0 to 1."""

    names: list
    ids: list
    hot_ids: list
    hot_share: float
    days: int
    retry_share: float
    insert_id_share: float
    # Other spaces, escapes, key orders and duplicate keys than a client would write.
    oddity: float
    # Values of another type than a property usually has.
    mistyped: float
    # Events that were remedied elsewhere, or carry what a remedy leaves.
    remedied_elsewhere: float
    # Bytes that an event carries beside all else.
    padding: int

    @classmethod
    def random(cls, rng, padding):
        ids = rng.sample(hostile.IDS, rng.randint(3, len(hostile.IDS)))
        ids += [f"user-{rng.getrandbits(32):08x}" for _ in range(rng.choice([0, 5, 60]))]
        return cls(
            names=rng.sample(hostile.EVENT_NAMES, rng.randint(2, len(hostile.EVENT_NAMES))),
            ids=ids,
            hot_ids=rng.sample(ids, rng.randint(1, 3)),
            hot_share=rng.choice([0.1, 0.4, 0.7]),
            days=rng.choice([1, 2, 4, 9]),
            retry_share=rng.choice([0, 0.05, 0.3]),
            insert_id_share=rng.choice([0, 0.5, 0.9, 0.9, 1]),
            oddity=rng.choice([0, 0.1, 0.5]),
            mistyped=rng.choice([0, 0, 0.02, 0.3]),
            remedied_elsewhere=rng.choice([0, 0.03, 0.15]),
            padding=padding,
        )


class Events:
    """An endless stream of events of one store; retries may repeat anything it gave before."""

    def __init__(self, rng, habits):
        self.rng = rng
        self.habits = habits
        self.sent = []

    def lines(self, count):
        """So many events, one a line."""
        return [self.line() for _ in range(count)]

    def line(self):
        if self.sent and self.rng.random() < self.habits.retry_share:
            event, line = self.rng.choice(self.sent)
            if self.rng.random() < 0.4:
                return line
            event = self.retried(event)
        else:
            event = self.fresh()
        line = self.written(event)
        self.sent.append((event, line))
        return line

    def fresh(self):
        rng, habits = self.rng, self.habits
        event = Event(rng.choice(habits.names), self.distinct_id(), self.insert_id(), self.time_ms(), self.properties())
        if rng.random() < habits.remedied_elsewhere:
            return self.from_elsewhere(event)
        return event

    def retried(self, event):
        """The same event in other words, or one that only looks like it."""
        changes = [
            {},
            {},
            {"properties": self.properties()},
            {"insert_id": None},
            {"time_ms": event.time_ms + 1},
            {"time_ms": event.time_ms + DAY_S * 1000},
            {"name": self.rng.choice(self.habits.names)},
            {"distinct_id": self.distinct_id()},
        ]
        return replace(event, **self.rng.choice(changes))

    def from_elsewhere(self, event):
        """The event as another store's remedy would have left it, more or less."""
        rng = self.rng
        originals = [
            ('"mp_original_event_name"', json.dumps(event.name)),
            ('"mp_original_distinct_id"', event.distinct_id if event.distinct_id not in (None, "null") else '"u1"'),
        ]
        kept = rng.choice([originals, originals, originals[:1], originals[1:], [], [('"mp_original_event_name"', "7")]])
        name = rng.choice([RENAMED, RENAMED, RENAMED, event.name])
        distinct_id = rng.choice(['""', '""', None, "null", "17", '"u1"'])
        return replace(event, name=name, distinct_id=distinct_id, properties=event.properties + tuple(kept))

    def distinct_id(self):
        rng, habits = self.rng, self.habits
        chance = rng.random()
        if chance < habits.hot_share:
            return self.string(rng.choice(habits.hot_ids))
        if chance > 0.97:
            return rng.choice(['""', None, "null"])
        if chance > 0.95:
            return rng.choice(hostile.NUMERIC_IDS)
        return self.string(rng.choice(habits.ids))

    def insert_id(self):
        rng = self.rng
        if rng.random() >= self.habits.insert_id_share:
            return rng.choice([None, None, '""', "null"])
        if rng.random() < 0.9:
            return f'"{rng.getrandbits(64):016x}"'
        return self.string(rng.choice(hostile.INSERT_IDS))

    def time_ms(self):
        rng = self.rng
        chance = rng.random()
        # A hot id needs many events on one day, so the first day gets more than the others.
        day_s = FIRST_DAY_S + DAY_S * (0 if chance < 0.4 else rng.randrange(self.habits.days))
        if chance > 0.99:
            day_s = rng.choice(FAR_DAYS_S)
        # Some zone's midnight is at every half hour.
        near_midnight_ms = rng.randrange(48) * 1_800_000 + rng.choice([-1, 0, 1, 999, -1000])
        return day_s * 1000 + (near_midnight_ms if chance < 0.2 else rng.randrange(DAY_S * 1000))

    def properties(self):
        rng, habits = self.rng, self.habits
        drawn = []
        for name, values in hostile.TYPICAL_VALUES.items():
            if rng.random() < 0.7:
                drawn.append((self.key(name), self.value(values)))
        if drawn and rng.random() < habits.oddity:
            key, _ = rng.choice(drawn)
            drawn.append((key, rng.choice(hostile.ANY_VALUES)))
        if rng.random() < habits.oddity:
            drawn.insert(rng.randint(0, len(drawn)), rng.choice(hostile.DECOYS))
        if habits.padding:
            drawn.append(('"padding"', f'"{"{padding} " * (habits.padding // 10)}"'))
        return tuple(drawn)

    def value(self, typical):
        if self.rng.random() < self.habits.mistyped:
            return self.rng.choice(hostile.ANY_VALUES)
        return self.rng.choice(typical)

    def key(self, name):
        """The name with some of its characters escaped, at times."""
        if self.rng.random() >= self.habits.oddity / 4:
            return self.string(name)
        escaped = [json.dumps(each)[1:-1] if self.rng.random() < 0.5 else f"\\u{ord(each):04x}" for each in name]
        return f'"{"".join(escaped)}"'

    def string(self, text):
        return json.dumps(text, ensure_ascii=self.rng.random() < 0.5)

    def written(self, event):
        """The event as one line."""
        rng = self.rng
        odd = rng.random() < self.habits.oddity
        pairs = [('"time"', self.time(event.time_ms))]
        pairs += [('"distinct_id"', event.distinct_id)] if event.distinct_id is not None else []
        pairs += [('"$insert_id"', event.insert_id)] if event.insert_id is not None else []
        pairs += event.properties
        outer = [('"event"', self.string(event.name)), ('"properties"', "")]
        if odd:
            rng.shuffle(pairs)
            rng.shuffle(outer)
            if event.distinct_id is not None:
                pairs.insert(0, ('"distinct_id"', '"overwritten"'))
        space = rng.choice(["", " ", "\t", "  "]) if odd else ""
        properties = joined(pairs, space)
        return joined([(key, value or properties) for key, value in outer], space)

    def time(self, time_ms):
        """Milliseconds, or seconds where they say the same."""
        form = self.rng.random()
        if time_ms // 1000 >= LEAST_MILLISECONDS:
            return str(time_ms)
        if form < 0.3 and time_ms % 1000 == 0:
            return str(time_ms // 1000)
        if form < 0.35:
            return f"{time_ms // 1000}.{time_ms % 1000:03}"
        return str(time_ms)


def joined(pairs, space):
    return "{" + f"{space},{space}".join(f"{key}{space}:{space}{value}" for key, value in pairs) + "}"
