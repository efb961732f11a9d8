//! One answer from the counts of all shards.

use std::cmp::{Ordering, Reverse};

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::groups::Groups;
use crate::interner::Interner;
use crate::shard_scan::ShardPartial;
use crate::users::{SplitUser, add_to};
use crate::{GroupColumn, GroupRow};

/// The counts of all shards.
#[derive(Debug)]
pub(crate) struct Merged {
    groups: Groups,
    counts: Vec<u64>,
}

impl Merged {
    /// Adds up the shards' counts. Each shard numbers its groups by itself, so they are matched
    /// by their texts; split users count once in a group, however many shards have them.
    pub(crate) fn of(partials: Vec<ShardPartial>, columns: usize) -> Self {
        let mut groups = Groups::of_columns(columns);
        let mut counts = Vec::new();
        let mut split_users: HashSet<SplitUser, FixedState> = HashSet::default();
        for partial in partials {
            let ours = groups.absorb(&partial.groups);
            for (&group, count) in ours.iter().zip(partial.counts) {
                add_to(&mut counts, group, count);
            }
            for (group, user) in partial.split {
                let Some(&group) = ours.get(group as usize) else { continue };
                if split_users.insert((group, user)) {
                    add_to(&mut counts, group, 1);
                }
            }
        }
        counts.resize(groups.len(), 0);
        Self { groups, counts }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
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
        GroupRow { key, count }
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
fn compare(column: &GroupColumn, a: Option<&str>, b: Option<&str>) -> Ordering {
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
