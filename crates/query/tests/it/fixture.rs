//! Stores that read as sentences.

use std::path::{Path, PathBuf};

use hotshard_event::{
    EventBlock, EventDate, EventTime, HOTSHARD_EVENTS, NewEvent, Placement, Row, TimeZone,
};
use hotshard_query::Answer;
use hotshard_store::{CommitDetails, DataFile, Settings, ShardCount, Snapshot, Store};
use tempfile::TempDir;

pub(crate) const MILLIS_PER_DAY: i64 = 86_400_000;
/// 2024-03-01, the first day of every fixture.
pub(crate) const FIRST_DAY_MS: i64 = 19_783 * MILLIS_PER_DAY;

/// What happened to an event on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Untouched,
    /// Renamed excess.
    Renamed,
    /// Split excess.
    Split,
    /// A `$hotshard_events` row that another system made, with the originals it kept.
    RemediedElsewhere {
        name: Option<String>,
        id: Option<String>,
    },
    /// Stored without its id, under its own name.
    Unattributed,
}

/// An event to store.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) time_ms: i64,
    pub(crate) insert_id: Option<String>,
    pub(crate) properties: String,
    pub(crate) fate: Fate,
}

/// An untouched event of `id` at the start of the first day, without insert id and properties.
pub(crate) fn event(name: &str, id: &str) -> Event {
    Event {
        name: name.to_owned(),
        id: id.to_owned(),
        time_ms: FIRST_DAY_MS,
        insert_id: None,
        properties: "{}".to_owned(),
        fate: Fate::Untouched,
    }
}

impl Event {
    /// On the day so many days after the first.
    pub(crate) fn on_day(mut self, day: i64) -> Self {
        self.time_ms = FIRST_DAY_MS + day * MILLIS_PER_DAY;
        self
    }

    pub(crate) fn insert_id(mut self, insert_id: &str) -> Self {
        self.insert_id = Some(insert_id.to_owned());
        self
    }

    pub(crate) fn with(mut self, properties: &str) -> Self {
        self.properties = properties.to_owned();
        self
    }

    pub(crate) fn renamed(mut self) -> Self {
        self.fate = Fate::Renamed;
        self
    }

    pub(crate) fn split(mut self) -> Self {
        self.fate = Fate::Split;
        self
    }

    pub(crate) fn unattributed(mut self) -> Self {
        self.fate = Fate::Unattributed;
        self
    }

    pub(crate) fn date(&self) -> EventDate {
        TimeZone::UTC.date_of(EventTime::from_millis(self.time_ms))
    }

    /// Pushes it as decoding would, then rewrites the row as the remedy does.
    fn push_to(&self, block: &mut EventBlock) {
        block.push(&NewEvent {
            name: &self.name,
            distinct_id: &self.id,
            time: EventTime::from_millis(self.time_ms),
            date: self.date(),
            insert_id: self.insert_id.as_deref(),
            properties: &self.properties,
        });
        let mut row = *block.rows().last().unwrap();
        self.rewrite(&mut row, block);
        *block.rows_mut().last_mut().unwrap() = row;
    }

    fn rewrite(&self, row: &mut Row, block: &mut EventBlock) {
        match &self.fate {
            Fate::Untouched => return,
            Fate::Split => {}
            Fate::Renamed => {
                row.original_name = Some(row.name);
                row.original_distinct_id = Some(row.distinct_id);
                row.name = block.push_text(HOTSHARD_EVENTS);
                row.distinct_id = block.push_text("");
            }
            Fate::RemediedElsewhere { name, id } => {
                row.original_name = name.as_ref().map(|name| block.push_text(name));
                row.original_distinct_id = id.as_ref().map(|id| block.push_text(id));
                row.name = block.push_text(HOTSHARD_EVENTS);
                row.distinct_id = block.push_text("");
            }
            Fate::Unattributed => {
                row.original_distinct_id = Some(row.distinct_id);
                row.distinct_id = block.push_text("");
            }
        }
        row.placement = Placement::Spread;
    }
}

/// A store in a folder that goes with it.
pub(crate) struct Fixture {
    _folder: TempDir,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) fn with_shards(shards: u64) -> Self {
        Self::promoting(shards, &[])
    }

    /// A store with promoted columns, `NAME:TYPE` each.
    pub(crate) fn promoting(shards: u64, promoted: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            shards: Some(ShardCount::new(shards).unwrap()),
            promoted: Some(promoted.iter().map(|column| column.parse().unwrap()).collect()),
            ..Settings::default()
        };
        let store = Store::create_or_open(folder.path().join("store"), &settings).unwrap();
        Self { _folder: folder, store }
    }

    /// Stores the events in one commit, in this order.
    pub(crate) fn commit(self, events: impl IntoIterator<Item = Event>) -> Self {
        let mut block = EventBlock::default();
        for event in events {
            event.push_to(&mut block);
        }
        let mut writer = self.store.writer().unwrap();
        block.number(writer.next_sequence());
        writer.append(&block);
        writer.commit(CommitDetails::default()).unwrap();
        drop(writer);
        self
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.store.snapshot().unwrap()
    }

    /// The files in order of their commits.
    pub(crate) fn files(&self) -> Vec<DataFile> {
        let mut files: Vec<DataFile> = self.snapshot().files().cloned().collect();
        files.sort_by_key(|file| file.path().rsplit('/').next().map(str::to_owned));
        files
    }

    /// Flips a bit of a file at the offset that `place` finds in its bytes.
    pub(crate) fn damage(&self, file: &DataFile, place: impl Fn(&[u8]) -> usize) {
        let path = self.path(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = place(&bytes);
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }

    /// The store's folder.
    pub(crate) fn root(&self) -> &Path {
        self.store.root()
    }

    pub(crate) fn path(&self, file: &DataFile) -> PathBuf {
        self.snapshot().absolute_path(file)
    }
}

/// In the footer, which every scan reads.
pub(crate) fn in_footer(bytes: &[u8]) -> usize {
    bytes.len() - 12
}

/// In the last column chunk, that of the properties: right before the footer, whose length stands
/// in front of the last four bytes.
pub(crate) fn in_properties(bytes: &[u8]) -> usize {
    let (_, tail) = bytes.split_at(bytes.len() - 8);
    let footer = u32::from_le_bytes(tail[..4].try_into().unwrap()) as usize;
    bytes.len() - 8 - footer - 3
}

/// The rows of an answer as `key|key=count`, with `-` for a missing key.
pub(crate) fn told(answer: &Answer) -> Vec<String> {
    let key = |key: &Vec<Option<String>>| {
        let texts = key.iter().map(|text| text.as_deref().unwrap_or("-"));
        texts.collect::<Vec<_>>().join("|")
    };
    answer.rows.iter().map(|row| format!("{}={}", key(&row.key), row.count)).collect()
}
