"""The counts, named by what a user asks, and how hotshard is asked; the engines' files ask the others."""

from dataclasses import dataclass

from ..work import RENAMED

# The kinds of store: one as the events come, and one in which the plan has a column of its own.
PLAIN = "plain"
PROMOTED = "promoted"

# The last two of the four days that the preset `reference` covers.
FROM, TO = "2024-03-06", "2024-03-07"

TOP = 20


@dataclass(frozen=True)
class Count:
    """An answer's rows are the values of `by`, then the `figures`."""

    key: str
    title: str
    by: tuple = ()
    options: tuple = ()
    figures: tuple = ("count",)
    store: str = PLAIN
    # Ways of asking that mean less than hotshard's: taken where they give the same answer.
    looser: frozenset = frozenset()

    @property
    def arguments(self):
        """Those of `hotshard query`."""
        return (*(("--by", ",".join(self.by)) if self.by else ()), *self.options)


COUNTS = (
    Count("by_event", "by event", ("event",)),
    Count("by_event_date", "by event and date", ("event", "date")),
    Count("purchase_by_date", "Purchase, by date", ("date",), ("--event", "Purchase")),
    Count("users_by_event", "users by event", ("event",), ("--measure", "users")),
    Count(
        "board",
        f"review board: original id and event, top {TOP}",
        ("original_distinct_id", "original_event"),
        ("--event", RENAMED, "--top", str(TOP)),
    ),
    Count("dedup", "events after dedup", options=("--dedup",), looser=frozenset({"stored columns"})),
    Count("plan", "by plan, in the JSON text", ("property:plan",)),
    Count("promoted_plan", "by plan, a promoted column", ("property:plan",), store=PROMOTED),
    Count(
        "users_of_pro",
        "users by event, plan = pro, two of four days",
        ("event",),
        ("--measure", "users", "--where", "property:plan = pro", "--from", FROM, "--to", TO),
    ),
    Count(
        "per_user",
        "events per user by event: p50, p90, max",
        ("event",),
        ("--measure", "per-user"),
        figures=("count", "p50", "p90", "max"),
    ),
)


def named(key):
    return next(count for count in COUNTS if count.key == key)
