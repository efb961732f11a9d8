//! Ids that belong to nobody.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use hotshard_event::{EventBlock, Overrides, Placement, Row};

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

/// Takes the id of a row away, keeps it as the original one, and spreads the row; whether
/// properties had to make way for that.
pub(super) fn take_id(block: &mut EventBlock, row: &mut Row) -> bool {
    let collided = originals::move_aside(block, row);
    row.original_distinct_id = Some(row.distinct_id);
    row.distinct_id = block.push_text("");
    row.placement = Placement::Spread;
    collided
}
