"""JSON lines to Parquet partitioned by shard, through every engine."""
