//! The page: `docs/accuracy.md`.

use std::fmt::{self, Write};

use hotshard_sim::Crashes;

use super::figures::{bytes, count, mean};
use super::findings::findings;
use super::method::{DEPTH, Method};
use super::{Accuracy, BestEffortRow, MEMORIES, RNG_SEED, Run, StreamResult, THRESHOLD, stream};

/// The page in Markdown. It shows the plot, `accuracy.svg`, which stands beside it.
#[must_use]
pub fn markdown(accuracy: &Accuracy) -> String {
    let mut page = String::new();
    // Writing to a string never fails.
    let _ = write_page(&mut page, accuracy);
    page
}

fn write_page(page: &mut String, accuracy: &Accuracy) -> fmt::Result {
    opening(page)?;
    for finding in findings(accuracy) {
        writeln!(page, "- {finding}")?;
    }
    enough_memory(page, accuracy)?;
    plot(page)?;
    reading(page)?;
    counted_memory(page, accuracy)?;
    for stream in &accuracy.streams {
        stream_section(page, stream)?;
    }
    best_effort(page, &accuracy.best_effort)
}

fn opening(page: &mut String) -> fmt::Result {
    write!(
        page,
        "# Accuracy

How well hot ids are found when there is not a counter for each id: which are missed, how late they
are found, and who is taken for hot without being so. Threshold T = {threshold} events of one id on
one day. hotshard's own detector is Misra–Gries; the others are here for comparison.

The whole page is written by one command, which reads no clock, so that it gives the same bytes
wherever it runs:

    cargo run --release -p hotshard-benches --bin accuracy

hotshard {version}, rng seed {RNG_SEED}. With `--check` the command writes nothing, and fails when page or
plot are not what it would write.

## Findings

",
        threshold = count(THRESHOLD),
        version = env!("CARGO_PKG_VERSION"),
    )
}

fn enough_memory(page: &mut String, accuracy: &Accuracy) -> fmt::Result {
    let sizes = MEMORIES.map(bytes).join(", ");
    write!(
        page,
        "\n## How much memory is enough\n\nThe least of {sizes} with which every hot id "
    )?;
    writeln!(
        page,
        "is found and nobody else; the last column\nis what a counter for each id took.\n"
    )?;
    let methods = Method::ALL.map(|method| method.to_string()).join(" | ");
    writeln!(page, "| stream | hot ids | {methods} | hash map |")?;
    writeln!(page, "|---|---:|{}---:|", "---:|".repeat(Method::ALL.len()))?;
    for stream in &accuracy.streams {
        write!(page, "| {} | {} |", stream.name, count(stream.hot))?;
        for method in Method::ALL {
            let mut runs = stream.runs.iter().filter(|run| run.method == method);
            let enough = runs.find(|run| run.outcome.finds_just_the_hot());
            write!(page, " {} |", enough.map_or("more".to_owned(), |run| bytes(run.memory_bytes)))?;
        }
        writeln!(page, " {} |", bytes(stream.exact_bytes))?;
    }
    Ok(())
}

fn plot(page: &mut String) -> fmt::Result {
    writeln!(
        page,
        "
![Events late and innocents over memory, one line a method](accuracy.svg)

{} in the plot: left how late the worst hot id is, right how many ids are declared hot that are not. Lines
at zero are drawn side by side.",
        stream::PLOTTED
    )
}

fn reading(page: &mut String) -> fmt::Result {
    writeln!(
        page,
        "
## How to read the tables

- **hot ids**: ids with more than T events in the stream.
- **missed**: hot ids that were never declared.
- **late**: events past T that went through before the id was declared, of the worst hot id and of
  the average one. For a missed id, all it has past T.
- **d**: the certificate at the end of the stream. No id is later than that, whatever the stream; the
  method knows it at any moment without knowing the truth. Methods without d are never late.
- **innocents**: ids that were declared and have at most T events.
- **early events**: events that were taken for excess though their id had not passed T yet, those of
  innocents among them."
    )
}

fn counted_memory(page: &mut String, accuracy: &Accuracy) -> fmt::Result {
    writeln!(
        page,
        "
## What the memory counts

All that a method allocates; the program stops if one takes more than its size. Each is given as many
counters as fit:

- **Misra–Gries**: a hash of 16 bytes and a count of 8, in a table that is never more than three quarters
  full: 32 bytes a counter.
- **SpaceSaving**: hash, count, error, and its place in a heap, which is two indices more and a table to
  find it: about 49 bytes a counter.
- **Count-min**: {DEPTH} rows of counters of 4 bytes, and nothing else.

Not counted, because it is the same for all: the list of ids that were declared. The hash map is counted
at its largest, with the room it keeps to grow.
"
    )?;
    let Some(stream) = accuracy.streams.first() else { return Ok(()) };
    writeln!(page, "| counters in | {} |", MEMORIES.map(bytes).join(" | "))?;
    writeln!(page, "|---|{}", "---:|".repeat(MEMORIES.len()))?;
    for method in Method::ALL {
        write!(page, "| {method} |")?;
        for run in stream.runs.iter().filter(|run| run.method == method) {
            write!(page, " {} |", count(run.counters as u64))?;
        }
        writeln!(page)?;
    }
    Ok(())
}

fn stream_section(page: &mut String, stream: &StreamResult) -> fmt::Result {
    writeln!(page, "\n## {}\n", stream.name)?;
    writeln!(
        page,
        "{} events of {} ids, {} of them hot: {}. A hash map of all counts took {}.\n",
        count(stream.events),
        count(stream.ids),
        count(stream.hot),
        stream.description,
        bytes(stream.exact_bytes)
    )?;
    writeln!(
        page,
        "| memory | method | missed | late, worst | late, mean | d | innocents | early events |"
    )?;
    writeln!(page, "|---:|---|---:|---:|---:|---:|---:|---:|")?;
    stream.runs.iter().try_for_each(|run| run_row(page, run))
}

fn run_row(page: &mut String, run: &Run) -> fmt::Result {
    let outcome = &run.outcome;
    writeln!(
        page,
        "| {} | {} | {} | {} | {} | {} | {} | {} |",
        bytes(run.memory_bytes),
        run.method,
        count(outcome.missed),
        count(outcome.worst_late),
        mean(outcome.mean_late()),
        run.certificate.map_or("–".to_owned(), count),
        count(outcome.innocents),
        count(outcome.early_events),
    )
}

fn best_effort(page: &mut String, rows: &[BestEffortRow]) -> fmt::Result {
    writeln!(
        page,
        "
## Best effort

Published systems often count in another way: j ingesters, each of which sends its counts to a shared
counter after every B events and reads the totals back. Memory is not bounded, but nobody knows the
total at once. `BestEffort` in the crate `hotshard-sim` models it, with events reaching ingesters at
random; its page proves that nothing is early and that at most j·B − 1 events past T go through, plus
what crashes lost of that id. With crashes, an ingester crashes instead of one flush in ten.

| stream | j | B | crashes | hot ids | missed | late, worst | late, mean | j·B − 1 | lost of one id, at most |
|---|---:|---:|---|---:|---:|---:|---:|---:|---:|"
    )?;
    for row in rows {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.stream,
            row.ingesters,
            count(row.flush_every),
            if row.crashes == Crashes::Never { "none" } else { "1 in 10 flushes" },
            count(row.hot),
            count(row.missed),
            count(row.worst_late),
            mean(row.mean_late()),
            count(row.bound),
            count(row.most_lost),
        )?;
    }
    Ok(())
}
