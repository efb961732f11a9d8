//! What can be wrong with a word that a person typed.

/// A text that is none of the values its type allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not a calendar day.
    #[error("`{given}` is not a date; write it as YYYY-MM-DD, for example 2013-02-08")]
    Date {
        /// What was given.
        given: String,
    },
    /// A range that ends before it starts.
    #[error("the date range ends before it starts: from {from} to {to}; swap the two")]
    EmptyRange {
        /// First day of the range.
        from: String,
        /// Last day of the range.
        to: String,
    },
    /// Not a time zone of the IANA database.
    #[error(
        "`{given}` is not a time zone; use a name of the IANA database, for example UTC or \
         Europe/Berlin"
    )]
    TimeZone {
        /// What was given.
        given: String,
    },
    /// Not a remedy.
    #[error("`{given}` is not a remedy; choose rename, split or off")]
    Remedy {
        /// What was given.
        given: String,
    },
    /// Not a threshold.
    #[error("`{given}` is not a threshold; give a whole number of events per id and day")]
    Threshold {
        /// What was given.
        given: String,
    },
}
