//! One answer from the counts of all shards.

use std::cmp::{Ordering, Reverse};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::counting::{GroupCounts, ShardPartial, SharedUser, add_to, distribution_of};
use crate::groups::Groups;
use crate::interner::Interner;
use crate::{Distribution, GroupColumn, GroupRow, Measure};

/// The counts of all shards.
#[derive(Debug)]
pub(crate) struct Merged {
    groups: Groups,
    counts: Vec<u64>,
    /// Events per user by group, if those are asked for.
    per_user: Vec<Distribution>,
}

impl Merged {
    /// Adds up the shards' counts. Each shard numbers its groups by itself, so they are matched
    /// by their texts; users that several shards have count once in a group.
    pub(crate) fn of(partials: Vec<ShardPartial>, columns: usize, measure: Measure) -> Self {
        let mut groups = Groups::of_columns(columns);
        let (mut counts, mut users) = (Vec::new(), Vec::new());
        let mut shared_users: HashMap<(u32, u128), u64, FixedState> = HashMap::default();
        for partial in partials {
            let ours = groups.absorb(&partial.groups);
            match partial.counts {
                GroupCounts::Events(events) => {
                    for (&group, events) in ours.iter().zip(events) {
                        add_to(&mut counts, group, events);
                    }
                }
                GroupCounts::Users { own, shared } => {
                    for (&group, own) in ours.iter().zip(&own) {
                        distribution_of(&mut users, group).merge(own);
                    }
                    for SharedUser { group, user, events } in shared {
                        let Some(&group) = ours.get(group as usize) else { continue };
                        *shared_users.entry((group, user)).or_default() += events;
                    }
                }
            }
        }
        for ((group, _), events) in shared_users {
            distribution_of(&mut users, group).add(events, 1);
        }
        if measure != Measure::Events {
            counts = users.iter().map(Distribution::users).collect();
        }
        counts.resize(groups.len(), 0);
        let per_user = if measure == Measure::PerUser {
            users.resize_with(groups.len(), Distribution::default);
            users
        } else {
            Vec::new()
        };
        Self { groups, counts, per_user }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.groups.memory_bytes()
            + self.counts.capacity() * size_of::<u64>()
            + self.per_user.iter().map(Distribution::memory_bytes).sum::<usize>()
    }

    /// The groups that hold something, in the order of an answer.
    pub(crate) fn rows(&self, by: &[GroupColumn], top: Option<usize>) -> Vec<GroupRow> {
        let ranks: Vec<Vec<u32>> = by
            .iter()
            .zip(self.groups.columns())
            .map(|(column, texts)| ranks(column, texts))
            .collect();
        let ranked_key = |group: u32| -> Vec<u32> {
            let rank = |(ranks, number): (&Vec<u32>, u32)| ranks.get(number as usize).copied();
            ranks.iter().zip(self.groups.key(group)).filter_map(rank).collect()
        };
        let mut ordered: Vec<(Reverse<u64>, Vec<u32>, u32)> = (0_u32..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0 || by.is_empty())
            .map(|(group, &count)| (Reverse(count), ranked_key(group), group))
            .collect();
        let top = top.unwrap_or(usize::MAX);
        if top < ordered.len() {
            ordered.select_nth_unstable(top);
            ordered.truncate(top);
        }
        ordered.sort_unstable();
        ordered.into_iter().map(|(Reverse(count), _, group)| self.row(group, count)).collect()
    }

    fn row(&self, group: u32, count: u64) -> GroupRow {
        let text = |(column, number): (&Interner, u32)| column.text(number).map(str::to_owned);
        let key = self.groups.columns().iter().zip(self.groups.key(group)).map(text).collect();
        let per_user = self.per_user.get(group as usize).cloned();
        GroupRow { key, count, per_user }
    }
}

/// The place of each text of a column in their order, missing first.
fn ranks(column: &GroupColumn, texts: &Interner) -> Vec<u32> {
    let mut sorted: Vec<(Option<&str>, usize)> =
        texts.texts().enumerate().map(|(number, text)| (text, number)).collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| compare(column, *a, *b));
    let mut ranks = vec![0; sorted.len()];
    for (rank, (_, number)) in (0_u32..).zip(sorted) {
        if let Some(place) = ranks.get_mut(number) {
            *place = rank;
        }
    }
    ranks
}

/// Shards go by their number, which has no leading zeros: by digits first.
pub(crate) fn compare(column: &GroupColumn, a: Option<&str>, b: Option<&str>) -> Ordering {
    let digits = |text: Option<&str>| match column {
        GroupColumn::Shard => text.map_or(0, str::len),
        _ => 0,
    };
    (digits(a), a).cmp(&(digits(b), b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_ordered_by_number_and_texts_by_bytes() {
        let order = |column: &GroupColumn, a, b| compare(column, Some(a), Some(b));
        assert_eq!(order(&GroupColumn::Shard, "9", "10"), Ordering::Less);
        assert_eq!(order(&GroupColumn::Event, "9", "10"), Ordering::Greater);
        assert_eq!(compare(&GroupColumn::Event, None, Some("")), Ordering::Less);
    }
}
