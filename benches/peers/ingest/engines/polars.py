"""Polars: a lazy scan into a streaming, partitioned sink.

Usage: python -m peers.ingest.engines.polars INPUT OUTPUT
"""

import sys

from ..job import Job, python_job, work_title
from ..measure import timed
from ...work import SHARDS

MODULE = "peers.ingest.engines.polars"
NOTE = "Polars is told the type of each property and stores typed columns: it cannot keep properties that it was not told of, and keeps no text."


def jobs():
    yield Job("Polars", "polars-route", work_title(None), None, python_job(MODULE), module="polars")


def main():
    import polars

    source, target = sys.argv[1:]
    with timed(polars.__version__):
        write(polars, source, target)


def write(pl, source, target):
    text = dict.fromkeys(("distinct_id", "$insert_id", "$device_id", "$os", "$browser", "$city", "plan"), pl.String)
    properties = pl.Struct({"time": pl.Int64, **text, "price": pl.Float64, "screen_width": pl.Int64})
    (
        pl.scan_ndjson(source, schema={"event": pl.String, "properties": properties})
        .unnest("properties")
        .with_columns(pl.from_epoch("time", time_unit="ms"), pl.col("distinct_id").fill_null(""))
        .with_columns(event_date=pl.col("time").dt.date(), shard=pl.col("distinct_id").hash() % SHARDS)
        .sink_parquet(pl.PartitionBy(target, key="shard", include_key=False), compression="zstd", mkdir=True)
    )


if __name__ == "__main__":
    main()
