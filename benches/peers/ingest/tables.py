"""Markdown from a record, and from nothing else."""

from statistics import median

from ..markdown import about_work, bullets, commands, left_out, machine, rounds, seconds, size, spread, table
from .job import work_title

BASELINE = "hotshard"


def page(record):
    """The page of a run: every job, grouped by what it does."""
    jobs = record["jobs"]
    head = ["engine", "job", "seconds", f"times {BASELINE}", "CPU seconds", "peak memory", "bytes", "Parquet files"]
    rows = [row(job, baseline(jobs, job)) for job in by_work(jobs)]
    parts = [
        "# JSON lines to Parquet by shard\n",
        f"{about_work(record)} `{record['command']}`\n",
        table(head, rows),
        HOW_TO_READ.format(rounds=rounds(record)),
        bullets(record["notes"]),
        CHECKED,
        floors(record),
        left_out(record),
        commands(job["command"] for job in jobs),
        machine(record),
    ]
    return "\n".join(part for part in parts if part)


HOW_TO_READ = """\
Medians of {rounds}, with the least and the most; the jobs took turns, after a round that does not count. Seconds are wall time from the loaded engine to the last file, so without the start of Python; those of hotshard are the whole process. “Times hotshard” is paired within a round: against hotshard's job of the same kind with all its threads. CPU is user and system time; memory is the most the process held resident. Everything is Parquet with zstd at each engine's own level, Hive-partitioned by shard, with the date of each event as a column.
"""

CHECKED = """\
After each run and outside its time, the files were read back and held against counts that a plain loop took from the input: events by name and date, distinct ids, events remedied by date, no id past T, each id on one shard, 64 shards, zstd. All agreed.
"""


def readme(record, page):
    """The short table: jobs in their plain form."""
    jobs = [job for job in by_work(record["jobs"]) if job["about"] == work_title(job["threshold"])]
    head = ["engine", "job", "seconds", f"times {BASELINE}", "peak memory", "bytes"]
    rows = [short_row(job, baseline(jobs, job)) for job in jobs]
    return f"""{about_work(record)}
Medians of {rounds(record)}, with the least and the most:

{table(head, rows)}
DuckDB and ClickHouse keep the text of the properties whole beside the columns taken out of it, as their
users would; Polars stores typed columns; hotshard keeps as text what is not a column already. On
{record["machine"]["cores"]} cores ({record["machine"]["cpu"]}), {record["date"]}: [{page.parent.name}/{page.name}]({page}).
{missing(record)}"""


def missing(record):
    """The engines of which a job was left out; why is on the page."""
    return f"\nLeft out: {', '.join(record['left_out'])}.\n" if record["left_out"] else ""


def scaling(record):
    head = ["events", "input", "seconds", "events/s", "CPU seconds", "peak memory", "bytes"]
    rows = [size_row(entry) for entry in record["sizes"]]
    return f"""# hotshard at several sizes

Detection, rename and routing at T = {record["threshold"]:,} over {record["shards"]} shards; the preset `reference`, which
spreads any number of events over four days. `{record["command"]}`

{table(head, rows)}
Medians of {rounds(record)}, with the least and the most; the sizes took turns. Each run was checked against counts
of its input. Memory is the most the process held resident.

{commands(entry["command"] for entry in record["sizes"])}
{machine(record)}"""


def size_row(entry):
    runs = entry["runs"]
    return [
        f"{entry['events']:,}",
        size(entry["input_bytes"]),
        spread([run["job_s"] for run in runs], seconds),
        spread([entry["events"] / run["job_s"] for run in runs], lambda rate: f"{rate:,.0f}"),
        spread([run["user_s"] + run["system_s"] for run in runs], seconds),
        spread([run["peak_memory_bytes"] for run in runs], size),
        spread([run["bytes"] for run in runs], size),
    ]


def row(job, base):
    runs = job["runs"]
    base_s = {run["round"]: run["job_s"] for run in base["runs"]}
    return [
        job["engine"],
        job["about"],
        spread([run["job_s"] for run in runs], seconds),
        spread([run["job_s"] / base_s[run["round"]] for run in runs], lambda ratio: f"{ratio:.2f}"),
        spread([run["user_s"] + run["system_s"] for run in runs], seconds),
        spread([run["peak_memory_bytes"] for run in runs], size),
        size(median(run["bytes"] for run in runs)),
        f"{median(run['parquet_files'] for run in runs):.0f}",
    ]


def short_row(job, base):
    """The row with fewer figures, and of memory the median alone."""
    engine, about, took, times, *_ = row(job, base)
    memory = median(run["peak_memory_bytes"] for run in job["runs"])
    return [engine, about, took, times, size(memory), size(median(run["bytes"] for run in job["runs"]))]


def by_work(jobs):
    """Routing first, then by threshold; within the same work in the order they have."""
    thresholds = list(dict.fromkeys(job["threshold"] for job in jobs))
    return sorted(jobs, key=lambda job: thresholds.index(job["threshold"]))


def baseline(jobs, job):
    """hotshard's first job of the same kind."""
    return next(base for base in jobs if base["engine"] == BASELINE and base["threshold"] == job["threshold"])


def floors(record):
    kept = record["floors"]
    if kept["left_out"]:
        return f"Floors were not measured: {kept['left_out']}.\n"
    runs = kept["runs"]
    names = [name for name in runs[0] if name.endswith("_s")]
    rows = [[name.removesuffix("_s"), spread([run[name] for run in runs], seconds)] for name in names]
    return f"## Floors\n\nParts of the work alone, {runs[0]['threads']} threads. `{kept['command']}`\n\n{table(['part', 'seconds'], rows)}"
