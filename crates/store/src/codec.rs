//! How the pages of a column are compressed.

use parquet::basic::Compression;
use parquet::file::metadata::RowGroupMetaData;
use serde::{Deserialize, Serialize};

/// The compression of one column of a file; it is the same in all row groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Codec {
    /// Pages lie as they are.
    None,
    /// Every page is a Zstandard frame.
    Zstd,
}

impl Codec {
    /// What Parquet calls it; nothing for one that this store does not write.
    pub(crate) const fn of(compression: Compression) -> Option<Self> {
        match compression {
            Compression::UNCOMPRESSED => Some(Self::None),
            Compression::ZSTD(_) => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The compression of every column of a row group, in the order of the file.
pub(crate) fn codecs(row_group: &RowGroupMetaData) -> Option<Vec<Codec>> {
    row_group.columns().iter().map(|column| Codec::of(column.compression())).collect()
}

/// The most bytes that pages of each column have unpacked: those known so far, and those of a
/// further row group.
pub(crate) fn most_unpacked(known: &mut Vec<u64>, row_group: &RowGroupMetaData) {
    known.resize(row_group.num_columns(), 0);
    for (most, column) in known.iter_mut().zip(row_group.columns()) {
        *most = (*most).max(u64::try_from(column.uncompressed_size()).unwrap_or(0));
    }
}
