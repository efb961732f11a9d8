//! How many events users have.

use std::collections::BTreeMap;

/// Events per user in a group: how many users have how many.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Numbers of events, ascending, each with how many users have so many. Most groups have few.
    users: Vec<(u64, u64)>,
}

/// Users whose number of events lies in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The fewest events.
    pub from: u64,
    /// The most events.
    pub to: u64,
    /// How many users have so many.
    pub users: u64,
}

impl Distribution {
    /// Adds users who have so many events each.
    pub(crate) fn add(&mut self, events: u64, users: u64) {
        match self.users.binary_search_by_key(&events, |(events, _)| *events) {
            Ok(known) => {
                if let Some((_, known)) = self.users.get_mut(known) {
                    *known += users;
                }
            }
            Err(place) => {
                // Most groups stay as small as they are.
                if self.users.is_empty() {
                    self.users.reserve_exact(1);
                }
                self.users.insert(place, (events, users));
            }
        }
    }

    /// Adds the users of another one; nobody may be in both.
    pub(crate) fn merge(&mut self, other: &Self) {
        for &(events, users) in &other.users {
            self.add(events, users);
        }
    }

    /// How many users there are.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.users.iter().map(|(_, users)| users).sum()
    }

    /// The events of all of them.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.users.iter().map(|(events, users)| events * users).sum()
    }

    /// Events per user on average; 0 of nobody.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean is an approximation anyway")]
    pub fn mean(&self) -> f64 {
        self.events() as f64 / self.users().max(1) as f64
    }

    /// The fewest events of a user; `None` of nobody.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        self.users.first().map(|(events, _)| *events)
    }

    /// The most events of a user; `None` of nobody.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        self.users.last().map(|(events, _)| *events)
    }

    /// The nearest-rank percentile: the fewest events that `percent` of the users do not exceed;
    /// `None` of nobody.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        let rank = (u128::from(self.users()) * u128::from(percent)).div_ceil(100).max(1);
        let mut users_so_far = 0_u128;
        self.users.iter().find_map(|&(events, users)| {
            users_so_far += u128::from(users);
            (users_so_far >= rank).then_some(events)
        })
    }

    /// The users by powers of two of their events: 1, 2 to 3, 4 to 7; empty ones left out.
    #[must_use]
    pub fn histogram(&self) -> Vec<Bucket> {
        let mut buckets: BTreeMap<u32, u64> = BTreeMap::new();
        for (events, users) in &self.users {
            *buckets.entry(events.ilog2()).or_default() += users;
        }
        let bucket = |(power, users)| {
            let from = 1_u64 << power;
            Bucket { from, to: from + (from - 1), users }
        };
        buckets.into_iter().map(bucket).collect()
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.users.capacity() * size_of::<(u64, u64)>()
    }
}

impl FromIterator<u64> for Distribution {
    /// The distribution of users who have so many events each.
    fn from_iter<I: IntoIterator<Item = u64>>(events: I) -> Self {
        let mut distribution = Self::default();
        events.into_iter().for_each(|events| distribution.add(events, 1));
        distribution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_numbers_that_users_have() {
        let distribution: Distribution = [1, 1, 1, 2, 3, 3, 8, 9, 40, 1_000].into_iter().collect();
        let percentiles = [0, 10, 30, 31, 50, 90, 91, 99, 100];
        let found = percentiles.map(|percent| distribution.percentile(percent).unwrap());
        assert_eq!(found, [1, 1, 1, 2, 3, 40, 1_000, 1_000, 1_000]);
        assert_eq!((distribution.users(), distribution.events()), (10, 1_068));
        assert!((distribution.mean() - 106.8).abs() < 1e-9);
        assert_eq!((distribution.min(), distribution.max()), (Some(1), Some(1_000)));
    }

    #[test]
    fn buckets_double() {
        let mut distribution = Distribution::default();
        for events in [1, 2, 3, 4, 7, 8, u64::MAX] {
            distribution.add(events, 10);
        }
        let buckets: Vec<(u64, u64, u64)> = distribution
            .histogram()
            .iter()
            .map(|bucket| (bucket.from, bucket.to, bucket.users))
            .collect();
        let last = (1 << 63, u64::MAX, 10);
        assert_eq!(buckets, [(1, 1, 10), (2, 3, 20), (4, 7, 20), (8, 15, 10), last]);
    }

    #[test]
    fn nobody_has_nothing() {
        let nobody = Distribution::default();
        assert_eq!((nobody.users(), nobody.percentile(50), nobody.max()), (0, None, None));
        assert!(nobody.histogram().is_empty());
    }
}
