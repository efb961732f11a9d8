"""ClickHouse, inside the process (chDB): one INSERT.

Usage: python -m peers.ingest.engines.clickhouse INPUT OUTPUT
"""

import sys
from pathlib import Path

from ..job import Job, python_job, work_title
from ..measure import timed
from ...work import SHARDS

MODULE = "peers.ingest.engines.clickhouse"
NOTE = "ClickHouse keeps the text of the properties whole, beside the columns taken out of it, as its users would."

# One tuple parses the text once; a function a field, three times, takes longer.
STATEMENT = """
    INSERT INTO FUNCTION file('{target}/shard={{_partition_id}}/data.parquet', 'Parquet')
    PARTITION BY xxHash64(distinct_id) % {shards}
    WITH JSONExtract(properties, 'Tuple(time Int64, distinct_id String, `$insert_id` String)') AS fields
    SELECT event, fromUnixTimestamp64Milli(fields.1, 'UTC') AS time, toDate(time) AS event_date,
      fields.2 AS distinct_id, fields.3 AS insert_id, properties
    FROM file('{source}', 'JSONEachRow', 'event String, properties String')
    SETTINGS input_format_json_read_objects_as_strings = 1, output_format_parquet_compression_method = 'zstd'"""


def jobs():
    yield Job("ClickHouse", "clickhouse-route", work_title(None), None, python_job(MODULE), module="chdb")


def main():
    import chdb

    source, target = sys.argv[1:]
    Path(target).mkdir(parents=True)
    with timed(f"{chdb.engine_version} (chDB {chdb.__version__})"):
        chdb.query(STATEMENT.format(source=source, target=target, shards=SHARDS))


if __name__ == "__main__":
    main()
