//! Counting the rows of one shard.

use hotshard_store::{Column, DataFile, ScanStats, Selection, Snapshot};

use crate::budget::{Budget, Full, Share};
use crate::counting::{Counting, ShardPartial};
use crate::dedup::Losers;
use crate::field::{Field, Source};
use crate::partition::Partition;
use crate::predicate::Predicate;
use crate::row_group::Columns;
use crate::shard_files::{Scanned, ShardFiles, Stopped};
use crate::split_ids::SplitIds;
use crate::values::Values;
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

/// Counts the rows of a shard that the query asks for and that are in the partition, without
/// `losers`.
pub(crate) fn count<'b>(
    scope: &Scope<'_>,
    shard: &ShardFiles<'_>,
    losers: &Losers,
    partition: Partition,
    budget: &'b Budget,
) -> Scanned<ShardPartial<'b>> {
    let share = Share::of(budget);
    let start = || {
        // What was counted of a file that then turned out to be damaged is forgotten.
        let _ = share.take(0);
        Counting::new(scope)
    };
    let scanned = shard.scan(start, |file, counting| {
        let plan = FilePlan::new(scope, file, partition);
        plan.count(losers, counting, |counting| share.take(counting.memory_bytes()))
    });
    scanned.map(|counting| counting.finish(share))
}

/// How one file is read.
struct FilePlan<'a> {
    scope: &'a Scope<'a>,
    file: &'a DataFile,
    filters: Vec<(Source, &'a Predicate)>,
    partition: Partition,
    /// The fields to group by, and the distinct id if users are counted.
    keys: Vec<Source>,
}

impl<'a> FilePlan<'a> {
    fn new(scope: &'a Scope<'_>, file: &'a DataFile, partition: Partition) -> Self {
        let identity = scope.snapshot.identity();
        let source = |field: &Field| field.source(identity, file);
        let filters = scope.filters.iter().map(|filter| (source(filter.field()), filter)).collect();
        let mut keys: Vec<Source> =
            scope.query.by.iter().map(|column| source(&column.field())).collect();
        if scope.query.measure != Measure::Events {
            keys.push(source(&Field::DistinctId));
        }
        Self { scope, file, filters, partition, keys }
    }

    fn count(
        &self,
        losers: &Losers,
        counting: &mut Counting<'_>,
        check_memory: impl Fn(&Counting<'_>) -> Result<(), Full>,
    ) -> Result<ScanStats, Stopped> {
        let mut reader = self.scope.snapshot.open(self.file)?;
        for index in 0..reader.row_groups() {
            let mut columns = Columns::of(reader.row_group(index));
            let rows =
                self.matching_rows(&mut columns, |rows| losers.remove(self.file, index, rows))?;
            if rows.is_empty() {
                continue;
            }
            let keys = self.keys.iter().map(|key| columns.values(key, &rows));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            match self.partition.places(self.deciding(&keys), rows.rows()) {
                None => counting.add(&keys, rows.rows()),
                Some(places) => {
                    let keys: Vec<Values> = keys.iter().map(|key| key.select(&places)).collect();
                    counting.add(&keys, places.rows());
                }
            }
            check_memory(counting)?;
        }
        Ok(reader.stats())
    }

    /// The fields that decide in which pass a row is counted: all of a user in one, or all of a
    /// group.
    fn deciding<'v>(&self, keys: &'v [Values]) -> &'v [Values] {
        match (self.scope.query.measure, keys) {
            (Measure::Events, keys) => keys,
            (_, [.., id]) => std::slice::from_ref(id),
            (_, []) => keys,
        }
    }

    /// The rows that every condition leaves. Later conditions read only what earlier ones left.
    fn matching_rows(
        &self,
        columns: &mut Columns<'_, '_>,
        without_losers: impl FnOnce(Selection) -> Selection,
    ) -> Result<Selection, Stopped> {
        let dates = &self.scope.query.dates;
        let mut rows = without_losers(columns.rows_of(self.file, dates, self.first_column())?);
        for (source, filter) in &self.filters {
            if rows.is_empty() {
                return Ok(rows);
            }
            let values = columns.values(source, &rows)?;
            rows = rows.narrow(&values.judge(|value| filter.matches(value)));
        }
        Ok(rows)
    }

    /// A column that is needed anyway.
    fn first_column(&self) -> Column {
        let filters = self.filters.iter().map(|(source, _)| source);
        let column = |source: &Source| match source {
            Source::Column(column) => Some(*column),
            _ => None,
        };
        filters.chain(&self.keys).find_map(column).unwrap_or(Column::EventDate)
    }
}
