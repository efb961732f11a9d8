//! What can be wrong with a workload.

use hotshard_event::EventDate;

use crate::TimeOfDay;

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
    /// More ids than there is arithmetic for.
    #[error("{users} users are too many; the limit is {limit}")]
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
    #[error("{s} is not an exponent of a distribution; use a number from 0 to {limit}")]
    Exponent {
        /// The exponent given.
        s: f64,
        /// Largest exponent.
        limit: f64,
    },
    /// A cutoff that leaves no distribution.
    #[error("{cutoff} is not the cutoff of a power law; use a rank, a number of at least 1")]
    Cutoff {
        /// The cutoff given.
        cutoff: f64,
    },
    /// A standard deviation that gives no distribution.
    #[error(
        "{sigma} is not the standard deviation of lognormal activity; use a number from 0 to {limit}"
    )]
    Sigma {
        /// The standard deviation given.
        sigma: f64,
        /// Largest standard deviation.
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
    /// A mistake that takes no time, or does not end on its day.
    #[error(
        "{what} lasts {minutes} minute(s) from {at}; give it at least one, and let it end by midnight"
    )]
    MistakeWindow {
        /// Which mistake.
        what: String,
        /// When it begins.
        at: TimeOfDay,
        /// How long it lasts.
        minutes: u32,
    },
    /// A mistake with none or too many of something.
    #[error("{what}: {number} {of}; give a number from 1 to {limit}")]
    MistakeNumber {
        /// Which mistake.
        what: String,
        /// Of what.
        of: &'static str,
        /// The number given.
        number: u32,
        /// The largest number.
        limit: u32,
    },
    /// Two mistakes whose many ids have the same names.
    #[error("two mistakes send ids that begin with `{prefix}`; give each its own prefix")]
    SamePrefix {
        /// What the ids begin with.
        prefix: String,
    },
    /// A mistake with more events than the stream, or with none.
    #[error(
        "{what} take {needed} of the workload's {events} events; give them at least one and at most \
         all, or ask for more events"
    )]
    MistakeEvents {
        /// Which mistake.
        what: String,
        /// Events that it takes on all days.
        needed: u64,
        /// Events of the stream.
        events: u64,
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
        "`{given}` is not a distribution of ids; write uniform, zipf:S (for example zipf:1.0), \
         hotspot:FRACTION:SHARE (hotspot:0.2:0.8), lognormal:SIGMA (lognormal:1.5), \
         power-law:S:CUTOFF (power-law:0.8:10000) or drifting-zipf:S:STEP (drifting-zipf:1.0:50)"
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
