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
pub(crate) const NEWEST_FILE: &str = "_meta/newest.json";
pub(crate) const LOCK_FILE: &str = "_meta/lock";
pub(crate) const TMP_DIR: &str = "_tmp";

/// First four bytes of every Parquet file.
pub(crate) const PARQUET_MAGIC: &[u8] = b"PAR1";

const COMMIT_SUFFIX: &str = ".json";
const CHECKPOINT_SUFFIX: &str = ".checkpoint.json";
const SHARD_PREFIX: &str = "shard=";

/// The folders of a store, parents first.
pub(crate) const DIRECTORIES: [&str; 6] =
    [EVENTS_DIR, REJECTS_DIR, META_DIR, COMMITS_DIR, STATE_DIR, TMP_DIR];

/// What a name in the commits folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitEntry {
    Record(CommitNumber),
    Checkpoint(CommitNumber),
}

/// Reads a name of the commits folder; other names are none of ours.
pub(crate) fn parse_commit_name(name: &str) -> Option<CommitEntry> {
    let number = |digits: &str| {
        let well_formed = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| digits.parse().ok().map(CommitNumber::new)).flatten()
    };
    match name.strip_suffix(CHECKPOINT_SUFFIX) {
        Some(digits) => number(digits).map(CommitEntry::Checkpoint),
        None => number(name.strip_suffix(COMMIT_SUFFIX)?).map(CommitEntry::Record),
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
    format!("{}/{number}.parquet", shard_dir(shard))
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
    fn paths_out_of_the_store_are_told() {
        assert!(is_inside("events/shard=0001/x.parquet"));
        for path in ["", "/etc/passwd", "../x", "events/../../x", "a//b", "C:\\x", "a/./b"] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
