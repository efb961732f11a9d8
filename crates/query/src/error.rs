//! What can go wrong with a query.

use hotshard_store::Damage;

/// A failure of a query, or a part of one that could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed before any file was scanned.
    #[error(transparent)]
    Store(#[from] hotshard_store::Error),
    /// Something is damaged and only a whole answer will do.
    #[error(
        "{first}{}; no answer was given because it would be partial: run `hotshard verify` to see \
         all damage, or ask again without --no-partial",
        and_more(*.others)
    )]
    Damaged {
        /// The first damage by path.
        first: Damage,
        /// How many further files are damaged.
        others: usize,
    },
    /// Repeats of one query gave different answers.
    #[error(
        "two scans of the same files gave different answers, so the store is changing underneath: \
         run `hotshard verify`, and see that nothing else writes to its folder"
    )]
    AnswerChanged,
    /// More was asked than commit records tell.
    #[error(
        "commit records cannot tell {asked}: they tell how many events of each name each day has, \
         or how many events each shard has; leave out what asks for more, or ask without --metadata"
    )]
    NotInCommitRecords {
        /// What they cannot tell.
        asked: String,
    },
    /// Event names were asked for, and commit records do not have all of them.
    #[error(
        "on these days the store has more event names than the {told_apart} that commit records \
         tell apart, so they cannot tell events by name; ask without --metadata, or by date"
    )]
    TooManyEventNames {
        /// How many names they know.
        told_apart: usize,
    },
    /// A damaged commit record is missing from the counts, but its rows were moved by a later one.
    #[error(
        "commit records count {recorded} events and name files that hold {stored}, since some \
         records are damaged: run `hotshard verify` to see which, and ask without --metadata"
    )]
    CommitRecordsDisagree {
        /// Events by their counts.
        recorded: u64,
        /// Rows in the files that they name.
        stored: u64,
    },
    /// A memory budget that cannot hold what the query needs in any case.
    #[error(
        "a memory budget of {} MiB is too small for this query; give at least {} MiB",
        given_bytes >> 20,
        minimum_bytes.div_ceil(1 << 20)
    )]
    BudgetTooSmall {
        /// The budget.
        given_bytes: u64,
        /// The least that will do.
        minimum_bytes: u64,
    },
    /// An answer that does not fit in the memory, however often the store is passed over.
    #[error(
        "the answer has more groups than {} MiB of memory hold; narrow the question with --event, \
         --from, --to or --where, ask for the largest groups with --top, or raise --memory",
        budget_bytes >> 20
    )]
    AnswerTooLarge {
        /// The budget.
        budget_bytes: u64,
    },
    /// Too many events of which only their insert ids tell whether they are copies.
    #[error(
        "finding copies needs more than {} MiB of memory: too many events have the same name, time \
         and distinct id; narrow the dates with --from and --to, or raise --memory",
        budget_bytes >> 20
    )]
    TooManyAlike {
        /// The budget.
        budget_bytes: u64,
    },
    /// No column to group by.
    #[error(
        "`{given}` is not a column to group by; choose event, date, shard, distinct_id, \
         original_event, original_distinct_id or property:NAME"
    )]
    UnknownGroupColumn {
        /// What was given.
        given: String,
    },
    /// No measure.
    #[error("`{given}` is not a measure; choose events, users or per-user")]
    UnknownMeasure {
        /// What was given.
        given: String,
    },
    /// No way of timing.
    #[error("`{given}` is not a way of timing; choose concurrent or isolated")]
    UnknownTiming {
        /// What was given.
        given: String,
    },
    /// A condition that cannot be read.
    #[error(
        "cannot read the condition `{expression}` at character {position}: {problem}; \
         for example: {example}"
    )]
    Predicate {
        /// The condition as given.
        expression: String,
        /// The 1-based character where reading stopped.
        position: usize,
        /// What is wrong there.
        problem: String,
        /// A condition that can be read.
        example: &'static str,
    },
}

fn and_more(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => " (and 1 file more)".to_owned(),
        _ => format!(" (and {others} files more)"),
    }
}
