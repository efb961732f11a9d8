//! The state of a store: every commit record applied in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hotshard_event::{EventDate, Sequence, SourceMark};
use serde::{Deserialize, Serialize};

use crate::commit::{CommitRecord, RejectsFile};
use crate::io::Io;
use crate::layout::{self, CommitEntry};
use crate::sealed::{self, Kind};
use crate::state::{StateKind, StateMode, StateSection};
use crate::{CommitNumber, Damage, DataFile, Error, RowCounts};

/// A state section and the commit that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlacedSection {
    pub(crate) commit: CommitNumber,
    pub(crate) committed_at_ms: i64,
    pub(crate) section: StateSection,
}

impl PlacedSection {
    /// The file it is in.
    pub(crate) fn path(&self) -> String {
        layout::state_file(self.commit)
    }
}

/// What the name of a state file takes in a set.
const STATE_NAME_BYTES: usize = 96;

type StateIndex = BTreeMap<(StateKind, Option<EventDate>), Vec<PlacedSection>>;

/// Everything that is part of a store after a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) last: CommitNumber,
    pub(crate) next_sequence: Sequence,
    pub(crate) lateness_bound: u64,
    pub(crate) files: BTreeMap<String, DataFile>,
    pub(crate) counts: RowCounts,
    pub(crate) sources: Vec<SourceMark>,
    pub(crate) rejects: Vec<RejectsFile>,
    pub(crate) state: StateIndex,
    /// Every state file, also those whose sections later ones replaced: an older snapshot may
    /// still need them.
    pub(crate) state_files: BTreeSet<String>,
}

/// A manifest as a checkpoint has it, to write: nothing is copied, since it grows with the store.
#[derive(Serialize)]
struct CheckpointView<'a> {
    last: CommitNumber,
    next_sequence: Sequence,
    lateness_bound: u64,
    files: Vec<&'a DataFile>,
    counts: &'a RowCounts,
    sources: &'a [SourceMark],
    rejects: &'a [RejectsFile],
    state: Vec<&'a PlacedSection>,
    state_files: &'a BTreeSet<String>,
}

/// The same, to read.
#[derive(Deserialize)]
struct CheckpointBody {
    last: CommitNumber,
    next_sequence: Sequence,
    lateness_bound: u64,
    files: Vec<DataFile>,
    counts: RowCounts,
    sources: Vec<SourceMark>,
    rejects: Vec<RejectsFile>,
    state: Vec<PlacedSection>,
    state_files: BTreeSet<String>,
}

/// A manifest, and what could not be read while making it.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) manifest: Manifest,
    pub(crate) damage: Vec<Damage>,
}

impl Manifest {
    /// Reads the newest checkpoint that is whole, and every record after it.
    ///
    /// Damaged and missing records are listed and skipped; an error is only what keeps the store
    /// from being read at all.
    pub(crate) fn load(io: &Io, root: &Path) -> Result<Loaded, Error> {
        // Asked first: a commit that ends meanwhile is then in the list, and none seems lost.
        let noted = read_newest(io, root).unwrap_or_default();
        let (mut records, mut checkpoints) = (Vec::new(), Vec::new());
        for name in io.list(&layout::absolute(root, layout::COMMITS_DIR))? {
            match layout::parse_commit_name(&name) {
                Some(CommitEntry::Record(number)) => records.push(number),
                Some(CommitEntry::Checkpoint(number)) => checkpoints.push(number),
                None => {}
            }
        }
        let mut loaded =
            Loaded { manifest: newest_checkpoint(io, root, &checkpoints)?, damage: vec![] };
        let newest = records.last().copied().unwrap_or_default();
        let end = newest.max(loaded.manifest.last).max(noted);
        while loaded.manifest.last < end {
            let number = loaded.manifest.last.next();
            match read_record(io, root, number) {
                Ok(record) => loaded.manifest.apply(record),
                Err(Error::Damaged(damage)) => {
                    loaded.damage.push(damage);
                    loaded.manifest.last = number;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(loaded)
    }

    /// Adds a commit.
    pub(crate) fn apply(&mut self, record: CommitRecord) {
        self.last = record.number;
        self.next_sequence = record.next_sequence;
        // A run states the bound of the days it touched; other days keep theirs.
        self.lateness_bound = self.lateness_bound.max(record.lateness_bound);
        self.counts.merge(&record.counts);
        for path in &record.removed {
            self.files.remove(path);
        }
        self.files.extend(record.added.into_iter().map(|file| (file.path.clone(), file)));
        for mark in record.sources {
            self.sources.retain(|earlier| !supersedes(&mark, earlier));
            self.sources.push(mark);
        }
        self.rejects.extend(record.rejects);
        if let Some(state) = record.state {
            self.state_files.insert(state.path.clone());
            for section in state.sections {
                let sections = self.state.entry((section.kind, section.date)).or_default();
                if section.mode == StateMode::Checkpoint {
                    sections.clear();
                }
                sections.push(PlacedSection {
                    commit: record.number,
                    committed_at_ms: record.committed_at_ms,
                    section,
                });
            }
        }
    }

    /// Whether anything that can be asked of the store is read from this data or state file.
    pub(crate) fn needs(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.live_state_files().contains(path)
    }

    /// The state files that hold a section which no later one replaced.
    pub(crate) fn live_state_files(&self) -> BTreeSet<String> {
        self.state.values().flatten().map(PlacedSection::path).collect()
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let of_files = self.files.values().map(DataFile::memory_bytes).sum::<usize>();
        let of_state = self.state.values().flatten().count() * size_of::<PlacedSection>();
        let of_names = self.state_files.len() * STATE_NAME_BYTES;
        (of_files + of_state + of_names) as u64 + self.counts.memory_bytes()
    }

    /// The manifest as the bytes of a checkpoint.
    pub(crate) fn to_checkpoint(&self) -> Vec<u8> {
        let body = CheckpointView {
            last: self.last,
            next_sequence: self.next_sequence,
            lateness_bound: self.lateness_bound,
            files: self.files.values().collect(),
            counts: &self.counts,
            sources: &self.sources,
            rejects: &self.rejects,
            state: self.state.values().flatten().collect(),
            state_files: &self.state_files,
        };
        sealed::seal(Kind::Checkpoint, &body)
    }
}

impl From<CheckpointBody> for Manifest {
    fn from(body: CheckpointBody) -> Self {
        let mut state = StateIndex::new();
        for placed in body.state {
            let key = (placed.section.kind, placed.section.date);
            state.entry(key).or_default().push(placed);
        }
        Self {
            last: body.last,
            next_sequence: body.next_sequence,
            lateness_bound: body.lateness_bound,
            files: body.files.into_iter().map(|file| (file.path.clone(), file)).collect(),
            counts: body.counts,
            sources: body.sources,
            rejects: body.rejects,
            state,
            state_files: body.state_files,
        }
    }
}

/// Whether `mark` is the same source as `earlier`, taken in further.
fn supersedes(mark: &SourceMark, earlier: &SourceMark) -> bool {
    !earlier.complete
        && earlier.name == mark.name
        && earlier.head == mark.head
        && earlier.end_offset <= mark.end_offset
}

fn newest_checkpoint(
    io: &Io,
    root: &Path,
    checkpoints: &[CommitNumber],
) -> Result<Manifest, Error> {
    for &number in checkpoints.iter().rev() {
        let path = layout::checkpoint(number);
        let Some(bytes) = io.read(&layout::absolute(root, &path))? else { continue };
        match sealed::open::<CheckpointBody>(root, &path, Kind::Checkpoint, &bytes) {
            Ok(body) if body.last == number => return Ok(body.into()),
            Ok(_) | Err(Error::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Manifest::default())
}

/// The number of the newest commit as its writer noted it, which may lag behind: without it, a
/// lost newest record would look like a commit that never was. `NONE` when nothing was noted.
pub(crate) fn read_newest(io: &Io, root: &Path) -> Result<CommitNumber, Error> {
    match io.read(&layout::absolute(root, layout::NEWEST_FILE))? {
        Some(bytes) => sealed::open(root, layout::NEWEST_FILE, Kind::Newest, &bytes),
        None => Ok(CommitNumber::NONE),
    }
}

/// Reads one record and checks that it is the one its name says.
pub(crate) fn read_record(
    io: &Io,
    root: &Path,
    number: CommitNumber,
) -> Result<CommitRecord, Error> {
    let path = layout::commit_record(number);
    let Some(bytes) = io.read(&layout::absolute(root, &path))? else {
        return Err(Damage::new(path, "the commit record is missing").into());
    };
    let record: CommitRecord = sealed::open(root, &path, Kind::Commit, &bytes)?;
    if record.number != number {
        let problem = format!("it holds commit {}", record.number.get());
        return Err(Damage::new(path, problem).into());
    }
    let state = layout::state_file(number);
    if let Some(other) = record.state.iter().find(|file| file.path != state) {
        let problem = format!("it names `{}` as its state, which is not its own", other.path);
        return Err(Damage::new(path, problem).into());
    }
    let is_data =
        |path: &&String| layout::is_inside(path) && layout::parse_data_path(path).is_some();
    if let Some(other) = record.removed.iter().find(|path| !is_data(path)) {
        let problem = format!("it removes `{other}`, which is no data file");
        return Err(Damage::new(path, problem).into());
    }
    let added = record.added.iter().map(|file| &file.path);
    let others = record.rejects.iter().map(|file| &file.path);
    match added.chain(others).find(|named| !layout::is_inside(named)) {
        Some(outside) => {
            Err(Damage::new(path, format!("it names `{outside}`, outside the store")).into())
        }
        None => Ok(record),
    }
}

#[cfg(test)]
mod tests {
    use hotshard_event::SourceHead;

    use super::*;

    fn mark(name: &str, end_offset: u64, complete: bool) -> SourceMark {
        let head = SourceHead { length: 10, xxh3: 1 };
        SourceMark { name: name.into(), head, end_offset, xxh3: 2, next_line: 3, complete }
    }

    #[test]
    fn a_source_taken_in_further_replaces_only_its_own_unfinished_mark() {
        assert!(supersedes(&mark("a", 20, true), &mark("a", 10, false)));
        assert!(!supersedes(&mark("a", 20, true), &mark("a", 10, true)));
        assert!(!supersedes(&mark("a", 20, true), &mark("b", 10, false)));
        assert!(!supersedes(&mark("a", 5, true), &mark("a", 10, false)));
    }

    #[test]
    fn a_checkpoint_gives_back_the_manifest() {
        let manifest = Manifest {
            last: CommitNumber::new(32),
            next_sequence: Sequence::new(7),
            sources: vec![mark("a", 20, true)],
            ..Manifest::default()
        };
        let body: CheckpointBody =
            sealed::open(Path::new("S"), "c", Kind::Checkpoint, &manifest.to_checkpoint()).unwrap();
        assert_eq!(Manifest::from(body), manifest);
    }
}
