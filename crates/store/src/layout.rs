//! Every file name and magic of the format. See `docs/format.md`.

use std::path::{Path, PathBuf};

use crate::{CommitNumber, ShardId};

/// The format this version writes, and the newest it reads.
pub(crate) const FORMAT_VERSION: u32 = 1;

pub(crate) const IDENTITY_FILE: &str = "hotshard.json";
pub(crate) const EVENTS_DIR: &str = "events";
pub(crate) const REJECTS_DIR: &str = "rejects";
pub(crate) const META_DIR: &str = "_meta";
pub(crate) const COMMITS_DIR: &str = "_meta/commits";
pub(crate) const STATE_DIR: &str = "_meta/state";
pub(crate) const REPLACED_DIR: &str = "_meta/replaced";
pub(crate) const NEWEST_FILE: &str = "_meta/newest.json";
pub(crate) const LOCK_FILE: &str = "_meta/lock";
pub(crate) const TMP_DIR: &str = "_tmp";

/// First four bytes of every Parquet file.
pub(crate) const PARQUET_MAGIC: &[u8] = b"PAR1";

const COMMIT_SUFFIX: &str = ".json";
const CHECKPOINT_SUFFIX: &str = ".checkpoint.json";
const DATA_SUFFIX: &str = ".parquet";
const SHARD_PREFIX: &str = "shard=";

/// The folders of a store, parents first.
pub(crate) const DIRECTORIES: [&str; 7] =
    [EVENTS_DIR, REJECTS_DIR, META_DIR, COMMITS_DIR, STATE_DIR, REPLACED_DIR, TMP_DIR];

/// What a name in the commits folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitEntry {
    Record(CommitNumber),
    Checkpoint(CommitNumber),
}

/// Reads a name of the commits folder; other names are none of ours.
pub(crate) fn parse_commit_name(name: &str) -> Option<CommitEntry> {
    match name.strip_suffix(CHECKPOINT_SUFFIX) {
        Some(digits) => parse_number(digits).map(CommitEntry::Checkpoint),
        None => parse_number(name.strip_suffix(COMMIT_SUFFIX)?).map(CommitEntry::Record),
    }
}

fn parse_number(digits: &str) -> Option<CommitNumber> {
    let well_formed = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
    well_formed.then(|| digits.parse().ok().map(CommitNumber::new)).flatten()
}

/// Which commit added a data file, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataName {
    /// A batch of events.
    Batch(CommitNumber),
    /// One of the files that a compaction put in the place of others.
    Compacted(CommitNumber),
}

impl DataName {
    pub(crate) const fn commit(self) -> CommitNumber {
        match self {
            Self::Batch(number) | Self::Compacted(number) => number,
        }
    }
}

/// Reads the path of a data file; other paths are none of ours.
pub(crate) fn parse_data_path(path: &str) -> Option<DataName> {
    let (_, name) = path.strip_prefix(EVENTS_DIR)?.strip_prefix('/')?.split_once('/')?;
    let name = name.strip_suffix(DATA_SUFFIX)?;
    match name.split_once('-') {
        None => parse_number(name).map(DataName::Batch),
        Some((number, part)) => {
            let well_formed = part.len() >= 6 && part.bytes().all(|b| b.is_ascii_digit());
            well_formed.then(|| parse_number(number).map(DataName::Compacted)).flatten()
        }
    }
}

pub(crate) fn commit_record(number: CommitNumber) -> String {
    format!("{COMMITS_DIR}/{number}{COMMIT_SUFFIX}")
}

pub(crate) fn checkpoint(number: CommitNumber) -> String {
    format!("{COMMITS_DIR}/{number}{CHECKPOINT_SUFFIX}")
}

pub(crate) fn shard_dir(shard: ShardId) -> String {
    format!("{EVENTS_DIR}/{SHARD_PREFIX}{shard}")
}

pub(crate) fn data_file(shard: ShardId, number: CommitNumber) -> String {
    format!("{}/{number}{DATA_SUFFIX}", shard_dir(shard))
}

/// A file that a compaction puts in the place of others; parts are numbered from 1.
pub(crate) fn compacted_file(shard: ShardId, number: CommitNumber, part: usize) -> String {
    format!("{}/{number}-{part:06}{DATA_SUFFIX}", shard_dir(shard))
}

/// Where a data file lies once a commit replaced it; none for what is no data file.
pub(crate) fn replaced(path: &str) -> Option<String> {
    let rest = path.strip_prefix(EVENTS_DIR)?.strip_prefix('/')?;
    Some(format!("{REPLACED_DIR}/{rest}"))
}

pub(crate) fn rejects_file(number: CommitNumber) -> String {
    format!("{REJECTS_DIR}/{number}.jsonl")
}

pub(crate) fn state_file(number: CommitNumber) -> String {
    format!("{STATE_DIR}/{number}.state")
}

/// The unfinished form of a file, by its final name.
pub(crate) fn temporary(path: &str) -> String {
    format!("{TMP_DIR}/{}", path.replace('/', "."))
}

/// Whether a relative path, as a commit record names it, stays inside the store.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !path.contains(['\\', ':', '\0'])
}

/// A path in the file system for a relative path with `/`.
pub(crate) fn absolute(root: &Path, path: &str) -> PathBuf {
    path.split('/').fold(root.to_path_buf(), |at, part| at.join(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_names_come_back() {
        let number = CommitNumber::new(12);
        assert_eq!(commit_record(number), "_meta/commits/00000000000000000012.json");
        assert_eq!(
            parse_commit_name("00000000000000000012.json"),
            Some(CommitEntry::Record(number))
        );
        assert_eq!(
            parse_commit_name("00000000000000000012.checkpoint.json"),
            Some(CommitEntry::Checkpoint(number))
        );
        for foreign in
            ["12.json", "0000000000000000001x.json", ".json", "README", "+0000000000000000012.json"]
        {
            assert_eq!(parse_commit_name(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn data_paths_tell_their_commit() {
        let shards = crate::ShardCount::new(16).unwrap();
        let (shard, number) = (shards.shards().nth(7).unwrap(), CommitNumber::new(12));
        let path = data_file(shard, number);
        assert_eq!(parse_data_path(&path), Some(DataName::Batch(number)));
        assert_eq!(
            replaced(&path).unwrap(),
            "_meta/replaced/shard=0007/00000000000000000012.parquet"
        );
        let path = compacted_file(shard, number, 3);
        assert_eq!(path, "events/shard=0007/00000000000000000012-000003.parquet");
        assert_eq!(parse_data_path(&path), Some(DataName::Compacted(number)));
        for foreign in [
            "events/shard=0007/12.parquet",
            "events/00000000000000000012.parquet",
            "rejects/x/00000000000000000012.parquet",
            "events/shard=0007/00000000000000000012-3.parquet",
            "events/shard=0007/00000000000000000012.csv",
        ] {
            assert_eq!(parse_data_path(foreign), None, "{foreign}");
        }
        assert_eq!(replaced("_meta/state/x.state"), None);
    }

    #[test]
    fn paths_out_of_the_store_are_told() {
        assert!(is_inside("events/shard=0001/x.parquet"));
        for path in ["", "/etc/passwd", "../x", "events/../../x", "a//b", "C:\\x", "a/./b"] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
