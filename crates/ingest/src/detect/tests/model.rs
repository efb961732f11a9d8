//! The detector against a naive reference that looks at one event at a time.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

type Key = (EventDate, String);

/// One counter a key, one event at a time.
#[derive(Default)]
struct Reference {
    threshold: u64,
    remedied: u64,
    counts: BTreeMap<Key, u64>,
    hot: BTreeMap<Key, HotKey>,
    touched: BTreeMap<Key, u64>,
}

impl Reference {
    /// Whether the event is excess, and the notice it gives.
    fn feed(&mut self, event: &TestEvent, sequence: u64) -> (bool, Option<NoticeKind>) {
        if event.id.is_empty() {
            return (false, None);
        }
        let key = (event.date, event.id.clone());
        let count = self.counts.entry(key.clone()).or_default();
        *count += 1;
        let excess = *count > self.threshold;
        if excess {
            let hot = self.hot.entry(key.clone()).or_insert_with(|| HotKey {
                distinct_id: event.id.clone(),
                event_date: event.date,
                events: 0,
                remedied_total: 0,
                first_excess: Sequence::new(sequence),
                crossed_at: event.time,
            });
            hot.events = *count;
            hot.remedied_total += self.remedied;
            *self.touched.entry(key).or_default() += self.remedied;
        }
        let nearly = Threshold::new(self.threshold).approaching();
        let notice = match *count {
            count if count == self.threshold + 1 => Some(NoticeKind::Crossed),
            count if count == nearly => Some(NoticeKind::Approaching),
            _ => None,
        };
        (excess, notice)
    }

    fn touched_hot_keys(&self) -> Vec<TouchedKey> {
        let with_key = |(key, &remedied)| TouchedKey { key: self.hot[key].clone(), remedied };
        let mut keys: Vec<TouchedKey> = self.touched.iter().map(with_key).collect();
        keys.sort_by_key(|touched| {
            let key = &touched.key;
            (std::cmp::Reverse(key.events), key.distinct_id.clone(), key.event_date)
        });
        keys
    }
}

/// What happens after a block.
#[derive(Debug, Clone, Copy)]
enum Border {
    Nothing,
    Commit,
    Release,
    Restart,
}

fn streams() -> impl Strategy<Value = Vec<TestEvent>> {
    let id = prop_oneof![4 => Just(0_u32), 2 => Just(1), 6 => 0..12_u32];
    let one = (id, prop_oneof![3 => Just(10), 1 => 8..13_i32], 0..DAY_MILLIS).prop_map(
        |(id, day, millis)| {
            let id = if id == 1 { String::new() } else { format!("id-{id}") };
            event(&id, day, millis)
        },
    );
    prop::collection::vec(one, 0..160)
}

fn blocks() -> impl Strategy<Value = Vec<(usize, Border)>> {
    let border = prop_oneof![
        3 => Just(Border::Nothing),
        1 => Just(Border::Commit),
        1 => Just(Border::Release),
        1 => Just(Border::Restart),
    ];
    prop::collection::vec((0..40_usize, border), 0..20)
}

/// The rows of each block, the last one taking what is left.
fn cut(lengths: impl IntoIterator<Item = usize>, rows: usize) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for length in lengths {
        let end = (start + length).min(rows);
        ranges.push(start..end);
        start = end;
    }
    ranges.push(start..rows);
    ranges
}

/// Feeds one block to both and compares what they say of it.
fn compare(
    harness: &mut Harness,
    reference: &mut Reference,
    block: &[TestEvent],
) -> Result<(), TestCaseError> {
    let (mut excess, mut notices) = (Vec::new(), Vec::new());
    for (row, event) in block.iter().enumerate() {
        let sequence = harness.next.get() + row as u64;
        let (is_excess, notice) = reference.feed(event, sequence);
        if is_excess {
            excess.push(row);
        }
        if let Some(kind) = notice {
            let events = reference.counts[&(event.date, event.id.clone())];
            notices.push((kind, event.id.clone(), event.date, events, sequence, event.time));
        }
    }
    let observation = harness.feed(block);
    prop_assert_eq!(rows(&observation), excess);
    let told: Vec<_> = observation
        .notices
        .into_iter()
        .map(|n| (n.kind, n.distinct_id, n.event_date, n.events, n.sequence.get(), n.event_time))
        .collect();
    prop_assert_eq!(told, notices);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_detector_is_the_reference(
        threshold in 0..12_u64,
        remedy in prop::sample::select(Remedy::ALL.to_vec()),
        stream in streams(),
        blocks in blocks(),
    ) {
        let mut harness = Harness::with_remedy(threshold, remedy);
        let remedied = u64::from(remedy != Remedy::Off);
        let mut reference = Reference { threshold, remedied, ..Reference::default() };
        let cuts = cut(blocks.iter().map(|(length, _)| *length), stream.len());
        let borders = blocks.iter().map(|(_, border)| *border).chain([Border::Commit]);
        for (range, border) in cuts.into_iter().zip(borders) {
            compare(&mut harness, &mut reference, &stream[range])?;
            prop_assert_eq!(harness.detector.touched_hot_keys(), reference.touched_hot_keys());
            match border {
                Border::Nothing => {}
                Border::Commit => drop(harness.commit()),
                Border::Release => {
                    harness.commit();
                    let next = BlockCounts::of(&block_of(&stream[..stream.len().min(3)]));
                    harness.detector.release(harness.detector.memory_bytes() / 2, &next);
                }
                Border::Restart => {
                    harness.restart();
                    reference.touched.clear();
                }
            }
            prop_assert_eq!(harness.detector.lateness_bound(), 0);
        }
        let hot: Vec<HotKey> = reference.hot.into_values().collect();
        prop_assert_eq!(harness.stored_hot_keys(), hot);
    }

    #[test]
    fn state_does_not_depend_on_the_cuts(
        threshold in 0..12_u64,
        stream in streams(),
        commits in prop::collection::vec(0..60_usize, 0..6),
        lengths in prop::collection::vec(1..30_usize, 0..40),
    ) {
        let mut whole = Harness::new(threshold);
        let mut pieces = Harness::new(threshold);
        for range in cut(commits, stream.len()) {
            let events = &stream[range];
            whole.feed(events);
            for piece in cut(lengths.iter().copied(), events.len()) {
                pieces.feed(&events[piece]);
            }
            prop_assert_eq!(whole.commit(), pieces.commit());
        }
    }
}
