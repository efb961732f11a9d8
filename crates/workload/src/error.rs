//! What can be wrong with a workload.

use hotshard_event::EventDate;

/// Why a workload cannot be made, or its events not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkloadError {
    /// A stream of nothing.
    #[error("the workload has 0 events; ask for at least one")]
    NoEvents,
    /// A stream without a day to lie on.
    #[error("the workload spans 0 days; give it at least one")]
    NoDays,
    /// Days whose times no store accepts.
    #[error(
        "the workload's {days} days from {start} leave the range of times that ingest accepts; \
         stay between {earliest} and {latest}"
    )]
    Dates {
        /// First day of the stream.
        start: EventDate,
        /// Number of days.
        days: u32,
        /// First day a stream may begin on.
        earliest: EventDate,
        /// Last day a stream may hold.
        latest: EventDate,
    },
    /// Nobody to send events.
    #[error("the workload has 0 users; give it at least one")]
    NoUsers,
    /// More ids than a Zipf table is made for.
    #[error(
        "a Zipf distribution over {users} users needs a table of {} MiB; the limit is {limit} \
         users, and the uniform and hotspot distributions have none",
        users.saturating_mul(8) >> 20
    )]
    TooManyUsers {
        /// Users asked for.
        users: u64,
        /// Largest number of users.
        limit: u64,
    },
    /// More events than are drawn one by one.
    #[error(
        "{events} events are too many to draw one by one, at 4 bytes each; the limit is {limit}, \
         and the fluid model has none"
    )]
    TooManyDraws {
        /// Events asked for.
        events: u64,
        /// Largest number of events.
        limit: u64,
    },
    /// An exponent that gives no distribution.
    #[error("{s} is not an exponent for a Zipf distribution; use a number from 0 to {limit}")]
    ZipfExponent {
        /// The exponent given.
        s: f64,
        /// Largest exponent.
        limit: f64,
    },
    /// A hotspot that holds no user, or every user.
    #[error(
        "a hotspot of {hot_fraction} of {users} users holds {hot_users} of them; choose a \
         fraction that leaves at least one user inside and one outside"
    )]
    HotspotSize {
        /// The fraction given.
        hot_fraction: f64,
        /// Number of users.
        users: u64,
        /// Users inside, after rounding.
        hot_users: u64,
    },
    /// A share that is none.
    #[error("the share of {what} is {share}; a share is a number from 0 to 1")]
    Share {
        /// Whose share.
        what: String,
        /// The share given.
        share: f64,
    },
    /// Shares that together pass all events.
    #[error(
        "the shares of heavy ids, empty ids and mistakes add up to {sum} of the events; \
         lower them to at most 1"
    )]
    SharesPastWhole {
        /// The sum.
        sum: f64,
    },
    /// An id that is not one.
    #[error(
        "{what} has an empty id; name the id, or use the share of empty ids for unattributed events"
    )]
    EmptyId {
        /// Whose id.
        what: String,
    },
    /// A mistake that ships outside the stream.
    #[error(
        "{what} ships on day {day}, but the workload has {days} day(s); the first day is number 1"
    )]
    MistakeDay {
        /// Which mistake.
        what: String,
        /// The day given.
        day: u32,
        /// Days of the stream.
        days: u32,
    },
    /// Not a time of day.
    #[error("`{given}` is not a time of day; write it as HH:MM in UTC, for example 12:00")]
    TimeOfDay {
        /// What was given.
        given: String,
    },
    /// Not a seed.
    #[error("`{given}` is not an rng seed; give a whole number from 0 to {}", u64::MAX)]
    RngSeed {
        /// What was given.
        given: String,
    },
    /// Not a distribution.
    #[error(
        "`{given}` is not a distribution of ids; write uniform, zipf:S (for example zipf:1.0) or \
         hotspot:FRACTION:SHARE (for example hotspot:0.2:0.8)"
    )]
    Distribution {
        /// What was given.
        given: String,
    },
    /// Not a heavy id.
    #[error("`{given}` is not a heavy id; write it as ID=SHARE, for example user_id=0.18")]
    HeavyId {
        /// What was given.
        given: String,
    },
    /// The events could not be written.
    #[error("cannot write the workload: the output failed after {events} events")]
    Write {
        /// Events that were written completely.
        events: u64,
        /// What the output answered.
        source: std::io::Error,
    },
}
