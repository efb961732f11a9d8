//! D-Choices: two choices for the tail, d for the head.

use hotshard_workload::RngSeed;

use super::head::{Heads, Part};
use super::least_loaded::LeastLoaded;
use super::levels::{Levels, insert};
use super::placer::Placer;
use crate::head_choices::choices_needed;
use crate::placement::Shards;

/// The number of choices is found anew after this part of the events so far, instead of at each
/// event of the head as in the paper: shares hardly change meanwhile.
const ANEW_AFTER: u64 = 8;
/// Ids without a set of choices.
const NO_SET: u32 = u32::MAX;

/// Nasir et al., "When Two Choices Are Not Enough", ICDE 2016.
#[derive(Debug)]
pub(super) struct DChoices<'a> {
    heads: Heads<'a>,
    shards: Shards,
    seed: RngSeed,
    choices: u32,
    /// The number of events at which choices are found anew.
    anew_at: u64,
    least_loaded: LeastLoaded,
    levels: Levels,
    /// The set of each id.
    set_of: Vec<u32>,
    sets: Vec<ChoiceSet>,
    /// The shards of each set.
    words: Vec<u64>,
}

/// The choices of a head id.
#[derive(Debug, Clone, Copy)]
struct ChoiceSet {
    /// How many of them are in.
    choices: u32,
    /// None of them has fewer rows.
    fewest: u32,
}

impl<'a> DChoices<'a> {
    /// A source that has seen these ids.
    pub(super) fn new(
        heads: Heads<'a>,
        shards: Shards,
        seed: RngSeed,
        least_loaded: LeastLoaded,
    ) -> Self {
        let set_of = vec![NO_SET; heads.ids()];
        Self {
            heads,
            shards,
            seed,
            choices: 2,
            anew_at: 0,
            least_loaded,
            levels: Levels::new(shards.count()),
            set_of,
            sets: Vec::new(),
            words: Vec::new(),
        }
    }

    /// What it has seen.
    pub(super) fn into_heads(self) -> Heads<'a> {
        self.heads
    }

    /// How many choices the head needs by what was seen so far.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2³² events")]
    fn find_choices(&mut self) {
        let events = self.heads.events();
        let share = |id| f64::from(self.heads.estimate(id)) / events as f64;
        let mut head: Vec<f64> = self.heads.head().map(share).collect();
        head.sort_unstable_by(|a, b| b.total_cmp(a));
        self.choices = choices_needed(&head, self.shards.count());
        self.anew_at = events + events.div_ceil(ANEW_AFTER);
    }

    /// The set of a head id, with as many choices as are needed.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every event's id has a place")]
    fn set(&mut self, id: usize) -> usize {
        if self.set_of[id] == NO_SET {
            self.set_of[id] = narrow(self.sets.len());
            self.sets.push(ChoiceSet { choices: 0, fewest: 0 });
            self.words.resize(self.words.len() + self.levels.words(), 0);
        }
        let set = self.set_of[id] as usize;
        if self.sets[set].choices != self.choices {
            self.fill(id, set);
        }
        set
    }

    /// Puts as many choices into a set as are needed.
    #[expect(clippy::indexing_slicing, reason = "every set has its words")]
    fn fill(&mut self, id: usize, set: usize) {
        let words = self.levels.words();
        let shards = &mut self.words[set * words..][..words];
        if self.sets[set].choices > self.choices {
            shards.fill(0);
            self.sets[set].choices = 0;
        }
        for index in self.sets[set].choices..self.choices {
            insert(shards, self.shards.choice(self.heads.hash(id), index, self.seed));
        }
        self.sets[set] = ChoiceSet { choices: self.choices, fewest: 0 };
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every set has its words")]
    fn place_head(&mut self, loads: &[u32], id: usize) -> usize {
        if self.choices as usize >= self.shards.count() {
            return self.least_loaded.shard(loads);
        }
        let (set, words) = (self.set(id), self.levels.words());
        let shards = &self.words[set * words..][..words];
        let (shard, fewest) = self.levels.least(shards, self.sets[set].fewest);
        self.sets[set].fewest = fewest;
        shard
    }
}

impl Placer for DChoices<'_> {
    #[inline]
    fn touch(&self, key: usize) -> u32 {
        self.heads.touch(key)
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn place(&mut self, loads: &[u32], key: usize, _: u64) -> usize {
        let (id, pair, part) = self.heads.see(key);
        if self.heads.events() >= self.anew_at {
            self.find_choices();
        }
        let shard = match part {
            Part::Head if self.choices > 2 => self.place_head(loads, id),
            Part::Head | Part::Tail => pair.less_loaded(loads),
        };
        self.levels.add_row(shard, loads[shard]);
        shard
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a remainder by the number of shards")]
    fn place_nobody(&mut self, loads: &[u32], hash: u64, shards: Shards) -> usize {
        let shard = shards.home(hash);
        self.levels.add_row(shard, loads[shard]);
        shard
    }
}

#[expect(clippy::cast_possible_truncation, reason = "ids are numbered by 32 bits")]
fn narrow(sets: usize) -> u32 {
    sets as u32
}
