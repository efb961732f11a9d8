"""Markdown from a record of queries, and from nothing else."""

from statistics import median

from ..markdown import about_work, bullets, commands, left_out, machine, rounds, size, spread, table

BASELINE = "hotshard"
RATIO = f"fastest other, times {BASELINE}"


def page(record):
    """The page of a run: the counts at every threshold, then what stands behind them."""
    names = participants(record)
    parts = [
        "# Counts over the same Parquet files\n",
        f"{about_work(record)} `{record['command']}`\n",
        *(section(setting, names) for setting in record["settings"]),
        HOW_TO_READ.format(rounds=rounds(record), threads=record["threads"]),
        bullets(record["notes"]),
        DEDUP,
        "## First, best and memory\n",
        *(f"T = {setting['threshold']:,}\n\n{details(setting)}" for setting in record["settings"]),
        HOW_TO_READ_DETAILS,
        isolated(record["isolated"]),
        noise(record),
        left_out(record),
        commands(count["engines"][BASELINE]["command"] for count in record["settings"][0]["counts"]),
        COMMANDS_OF_OTHERS,
        machine(record),
    ]
    return "\n".join(part for part in parts if part)


HOW_TO_READ = """\
Milliseconds of one answer: medians of the repeats of a run, of which the median over {rounds} is shown, with the least and the most. The engines took turns. Each run is a process of its own with {threads} threads; its files are in the page cache, and its first answer does not count. A time is taken inside the process, around the answer alone: views and scans are made before, and the files are read in each repeat as far as the engine does not keep them. “Times hotshard” is paired within a round. All engines read the same files, those of the store's data root; of each, every way of asking below was tried and the fastest taken. The answers of all engines and of all ways were equal, row by row, before anything was timed and after each run.
"""

DEDUP = """\
Events after dedup: copies agree in what event, time, distinct id and insert id were before a remedy, and rows without an insert id are no copies. The others are asked for the same, and also for the plain distinct values of the four stored columns. The latter takes a renamed copy of a kept event for another event, and rows without an insert id for copies; where it gives the same number, as it does on events without such rows, it may be the way taken: “stored columns”.
"""

HOW_TO_READ_DETAILS = """\
First: the first answer of a process. Best: the best repeat of all rounds. Repeats are those of a run; a count that takes longer than 2 s has fewer. Memory is the most that a process held resident, whatever it needed for Python and the engine itself included. Process: a whole run of `hotshard query` for one answer, start and end included. Other ways: the best of a few repeats before the rounds, by which the fastest was chosen.
"""


COMMANDS_OF_OTHERS = """\
Those of the others are in the JSON beside this page. What they ask in each way is in `benches/peers/queries`.
"""


def readme(record, written):
    """The short table: the first threshold, and what the ratios are at the others."""
    names = participants(record)
    first, *others = record["settings"]
    head = ["count", *names, RATIO, *(f"at T = {other['threshold']:,}" for other in others)]
    rows = [
        [count["title"], *(cell(count, name, brief) for name in names), ratio(count), *(ratio(like) for like in rest)]
        for count, *rest in zip(*(with_promotion(setting) for setting in record["settings"]))
    ]
    work = record["work"]
    return f"""Milliseconds over {work["events"]:,} of those events in {work["shards"]} shards, T = {first["threshold"]:,};
{record["threads"]} threads, medians of {rounds(record)}:

{table(head, rows)}
On {record["machine"]["cores"]} cores ({record["machine"]["cpu"]}), {record["date"]}: [{written.parent.name}/{written.name}]({written}).
"""


def participants(record):
    """The engines that have a figure, in the order they were asked."""
    counts = [count for setting in record["settings"] for count in setting["counts"]]
    return list(dict.fromkeys(name for count in counts for name in count["engines"]))


def section(setting, names):
    rows = [
        [count["title"], f"{count['rows']}", *(cell(count, name, milliseconds) for name in names), ratio(count)]
        for count in with_promotion(setting)
    ]
    kept = setting["parquet_bytes"]
    heading = f"## T = {setting['threshold']:,}: {size(kept['plain'])}, with the plan promoted {size(kept['promoted'])}"
    return f"{heading}\n\n{table(['count', 'rows', *names, RATIO], rows)}"


def with_promotion(setting):
    """The counts, and after the promoted one hotshard's time for it beside the others' for the JSON text."""
    counts = {count["key"]: count for count in setting["counts"]}
    text, promoted = counts["plan"], counts["promoted_plan"]
    for count in setting["counts"]:
        yield count
        if count is promoted:
            engines = text["engines"] | {BASELINE: promoted["engines"][BASELINE]}
            yield promoted | {"title": f"by plan, promoted for {BASELINE} alone", "engines": engines}


def cell(count, name, form):
    entry = count["engines"].get(name)
    return form([run["median_s"] for run in entry["runs"]]) if entry else "–"


def ratio(count):
    """The fastest other engine of each round against hotshard in that round, and which one it mostly is."""
    others = {name: medians(entry) for name, entry in count["engines"].items() if name != BASELINE}
    if not others:
        return "–"
    ours = medians(count["engines"][BASELINE])
    ratios = [min(times[number] for times in others.values()) / ours[number] for number in ours]
    fastest = min(others, key=lambda name: median(others[name].values()))
    return f"{spread(ratios, factor)} {fastest}"


def factor(value):
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}"


def medians(entry):
    return {run["round"]: run["median_s"] for run in entry["runs"]}


def details(setting):
    head = ["count", "engine", "way", "first", "best", "repeats", "peak memory", "process", "other ways"]
    rows = [detail(count, name, entry) for count in setting["counts"] for name, entry in count["engines"].items()]
    return table(head, rows)


def detail(count, name, entry):
    runs = entry["runs"]
    return [
        count["title"],
        name,
        f"`{entry['way']}`",
        milliseconds([run["first_s"] for run in runs]),
        one_in_milliseconds(min(run["best_s"] for run in runs)),
        f"{median(run['repeats'] for run in runs):.0f}",
        spread([run["peak_memory_bytes"] for run in runs], size),
        milliseconds([run["process_s"] for run in runs]) if "process_s" in runs[0] else "",
        ", ".join(other_way(trial) for trial in entry["tried"] if trial["way"] != entry["way"]),
    ]


def other_way(trial):
    """A way that was tried and not taken."""
    if "differs" in trial:
        return f"`{trial['way']}` gives another answer"
    return f"`{trial['way']}` {one_in_milliseconds(trial['best_s'])}"


def isolated(counts):
    head = ["count", "slowest shard, ms", "median shard", "95 % of the shards are below", "worst shard"]
    rows = [isolated_row(count) for count in counts]
    return f"""## Service times of hotshard's shards, twice

How far the medians of two runs of a shard lie apart, over their mean. One shard at a time, `--timing isolated`;
between the two runs lie all the other counts.

{table(head, rows)}"""


def isolated_row(count):
    deviation = count["deviation"]
    slowest = " and ".join(one_in_milliseconds(max(times) / 1e9) for times in count["service_ns"])
    return [count["title"], slowest, *(f"{deviation[name]:.1%}" for name in ("median", "p95", "max"))]


def noise(record):
    """What hotshard itself said against its times."""
    said = [
        f"T = {setting['threshold']:,}: {count['title']}, round {run['round']}: {run['noise']}"
        for setting in record["settings"]
        for count in setting["counts"]
        for run in count["engines"][BASELINE]["runs"]
        if run["noise"]
    ]
    return f"## Doubts\n\n{bullets(said)}" if said else ""


def scaling(record):
    titles = [count["title"] for count in record["sizes"][0]["counts"]]
    head = ["events", "Parquet", *(f"{title}: ns a row" for title in titles)]
    rows = [size_row(entry) for entry in record["sizes"]]
    return f"""# Counts over stores of several sizes

hotshard alone; T = {record["threshold"]:,}, {record["shards"]} shards; the preset `reference`, which spreads any number of events
over four days and more ids the more there are. `{record["command"]}`

{table(head, rows)}
The latency of an answer over the rows of the store. Medians of {rounds(record)}, with the least and the most; the
sizes took turns.

{commands(count["command"] for entry in record["sizes"] for count in entry["counts"])}
{machine(record)}"""


def size_row(entry):
    times = [[run["median_s"] / entry["events"] * 1e9 for run in count["runs"]] for count in entry["counts"]]
    return [f"{entry['events']:,}", size(entry["parquet_bytes"]), *(spread(values, lambda ns: f"{ns:.2f}") for values in times)]


def brief(times_s):
    return one_in_milliseconds(median(times_s))


def milliseconds(times_s):
    return spread(times_s, one_in_milliseconds)


def one_in_milliseconds(time_s):
    ms = time_s * 1e3
    return f"{ms:.2f}" if ms < 10 else f"{ms:.1f}" if ms < 100 else f"{ms:,.0f}"
