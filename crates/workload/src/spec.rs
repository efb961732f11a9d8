//! What a stream looks like.

use std::collections::BTreeSet;

use hotshard_event::EventDate;
use serde::{Deserialize, Serialize};

use crate::window::Window;
use crate::workload::MAX_LATE_DAYS;
use crate::{HeavyId, IdDistribution, Mistake, TimeOfDay, WorkloadError};

/// Largest number of users: 2⁴⁰, a little more than 10¹². Up to there the mathematics of every
/// distribution keeps neighbours in rank apart.
pub const MAX_USERS: u64 = 1 << 40;

/// Largest exponent; at 20 the second user already sends a millionth of the first.
const MAX_EXPONENT: f64 = 20.0;
/// Largest standard deviation of lognormal activity: at 10 the first of a million users sends all.
const MAX_SIGMA: f64 = 10.0;
/// Most different events of a retry storm: far past what a client keeps to send again.
const MAX_INSERT_IDS: u32 = 1 << 20;
/// Most ids of a mistake that has many, each of which has a counter of its own in every model.
const MAX_NUMBERED_IDS: u32 = 1_000_000;
/// Where a stream begins when nothing is said: Monday, 4 March 2024.
const DEFAULT_START: EventDate = EventDate::from_epoch_days(19_786);
/// First day a stream may begin on: ingest rejects times before 1971, and late events lie earlier.
const EARLIEST: EventDate = EventDate::from_epoch_days(365 + MAX_LATE_DAYS);
/// Last day a stream may hold: ingest takes times of 10¹⁴ milliseconds and more for microseconds.
const LATEST: EventDate = EventDate::from_epoch_days(1_157_406);
/// Shares written in decimals may miss their sum by this much.
const SUM_TOLERANCE: f64 = 1e-9;

/// How much an event carries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Ten properties, counting time, id and insert id; about 280 bytes a line.
    #[default]
    Full,
    /// Six properties, about 210 bytes a line: enough for a quick demonstration.
    Lean,
}

/// What a stream looks like: plain data, checked when a [`Workload`](crate::Workload) is made.
///
/// All shares are shares of all events of the stream, 0 to 1, or of all while a mistake lasts; what
/// heavy ids, empty ids and mistakes leave goes to the users' own ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkloadSpec {
    /// Number of lines, retries included.
    pub events: u64,
    /// The first day, in UTC.
    pub start: EventDate,
    /// Number of days, over which the events spread evenly.
    pub days: u32,
    /// Number of users with an id of their own.
    pub users: u64,
    /// How events spread over the users.
    pub ids: IdDistribution,
    /// Constant ids with a share of the events.
    pub heavy: Vec<HeavyId>,
    /// The share of events sent with an empty id.
    pub empty_share: f64,
    /// Mistakes of the implementation.
    pub mistakes: Vec<Mistake>,
    /// The share of events that arrive late: their time lies 1 to
    /// [`MAX_LATE_DAYS`](crate::MAX_LATE_DAYS) whole days earlier.
    pub late_share: f64,
    /// The share of lines that repeat an earlier line exactly, insert id included.
    pub duplicate_share: f64,
    /// How much an event carries.
    pub detail: Detail,
}

impl Default for WorkloadSpec {
    /// A million events on one day from 100 000 users under Zipf 0.8, without any mistake.
    fn default() -> Self {
        Self {
            events: 1_000_000,
            start: DEFAULT_START,
            days: 1,
            users: 100_000,
            ids: IdDistribution::Zipf { s: 0.8 },
            heavy: Vec::new(),
            empty_share: 0.0,
            mistakes: Vec::new(),
            late_share: 0.0,
            duplicate_share: 0.0,
            detail: Detail::Full,
        }
    }
}

impl WorkloadSpec {
    /// This many events, everything else as in the default.
    #[must_use]
    pub fn new(events: u64) -> Self {
        Self { events, ..Self::default() }
    }

    /// Sets the first day.
    #[must_use]
    pub fn start(mut self, start: EventDate) -> Self {
        self.start = start;
        self
    }

    /// Sets the number of days.
    #[must_use]
    pub fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Sets how many users there are, and how events spread over them.
    #[must_use]
    pub fn users(mut self, users: u64, ids: IdDistribution) -> Self {
        self.users = users;
        self.ids = ids;
        self
    }

    /// Adds a constant id with a share of the events.
    #[must_use]
    pub fn heavy(mut self, id: impl Into<String>, share: f64) -> Self {
        self.heavy.push(HeavyId { id: id.into(), share });
        self
    }

    /// Sets the share of events with an empty id.
    #[must_use]
    pub fn empty_share(mut self, share: f64) -> Self {
        self.empty_share = share;
        self
    }

    /// Adds a mistake.
    #[must_use]
    pub fn mistake(mut self, mistake: Mistake) -> Self {
        self.mistakes.push(mistake);
        self
    }

    /// Sets the share of late events.
    #[must_use]
    pub fn late_share(mut self, share: f64) -> Self {
        self.late_share = share;
        self
    }

    /// Sets the share of retries.
    #[must_use]
    pub fn duplicate_share(mut self, share: f64) -> Self {
        self.duplicate_share = share;
        self
    }

    /// Sets how much an event carries.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Whether a workload can be made of it.
    ///
    /// # Errors
    /// The first contradiction found, with its values.
    pub fn validate(&self) -> Result<(), WorkloadError> {
        if self.events == 0 {
            return Err(WorkloadError::NoEvents);
        }
        self.validate_days()?;
        self.validate_users()?;
        for heavy in &self.heavy {
            let what = format!("the heavy id `{}`", heavy.id);
            validate_id(&what, &heavy.id)?;
            validate_share(&what, heavy.share)?;
        }
        for mistake in &self.mistakes {
            self.validate_mistake(mistake)?;
        }
        self.validate_prefixes()?;
        validate_share("empty ids", self.empty_share)?;
        validate_share("late events", self.late_share)?;
        validate_share("duplicates", self.duplicate_share)?;
        self.validate_sum()
    }

    fn validate_days(&self) -> Result<(), WorkloadError> {
        if self.days == 0 {
            return Err(WorkloadError::NoDays);
        }
        let end = i64::from(self.start.epoch_days()) + i64::from(self.days);
        if self.start < EARLIEST || end > i64::from(LATEST.epoch_days()) + 1 {
            return Err(WorkloadError::Dates {
                start: self.start,
                days: self.days,
                earliest: EARLIEST,
                latest: LATEST,
            });
        }
        Ok(())
    }

    fn validate_users(&self) -> Result<(), WorkloadError> {
        let users = self.users;
        if users == 0 {
            return Err(WorkloadError::NoUsers);
        }
        if users > MAX_USERS {
            return Err(WorkloadError::TooManyUsers { users, limit: MAX_USERS });
        }
        match self.ids {
            IdDistribution::Uniform => Ok(()),
            IdDistribution::Zipf { s } | IdDistribution::DriftingZipf { s, .. } => {
                validate_exponent(s)
            }
            IdDistribution::PowerLaw { s, cutoff } => {
                validate_exponent(s)?;
                if cutoff >= 1.0 && cutoff.is_finite() {
                    Ok(())
                } else {
                    Err(WorkloadError::Cutoff { cutoff })
                }
            }
            IdDistribution::Lognormal { sigma } => {
                if (0.0..=MAX_SIGMA).contains(&sigma) {
                    Ok(())
                } else {
                    Err(WorkloadError::Sigma { sigma, limit: MAX_SIGMA })
                }
            }
            IdDistribution::Hotspot { hot_fraction, hot_share } => {
                validate_share("hot users among all users", hot_fraction)?;
                validate_share("the hot users' events", hot_share)?;
                let hot_users = hot_users(users, hot_fraction);
                if hot_users == 0 || hot_users >= users {
                    return Err(WorkloadError::HotspotSize { hot_fraction, users, hot_users });
                }
                Ok(())
            }
        }
    }

    fn validate_mistake(&self, mistake: &Mistake) -> Result<(), WorkloadError> {
        let what = mistake.described();
        validate_id(&what, mistake.id())?;
        match mistake {
            Mistake::StaticIdentify { day, share, .. } => {
                validate_share(&what, *share)?;
                self.validate_mistake_day(&what, *day)
            }
            Mistake::Zero { share, .. } | Mistake::PodName { share, .. } => {
                validate_share(&what, *share)
            }
            Mistake::NightlyImport { at, minutes, share, .. } => {
                validate_share(&what, *share)?;
                validate_window(&what, *at, *minutes)
            }
            Mistake::RetryStorm { day, at, minutes, insert_ids, share, .. } => {
                validate_share(&what, *share)?;
                validate_number(&what, "insert ids", *insert_ids, MAX_INSERT_IDS)?;
                self.validate_mistake_day(&what, *day)?;
                validate_window(&what, *at, *minutes)
            }
            Mistake::JustUnderT { ids, .. } => {
                validate_number(&what, "ids", *ids, MAX_NUMBERED_IDS)?;
                let needed = mistake.daily_quota().saturating_mul(u64::from(self.days));
                if needed == 0 || needed > self.events {
                    let events = self.events;
                    return Err(WorkloadError::MistakeEvents { what, needed, events });
                }
                Ok(())
            }
        }
    }

    /// Ids that have the same name would be told apart by their numbers.
    fn validate_prefixes(&self) -> Result<(), WorkloadError> {
        let mut prefixes = BTreeSet::new();
        for mistake in &self.mistakes {
            if let Mistake::JustUnderT { prefix, .. } = mistake
                && !prefixes.insert(prefix)
            {
                return Err(WorkloadError::SamePrefix { prefix: prefix.clone() });
            }
        }
        Ok(())
    }

    fn validate_mistake_day(&self, what: &str, day: u32) -> Result<(), WorkloadError> {
        if (1..=self.days).contains(&day) {
            return Ok(());
        }
        Err(WorkloadError::MistakeDay { what: what.to_owned(), day, days: self.days })
    }

    fn validate_sum(&self) -> Result<(), WorkloadError> {
        let heavy: f64 = self.heavy.iter().map(|heavy| heavy.share).sum();
        let mistakes: f64 = self.mistakes.iter().map(|mistake| mistake.share_of(self)).sum();
        let sum = heavy + mistakes + self.empty_share;
        if sum > 1.0 + SUM_TOLERANCE {
            return Err(WorkloadError::SharesPastWhole { sum });
        }
        Ok(())
    }
}

/// The number of users inside a hotspot, rounded to the nearest.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction from 0 to 1 of a count; the 53rd bit of it does not matter"
)]
pub(crate) fn hot_users(users: u64, hot_fraction: f64) -> u64 {
    (users as f64 * hot_fraction).round() as u64
}

fn validate_window(what: &str, at: TimeOfDay, minutes: u32) -> Result<(), WorkloadError> {
    if minutes > 0 && Window::fits_a_day(at, minutes) {
        return Ok(());
    }
    Err(WorkloadError::MistakeWindow { what: what.to_owned(), at, minutes })
}

fn validate_number(
    what: &str,
    of: &'static str,
    number: u32,
    limit: u32,
) -> Result<(), WorkloadError> {
    if (1..=limit).contains(&number) {
        return Ok(());
    }
    Err(WorkloadError::MistakeNumber { what: what.to_owned(), of, number, limit })
}

fn validate_exponent(s: f64) -> Result<(), WorkloadError> {
    if (0.0..=MAX_EXPONENT).contains(&s) {
        return Ok(());
    }
    Err(WorkloadError::Exponent { s, limit: MAX_EXPONENT })
}

fn validate_share(what: &str, share: f64) -> Result<(), WorkloadError> {
    if (0.0..=1.0).contains(&share) {
        return Ok(());
    }
    Err(WorkloadError::Share { what: what.to_owned(), share })
}

fn validate_id(what: &str, id: &str) -> Result<(), WorkloadError> {
    if id.is_empty() {
        return Err(WorkloadError::EmptyId { what: what.to_owned() });
    }
    Ok(())
}
