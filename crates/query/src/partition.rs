//! Counting in several passes when one would need too much memory.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::field::Field;

/// Other than the seeds of hash tables and shards, so that partitions are even in every shard.
const SEED: u64 = 0x5041_5254;

/// A part of all rows: those whose value in a field falls to one of several passes.
#[derive(Debug)]
pub(crate) struct Partition {
    field: Option<Field>,
    passes: u64,
    pass: u64,
}

impl Partition {
    /// Every pass over the values of a field.
    pub(crate) fn passes(field: Option<&Field>, passes: u64) -> impl Iterator<Item = Self> {
        let field = field.filter(|_| passes > 1).cloned();
        let passes = if field.is_some() { passes } else { 1 };
        (0..passes).map(move |pass| Self { field: field.clone(), passes, pass })
    }

    /// The field whose value decides; none if all rows are in.
    pub(crate) const fn field(&self) -> Option<&Field> {
        self.field.as_ref()
    }

    /// Whether rows with this value are in.
    pub(crate) fn contains(&self, value: Option<&str>) -> bool {
        let hash = value.map_or(0, |value| xxh3_64_with_seed(value.as_bytes(), SEED));
        hash % self.passes == self.pass
    }
}
