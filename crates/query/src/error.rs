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
    /// Repeats of one isolated query gave different answers.
    #[error(
        "two scans of the same files gave different answers, so the store is changing underneath: \
         run `hotshard verify`, and see that nothing else writes to its folder"
    )]
    AnswerChanged,
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
