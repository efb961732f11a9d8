"""DuckDB over a store's Parquet files: what every query means, in SQL."""

import duckdb

from .conditions import MACROS, literal
from .properties import texts

# Rows as the documentation describes them; the properties that are asked for are added as columns.
ROWS = """
CREATE TABLE stored AS
SELECT sequence, shard, strftime(event_date, '%Y-%m-%d') AS date, event, time, distinct_id, insert_id,
       coalesce(mp_original_event_name, event) AS original_event,
       coalesce(mp_original_distinct_id, distinct_id) AS original_distinct_id,
       event = '$hotshard_events' AND distinct_id = '' AS is_renamed,
       properties
FROM read_parquet('{store}/events/**/*.parquet', hive_partitioning = true, hive_types = {{'shard': INTEGER}})
"""
# A store without events has no files.
NO_ROWS = """
CREATE TABLE stored (sequence BIGINT, shard INTEGER, date VARCHAR, event VARCHAR, time TIMESTAMPTZ, distinct_id VARCHAR,
                     insert_id VARCHAR, original_event VARCHAR, original_distinct_id VARCHAR, is_renamed BOOLEAN, properties VARCHAR)
"""
# Of copies an unrenamed one stays, then the latest.
NO_COPIES = """QUALIFY insert_id IS NULL OR row_number() OVER (
    PARTITION BY original_event, time, original_distinct_id, insert_id ORDER BY is_renamed, sequence DESC) = 1"""


class Oracle:
    """The rows of one store in a DuckDB of its own, in memory and on one thread."""

    def __init__(self, store, properties):
        self.connection = duckdb.connect(config={"threads": 1})
        # An event date is not a point in time: no time zone may come between.
        self.connection.execute("SET TimeZone = 'UTC'")
        has_files = any(store.glob("events/*/*.parquet"))
        self.connection.execute(ROWS.format(store=store) if has_files else NO_ROWS)
        self.connection.execute(MACROS)
        self.columns = {f"property:{name}": f'"{number} {name.replace(chr(34), chr(39))}"' for number, name in enumerate(properties)}
        self.add_properties(properties)
        self.samples = {}

    def add_properties(self, properties):
        rows = self.connection.execute("SELECT sequence, properties FROM stored").fetchall()
        found = [texts(text) for _, text in rows]
        lists = [[sequence for sequence, _ in rows], *[[each.get(name) for each in found] for name in properties]]
        columns = ["unnest($1::BIGINT[]) AS sequence"]
        columns += [f"unnest(${place}::VARCHAR[]) AS {column}" for place, column in enumerate(self.columns.values(), 2)]
        self.connection.execute(f"CREATE TABLE property_texts AS SELECT {', '.join(columns)}", lists)
        self.connection.execute("CREATE TABLE events AS SELECT * EXCLUDE properties FROM stored JOIN property_texts USING (sequence)")

    def count(self):
        return self.connection.execute("SELECT count(*) FROM stored").fetchone()[0]

    def save(self, path):
        """Writes the rows to a Parquet file, where they can be looked at."""
        self.connection.execute(f"COPY events TO {literal(str(path))}")

    def sample(self, rng, column):
        """A value of a column, one that is frequent or any that occurs; None when none does."""
        if column not in self.samples:
            name = self.columns.get(column, column)
            found = self.connection.execute(f"SELECT {name} FROM events WHERE {name} IS NOT NULL ORDER BY sequence").fetchall()
            values = [value for (value,) in found]
            self.samples[column] = [values, sorted(set(values))]
        values = rng.choice(self.samples[column])
        return rng.choice(values) if values else None

    def answer(self, query):
        """All groups in their order: keys, then what the measure says of a group."""
        return self.connection.execute(self.sql(query)).fetchall()

    def sql(self, query):
        keys = [f"{self.columns.get(column, column)} AS k{place}" for place, column in enumerate(query.by)]
        order = ", ".join(["count DESC", *[f"k{place} NULLS FIRST" for place in range(len(keys))]])
        having = "HAVING count > 0" if keys else ""
        if query.measure == "per-user":
            per_user = self.select([*keys, "count(*) AS n"], query, ["distinct_id <> ''"], ["distinct_id"])
            names = [f"k{place}" for place in range(len(keys))]
            select = f"SELECT {', '.join([*names, PER_USER])} FROM ({per_user}) GROUP BY ALL"
        else:
            count = "count(*)" if query.measure == "events" else "count(DISTINCT nullif(distinct_id, ''))"
            select = self.select([*keys, f"{count} AS count"], query, [], [])
        return f"{select} {having} ORDER BY {order}"

    def select(self, columns, query, conditions, group_by):
        dates = [f"date >= '{query.first}'"] if query.first else []
        dates += [f"date <= '{query.last}'"] if query.last else []
        rows = f"SELECT * FROM events {where(dates)} {NO_COPIES if query.dedup else ''}"
        conditions = list(conditions)
        for column, values in (("event", query.events), ("distinct_id", query.ids)):
            if values:
                conditions.append(f"{column} IN ({', '.join(map(literal, values))})")
        conditions += [each.sql(self.columns.get(each.column, each.column)) for each in query.conditions]
        return f"SELECT {', '.join(columns + group_by)} FROM ({rows}) {where(conditions)} GROUP BY ALL"


def rank(percent):
    """The nearest-rank percentile of `n`, in integers."""
    return f"list_sort(list(n))[(count(*) * {percent} + 99) // 100]"


# Events per user in a group, by the number of binary digits in the histogram.
PER_USER = f"""count(*) AS count, sum(n)::BIGINT, min(n), {rank(50)}, {rank(90)}, {rank(99)}, max(n), histogram(length(bin(n)))"""


def where(conditions):
    return f"WHERE {' AND '.join(f'({condition})' for condition in conditions)}" if conditions else ""
