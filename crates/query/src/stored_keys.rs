//! All stored events, by the id that sent them and the day.

use hotshard_event::{DateRange, EventDate};
use hotshard_store::{Column, Damage, DataFile, ScanStats, ShardId, Snapshot};

use crate::Error;
use crate::field::{Field, Source};
use crate::keys::Keys;
use crate::row_group::Columns;
use crate::shard_files::{ShardFiles, Stopped};

/// Whose rows that were renamed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenamedRows {
    /// Of the id that they had before.
    OfTheirOriginal,
    /// Nobody's: another store renamed them, and they came in that way.
    Nobodys,
}

/// Rows of a row group that have the same id and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredKey<'a> {
    /// The id that sent them; empty for nobody's.
    pub distinct_id: &'a str,
    /// The day.
    pub event_date: EventDate,
    /// Where they are stored, which is not where the id belongs if they were spread.
    pub shard: ShardId,
    /// How many.
    pub rows: u64,
}

/// What became of a scan for keys.
#[derive(Debug)]
pub struct StoredKeys<T> {
    /// What was made of them.
    pub value: T,
    /// Files that are damaged; nothing of them is in the value.
    pub damaged: Vec<Damage>,
}

impl<T> StoredKeys<T> {
    /// Hands the keys of each row group to `visit`, shard after shard, on this thread. A key is
    /// handed out again for every row group that it is in.
    ///
    /// Of what is stored, nothing is read but dates, ids and names of renamed events; rows are
    /// counted by their codes, and a text is looked at once a row group. When a file turns out to
    /// be damaged everything begins anew, with what `start` gives.
    ///
    /// # Errors
    /// When files of the snapshot were removed by a vacuum.
    pub fn scan(
        snapshot: &Snapshot,
        renamed: RenamedRows,
        start: impl Fn() -> T,
        visit: impl Fn(&mut T, StoredKey<'_>),
    ) -> Result<Self, Error> {
        let files = ShardFiles { files: snapshot.files().collect() };
        let scanned = files
            .scan(start, |file, value| scan_file(snapshot, file, renamed, |key| visit(value, key)));
        if let Some(vacuumed) = scanned.vacuumed {
            return Err(vacuumed.into());
        }
        let mut damaged: Vec<Damage> = snapshot.damage().to_vec();
        damaged.extend(scanned.damaged);
        Ok(Self { value: scanned.value, damaged })
    }
}

fn scan_file(
    snapshot: &Snapshot,
    file: &DataFile,
    renamed: RenamedRows,
    mut visit: impl FnMut(StoredKey<'_>),
) -> Result<ScanStats, Stopped> {
    let days = Field::Date.source(snapshot.identity(), file);
    let ids = Field::DistinctId.source(snapshot.identity(), file);
    let shard = file.shard();
    let mut room = Vec::new();
    let mut reader = snapshot.open(file)?;
    for index in 0..reader.row_groups() {
        let mut columns = Columns::of(reader.row_group(index));
        let rows = columns.rows_of(file, &DateRange::ALL, Column::DistinctId)?;
        let mut fields = vec![columns.values(&days, &rows)?, columns.values(&ids, &rows)?];
        if renamed == RenamedRows::OfTheirOriginal {
            // An id that was taken away without a new event name is declared unattributed.
            fields.push(columns.values(&Source::Column(Column::OriginalDistinctId), &rows)?);
            fields.push(columns.values(&Source::Column(Column::OriginalName), &rows)?);
        }
        let dates = fields.first().map_or_else(Vec::new, |days| {
            days.per_code(|day| day.and_then(|day| day.parse::<EventDate>().ok()))
        });
        Keys::count(&fields, rows.rows(), &mut room, |codes, rows| {
            let text = |at: usize| fields.get(at).zip(codes.get(at)).and_then(|(f, c)| f.text(*c));
            let day = codes.first().and_then(|code| dates.get(*code as usize)).copied().flatten();
            let Some(event_date) = day else { return };
            let current = text(1).filter(|id| !id.is_empty());
            let id = current.or_else(|| text(3).and_then(|_| text(2))).unwrap_or_default();
            visit(StoredKey { distinct_id: &id, event_date, shard, rows: u64::from(rows) });
        });
    }
    Ok(reader.stats())
}
