"""What an engine stored, read back by DuckDB, against the truth.

Usage: python -m peers.check OUTPUT     (prints JSON)
"""

import json
import sys

from .errors import PeersError
from .work import RENAMED, SHARDS, printed

# The share of the bytes of texts for which it does not matter how they are compressed.
NEGLIGIBLE = 0.05

# What is asked of the rows; `sent_event` and `sent_id` are what an event had before a remedy.
QUERIES = {
    "by_event_date": "SELECT sent_event, event_date::VARCHAR, count(*) FROM t GROUP BY ALL",
    "ids": "SELECT count(DISTINCT nullif(sent_id, '')) FROM t",
    "renamed_by_date": f"SELECT event_date::VARCHAR, count(*) FROM t WHERE event = '{RENAMED}' GROUP BY ALL",
    "with_original": f"SELECT count(*) FROM t WHERE sent_event <> event AND event = '{RENAMED}' AND distinct_id = ''",
    "fullest_id": "SELECT max(n) FROM (SELECT count(*) AS n FROM t WHERE distinct_id <> '' GROUP BY distinct_id, event_date)",
    "scattered_ids": "SELECT count(*) FROM (SELECT distinct_id FROM t WHERE distinct_id <> '' GROUP BY ALL HAVING min(shard) <> max(shard))",
    "shards": "SELECT count(DISTINCT shard) FROM t",
}


def check(job, output, truth):
    """Ends the run when the job stored anything but the truth."""
    seen = json.loads(printed([sys.executable, "-m", "peers.check", str(output)]))
    wrong = list(differences(job.threshold, seen, truth))
    if wrong:
        raise PeersError(f"{job.title}: stored something else than the input holds, so no result is written:\n  " + "\n  ".join(wrong))


def differences(threshold, seen, truth):
    expected = {
        "by_event_date": truth["by_event_date"],
        "ids": truth["ids"],
        "renamed_by_date": {} if threshold is None else truth["remedied_by_date"][str(threshold)],
        "scattered_ids": 0,
        "shards": SHARDS,
        "compression": ["ZSTD"],
    }
    expected["with_original"] = sum(expected["renamed_by_date"].values())
    for name, value in expected.items():
        if seen[name] != value:
            yield f"{name} is {apart(seen[name], value)} and should be {apart(value, seen[name])}"
    if threshold is not None and seen["fullest_id"] > threshold:
        yield f"an id kept {seen['fullest_id']} events of one day, past T = {threshold}"


def apart(value, other):
    """The value as text; of a list, only what the other does not hold, the first of it."""
    differing = [row for row in value if row not in other] if isinstance(value, list) else value
    text = json.dumps(differing)
    return text if len(text) <= 300 else f"{text[:300]}…"


def main():
    import duckdb

    connection = duckdb.connect()
    files = f"{sys.argv[1]}/**/*.parquet"
    view(connection, f"read_parquet('{files}', hive_partitioning = true, hive_types = {{'shard': INTEGER}})")
    print(json.dumps(found(connection, files)))


def view(connection, rows):
    """The rows as `t`, whether the files have the columns of a remedy or not."""
    columns = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()}
    if "mp_original_event_name" in columns:
        sent = "coalesce(mp_original_event_name, event) AS sent_event, coalesce(mp_original_distinct_id, distinct_id) AS sent_id"
    else:
        sent = "event AS sent_event, distinct_id AS sent_id"
    connection.execute(f"CREATE VIEW t AS SELECT *, {sent} FROM {rows}")


def found(connection, files):
    answers = {name: connection.execute(sql).fetchall() for name, sql in QUERIES.items()}
    for name in answers.keys() - {"by_event_date", "renamed_by_date"}:
        answers[name] = answers[name][0][0]
    answers["by_event_date"].sort()
    answers["renamed_by_date"] = dict(answers["renamed_by_date"])
    # Texts are nearly all of the bytes. In numbers packed by their differences zstd finds nothing, nor in the
    # dictionaries of a few names, so that an engine may leave those as they are.
    compressions = connection.execute(
        f"""
        SELECT compression, sum(total_compressed_size) AS bytes FROM parquet_metadata('{files}') WHERE type = 'BYTE_ARRAY'
        GROUP BY compression QUALIFY bytes > {NEGLIGIBLE} * sum(bytes) OVER ()"""
    ).fetchall()
    answers["compression"] = sorted(row[0] for row in compressions)
    return answers


if __name__ == "__main__":
    main()
