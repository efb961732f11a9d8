"""`hotshard query` against DuckDB, over random stores and random queries.

A store is made of random events, hostile and valid all the same (`hostile`, `events`, `stores`).
DuckDB reads the Parquet files of its data root; the properties are taken from their JSON text by
Python (`properties`). Random queries (`conditions`, `queries`) are answered by `hotshard query` and
by SQL (`oracle`), which says what they mean in its own words, from the documentation. Both answers
must be the same, row for row and in the same order (`answers`, `trial`).
"""
