//! Counting the rows of one shard.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use hotshard_store::{Column, Damage, DataFile, Error as StoreError, ScanStats, Snapshot};

use crate::dedup::Losers;
use crate::field::{ColumnList, Field};
use crate::groups::Groups;
use crate::predicate::Predicate;
use crate::rows::DateFilter;
use crate::users::{SplitIds, SplitUser, UserCounts, add_to};
use crate::values::{Reader, Values};
use crate::{CountQuery, Measure};

/// What all shards are counted by.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) query: &'a CountQuery,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) split: SplitIds,
    /// Every condition on values, the cheap ones first.
    pub(crate) filters: Vec<Predicate>,
}

/// Those files of a shard that a query needs.
#[derive(Debug, Default)]
pub(crate) struct ShardFiles<'a> {
    pub(crate) files: Vec<&'a DataFile>,
}

/// What scanning the whole files of a shard gave.
#[derive(Debug)]
pub(crate) struct Scanned<T> {
    pub(crate) value: T,
    pub(crate) files: u64,
    pub(crate) stats: ScanStats,
    /// Files that are damaged; nothing of them is in the value.
    pub(crate) damaged: Vec<Damage>,
    /// That the files of the snapshot went with a vacuum.
    pub(crate) vacuumed: Option<StoreError>,
}

impl<T> Scanned<T> {
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U) -> Scanned<U> {
        let Self { value, files, stats, damaged, vacuumed } = self;
        Scanned { value: into(value), files, stats, damaged, vacuumed }
    }
}

impl ShardFiles<'_> {
    /// Scans file after file into `T`. When one turns out to be damaged, maybe half way through,
    /// everything begins anew without it, so that no part of it is counted.
    pub(crate) fn scan<T: Default>(
        &self,
        scan_file: impl Fn(&DataFile, &mut T) -> Result<ScanStats, StoreError>,
    ) -> Scanned<T> {
        let mut damaged: BTreeMap<&str, Damage> = BTreeMap::new();
        let mut vacuumed = None;
        'anew: loop {
            let (mut value, mut files, mut stats) = (T::default(), 0, ScanStats::default());
            for file in self.files.iter().filter(|file| !damaged.contains_key(file.path())) {
                match scan_file(file, &mut value) {
                    Ok(read) => stats += read,
                    Err(error) => {
                        damaged.insert(file.path(), to_damage(file, &error));
                        if matches!(error, StoreError::Vacuumed { .. }) {
                            vacuumed = Some(error);
                        }
                        continue 'anew;
                    }
                }
                files += 1;
            }
            let damaged = damaged.into_values().collect();
            return Scanned { value, files, stats, damaged, vacuumed };
        }
    }
}

/// A file that cannot be read is as good as damaged: it is named, and the others answer.
fn to_damage(file: &DataFile, error: &StoreError) -> Damage {
    if let StoreError::Damaged(damage) = error {
        return damage.clone();
    }
    let mut problem = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        problem = format!("{problem}: {cause}");
        source = cause.source();
    }
    Damage { path: file.path().to_owned(), problem }
}

/// The counts of one shard, to be merged with those of the others.
#[derive(Debug)]
pub(crate) struct ShardPartial {
    pub(crate) groups: Groups,
    /// Events, or users of this shard only, by group.
    pub(crate) counts: Vec<u64>,
    /// Users that other shards may have as well.
    pub(crate) split: Vec<SplitUser>,
}

/// Counts the rows of a shard that the query asks for, without `losers`.
pub(crate) fn count(
    scope: &Scope<'_>,
    shard: &ShardFiles<'_>,
    losers: &Losers,
) -> Scanned<ShardPartial> {
    let scanned = shard.scan(|file, counting: &mut Option<Counting>| {
        let counting = counting.get_or_insert_with(|| Counting::new(scope));
        let mut columns = ColumnList::default();
        let plan = FilePlan::new(scope, file, losers, &mut columns);
        scope.snapshot.scan(file, columns.to_read(), &scope.query.dates, |batch| {
            plan.count(scope, batch, counting);
        })
    });
    scanned.map(|counting| counting.unwrap_or_else(|| Counting::new(scope)).finish())
}

/// Counts under way.
#[derive(Debug)]
struct Counting {
    groups: Groups,
    tally: Tally,
}

/// What is counted in each group.
#[derive(Debug)]
enum Tally {
    Events(Vec<u64>),
    Users(UserCounts),
}

impl Counting {
    fn new(scope: &Scope<'_>) -> Self {
        let tally = match scope.query.measure {
            Measure::Events => Tally::Events(Vec::new()),
            Measure::Users => Tally::Users(UserCounts::default()),
        };
        Self { groups: Groups::of_columns(scope.query.by.len()), tally }
    }

    fn finish(self) -> ShardPartial {
        let (counts, split) = match self.tally {
            Tally::Events(counts) => (counts, Vec::new()),
            Tally::Users(users) => users.finish(),
        };
        ShardPartial { groups: self.groups, counts, split }
    }
}

/// How the batches of one file are read.
struct FilePlan<'a> {
    dates: DateFilter,
    losers: Option<(usize, &'a Losers)>,
    filters: Vec<(Reader, &'a Predicate)>,
    keys: Vec<Reader>,
    users: Option<Reader>,
}

impl<'a> FilePlan<'a> {
    fn new(
        scope: &'a Scope<'_>,
        file: &DataFile,
        losers: &'a Losers,
        columns: &mut ColumnList,
    ) -> Self {
        let identity = scope.snapshot.identity();
        let dates = DateFilter::new(file, &scope.query.dates, columns);
        let mut reader = |field: &Field| field.reader(identity, file, columns);
        let filters = scope.filters.iter().map(|filter| (reader(filter.field()), filter)).collect();
        let keys = scope.query.by.iter().map(|column| reader(&column.field())).collect();
        let users = match scope.query.measure {
            Measure::Events => None,
            Measure::Users => Some(reader(&Field::DistinctId)),
        };
        let losers = (!losers.is_empty()).then(|| (columns.place(Column::Sequence), losers));
        Self { dates, losers, filters, keys, users }
    }

    fn count(&self, scope: &Scope<'_>, batch: &RecordBatch, counting: &mut Counting) {
        let rows = self.matching_rows(batch);
        if rows.is_empty() {
            return;
        }
        let keys: Vec<Values<'_>> = self.keys.iter().map(|key| key.read(batch, &rows)).collect();
        let groups = counting.groups.number(&keys, rows.len());
        match (&mut counting.tally, &self.users) {
            (Tally::Users(users), Some(reader)) => {
                users.add(&groups, &reader.read(batch, &rows), &scope.split);
            }
            (Tally::Users(_), None) => {}
            (Tally::Events(counts), _) if self.keys.is_empty() => {
                add_to(counts, 0, rows.len() as u64);
            }
            (Tally::Events(counts), _) => {
                counts.resize(counting.groups.len(), 0);
                for group in groups {
                    add_to(counts, group, 1);
                }
            }
        }
    }

    /// The rows that every condition leaves. Later conditions read only what earlier ones left.
    fn matching_rows(&self, batch: &RecordBatch) -> Vec<u32> {
        let mut rows = self.dates.rows(batch);
        if let Some((column, losers)) = self.losers {
            let sequences = batch.column(column).as_primitive::<Int64Type>();
            rows.retain(|&row| !losers.contains(&sequences.value(row as usize).cast_unsigned()));
        }
        for (reader, filter) in &self.filters {
            let verdicts = reader.read(batch, &rows).per_row(|value| filter.matches(value));
            let mut verdicts = verdicts.into_iter();
            rows.retain(|_| verdicts.next().unwrap_or(false));
        }
        rows
    }
}
