//! The keys of rows: original name, original id and time as one hash.

use std::collections::BTreeSet;

use hotshard_store::{Column, Cursor, DataFile, ScanStats, Selection, Stretch};
use xxhash_rust::xxh3::xxh3_128;

use super::repeated::repeated;
use crate::budget::{Budget, Share};
use crate::field::Field;
use crate::keys::Keys;
use crate::row_group::Columns;
use crate::shard_files::{Scanned, ShardFiles, Stopped};
use crate::shard_scan::Scope;
use crate::split_ids::SplitIds;

/// Lists that keys are divided into, so that they can be compared list by list.
pub(super) const LISTS: usize = 64;

/// The ids whose rows lie in more than one shard.
#[derive(Debug)]
pub(super) struct SharedIds<'a> {
    pub(super) split: &'a SplitIds,
    pub(super) original: BTreeSet<String>,
}

impl SharedIds<'_> {
    fn contains(&self, id: &str) -> bool {
        id.is_empty() || self.original.contains(id) || self.split.contains(id)
    }
}

/// One of several passes over all rows: those with some of the keys, which copies share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    number: u64,
    of: u64,
}

impl Pass {
    pub(super) fn all(passes: u64) -> impl Iterator<Item = Self> {
        (0..passes).map(move |number| Self { number, of: passes })
    }

    /// Looks at bits that neither the lists nor the filters of repeats are told by.
    fn contains(self, key: u128) -> bool {
        (key >> 104) as u64 % self.of == self.number
    }
}

/// Rows of a shard with their keys.
#[derive(Debug, Default)]
pub(super) struct KeyedRows {
    pub(super) keys: Vec<u128>,
    /// Where they are, in rows of the shard as they were gathered.
    pub(super) places: Vec<u32>,
}

impl KeyedRows {
    fn push(&mut self, key: u128, place: u32) {
        self.keys.push(key);
        self.places.push(place);
    }

    /// The key and the place of a row.
    pub(super) fn row(&self, at: usize) -> Option<(u128, u32)> {
        Some((*self.keys.get(at)?, *self.places.get(at)?))
    }

    fn memory_bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u128>() + self.places.capacity() * size_of::<u32>()
    }
}

/// A row group whose rows were gathered.
#[derive(Debug)]
pub(super) struct GatheredGroup<'a> {
    pub(super) file: &'a DataFile,
    pub(super) row_group: usize,
    /// The place of its first row.
    pub(super) first: u32,
}

/// The keys of one shard.
#[derive(Debug)]
pub(super) struct KeyedShard<'a> {
    pub(super) groups: Vec<GatheredGroup<'a>>,
    /// Rows whose copies are in this shard too.
    home: KeyedRows,
    /// Those of them whose key repeats: their keys and places.
    pub(super) repeats: Vec<(u128, u32)>,
    /// Rows whose copies may be anywhere, in [`LISTS`] lists by their keys.
    pub(super) shared: Vec<KeyedRows>,
    rows: u32,
    /// What it takes of the memory.
    share: Share<'a>,
}

impl<'a> KeyedShard<'a> {
    fn new(share: Share<'a>) -> Self {
        let shared = (0..LISTS).map(|_| KeyedRows::default()).collect();
        let (groups, home, repeats) = (Vec::new(), KeyedRows::default(), Vec::new());
        Self { groups, home, repeats, shared, rows: 0, share }
    }

    /// Gathers the keys of a shard, and compares those of its home rows.
    pub(super) fn gather(
        scope: &Scope<'_>,
        shard: &ShardFiles<'a>,
        shared: &SharedIds<'_>,
        pass: Pass,
        budget: &'a Budget,
    ) -> Scanned<Self> {
        let start = || Self::new(Share::of(budget));
        let scanned = shard.scan(start, |file, keyed| keyed.gather_file(scope, file, shared, pass));
        scanned.map(Self::settle_home)
    }

    /// Finds the home rows whose key repeats; gives back the memory of the others.
    fn settle_home(mut self) -> Self {
        let home = std::mem::take(&mut self.home);
        let repeated = repeated(&[&home.keys]).into_iter();
        self.repeats = repeated.filter_map(|at| home.row(at)).collect();
        drop(home);
        let _ = self.share.take(self.memory_bytes());
        self
    }

    fn gather_file(
        &mut self,
        scope: &Scope<'_>,
        file: &'a DataFile,
        shared: &SharedIds<'_>,
        pass: Pass,
    ) -> Result<ScanStats, Stopped> {
        let identity = scope.snapshot.identity();
        let name = Field::OriginalEvent.source(identity, file);
        let id = Field::OriginalDistinctId.source(identity, file);
        let mut times = Vec::new();
        let mut reader = scope.snapshot.open(file)?;
        for row_group in 0..reader.row_groups() {
            let mut columns = Columns::of(reader.row_group(row_group));
            let rows = columns.rows_of(file, &scope.query.dates, Column::Event)?;
            if rows.is_empty() {
                continue;
            }
            let (names, ids) = (columns.values(&name, &rows)?, columns.values(&id, &rows)?);
            columns.longs(Column::Time, &mut times)?;
            let hash = |text: Option<&str>| xxh3_128(text.unwrap_or_default().as_bytes());
            let name_hashes = names.per_code(hash);
            let id_hashes = ids.per_code(|id| (hash(id), shared.contains(id.unwrap_or_default())));
            let keys = Keys::of(&[names, ids], rows.rows());
            let mut pairs = Pairs::new(&keys, &name_hashes, &id_hashes);
            self.groups.push(GatheredGroup { file, row_group, first: self.rows });
            let all = u32::try_from(times.len()).unwrap_or(u32::MAX);
            let Some(end) = self.rows.checked_add(all) else { return Err(Stopped::Full) };
            self.gather_rows(&rows, &times, &keys, &mut pairs, pass);
            self.rows = end;
            self.share.take(self.memory_bytes())?;
        }
        Ok(reader.stats())
    }

    fn gather_rows(
        &mut self,
        rows: &Selection,
        times: &[i64],
        keys: &Keys,
        pairs: &mut Pairs<'_>,
        pass: Pass,
    ) {
        let mut numbers = Cursor::of(keys.codes());
        for range in rows.ranges() {
            let mut at = range.start;
            while at < range.end {
                let Some(stretch) = numbers.take(range.end - at) else { return };
                let end = at + stretch.rows();
                let times = times.get(at as usize..end as usize).unwrap_or_default();
                let places = self.rows + at..;
                match stretch {
                    Stretch::Same(number, _) => {
                        let pair = pairs.get(number);
                        for (place, &time) in places.zip(times) {
                            self.push(pair, time, place, pass);
                        }
                    }
                    Stretch::Each(numbers) => {
                        let rows = places.zip(times).zip(numbers);
                        for ((place, &time), &number) in rows {
                            self.push(pairs.get(number), time, place, pass);
                        }
                    }
                }
                at = end;
            }
        }
    }

    fn push(&mut self, pair: Pair, time: i64, place: u32, pass: Pass) {
        let key = key(pair.hash, time);
        if !pass.contains(key) {
            return;
        }
        let rows = if pair.is_shared {
            let list = (key >> 96) as usize % LISTS;
            self.shared.get_mut(list)
        } else {
            Some(&mut self.home)
        };
        if let Some(rows) = rows {
            rows.push(key, place);
        }
    }

    fn memory_bytes(&self) -> usize {
        self.home.memory_bytes()
            + self.repeats.capacity() * size_of::<(u128, u32)>()
            + self.shared.iter().map(KeyedRows::memory_bytes).sum::<usize>()
    }
}

/// What is known of the pairs of name and id in a row group, by number.
struct Pairs<'k> {
    keys: &'k Keys,
    names: &'k [u128],
    ids: &'k [(u128, bool)],
    known: Vec<Option<Pair>>,
    split: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Pair {
    hash: u128,
    is_shared: bool,
}

impl<'k> Pairs<'k> {
    fn new(keys: &'k Keys, names: &'k [u128], ids: &'k [(u128, bool)]) -> Self {
        Self { keys, names, ids, known: vec![None; keys.end() as usize], split: Vec::new() }
    }

    fn get(&mut self, number: u32) -> Pair {
        if let Some(Some(pair)) = self.known.get(number as usize) {
            return *pair;
        }
        self.keys.split(number, &mut self.split);
        let code = |field: usize| self.split.get(field).copied().unwrap_or_default() as usize;
        let name = self.names.get(code(0)).copied().unwrap_or_default();
        let (id, is_shared) = self.ids.get(code(1)).copied().unwrap_or_default();
        // Not a sum: name and id are not to be interchangeable.
        let pair = Pair { hash: name.wrapping_mul(PAIR_FACTOR).wrapping_add(id), is_shared };
        if let Some(known) = self.known.get_mut(number as usize) {
            *known = Some(pair);
        }
        pair
    }
}

/// Odd numbers without a pattern: digits of the golden ratio and of square roots.
const PAIR_FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
const PASS_FACTOR: u64 = 0xbb67_ae85_84ca_a73b;
const LOW_FACTOR: u64 = 0x3c6e_f372_fe94_f82b;
const HIGH_FACTOR: u64 = 0xa54f_f53a_5f1d_36f1;

/// The key of a row.
fn key(pair: u128, time: i64) -> u128 {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (low, high) = (pair as u64, (pair >> 64) as u64);
    let time = time.cast_unsigned().wrapping_mul(PASS_FACTOR);
    u128::from(mix(low ^ time, LOW_FACTOR))
        | u128::from(mix(high.wrapping_add(time), HIGH_FACTOR)) << 64
}

/// The product of two numbers, its halves folded: each bit of either changes many.
fn mix(number: u64, factor: u64) -> u64 {
    let product = u128::from(number ^ factor) * u128::from(factor);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}
