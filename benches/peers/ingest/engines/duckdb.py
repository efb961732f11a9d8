"""DuckDB: one COPY.

Usage: python -m peers.ingest.engines.duckdb route|THRESHOLD INPUT OUTPUT
"""

import sys

from ..job import Job, python_job, work_title
from ..measure import timed
from ...work import SHARDS, THRESHOLDS

MODULE = "peers.ingest.engines.duckdb"
NOTE = "DuckDB keeps the text of the properties whole, beside the columns taken out of it, as its users would. The three fields come out of the text by one list of paths, the fastest way found. Which events of an id come first is left to DuckDB: it gives them no order by their place in the file, so their number is checked, not which they are."

# One list of paths parses the text once; a path at a time, three times, takes about a tenth longer.
EVENTS = """
    SELECT event, properties, make_timestamp_ms(fields[1]::BIGINT) AS time,
      coalesce(fields[2], '') AS distinct_id, fields[3] AS insert_id
    FROM (SELECT *, properties->>['$.time', '$.distinct_id', '$."$insert_id"'] AS fields FROM lines)"""
ROUTED = f"SELECT time::DATE AS event_date, *, hash(distinct_id) % {SHARDS} AS shard FROM events"


def jobs():
    yield job("route", work_title(None), None)
    for threshold in THRESHOLDS:
        yield job(str(threshold), work_title(threshold), threshold)


def job(name, about, threshold):
    return Job("DuckDB", f"duckdb-{name}", about, threshold, python_job(MODULE, name), module="duckdb")


def remedied(threshold):
    return f"""
    SELECT event_date, time, properties, insert_id,
      CASE WHEN excess THEN '$hotshard_events' ELSE event END AS event,
      CASE WHEN excess THEN '' ELSE distinct_id END AS distinct_id,
      CASE WHEN excess THEN event END AS mp_original_event_name,
      CASE WHEN excess THEN distinct_id END AS mp_original_distinct_id,
      (CASE WHEN excess OR distinct_id = '' THEN hash(insert_id) ELSE hash(distinct_id) END) % {SHARDS} AS shard
    FROM (SELECT *, distinct_id <> '' AND number > {threshold} AS excess
      FROM (SELECT *, time::DATE AS event_date,
          row_number() OVER (PARTITION BY distinct_id, time::DATE) AS number FROM events))"""


def statement(name, source, target):
    rows = ROUTED if name == "route" else remedied(name)
    return f"""
    COPY (
    WITH lines AS (FROM read_json('{source}', format = 'newline_delimited',
      columns = {{event: 'VARCHAR', properties: 'JSON'}})),
    events AS ({EVENTS})
    {rows}
    ) TO '{target}' (FORMAT parquet, PARTITION_BY (shard), COMPRESSION zstd)"""


def main():
    import duckdb

    name, source, target = sys.argv[1:]
    connection = duckdb.connect(config={"temp_directory": f"{target}-spill"})
    with timed(duckdb.__version__):
        connection.execute(statement(name, source, target))


if __name__ == "__main__":
    main()
