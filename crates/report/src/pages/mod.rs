//! Pages with plots of what was found.

pub(crate) mod measured;
pub(crate) mod modelled;

use std::path::Path;

use anyhow::Context;
use hotshard_page::Page;

use crate::warn;

/// Writes a page to a file, and says so.
pub(crate) fn write(page: &Page, path: &Path) -> anyhow::Result<()> {
    std::fs::write(path, page.to_html())
        .with_context(|| format!("cannot write the page {}", path.display()))?;
    warn::note(&format!("wrote {}", path.display()));
    Ok(())
}

/// Who made the page.
fn made_by() -> String {
    format!("Made by hotshard {}.", env!("CARGO_PKG_VERSION"))
}
