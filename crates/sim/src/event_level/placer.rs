//! Event by event.

use crate::KeyEvents;
use crate::placement::{Shards, sequence_hash};

/// Chooses the shard of one event after the other. `loads` has the rows of each shard so far, as far
/// as this source has sent them; whoever asks counts the event there.
pub(super) trait Placer {
    /// Reads what an event of this key needs, without a decision: a cache miss that a block of events
    /// has in common costs a fraction of one at each event, which waits for the decision before it.
    #[inline]
    fn touch(&self, key: usize) -> u32 {
        let _ = key;
        0
    }

    /// The shard of an event of this key.
    fn place(&mut self, loads: &[u32], key: usize, sequence: u64) -> usize;

    /// The shard of an event without an id, of which there is the hash of its sequence.
    #[inline]
    fn place_nobody(&mut self, loads: &[u32], hash: u64, shards: Shards) -> usize {
        let _ = loads;
        shards.home(hash)
    }
}

/// Events whose data are fetched together.
const BLOCK: usize = 64;

/// Which events a source sends: every `of`-th, from number `first` on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) first: usize,
    pub(super) of: usize,
}

impl Source {
    /// The only one.
    pub(super) const ONLY: Self = Self { first: 0, of: 1 };
}

/// Rows of each shard after all events of a source.
pub(super) fn rows(
    events: &KeyEvents,
    source: Source,
    shards: Shards,
    placer: &mut impl Placer,
) -> Vec<u32> {
    let mut loads = vec![0; shards.count()];
    follow(events, source, shards, placer, &mut loads, |_| ());
    loads
}

/// Places all events of a source, and tells the shard of each.
#[expect(clippy::indexing_slicing, reason = "placers choose among the shards")]
fn follow<P: Placer>(
    events: &KeyEvents,
    source: Source,
    shards: Shards,
    placer: &mut P,
    loads: &mut [u32],
    mut tell: impl FnMut(usize),
) {
    let nobody = events.nobody();
    let mut place = |placer: &mut P, key: u32, sequence: u64| {
        let shard = if Some(key) == nobody {
            placer.place_nobody(loads, sequence_hash(sequence), shards)
        } else {
            placer.place(loads, key as usize, sequence)
        };
        loads[shard] += 1;
        tell(shard);
    };
    let own = (source.first as u64..).step_by(source.of);
    let keys = events.keys().iter().skip(source.first).step_by(source.of).copied();
    let mut rest = keys.zip(own);
    let mut block: Vec<(u32, u64)> = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        block.extend(rest.by_ref().take(BLOCK));
        if block.is_empty() {
            return;
        }
        let touched = block.iter().map(|&(key, _)| placer.touch(key as usize));
        std::hint::black_box(touched.fold(0, u32::wrapping_add));
        for &(key, sequence) in &block {
            place(placer, key, sequence);
        }
    }
}

/// The shard of each event, from one source.
#[cfg(test)]
pub(super) fn trace(events: &KeyEvents, shards: Shards, placer: &mut impl Placer) -> Vec<usize> {
    let mut places = Vec::new();
    let mut loads = vec![0; shards.count()];
    follow(events, Source::ONLY, shards, placer, &mut loads, |shard| places.push(shard));
    places
}
