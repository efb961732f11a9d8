"""ClickHouse, inside the process (chDB): a view of the files.

Usage: python -m peers.queries.engines.clickhouse COUNT WAY STORE REPEATS
"""

import json

from .. import repeats, sql
from ..engine import THREADS, python_engine
from ..stores import files

NOTE = "ClickHouse counts distinct values by a 128-bit hash of them. Its `simpleJSONExtractString` looks for the name anywhere in the text, which finds the plan in these texts and would be misled by others."
PLANS = {
    "JSONExtractString": "JSONExtractString(properties, 'plan')",
    "simpleJSONExtractString": "simpleJSONExtractString(assumeNotNull(properties), 'plan')",
}


def rank(percent):
    # Its own quantiles take another rank.
    return f"arraySort(groupArray(n))[intDiv({percent} * count() + 99, 100)]"


WAYS = sql.ways(PLANS, rank)
IDENTITY = "coalesce(mp_original_event_name, event), time, coalesce(mp_original_distinct_id, distinct_id), insert_id"
WAYS["dedup"] |= {
    "uniqExact of originals": f"SELECT countIf(insert_id IS NULL) + uniqExactIf({IDENTITY}, insert_id IS NOT NULL) FROM t"
}
ENGINE = python_engine("ClickHouse", NOTE, WAYS, "peers.queries.engines.clickhouse", package="chdb")


def main():
    import chdb

    key, way, store, times = repeats.arguments()
    connection = chdb.connect(":memory:")
    connection.query(f"SET max_threads = {THREADS}, output_format_json_quote_64bit_integers = 0")
    connection.query(f"CREATE VIEW t AS SELECT * FROM file('{files(store)}', Parquet)")

    def answer():
        return connection.query(WAYS[key][way], "JSONCompactEachRow").bytes()

    repeats.report(f"{chdb.engine_version} (chDB {chdb.__version__})", lambda: rows(answer()), times)


def rows(lines):
    return [json.loads(line) for line in lines.splitlines()]


if __name__ == "__main__":
    main()
