//! The counts of one shard under way.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_128;

use crate::Measure;
use crate::budget::Share;
use crate::groups::Groups;
use crate::interner::Interner;
use crate::keys::Keys;
use crate::per_user::Distribution;
use crate::shard_scan::Scope;
use crate::split_ids::SplitIds;
use crate::values::Values;

/// The counts of one shard, to be merged with those of the others.
#[derive(Debug)]
pub(crate) struct ShardPartial<'b> {
    pub(crate) groups: Groups,
    pub(crate) counts: GroupCounts,
    /// What it takes of the memory until it is merged.
    _share: Share<'b>,
}

/// What was counted, by group.
#[derive(Debug)]
pub(crate) enum GroupCounts {
    Events(Vec<u64>),
    /// Users that no other shard has, and those that others may have as well.
    Users {
        own: Vec<u64>,
        shared: Vec<SharedUser>,
    },
    /// The same by their events.
    PerUser {
        own: Vec<Distribution>,
        shared: Vec<SharedUser>,
    },
}

impl GroupCounts {
    fn memory_bytes(&self) -> usize {
        let distributions =
            |own: &[Distribution]| -> usize { own.iter().map(Distribution::memory_bytes).sum() };
        let (own, shared) = match self {
            Self::Events(counts) => (size_of_val(counts.as_slice()), &[][..]),
            Self::Users { own, shared } => (size_of_val(own.as_slice()), shared.as_slice()),
            Self::PerUser { own, shared } => (distributions(own), shared.as_slice()),
        };
        own + size_of_val(shared)
    }
}

/// The events of a user in a group of one shard, where others may have more of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedUser {
    pub(crate) group: u32,
    /// XXH3-128 of the id.
    pub(crate) user: u128,
    pub(crate) events: u64,
}

/// Counts under way.
#[derive(Debug)]
pub(crate) struct Counting<'a> {
    groups: Groups,
    columns: usize,
    tally: Tally<'a>,
    /// Room that is used again and again.
    counts: Vec<u32>,
}

/// What is counted in each group.
#[derive(Debug)]
enum Tally<'a> {
    Events(Vec<u64>),
    Users(UserTally<'a>),
}

impl<'a> Counting<'a> {
    pub(crate) fn new(scope: &'a Scope<'_>) -> Self {
        let tally = match scope.query.measure {
            Measure::Events => Tally::Events(Vec::new()),
            Measure::Users | Measure::PerUser => Tally::Users(UserTally::new(scope)),
        };
        let columns = scope.query.by.len();
        let groups = Groups::of_columns(columns);
        Self { groups, columns, tally, counts: Vec::new() }
    }

    /// Counts so many rows of a row group by their values in the fields to group by, and in the
    /// distinct id if users are counted.
    pub(crate) fn add(&mut self, fields: &[Values], rows: u32) {
        let mut translations: Vec<Translation> = fields.iter().map(Translation::of).collect();
        let (groups, tally, columns) = (&mut self.groups, &mut self.tally, self.columns);
        let mut last = LastGroup::default();
        Keys::count(fields, rows, &mut self.counts, |codes, rows| {
            let (group_codes, id_code) = codes.split_at_checked(columns).unwrap_or((codes, &[]));
            let mut user = NOBODY;
            if let Tally::Users(users) = tally {
                let id = id_code.first().zip(translations.last_mut());
                user = id.map_or(NOBODY, |(&code, ids)| {
                    ids.number(code, |id| users.number(id.as_deref()))
                });
                // Nobody has these rows: their group would only take memory.
                if user == NOBODY {
                    return;
                }
            }
            let group = last.or_find(group_codes, |numbers| {
                for (column, (number, values)) in
                    numbers.iter_mut().zip(&mut translations).enumerate()
                {
                    *number =
                        values.number(*number, |text| groups.text_number(column, text.as_deref()));
                }
                groups.number(numbers.iter().copied())
            });
            match tally {
                Tally::Events(counts) => add_to(counts, group, rows.into()),
                Tally::Users(users) => users.add(group, user, rows.into()),
            }
        });
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let tally = match &self.tally {
            Tally::Events(counts) => counts.capacity() * size_of::<u64>(),
            Tally::Users(users) => users.memory_bytes(),
        };
        self.groups.memory_bytes() + tally
    }

    /// The counts, and what they take of the memory: of which there may be too little by now.
    pub(crate) fn finish(self, share: Share<'_>) -> ShardPartial<'_> {
        let counts = match self.tally {
            Tally::Events(counts) => GroupCounts::Events(counts),
            Tally::Users(users) => users.finish(),
        };
        let _ = share.take(self.groups.memory_bytes() + counts.memory_bytes());
        ShardPartial { groups: self.groups, counts, _share: share }
    }
}

/// The group of the last combination: they come sorted, so that a group's users follow each other.
#[derive(Default)]
struct LastGroup {
    codes: Vec<u32>,
    numbers: Vec<u32>,
    group: Option<u32>,
}

impl LastGroup {
    /// The group of these codes; `find` is given them to be replaced by numbers.
    fn or_find(&mut self, codes: &[u32], find: impl FnOnce(&mut [u32]) -> u32) -> u32 {
        match self.group {
            // Not `==`: that is a call, for a number or two.
            Some(group) if self.codes.iter().eq(codes) => group,
            _ => {
                for kept in [&mut self.codes, &mut self.numbers] {
                    kept.clear();
                    kept.extend_from_slice(codes);
                }
                *self.group.insert(find(&mut self.numbers))
            }
        }
    }
}

/// The numbers of a row group's codes among those of the shard, looked up when one occurs.
struct Translation<'v> {
    values: &'v Values,
    numbers: Vec<Option<u32>>,
}

impl<'v> Translation<'v> {
    fn of(values: &'v Values) -> Self {
        Self { values, numbers: vec![None; values.missing() as usize + 1] }
    }

    fn number(
        &mut self,
        code: u32,
        look_up: impl FnOnce(Option<std::borrow::Cow<'v, str>>) -> u32,
    ) -> u32 {
        let values = self.values;
        match self.numbers.get_mut(code as usize) {
            Some(Some(number)) => *number,
            Some(unknown) => *unknown.insert(look_up(values.text(code))),
            None => look_up(None),
        }
    }
}

/// The number of rows that have no user.
const NOBODY: u32 = u32::MAX;

/// The events of each user in each group.
#[derive(Debug)]
struct UserTally<'a> {
    measure: Measure,
    split: &'a SplitIds,
    ids: Interner,
    /// By id number, the hash of those that other shards may have too.
    shared: Vec<Option<u128>>,
    /// By group and id number, the first ones of each.
    first: Vec<Vec<u64>>,
    /// The others.
    others: HashMap<(u32, u32), u64, FixedState>,
}

/// Groups and users whose counts lie in tables: most questions have few groups, and most shards
/// few users, and a place in a table is found at once.
const TABLES: usize = 16;
const TABLE_USERS: usize = 1 << 16;

impl<'a> UserTally<'a> {
    fn new(scope: &'a Scope<'_>) -> Self {
        Self {
            measure: scope.query.measure,
            split: &scope.split,
            ids: Interner::default(),
            shared: Vec::new(),
            first: Vec::new(),
            others: HashMap::default(),
        }
    }

    /// The number of a distinct id; [`NOBODY`] if it is empty.
    fn number(&mut self, id: Option<&str>) -> u32 {
        let Some(id) = id.filter(|id| !id.is_empty()) else { return NOBODY };
        let number = self.ids.number(Some(id));
        if self.shared.len() <= number as usize {
            self.shared.push(self.split.contains(id).then(|| xxh3_128(id.as_bytes())));
        }
        number
    }

    fn add(&mut self, group: u32, user: u32, events: u64) {
        let (table, place) = (group as usize, user as usize);
        if table < TABLES && place < TABLE_USERS {
            if table >= self.first.len() {
                self.first.resize_with(table + 1, Vec::new);
            }
            if let Some(table) = self.first.get_mut(table) {
                if place >= table.len() {
                    table.resize(self.ids.len().clamp(place + 1, TABLE_USERS), 0);
                }
                if let Some(count) = table.get_mut(place) {
                    *count += events;
                }
            }
        } else {
            *self.others.entry((group, user)).or_default() += events;
        }
    }

    fn memory_bytes(&self) -> usize {
        self.ids.memory_bytes()
            + self.shared.capacity() * size_of::<Option<u128>>()
            + self.first.iter().map(|table| table.capacity() * size_of::<u64>()).sum::<usize>()
            + self.others.capacity() * (size_of::<((u32, u32), u64)>() + 1)
    }

    fn finish(self) -> GroupCounts {
        match self.measure {
            Measure::PerUser => {
                let mut own = Vec::new();
                let shared = self.tell_apart(|group, events, users| {
                    distribution_of(&mut own, group).add(events, users);
                });
                GroupCounts::PerUser { own, shared }
            }
            Measure::Events | Measure::Users => {
                let mut own = Vec::new();
                let shared = self.tell_apart(|group, _, users| add_to(&mut own, group, users));
                GroupCounts::Users { own, shared }
            }
        }
    }

    /// Hands the users that no other shard has to `own`: their group, the events of each, and how
    /// many they are. Gives the others.
    fn tell_apart(self, mut own: impl FnMut(u32, u64, u64)) -> Vec<SharedUser> {
        let mut shared = Vec::new();
        let hash_of = |user: u32| self.shared.get(user as usize).copied().flatten();
        for (group, table) in (0..).zip(&self.first) {
            let mut same = 0;
            for (user, &events) in (0..).zip(table).filter(|(_, events)| **events > 0) {
                match hash_of(user) {
                    Some(user) => shared.push(SharedUser { group, user, events }),
                    // How many events they have matters to nobody who only counts users.
                    None if self.measure == Measure::Users => same += 1,
                    None => own(group, events, 1),
                }
            }
            if same > 0 {
                own(group, 1, same);
            }
        }
        for ((group, user), events) in self.others {
            match hash_of(user) {
                Some(user) => shared.push(SharedUser { group, user, events }),
                None => own(group, events, 1),
            }
        }
        shared
    }
}

/// The distribution of a group, which may be a new one.
pub(crate) fn distribution_of(groups: &mut Vec<Distribution>, group: u32) -> &mut Distribution {
    let group = group as usize;
    if group >= groups.len() {
        groups.resize_with(group + 1, Distribution::default);
    }
    #[expect(clippy::indexing_slicing, reason = "it was made long enough just now")]
    &mut groups[group]
}

/// Adds to the count of a group, which may be a new one.
pub(crate) fn add_to(counts: &mut Vec<u64>, group: u32, more: u64) {
    let group = group as usize;
    if group >= counts.len() {
        counts.resize(group + 1, 0);
    }
    if let Some(count) = counts.get_mut(group) {
        *count += more;
    }
}
