"""The counts in the SQL that DuckDB and ClickHouse share, over the rows `t`."""

from ..work import RENAMED
from .counts import FROM, TO, TOP

GROUPED = "group by"

# Rows without an insert id are nobody's copies; the rest are what they were before a remedy.
ORIGINALS = """
    SELECT (SELECT count(*) FROM t WHERE insert_id IS NULL) + (SELECT count(*) FROM (
      SELECT DISTINCT coalesce(mp_original_event_name, event), time, coalesce(mp_original_distinct_id, distinct_id), insert_id
      FROM t WHERE insert_id IS NOT NULL))"""


def ways(plans, rank):
    """By count and way. `plans` take the plan out of the properties, each in a way of its own; `rank`
    is the nearest-rank percentile of the column `n`."""
    return {
        "by_event": {GROUPED: "SELECT event, count(*) FROM t GROUP BY event"},
        "by_event_date": {GROUPED: "SELECT event, event_date, count(*) FROM t GROUP BY event, event_date"},
        "purchase_by_date": {GROUPED: "SELECT event_date, count(*) FROM t WHERE event = 'Purchase' GROUP BY event_date"},
        "users_by_event": users("t"),
        "board": {
            GROUPED: f"""
    SELECT mp_original_distinct_id, mp_original_event_name, count(*) FROM t WHERE event = '{RENAMED}'
    GROUP BY ALL ORDER BY count(*) DESC, mp_original_distinct_id, mp_original_event_name LIMIT {TOP}"""
        },
        "dedup": {
            "originals": ORIGINALS,
            "stored columns": "SELECT count(*) FROM (SELECT DISTINCT event, time, distinct_id, insert_id FROM t)",
        },
        "plan": {way: f"SELECT {plan}, count(*) FROM t GROUP BY ALL" for way, plan in plans.items()},
        "promoted_plan": {GROUPED: "SELECT plan, count(*) FROM t GROUP BY plan"},
        "users_of_pro": {
            f"{way}, {distinct}": statement
            for way, plan in plans.items()
            for distinct, statement in users(f"t WHERE event_date BETWEEN '{FROM}' AND '{TO}' AND {plan} = 'pro'").items()
        },
        "per_user": {
            GROUPED: f"""
    SELECT event, count(*), {rank(50)}, {rank(90)}, max(n)
    FROM (SELECT event, count(*) AS n FROM t WHERE distinct_id <> '' GROUP BY event, distinct_id) GROUP BY event"""
        },
    }


def users(rows):
    inner = f"SELECT event, distinct_id FROM {rows}"
    return {
        "count distinct": f"SELECT event, count(DISTINCT nullif(distinct_id, '')) FROM ({inner}) GROUP BY event",
        "distinct first": f"SELECT event, count(*) FROM (SELECT DISTINCT * FROM ({inner}) WHERE distinct_id <> '') GROUP BY event",
    }
