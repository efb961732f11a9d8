//! Where generated lines go: standard output, or a file that appears when it is whole.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use hotshard::{Workload, WorkloadError};
use tempfile::NamedTempFile;

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// What to do about a file that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwrite {
    Refuse,
    Replace,
}

/// Where the lines go.
#[derive(Debug)]
pub(super) enum Target {
    Stdout,
    File { path: PathBuf, overwrite: Overwrite },
}

impl Target {
    /// The target of this name; nothing and `-` are standard output.
    pub(super) fn of(output: Option<&Path>, overwrite: Overwrite) -> anyhow::Result<Self> {
        match output {
            None => Ok(Self::Stdout),
            Some(path) if path == Path::new("-") => Ok(Self::Stdout),
            Some(path) if overwrite == Overwrite::Refuse && path.exists() => {
                bail!("{} exists; choose another name, or replace it with --force", path.display())
            }
            Some(path) => Ok(Self::File { path: path.to_owned(), overwrite }),
        }
    }

    /// Writes the stream; says how many bytes of lines, unless the reader went away.
    pub(super) fn write(
        self,
        workload: &Workload,
        progress: impl FnMut(u64),
    ) -> anyhow::Result<Option<u64>> {
        match self {
            Self::Stdout => to_stdout(workload, progress),
            Self::File { path, overwrite } => {
                to_file(workload, &path, overwrite, progress).map(Some)
            }
        }
    }
}

fn to_stdout(workload: &Workload, progress: impl FnMut(u64)) -> anyhow::Result<Option<u64>> {
    let mut out = BufWriter::new(io::stdout().lock());
    match workload.write_to(&mut out, progress) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(WorkloadError::Write { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn to_file(
    workload: &Workload,
    path: &Path,
    overwrite: Overwrite,
    progress: impl FnMut(u64),
) -> anyhow::Result<u64> {
    let cannot = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut unfinished = unfinished_in(folder.unwrap_or(Path::new("."))).with_context(cannot)?;
    let file = BufWriter::new(unfinished.as_file_mut());
    let bytes = match path.extension().and_then(OsStr::to_str) {
        Some("gz") => {
            let mut out = GzEncoder::new(file, Compression::fast());
            let bytes = workload.write_to(&mut out, progress).with_context(cannot)?;
            finish(out.finish()).with_context(cannot)?;
            bytes
        }
        Some("zst") => {
            let mut out = zstd::Encoder::new(file, ZSTD_LEVEL).with_context(cannot)?;
            let bytes = workload.write_to(&mut out, progress).with_context(cannot)?;
            finish(out.finish()).with_context(cannot)?;
            bytes
        }
        _ => {
            let mut file = file;
            workload.write_to(&mut file, progress).with_context(cannot)?
        }
    };
    let published = match overwrite {
        Overwrite::Replace => unfinished.persist(path),
        Overwrite::Refuse => unfinished.persist_noclobber(path),
    };
    published.map_err(|error| error.error).with_context(cannot)?;
    Ok(bytes)
}

/// A file that goes away unless it is published, with the permissions of an ordinary one.
fn unfinished_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hotshard-generate-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn finish(file: io::Result<BufWriter<&mut File>>) -> io::Result<()> {
    file?.flush()
}
