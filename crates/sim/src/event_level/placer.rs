//! Event by event.

use crate::KeyEvents;

/// Chooses the shard of one event after the other.
pub(super) trait Placer {
    /// The shard of an event of this key. `loads` has the rows of each shard so far, as far as this
    /// source has sent them; whoever asks counts the event there.
    fn place(&mut self, loads: &[u32], key: usize, sequence: u64) -> usize;
}

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
#[expect(clippy::indexing_slicing, reason = "placers choose among the shards")]
pub(super) fn rows(
    events: &KeyEvents,
    source: Source,
    shards: usize,
    placer: &mut impl Placer,
) -> Vec<u32> {
    let mut loads = vec![0; shards];
    let all = events.keys().iter().zip(0_u64..);
    if source.of == 1 {
        for (&key, sequence) in all {
            let shard = placer.place(&loads, key as usize, sequence);
            loads[shard] += 1;
        }
    } else {
        for (&key, sequence) in all.skip(source.first).step_by(source.of) {
            let shard = placer.place(&loads, key as usize, sequence);
            loads[shard] += 1;
        }
    }
    loads
}
