//! How many events each key of a stream is expected to have.

use std::collections::BTreeMap;

use crate::arrivals::Arrivals;
use crate::origin::Origins;
use crate::{KeyLaw, RngSeed, WorkloadError, WorkloadSpec, synthetic_hash};

/// A stream as expected numbers of events: the keys with the most one by one, all others as one.
///
/// It is the expectation of what [`KeyDraws`](crate::KeyDraws) draws for the same spec and seed, at
/// a cost that depends neither on the number of events nor on that of users.
///
/// ```
/// use hotshard_workload::{ExpectedKeys, IdDistribution, RngSeed, WorkloadSpec};
///
/// let spec = WorkloadSpec::new(1_000_000)
///     .users(10_000, IdDistribution::Zipf { s: 1.0 })
///     .heavy("user_id", 0.2);
/// let expected = ExpectedKeys::of(&spec, RngSeed::new(7), 100)?;
///
/// assert_eq!(expected.head.len(), 101, "a hundred users and the heavy id");
/// assert_eq!(expected.head[100].events, 200_000.0);
/// assert_eq!(expected.tail.ids, 9_900);
/// # Ok::<(), hotshard_workload::WorkloadError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedKeys {
    /// Keys that stand alone: of each day, the most active users by rank, then the heavy ids and
    /// those of mistakes. Keys without events are left out.
    pub head: Vec<ExpectedKey>,
    /// All other users.
    pub tail: ExpectedTail,
    /// Events without an id.
    pub nobody: f64,
    /// Days over which the events arrive.
    pub days: u32,
}

/// One (id, event date).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedKey {
    /// How many events it is expected to have.
    pub events: f64,
    /// The hash of its id, see [`synthetic_hash`].
    pub hash: u64,
}

/// The many ids with few events each.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct ExpectedTail {
    /// How many ids.
    pub ids: u64,
    /// Their events, on all days.
    pub events: f64,
    /// The sum, over these ids, of the square of an id's expected events on all days.
    pub squares: f64,
}

impl ExpectedKeys {
    /// The expectation of a stream. The `head` most active users of every day stand alone.
    ///
    /// # Errors
    /// When the spec contradicts itself.
    pub fn of(spec: &WorkloadSpec, seed: RngSeed, head: usize) -> Result<Self, WorkloadError> {
        spec.validate()?;
        let law = KeyLaw::new(spec.users, spec.ids)?.head_and_tail(head);
        let origins = Origins::new(spec);
        let days = DayShares::of_all(spec, &origins);
        let events = float(spec.events);

        let mut keys = Vec::new();
        for day in &days {
            let users = (0..).zip(&law.head).map(|(rank, share)| (rank, day.users * share));
            let constants = day.constants.iter().map(|(&number, &share)| (number, share));
            keys.extend(users.chain(constants).filter(|(_, share)| *share > 0.0).map(
                |(number, share)| ExpectedKey {
                    events: events * share,
                    hash: synthetic_hash(seed, number),
                },
            ));
        }
        let users = events * days.iter().map(|day| day.users).sum::<f64>();
        let tail = ExpectedTail {
            ids: law.tail.keys,
            events: users * law.tail.share,
            squares: users * users * law.tail.squares,
        };
        let nobody = events * days.iter().map(|day| day.nobody).sum::<f64>();
        Ok(Self { head: keys, tail, nobody, days: spec.days })
    }
}

/// Whose the events of one date are, as shares of all events of the stream.
#[derive(Debug, Default)]
struct DayShares {
    users: f64,
    /// By the number of the id.
    constants: BTreeMap<u64, f64>,
    nobody: f64,
}

impl DayShares {
    fn of_all(spec: &WorkloadSpec, origins: &Origins) -> Vec<Self> {
        let arrivals = Arrivals::new(spec);
        arrivals.event_dates().map(|date| Self::of(date, &arrivals, origins)).collect()
    }

    fn of(date: i64, arrivals: &Arrivals, origins: &Origins) -> Self {
        let all = arrivals.between(crate::window::Window::Always.on_day(date));
        let mut day = Self { users: all, ..Self::default() };
        for entry in origins.entries() {
            let share = entry.share * arrivals.between(entry.window.on_day(date));
            day.users -= share;
            match entry.number {
                Some(number) => *day.constants.entry(number).or_default() += share,
                None => day.nobody += share,
            }
        }
        // Shares that add up to 1 leave nothing but rounding.
        day.users = if day.users < 1e-12 { 0.0 } else { day.users };
        day
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count whose 53rd bit does not matter")]
fn float(count: u64) -> f64 {
    count as f64
}
