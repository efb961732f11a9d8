//! The query against a naive reference, over random stores.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hotshard_event::{DateRange, EventDate, HOTSHARD_EVENTS, Properties, Sequence};
use hotshard_query::{CountQuery, Dedup, GroupColumn, GroupRow, Measure, Repeats, Timing};
use hotshard_store::{Router, ShardCount};
use proptest::prelude::*;

use crate::fixture::{Event, FIRST_DAY_MS, Fate, Fixture, MILLIS_PER_DAY};

/// A row as it stands in the store.
#[derive(Debug, Clone)]
struct StoredRow {
    event: Event,
    name: String,
    id: String,
    original_name: Option<String>,
    original_id: Option<String>,
    sequence: u64,
    shard: u32,
}

impl StoredRow {
    fn new(event: Event, sequence: u64, router: Router) -> Self {
        let (hotshard, none) = (HOTSHARD_EVENTS.to_owned(), String::new());
        let (sent_name, sent_id) = (event.name.clone(), event.id.clone());
        let (name, id, original_name, original_id) = match event.fate.clone() {
            Fate::Untouched | Fate::Split => (sent_name, sent_id, None, None),
            Fate::Renamed => (hotshard, none, Some(sent_name), Some(sent_id)),
            Fate::RemediedElsewhere { name, id } => (hotshard, none, name, id),
            Fate::Unattributed => (sent_name, none, None, Some(sent_id)),
        };
        let shard = if event.fate == Fate::Untouched && !id.is_empty() {
            router.home(&id)
        } else {
            router.spread(Sequence::new(sequence))
        };
        Self { event, name, id, original_name, original_id, sequence, shard: shard.get() }
    }

    fn is_renamed(&self) -> bool {
        self.name == "$hotshard_events" && self.id.is_empty()
    }

    fn original_name(&self) -> &str {
        self.original_name.as_ref().unwrap_or(&self.name)
    }

    fn original_id(&self) -> &str {
        self.original_id.as_ref().unwrap_or(&self.id)
    }

    fn property(&self, name: &str) -> Option<String> {
        Properties::new(&self.event.properties).text(name).map(Into::into)
    }

    fn value(&self, column: &GroupColumn) -> Option<String> {
        Some(match column {
            GroupColumn::Event => self.name.clone(),
            GroupColumn::Date => self.event.date().to_string(),
            GroupColumn::Shard => self.shard.to_string(),
            GroupColumn::DistinctId => self.id.clone(),
            GroupColumn::OriginalEvent => self.original_name().to_owned(),
            GroupColumn::OriginalDistinctId => self.original_id().to_owned(),
            GroupColumn::Property(name) => return self.property(name),
        })
    }
}

/// What is asked, for the query and for the reference.
#[derive(Debug, Clone)]
struct Question {
    measure: Measure,
    by: Vec<GroupColumn>,
    events: Vec<&'static str>,
    ids: Vec<&'static str>,
    days: Option<(i64, i64)>,
    conditions: Vec<usize>,
    top: Option<usize>,
    dedup: Dedup,
    timing: Timing,
}

type EventsPerUser<'a> = BTreeMap<&'a str, u64>;

type Condition = (&'static str, fn(&StoredRow) -> bool);

/// Conditions and what they mean.
/// A second timed run, which has to answer like the first.
const TWICE: Repeats = Repeats::Exactly(NonZeroU32::new(2).unwrap());

const CONDITIONS: [Condition; 9] = [
    ("event != A", |row| row.name != "A"),
    ("original_event = A", |row| row.original_name() == "A"),
    ("distinct_id is set", |row| !row.id.is_empty()),
    ("original_distinct_id in (a, b)", |row| ["a", "b"].contains(&row.original_id())),
    ("insert_id = i1", |row| row.event.insert_id.as_deref() == Some("i1")),
    ("date > 2024-03-01", |row| row.event.date() > day(0)),
    ("property:plan is not set", |row| row.property("plan").is_none()),
    ("property:seats < 10", |row| {
        row.property("seats").is_some_and(|seats| seats.parse::<f64>().unwrap() < 10.0)
    }),
    ("property:plan contains r", |row| row.property("plan").is_some_and(|plan| plan.contains('r'))),
];

fn day(number: i64) -> EventDate {
    EventDate::from_epoch_days(i32::try_from(FIRST_DAY_MS / MILLIS_PER_DAY + number).unwrap())
}

impl Question {
    fn query(&self) -> CountQuery {
        let query = CountQuery::new(self.measure).dedup(self.dedup).timing(self.timing);
        let query = self.events.iter().fold(query, |query, name| query.event(*name));
        let query = self.ids.iter().fold(query, |query, id| query.id(*id));
        let query = self.by.iter().cloned().fold(query, CountQuery::by);
        let parsed = self.conditions.iter().map(|at| CONDITIONS[*at].0.parse().unwrap());
        let query = parsed.fold(query, CountQuery::filter);
        let query = match self.days {
            Some((from, to)) => {
                query.dates(DateRange::new(Some(day(from)), Some(day(to))).unwrap())
            }
            None => query,
        };
        self.top.into_iter().fold(query, CountQuery::top)
    }

    /// The naive reference.
    fn answer(&self, rows: &[StoredRow]) -> (Vec<GroupRow>, u64) {
        let mut rows: Vec<&StoredRow> = rows.iter().collect();
        rows.retain(|row| {
            self.days.is_none_or(|(a, b)| day(a) <= row.event.date() && row.event.date() <= day(b))
        });
        if self.dedup == Dedup::On {
            rows.sort_by_key(|row| (!row.is_renamed(), row.sequence));
            let identity = |row: &StoredRow| {
                let insert_id = row.event.insert_id.clone()?;
                let original = (row.original_name().to_owned(), row.original_id().to_owned());
                Some((original, row.event.time_ms, insert_id))
            };
            let winners: BTreeMap<_, u64> =
                rows.iter().filter_map(|row| Some((identity(row)?, row.sequence))).collect();
            rows.retain(|row| identity(row).is_none_or(|id| winners[&id] == row.sequence));
        }
        rows.retain(|row| self.events.is_empty() || self.events.contains(&row.name.as_str()));
        rows.retain(|row| self.ids.is_empty() || self.ids.contains(&row.id.as_str()));
        rows.retain(|row| self.conditions.iter().all(|at| CONDITIONS[*at].1(row)));
        let mut groups: BTreeMap<Vec<Option<String>>, (u64, EventsPerUser<'_>)> = BTreeMap::new();
        if self.by.is_empty() {
            groups.insert(vec![], (0, BTreeMap::new()));
        }
        for row in rows {
            let key = self.by.iter().map(|column| row.value(column)).collect();
            let (events, users) = groups.entry(key).or_default();
            *events += 1;
            if !row.id.is_empty() {
                *users.entry(row.id.as_str()).or_default() += 1;
            }
        }
        let mut answer: Vec<GroupRow> = groups
            .into_iter()
            .map(|(key, (events, users))| {
                let count =
                    if self.measure == Measure::Events { events } else { users.len() as u64 };
                let per_user =
                    (self.measure == Measure::PerUser).then(|| users.into_values().collect());
                GroupRow { key, count, per_user }
            })
            .filter(|row| row.count > 0 || row.key.is_empty())
            .collect();
        // Fewer than ten shards: their order as texts is that of their numbers.
        answer.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
        let total = answer.iter().map(|row| row.count).sum();
        answer.truncate(self.top.unwrap_or(usize::MAX));
        (answer, total)
    }
}

fn some_event() -> impl Strategy<Value = Event> {
    let original = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        prop::option::of(prop::sample::select(texts))
    };
    let fate = prop_oneof![
        4 => Just(Fate::Untouched),
        2 => Just(Fate::Renamed),
        2 => Just(Fate::Split),
        1 => Just(Fate::Unattributed),
        1 => (original(&["A", "B"]), original(&["a", ""]))
            .prop_map(|(name, id)| Fate::RemediedElsewhere { name, id }),
    ];
    let properties = prop::sample::select(vec![
        "{}",
        r#"{"plan":"pro","seats":3}"#,
        r#"{"plan":"free","seats":12}"#,
        r#"{"seats":2.50,"plan":null}"#,
        r#"{"plan":7}"#,
    ]);
    let name = prop::sample::select(vec!["A", "B", "C"]);
    let id = prop::sample::select(vec!["", "a", "b", "c", "d"]);
    let insert_id = prop::option::of(prop::sample::select(vec!["i1", "i2"]));
    (name, id, 0..3_i64, 0..2_i64, insert_id, properties, fate).prop_map(
        |(name, id, day, millis, insert_id, properties, fate)| Event {
            name: name.to_owned(),
            id: id.to_owned(),
            time_ms: FIRST_DAY_MS + day * MILLIS_PER_DAY + millis,
            insert_id: insert_id.map(str::to_owned),
            properties: properties.to_owned(),
            // Events without an id are never excess.
            fate: if id.is_empty() { Fate::Untouched } else { fate },
        },
    )
}

/// Under one remedy at a time, whose rows then are not found by the other's means.
fn some_commits() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let only = prop::sample::select(vec![None, Some(Fate::Renamed), Some(Fate::Split)]);
    let commits = prop::collection::vec(prop::collection::vec(some_event(), 1..25), 0..4);
    (commits, only).prop_map(|(mut commits, only)| {
        for event in commits.iter_mut().flatten() {
            if only.as_ref().is_some_and(|only| event.fate != *only) {
                event.fate = Fate::Untouched;
            }
        }
        commits
    })
}

fn some_question() -> impl Strategy<Value = Question> {
    let column = prop::sample::select(vec![
        GroupColumn::Event,
        GroupColumn::Date,
        GroupColumn::Shard,
        GroupColumn::DistinctId,
        GroupColumn::OriginalEvent,
        GroupColumn::OriginalDistinctId,
        GroupColumn::Property("plan".into()),
        GroupColumn::Property("seats".into()),
    ]);
    (
        prop::sample::select(vec![Measure::Events, Measure::Users, Measure::PerUser]),
        prop::collection::vec(column, 0..4),
        prop::sample::subsequence(vec!["A", "B", HOTSHARD_EVENTS], 0..=1),
        prop::sample::subsequence(vec!["a", "", "x"], 0..=2),
        prop::option::of((0..3_i64, 0..2_i64).prop_map(|(from, more)| (from, from + more))),
        prop::collection::vec(0..CONDITIONS.len(), 0..3),
        prop::option::of(0..4_usize),
        prop::sample::select(vec![Dedup::Off, Dedup::On]),
        prop::sample::select(vec![Timing::concurrent(), Timing::isolated().repeated(TWICE)]),
    )
        .prop_map(|(measure, by, events, ids, days, conditions, top, dedup, timing)| {
            Question { measure, by, events, ids, days, conditions, top, dedup, timing }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_answer_is_that_of_the_naive_reference(
        shards in 1..6_u64,
        commits in some_commits(),
        promoted in prop::sample::subsequence(vec!["plan:string", "seats:long"], 0..=2),
        questions in prop::collection::vec(some_question(), 12),
    ) {
        let router = Router::new(ShardCount::new(shards).unwrap());
        let all = commits.iter().flatten().cloned().zip(0..);
        let rows: Vec<StoredRow> =
            all.map(|(event, sequence)| StoredRow::new(event, sequence, router)).collect();
        let store =
            commits.into_iter().fold(Fixture::promoting(shards, &promoted), Fixture::commit);
        let snapshot = store.snapshot();
        for question in questions {
            let answer = question.query().run(&snapshot).unwrap();
            let (expected, total) = question.answer(&rows);
            prop_assert_eq!(&answer.rows, &expected, "{:?}", question);
            prop_assert_eq!(answer.total, total, "{:?}", question);
            prop_assert!(answer.is_whole());
        }
    }
}
