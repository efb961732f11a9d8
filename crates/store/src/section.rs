//! Reading committed state sections back.

use crate::manifest::PlacedSection;
use crate::{CommitNumber, Error, Store, scan};

/// A committed state section with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedSection {
    /// The commit that wrote it.
    pub commit: CommitNumber,
    /// Wall clock of its commit, milliseconds since 1970.
    pub committed_at_ms: i64,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Reads and verifies sections, in commit order.
pub(crate) fn load(
    store: &Store,
    sections: Option<&Vec<PlacedSection>>,
) -> Result<Vec<LoadedSection>, Error> {
    let load = |placed: &PlacedSection| {
        let bytes = scan::read_piece(store, &placed.path(), &placed.section.piece)?;
        Ok(LoadedSection { commit: placed.commit, committed_at_ms: placed.committed_at_ms, bytes })
    };
    sections.into_iter().flatten().map(load).collect()
}
