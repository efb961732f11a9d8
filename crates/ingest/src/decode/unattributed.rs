//! Ids that belong to nobody.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use hotshard_event::{EventBlock, Overrides, Placement};

use crate::originals;

/// The ids whose events are decoded as if they had been sent with `""`. Cheap to clone, and to ask
/// when there are none.
#[derive(Debug, Default, Clone)]
pub struct UnattributedIds {
    ids: Option<Arc<HashSet<String, FixedState>>>,
}

impl UnattributedIds {
    /// The ids that these overrides declare unattributed.
    #[must_use]
    pub fn of(overrides: &Overrides) -> Self {
        let ids: HashSet<String, FixedState> =
            overrides.unattributed().map(str::to_owned).collect();
        Self { ids: (!ids.is_empty()).then(|| Arc::new(ids)) }
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.as_ref().is_some_and(|ids| ids.contains(id))
    }
}

/// Takes the ids of these rows away, keeps them as the original ones, and spreads the rows; of how
/// many properties had to make way for that.
pub(super) fn take_ids(block: &mut EventBlock, rows: &[usize]) -> u64 {
    let mut collisions = 0;
    for &number in rows {
        let Some(mut row) = block.rows().get(number).copied() else { continue };
        collisions += u64::from(originals::move_aside(block, &mut row));
        row.original_distinct_id = Some(row.distinct_id);
        row.distinct_id = block.push_text("");
        row.placement = Placement::Spread;
        if let Some(place) = block.rows_mut().get_mut(number) {
            *place = row;
        }
    }
    collisions
}
