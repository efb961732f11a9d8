"""DuckDB: a view of the files.

Usage: python -m peers.queries.engines.duckdb COUNT WAY STORE REPEATS
"""

from .. import repeats, sql
from ..engine import THREADS, python_engine
from ..stores import files

NOTE = "DuckDB keeps in memory what it has read of a file, and takes it from there in the repeats; that is its default."
PLANS = {"->>": "properties->>'$.plan'", "json_extract_string": "json_extract_string(properties, 'plan')"}


def rank(percent):
    return f"quantile_disc(n, {percent / 100})"


WAYS = sql.ways(PLANS, rank)
ENGINE = python_engine("DuckDB", NOTE, WAYS, "peers.queries.engines.duckdb", package="duckdb")


def main():
    import duckdb

    key, way, store, times = repeats.arguments()
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute(f"CREATE VIEW t AS FROM read_parquet('{files(store)}', hive_partitioning = true)")
    repeats.report(duckdb.__version__, lambda: connection.execute(WAYS[key][way]).fetchall(), times)


if __name__ == "__main__":
    main()
