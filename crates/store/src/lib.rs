//! The sharded Parquet store: layout, router, writer, commits, recovery, verification.
