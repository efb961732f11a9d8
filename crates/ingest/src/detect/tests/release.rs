//! A detector that gives memory back answers as one that does not.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::streams::Draws;
use super::*;

const CASES: u64 = 2_000;
const MOST_DATES: u64 = 12;
const MOST_IDS: u64 = 12;

/// Two detectors that see the same; one keeps all it can, the other as little as it can.
struct Pair {
    keeps: Harness,
    releases: Harness,
    /// States with additions that were stored.
    with_additions: u64,
}

impl Pair {
    fn new(threshold: u64) -> Self {
        let [keeps, releases] = [Harness::new(threshold), Harness::new(threshold)];
        Self { keeps, releases, with_additions: 0 }
    }

    fn feed(&mut self, block: &[TestEvent]) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.keeps.feed(block), self.releases.feed(block));
        let [kept, released] = [&self.keeps.detector, &self.releases.detector];
        prop_assert_eq!(kept.touched_hot_keys(), released.touched_hot_keys());
        prop_assert_eq!(released.lateness_bound(), 0);
        Ok(())
    }

    fn commit(&mut self) {
        self.keeps.commit();
        let states = self.releases.commit();
        let additions = states.iter().map(|state| number_of_additions(&state.counters));
        self.with_additions += additions.filter(|number| *number > 0).count() as u64;
    }

    fn restart(&mut self) {
        self.commit();
        self.keeps.restart();
        self.releases.restart();
    }

    /// What both stores tell of all keys.
    fn compare_stored(&mut self) -> Result<(), TestCaseError> {
        self.commit();
        prop_assert_eq!(self.keeps.stored_hot_keys(), self.releases.stored_hot_keys());
        prop_assert!(self.keeps.stored.keys().eq(self.releases.stored.keys()));
        for (&date, kept) in &self.keeps.stored {
            let counters = [kept, &self.releases.stored[&date]].map(|states| {
                let states: Vec<StoredState<'_>> = states.iter().map(StoredState::from).collect();
                let loaded = state::load(date, usize::MAX >> 8, &states).unwrap();
                let mut counters = Vec::new();
                loaded.counters.for_ascending(|it| {
                    counters.push((it.hash, it.value(), it.is_noticed()));
                });
                counters
            });
            let [kept, released] = counters;
            prop_assert_eq!(kept, released);
        }
        Ok(())
    }
}

/// Reads how many additions stand in a counters part, by the format's own words.
fn number_of_additions(counters: &[u8]) -> u64 {
    let Some(mut rest) = counters.get(10..) else { return 0 };
    let varint = |rest: &mut &[u8]| {
        let end = rest.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let (bytes, after) = rest.split_at(end);
        *rest = after;
        bytes.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f))
    };
    let (_certificate, counters) = (varint(&mut rest), varint(&mut rest));
    for _ in 0..counters {
        rest = &rest[size_of::<KeyHash>()..];
        varint(&mut rest);
    }
    varint(&mut rest)
}

/// A block of a backfill: runs of an id's events on one of many dates. Most ids are far from the
/// threshold, and some pass it in the end.
fn block(draws: &mut Draws, threshold: u64) -> Vec<TestEvent> {
    let mut block = Vec::new();
    for _ in 0..draws.below(8) {
        let day = i32::try_from(draws.below(MOST_DATES)).unwrap();
        let (some, other) = (draws.below(MOST_IDS), draws.below(MOST_IDS));
        let id = some.min(other).to_string();
        let most = 1 + threshold / draws.one_of(&[3, 10, 30, 100]);
        for _ in 0..=draws.below(most) {
            let millis = i64::try_from(draws.below(80_000_000)).unwrap();
            block.push(event(&id, day, millis));
        }
    }
    block
}

fn run(number: u64) -> Result<Pair, TestCaseError> {
    let mut draws = Draws::numbered(number);
    let threshold = draws.one_of(&[0, 5, 10, 30, 60, 100, 150, 200]);
    let mut pair = Pair::new(threshold);
    // Without room, what is needed is looked up, and the rest of the date stays in the store.
    pair.releases.limit_bytes = draws.one_of(&[0, usize::MAX]);
    let mut current = block(&mut draws, threshold);
    for _ in 0..20 + draws.below(40) {
        pair.feed(&current)?;
        let next = block(&mut draws, threshold);
        match draws.below(10) {
            0 => pair.restart(),
            1 => pair.commit(),
            2 => {}
            _ => {
                pair.commit();
                let memory_bytes = pair.releases.detector.memory_bytes();
                let limit = memory_bytes * usize::try_from(draws.below(8)).unwrap() / 8;
                // Which block it is told to come next changes what stays, but no answer.
                let told = if draws.below(5) == 0 { &current } else { &next };
                pair.releases.detector.release(limit, &BlockCounts::of(&block_of(told)));
            }
        }
        current = next;
    }
    pair.compare_stored()?;
    Ok(pair)
}

#[test]
fn giving_memory_back_changes_no_answer() {
    let (mut with_additions, mut completed) = (0, 0);
    for number in 0..CASES {
        let pair = run(number).unwrap_or_else(|fault| panic!("case {number}: {fault}"));
        with_additions += u64::from(pair.with_additions > 0);
        completed += u64::from(pair.releases.completed > 0);
        assert_eq!(pair.keeps.completed, 0);
    }
    // Or nothing was in part in memory, which is what this is about.
    assert!(with_additions > CASES / 3, "{with_additions} cases had additions");
    assert!(completed > CASES / 3, "{completed} cases had dates loaded that were there in part");
}
