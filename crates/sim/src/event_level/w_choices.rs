//! W-Choices: two choices for the tail, all shards for the head.

use super::head::{Heads, Part};
use super::least_loaded::LeastLoaded;
use super::placer::Placer;

/// Nasir et al., "When Two Choices Are Not Enough", ICDE 2016.
#[derive(Debug)]
pub(super) struct WChoices<'a> {
    heads: Heads<'a>,
    least_loaded: LeastLoaded,
}

impl<'a> WChoices<'a> {
    /// A source that has seen these ids.
    pub(super) fn new(heads: Heads<'a>, least_loaded: LeastLoaded) -> Self {
        Self { heads, least_loaded }
    }

    /// What it has seen.
    pub(super) fn into_heads(self) -> Heads<'a> {
        self.heads
    }
}

impl Placer for WChoices<'_> {
    #[inline]
    fn touch(&self, key: usize) -> u32 {
        self.heads.touch(key)
    }

    #[inline]
    fn place(&mut self, loads: &[u32], key: usize, _: u64) -> usize {
        match self.heads.see(key) {
            (_, _, Part::Head) => self.least_loaded.shard(loads),
            (_, pair, Part::Tail) => pair.less_loaded(loads),
        }
    }
}
