//! The least loaded of many shards, but not of all.

/// Shards by their rows: a set of shards for each number of rows.
///
/// The least loaded of some shards is where their set first meets one of these, from below. That is
/// 64 shards at a time, and ids remember where they last met: loads never fall.
#[derive(Debug)]
pub(super) struct Levels {
    /// Words of a set.
    words: usize,
    /// The sets, one after the other, beginning with that of `lowest` rows.
    sets: Vec<u64>,
    lowest: u32,
    /// Sets at the beginning that have become empty.
    empty: usize,
}

/// Empty sets that are kept, so that not every rise of the emptiest shard moves all others.
const KEPT: usize = 1_024;

impl Levels {
    /// All shards are empty.
    pub(super) fn new(shards: usize) -> Self {
        let mut all = vec![0; shards.div_ceil(64)];
        for shard in 0..shards {
            insert(&mut all, shard);
        }
        Self { words: all.len(), sets: all, lowest: 0, empty: 0 }
    }

    /// Words of a set of shards.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// A shard with so many rows gets one more.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every shard is in the set of its rows")]
    pub(super) fn add_row(&mut self, shard: usize, rows: u32) {
        let from = (rows - self.lowest) as usize * self.words;
        let to = from + self.words;
        if to == self.sets.len() {
            self.sets.resize(to + self.words, 0);
        }
        let (word, bit) = (shard / 64, 1 << (shard % 64));
        self.sets[from + word] ^= bit;
        self.sets[to + word] |= bit;
    }

    /// The first of these shards that has the fewest rows among them, and how many it has: at least
    /// `from`, which the caller knows. There must be one.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "as many levels as rows, 32 bits")]
    pub(super) fn least(&mut self, shards: &[u64], from: u32) -> (usize, u32) {
        self.drop_empty();
        let skipped = (from.saturating_sub(self.lowest) as usize).max(self.empty);
        let sets = self.sets.chunks_exact(self.words).enumerate().skip(skipped);
        for (level, set) in sets {
            if let Some(shard) = first_of_both(shards, set) {
                return (shard, self.lowest + level as u32);
            }
        }
        (0, from)
    }

    /// Remembers which sets have become empty, and forgets them now and then.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "about as many as are kept")]
    fn drop_empty(&mut self) {
        let sets = self.sets.chunks_exact(self.words).skip(self.empty);
        self.empty += sets.take_while(|set| set.iter().all(|&word| word == 0)).count();
        if self.empty > KEPT {
            self.sets.drain(..self.empty * self.words);
            self.lowest += self.empty as u32;
            self.empty = 0;
        }
    }
}

/// Puts a shard into a set.
#[expect(clippy::indexing_slicing, reason = "a set has a bit for each shard")]
pub(super) fn insert(set: &mut [u64], shard: usize) {
    set[shard / 64] |= 1 << (shard % 64);
}

#[inline]
fn first_of_both(one: &[u64], other: &[u64]) -> Option<usize> {
    let both = one.iter().zip(other).map(|(one, other)| one & other);
    let (word, bits) = both.enumerate().find(|&(_, bits)| bits != 0)?;
    Some(word * 64 + bits.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_of_the_least_loaded_is_found(
            shards in 1_usize..150,
            steps in proptest::collection::vec((0_usize..150, any::<u128>(), any::<bool>()), 0..2_000),
        ) {
            let mut levels = Levels::new(shards);
            let mut loads = vec![0_u32; shards];
            for (one, bits, least) in steps {
                let chosen: Vec<usize> = (0..shards)
                    .filter(|&shard| shard == one % shards || bits >> (shard % 128) & 5 == 0)
                    .collect();
                let mut set = vec![0; levels.words()];
                chosen.iter().for_each(|&shard| insert(&mut set, shard));
                let fewest = chosen.iter().map(|&shard| loads[shard]).min().unwrap();
                let expected = chosen.iter().copied().find(|&shard| loads[shard] == fewest).unwrap();
                prop_assert_eq!(levels.least(&set, fewest / 2), (expected, fewest));
                // Now and then a row for any shard, however full.
                let shard = if least { expected } else { (one * 7 + 1) % shards };
                levels.add_row(shard, loads[shard]);
                loads[shard] += 1;
            }
        }
    }

    #[test]
    fn levels_that_are_behind_are_forgotten() {
        let mut levels = Levels::new(2);
        for rows in 0..5_000 {
            for shard in [0, 1] {
                assert_eq!(levels.least(&[0b11], 0), (shard, rows));
                levels.add_row(shard, rows);
            }
        }
        assert!(levels.sets.len() < 2 * KEPT, "{}", levels.sets.len());
    }
}
