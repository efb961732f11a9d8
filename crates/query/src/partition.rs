//! Counting in several passes when one would need too much memory.

use hotshard_store::Selection;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::keys::Keys;
use crate::values::Values;

/// Other than the seeds of hash tables and shards, so that partitions are even in every shard.
const SEED: u64 = 0x5041_5254;

/// A part of all rows: those whose values fall to one of several passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Partition {
    passes: u64,
    pass: u64,
}

impl Partition {
    /// Every pass.
    pub(crate) fn passes(passes: u64) -> impl Iterator<Item = Self> {
        (0..passes).map(move |pass| Self { passes, pass })
    }

    /// The places of those rows that are in, by the combination of their values in some fields;
    /// nothing if all rows are.
    pub(crate) fn places(self, fields: &[Values], rows: u32) -> Option<Selection> {
        if self.passes == 1 {
            return None;
        }
        let keys = Keys::of(fields, rows);
        let mut verdicts: Vec<Option<bool>> = vec![None; keys.end() as usize];
        let mut codes = Vec::new();
        let mut is_in = |number: u32| match verdicts.get_mut(number as usize) {
            Some(Some(known)) => *known,
            Some(unknown) => {
                keys.split(number, &mut codes);
                *unknown.insert(self.contains(fields, &codes))
            }
            None => false,
        };
        Some(keys.codes().places(&mut is_in))
    }

    fn contains(self, fields: &[Values], codes: &[u32]) -> bool {
        let hash =
            fields.iter().zip(codes).fold(SEED, |seed, (values, &code)| match values.text(code) {
                Some(text) => xxh3_64_with_seed(text.as_bytes(), seed),
                None => seed.rotate_left(1),
            });
        hash % self.passes == self.pass
    }
}
