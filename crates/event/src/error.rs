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
    /// An override for the events without an id.
    #[error(
        "the empty id cannot have an override: events without an id are never counted; name the \
         id as it stands in the events"
    )]
    OverrideOfNoId,
    /// Two overrides for one id at once.
    #[error("`{id}` is given two overrides at once, {first} and {second}; give it one")]
    ContradictoryOverrides {
        /// The id.
        id: String,
        /// What was given first.
        first: String,
        /// What was given then.
        second: String,
    },
}
