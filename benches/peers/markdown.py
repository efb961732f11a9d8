"""Parts of a page that every kind of run has, from its record and from nothing else."""

from statistics import median


def left_out(record):
    reasons = dict.fromkeys(record["left_out"].values())
    return f"## Left out\n\n{bullets(reasons)}" if reasons else ""


def about_work(record):
    work = record["work"]
    remedied = ", ".join(f"{n:,} past T = {int(threshold):,}" for threshold, n in work["remedied"].items())
    return (
        f"{work['events']:,} generated events ({size(work['input_bytes'])} of JSON lines, four days;\n{remedied}) "
        f"to {work['shards']} shards."
    )


def machine(record):
    described = record["machine"]
    lines = [
        f"{record['date']}, {described['cores']} cores of {described['cpu']}, {size(described['memory_bytes'])} of memory, {described['kernel']}",
        *(f"{name.replace('_', ' ')}: {value}" for name, value in record["versions"].items()),
    ]
    return f"## Machine and versions\n\n{bullets(lines)}"


def commands(lines):
    return f"## Command lines\n\n{FROM_WHERE}\n{bullets(f'`{line}`' for line in lines)}"


FROM_WHERE = """\
From the root of the repository; `python` is that of the virtual environment, with `PYTHONPATH=benches`.
"""


def bullets(lines):
    return "".join(f"- {line}\n" for line in lines)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def spread(values, form):
    """A median, and the least and the most when they read differently."""
    least, most = form(min(values)), form(max(values))
    return form(median(values)) if least == most else f"{form(median(values))} ({least} – {most})"


def rounds(record):
    return "1 round" if record["rounds"] == 1 else f"{record['rounds']} rounds"


def seconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def size(value):
    """Bytes in the unit that people read."""
    mebibytes = value / 2**20
    return f"{mebibytes:,.0f} MiB" if mebibytes < 1024 else f"{mebibytes / 1024:.2f} GiB"
