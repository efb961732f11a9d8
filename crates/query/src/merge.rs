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
    pub(crate) fn of(partials: Vec<ShardPartial<'_>>, columns: usize, measure: Measure) -> Self {
        let mut groups = Groups::of_columns(columns);
        let (mut counts, mut per_user) = (Vec::new(), Vec::new());
        let mut shared_users: HashMap<(u32, u128), u64, FixedState> = HashMap::default();
        for partial in partials {
            let ours = groups.absorb(&partial.groups);
            let shared = match partial.counts {
                GroupCounts::Events(events) => {
                    add_all(&mut counts, &ours, &events);
                    Vec::new()
                }
                GroupCounts::Users { own, shared } => {
                    add_all(&mut counts, &ours, &own);
                    shared
                }
                GroupCounts::PerUser { own, shared } => {
                    for (&group, own) in ours.iter().zip(&own) {
                        distribution_of(&mut per_user, group).merge(own);
                    }
                    shared
                }
            };
            for SharedUser { group, user, events } in shared {
                let Some(&group) = ours.get(group as usize) else { continue };
                *shared_users.entry((group, user)).or_default() += events;
            }
        }
        for ((group, _), events) in shared_users {
            match measure {
                Measure::PerUser => distribution_of(&mut per_user, group).add(events, 1),
                Measure::Events | Measure::Users => add_to(&mut counts, group, 1),
            }
        }
        if measure == Measure::PerUser {
            per_user.resize_with(groups.len(), Distribution::default);
            counts = per_user.iter().map(Distribution::users).collect();
        }
        counts.resize(groups.len(), 0);
        Self { groups, counts, per_user }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// About how much memory they take, and an answer of them, in bytes.
    pub(crate) fn memory_bytes(&self, by: &[GroupColumn], top: Option<usize>) -> usize {
        let groups = self.groups.len();
        let rows = groups.min(top.unwrap_or(usize::MAX));
        let row =
            size_of::<Ordered>() + 2 * size_of::<GroupRow>() + by.len() * ORDERED_COLUMN_BYTES;
        self.groups.memory_bytes()
            + self.counts.capacity() * size_of::<u64>()
            + self.per_user.iter().map(Distribution::memory_bytes).sum::<usize>()
            + groups * size_of::<(Reverse<u64>, u32)>()
            + rows * row
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
        let top = top.unwrap_or(usize::MAX);
        let mut ordered: Vec<Ordered> = self
            .largest(by, top)
            .into_iter()
            .map(|(count, group)| (count, ranked_key(group), group))
            .collect();
        ordered.sort_unstable();
        ordered.truncate(top);
        ordered.into_iter().map(|(Reverse(count), _, group)| self.row(group, count)).collect()
    }

    /// The groups with the largest counts: so many of them, and those that tie with the last.
    fn largest(&self, by: &[GroupColumn], top: usize) -> Vec<(Reverse<u64>, u32)> {
        let mut largest: Vec<(Reverse<u64>, u32)> = (0_u32..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0 || by.is_empty())
            .map(|(group, &count)| (Reverse(count), group))
            .collect();
        if let Some(last) = top.checked_sub(1).filter(|last| *last < largest.len()) {
            let (_, (least, _), _) = largest.select_nth_unstable(last);
            let least = *least;
            largest.retain(|(count, _)| *count <= least);
        }
        largest
    }

    fn row(&self, group: u32, count: u64) -> GroupRow {
        let text = |(column, number): (&Interner, u32)| column.text(number).map(str::to_owned);
        let key = self.groups.columns().iter().zip(self.groups.key(group)).map(text).collect();
        let per_user = self.per_user.get(group as usize).cloned();
        GroupRow { key, count, per_user }
    }
}

/// A group by its count, then by the places of its texts in their order.
type Ordered = (Reverse<u64>, Vec<u32>, u32);

/// What a column takes of a row that is put in order: its rank, and its text by itself.
const ORDERED_COLUMN_BYTES: usize = 64;

fn add_all(counts: &mut Vec<u64>, groups: &[u32], more: &[u64]) {
    for (&group, &more) in groups.iter().zip(more) {
        add_to(counts, group, more);
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
