//! Reading everything a store holds, against what was committed.

use rayon::prelude::*;

use crate::manifest::read_newest;
use crate::scan::{read_footer, read_piece};
use crate::{Damage, DataFile, Error, Snapshot, layout, recover, rejects, replaced};

/// What [`Snapshot::verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Data files checked.
    pub files: u64,
    /// Rows in those that are whole.
    pub rows: u64,
    /// Bytes read and checked, state and rejects included.
    pub bytes: u64,
    /// What is damaged or missing, by path.
    pub damaged: Vec<Damage>,
    /// Files that no commit names: left by a crash, or under way. The next writer removes them.
    pub strays: Vec<String>,
}

impl Snapshot {
    /// Reads every file that the snapshot names, and checks lengths and checksums; `progress` is
    /// told the bytes of each file once it is checked.
    ///
    /// # Errors
    /// When the disk refuses; damage is no error but part of the answer.
    pub fn verify(&self, progress: impl Fn(u64) + Sync) -> Result<Verification, Error> {
        let mut found = Verification {
            damaged: self.damage().to_vec(),
            strays: recover::uncommitted(self.store(), self.manifest())?,
            ..Verification::default()
        };
        found.add(read_newest(self.store().io(), self.store().root()).map(|_| 0))?;
        let files: Vec<&DataFile> = self.files().collect();
        let checked: Vec<Result<u64, Error>> = files
            .par_iter()
            .map(|file| {
                let bytes = self.verify_file(file);
                progress(file.length);
                bytes
            })
            .collect();
        for (file, result) in files.iter().zip(checked) {
            found.files += 1;
            if found.add(result)? {
                found.rows += file.rows;
            }
        }
        for placed in self.manifest().state.values().flatten() {
            let piece = placed.section.piece;
            let read = read_piece(self.store(), &placed.path(), &piece);
            found.add(read.map(|bytes| bytes.len() as u64))?;
        }
        for file in &self.manifest().rejects {
            let read = rejects::read_verified(self.store(), file);
            found.add(read.map(|_| file.length))?;
        }
        found.damaged.sort_by(|a, b| a.path.cmp(&b.path));
        found.damaged.dedup();
        Ok(found)
    }

    /// Checks one data file to its last byte.
    fn verify_file(&self, file: &DataFile) -> Result<u64, Error> {
        let damaged = |problem: String| Error::Damaged(Damage::new(&file.path, problem));
        let read = |offset, length| replaced::read_range(self.store(), &file.path, offset, length);
        let magic = read(0, layout::PARQUET_MAGIC.len())?;
        match magic.as_deref() {
            Some(layout::PARQUET_MAGIC) => {}
            Some(_) => return Err(damaged("it does not begin with Parquet's magic".to_owned())),
            None => {
                let problem = "it is missing or empty".to_owned();
                return Err(replaced::missing(self.store(), &file.path, problem));
            }
        }
        for piece in file.chunks.iter().flatten() {
            read_piece(self.store(), &file.path, piece)?;
        }
        let metadata = read_footer(self.store(), file)?;
        let rows = metadata.file_metadata().num_rows();
        if u64::try_from(rows) != Ok(file.rows) {
            return Err(damaged(format!("it holds {rows} rows, and {} were committed", file.rows)));
        }
        if read(file.length, 1)?.is_some() {
            return Err(damaged(format!("it is longer than the {} bytes committed", file.length)));
        }
        Ok(file.length)
    }
}

impl Verification {
    /// Whether everything is whole.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }

    /// Counts a checked piece, or notes its damage; whether it was whole.
    fn add(&mut self, checked: Result<u64, Error>) -> Result<bool, Error> {
        match checked {
            Ok(bytes) => {
                self.bytes += bytes;
                Ok(true)
            }
            Err(Error::Damaged(damage)) => {
                self.damaged.push(damage);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
