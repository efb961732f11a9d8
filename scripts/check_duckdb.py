"""DuckDB reads a store's data root and must count what `hotshard query` counts.

Usage: check_duckdb.py path/to/hotshard     (scripts/check-duckdb calls it)
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

HOTSHARD = sys.argv[1]
SAMPLE = "data/nycflights13_sample.jsonl.gz"
SOURCE = "read_parquet('{store}/events/**/*.parquet', hive_partitioning = true, hive_types = {{'shard': INTEGER}})"
ORIGINAL_EVENT = "coalesce(mp_original_event_name, event)"
ORIGINAL_ID = "coalesce(mp_original_distinct_id, distinct_id)"

# (arguments of `hotshard query`, SQL for the keys and the count)
COUNTS = [
    ("--by event", "SELECT event, count(*) FROM t GROUP BY ALL"),
    ("--by date", "SELECT event_date, count(*) FROM t GROUP BY ALL"),
    ("--by shard", "SELECT shard, count(*) FROM t GROUP BY ALL"),
    ("--by event,date,shard", "SELECT event, event_date, shard, count(*) FROM t GROUP BY ALL"),
    ("--by original_event", f"SELECT {ORIGINAL_EVENT}, count(*) FROM t GROUP BY ALL"),
    ("--by original_distinct_id", f"SELECT {ORIGINAL_ID}, count(*) FROM t GROUP BY ALL"),
    ("--by distinct_id", "SELECT distinct_id, count(*) FROM t GROUP BY ALL"),
    ("--by property:PROPERTY", "SELECT properties->>'$.PROPERTY', count(*) FROM t GROUP BY ALL"),
    ("--measure users --by event", "SELECT event, count(DISTINCT nullif(distinct_id, '')) AS n FROM t GROUP BY ALL HAVING n > 0"),
    ("--measure users", "SELECT count(DISTINCT nullif(distinct_id, '')) FROM t"),
    ("--dedup", f"""SELECT count(*) FILTER (insert_id IS NULL)
                      + count(DISTINCT ({ORIGINAL_EVENT}, time, {ORIGINAL_ID}, insert_id)) FILTER (insert_id IS NOT NULL)
                    FROM t"""),
]


def run(*arguments):
    done = subprocess.run([HOTSHARD, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"hotshard {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def key(value):
    return None if value is None else str(value)


def sortable(rows):
    return sorted(rows, key=lambda row: ([(v is not None, v or "") for v in row[0]], row[1]))


def compare(store, prop):
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW t AS SELECT * FROM {SOURCE.format(store=store)}")
    for arguments, sql in COUNTS:
        arguments, sql = arguments.replace("PROPERTY", prop), sql.replace("PROPERTY", prop)
        left, right = ours(store, arguments), theirs(connection, sql)
        if left != right:
            differing = [pair for pair in zip(left, right) if pair[0] != pair[1]][:5]
            sys.exit(f"{store}: {arguments}: hotshard and DuckDB differ: {differing}")
    rows = connection.execute("SELECT count(*) FROM t").fetchone()[0]
    listed = json.loads(run("files", "--store", store, "--format", "json"))
    files = listed["files"] if isinstance(listed, dict) else listed
    assert sum(file["rows"] for file in files) == rows, "the committed list and the glob differ"
    return rows


def ours(store, arguments):
    answer = json.loads(run("query", "--store", store, "--format", "json", *arguments.split()))
    return sortable(([key(v) for k, v in row.items() if k != "count"], row["count"]) for row in answer["rows"])


def theirs(connection, sql):
    return sortable(([key(v) for v in row[:-1]], row[-1]) for row in connection.execute(sql).fetchall())


def main():
    checked = 0
    with tempfile.TemporaryDirectory() as folder:
        stream = Path(folder, "noon.jsonl.zst")
        run("generate", "--preset", "noon", "--events", "60000", "--duplicate-share", "0.02",
            "--late-share", "0.01", "--output", stream)
        for remedy in ("rename", "split", "off"):
            for name, source, threshold, prop in (("noon", stream, "4000", "plan"), ("flights", SAMPLE, "100", "carrier")):
                store = Path(folder, f"{name}-{remedy}")
                # In two runs for the flights: several commits and files per shard.
                run("ingest", "--store", store, "--shards", "16", "--threshold", threshold,
                    "--remedy", remedy, "--promote", f"{prop}:string", source)
                if name == "flights":
                    run("ingest", "--store", store, "--again", source)
                rows = compare(store, prop)
                checked += len(COUNTS)
                print(f"{name}, {remedy}: DuckDB {duckdb.__version__} reads {rows} rows and agrees on {len(COUNTS)} counts")
    print(f"{checked} passed, 0 failed")


main()
