//! The frames of an experiment as files.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use hotshard::SimulationReport;

use super::{FrameJson, sheet};
use crate::output::write_csv;

/// The file that keeps what is done.
pub(super) const JOURNAL: &str = "journal.txt";

/// Writes each frame that has rows as CSV, JSON and Parquet.
pub(super) fn write(report: &SimulationReport, folder: &Path) -> anyhow::Result<()> {
    for frame in report.frames() {
        let name = frame.name();
        let mut csv = Vec::new();
        write_csv(&sheet(&frame), &mut csv)?;
        put(folder, &format!("{name}.csv"), &csv)?;
        put(folder, &format!("{name}.parquet"), &frame.to_parquet()?)?;
        put(folder, &format!("{name}.json"), &serde_json::to_vec(&FrameJson(frame))?)?;
    }
    Ok(())
}

/// A file that others may read, as far as the umask lets them; temporary ones are private.
#[cfg(unix)]
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let readable = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(readable).tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder)
}

/// Writes a file as a whole: whoever reads it has the old one or the new one.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let write = || -> std::io::Result<()> {
        let mut file = new_file(folder)?;
        file.write_all(bytes)?;
        file.persist(&path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
