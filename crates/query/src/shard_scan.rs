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
pub(crate) fn count(
    scope: &Scope<'_>,
    shard: &ShardFiles<'_>,
    losers: &Losers,
    partition: &Partition,
    budget: &Budget,
) -> Scanned<ShardPartial> {
    let start = || (Counting::new(scope), Share::default());
    let scanned = shard.scan(start, |file, (counting, share)| {
        let plan = FilePlan::new(scope, file, partition);
        plan.count(losers, counting, |counting| budget.take(share, counting.memory_bytes()))
    });
    scanned.map(|(counting, _)| counting.finish())
}

/// How one file is read.
struct FilePlan<'a> {
    scope: &'a Scope<'a>,
    file: &'a DataFile,
    filters: Vec<(Source, &'a Predicate)>,
    partition: Option<(Source, &'a Partition)>,
    /// The distinct id, if users are counted.
    ids: Option<Source>,
    /// The fields to group by, and the distinct id if users are counted.
    keys: Vec<Source>,
}

impl<'a> FilePlan<'a> {
    fn new(scope: &'a Scope<'_>, file: &'a DataFile, partition: &'a Partition) -> Self {
        let identity = scope.snapshot.identity();
        let source = |field: &Field| field.source(identity, file);
        let filters = scope.filters.iter().map(|filter| (source(filter.field()), filter)).collect();
        let mut keys: Vec<Source> =
            scope.query.by.iter().map(|column| source(&column.field())).collect();
        if scope.query.measure != Measure::Events {
            keys.push(source(&Field::DistinctId));
        }
        let partition = partition.field().map(|field| (source(field), partition));
        let counts_users = scope.query.measure != Measure::Events;
        let ids = counts_users.then(|| source(&Field::DistinctId));
        Self { scope, file, filters, partition, ids, keys }
    }

    fn count(
        &self,
        losers: &Losers,
        counting: &mut Counting<'_>,
        mut check_memory: impl FnMut(&Counting<'_>) -> Result<(), Full>,
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
            counting.add(&keys.collect::<Result<Vec<_>, _>>()?, rows.rows());
            check_memory(counting)?;
        }
        Ok(reader.stats())
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
        if let (Some(ids), false) = (&self.ids, rows.is_empty()) {
            // Nobody has these rows; their groups would only take memory.
            let ids = columns.values(ids, &rows)?;
            rows = rows.narrow(&ids.judge(|id| id.is_some_and(|id| !id.is_empty())));
        }
        if let Some((source, partition)) = &self.partition
            && !rows.is_empty()
        {
            let values = columns.values(source, &rows)?;
            rows = rows.narrow(&values.judge(|value| partition.contains(value)));
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
