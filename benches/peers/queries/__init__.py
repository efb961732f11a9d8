"""Counts over a store, by hotshard and by engines that read the same Parquet files of its data root."""
