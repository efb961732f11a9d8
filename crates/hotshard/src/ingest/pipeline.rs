//! Decoding in parallel, detection in order, commits by size.

use std::collections::BTreeMap;

use hotshard_event::{EventBlock, EventDate, Skew, SourceMark};
use hotshard_ingest::decode::{DecodedBlock, Decoder, Reject};
use hotshard_ingest::detect::{BlockCounts, DateState, Detector, Notice};
use hotshard_ingest::remedy;
use hotshard_ingest::source::{Input, RawBlock};
use hotshard_query::{MeasuredTime, wall_clock_ms};
use hotshard_store::{
    CommitDetails, NewSection, RejectedContent, RejectedRecord, StateKind, StateMode,
};
use rayon::prelude::*;

use super::reader::{Blocks, Found, Used};
use super::sink::Sink;
use super::summary::{PlacedNotice, Tally};
use super::{IngestSummary, Progress};
use crate::memory::MemoryPlan;
use crate::{Error, MemoryBudget, peak_memory_bytes};

/// A block on its way.
struct Decoded {
    raw: RawBlock,
    block: DecodedBlock,
    counts: BlockCounts,
}

/// One round of work, and what the reader said meanwhile.
#[derive(Default)]
struct Round {
    raw: Vec<RawBlock>,
    raw_bytes: u64,
    failure: Option<Error>,
}

/// Everything after the reader.
pub(super) struct Pipeline<'a> {
    pub(super) sink: Sink,
    decoder: Decoder,
    pub(super) detector: Detector,
    pub(super) plan: MemoryPlan,
    inputs: &'a [Input],
    tally: Tally,
    /// By source, how far this batch takes it in.
    pub(super) marks: BTreeMap<u32, SourceMark>,
    /// Notices of this batch.
    notices: Vec<PlacedNotice>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(
        sink: Sink,
        decoder: Decoder,
        plan: MemoryPlan,
        inputs: &'a [Input],
    ) -> Result<Self, Error> {
        let identity = sink.identity();
        let detector = Detector::new(identity.threshold(), identity.remedy(), identity.time_zone())
            .with_counters_a_date(plan.counters_a_date)
            .with_thresholds(identity.overrides().thresholds());
        let stored: Vec<EventDate> = sink.committed().map_or_else(Vec::new, |snapshot| {
            let counters = snapshot.state_dates(StateKind::Counters);
            counters.chain(snapshot.state_dates(StateKind::Hot)).collect()
        });
        Ok(Self {
            sink,
            decoder,
            detector: detector.with_stored_dates(stored),
            plan,
            inputs,
            tally: Tally::default(),
            marks: BTreeMap::new(),
            notices: Vec::new(),
        })
    }

    /// The sources in the store.
    pub(super) fn known(&self) -> Vec<SourceMark> {
        self.sink.committed().map_or_else(Vec::new, |snapshot| snapshot.sources().to_vec())
    }

    /// Takes in all blocks. While one round of blocks is detected, routed and committed in order,
    /// the next one is decoded in parallel.
    pub(super) fn run(
        mut self,
        blocks: &Blocks,
        round_blocks: usize,
        tell: &(dyn Fn(Progress) + Sync),
    ) -> Result<Self, Error> {
        let used = blocks.used();
        let mut round = self.receive(blocks, round_blocks);
        let mut decoded: Vec<Decoded> = Vec::new();
        let mut raw_bytes = 0;
        loop {
            let decoder = self.decoder.clone();
            let raw = std::mem::take(&mut round.raw);
            let is_last = raw.is_empty();
            let (next, taken) = rayon::join(
                || decode(&decoder, raw),
                || decoded.into_iter().try_for_each(|decoded| self.take(decoded, &used)),
            );
            taken?;
            // The last round reads nothing.
            raw_bytes = raw_bytes.max(round.raw_bytes);
            tell(Progress { raw_bytes, events: self.tally.events });
            if is_last {
                break;
            }
            decoded = next;
            if round.failure.is_none() {
                round = self.receive(blocks, round_blocks);
            }
        }
        if !self.marks.is_empty() {
            self.commit()?;
        }
        match round.failure {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Waits for a round of blocks.
    fn receive(&mut self, blocks: &Blocks, round_blocks: usize) -> Round {
        let mut round = Round::default();
        while round.raw.len() < round_blocks {
            match blocks.next() {
                Some(Found::Block(block, raw_bytes)) => {
                    round.raw_bytes = raw_bytes;
                    round.raw.push(block);
                }
                Some(Found::Duplicate(name)) => self.tally.duplicate_sources.push(name),
                Some(Found::Resumed(name)) => self.tally.resumed_sources.push(name),
                Some(Found::Failed(error)) => {
                    round.failure = Some(error);
                    break;
                }
                None => break,
            }
        }
        round
    }

    /// Detects, remedies and appends one block; commits when the batch is large enough.
    fn take(&mut self, decoded: Decoded, used: &Used) -> Result<(), Error> {
        let Decoded { raw, mut block, counts } = decoded;
        // First, since it may commit, and nothing of this block must be in that commit.
        self.make_ready(&counts)?;
        self.tally.add_block(&block);
        for reject in std::mem::take(&mut block.rejects) {
            self.reject(reject);
        }
        let mut events = std::mem::take(&mut block.events);
        events.number(self.sink.next_sequence());
        let observation = self.detector.observe(&events, &counts);
        self.note(&raw, &events, observation.notices);
        let counts = remedy::apply(&mut events, &observation.excess, self.sink.identity().remedy());
        self.tally.remedied += counts.remedied;
        self.tally.collisions += counts.collisions;
        self.sink.append(&events);
        self.marks.insert(raw.source, raw.mark);
        used.give_back(raw.bytes);
        if self.sink.batch_bytes() > self.plan.batch_bytes {
            self.commit()?;
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) {
        let source = source_name(self.inputs, reject.source);
        self.tally.add_reject(source, &reject);
        self.sink.reject(&RejectedRecord {
            source: source.to_owned(),
            line: reject.line,
            offset: reject.offset,
            reason: reject.reason.code().to_owned(),
            message: reject.message,
            part: reject.part,
            content: RejectedContent::new(reject.text),
        });
    }

    /// Keeps notices, with the places of their events in the input.
    fn note(&mut self, raw: &RawBlock, events: &EventBlock, notices: Vec<Notice>) {
        if notices.is_empty() {
            return;
        }
        let positions = self.decoder.positions(raw);
        let first = events.rows().first().map_or(0, |row| row.sequence.get());
        for notice in notices {
            let row = usize::try_from(notice.sequence.get() - first).unwrap_or(usize::MAX);
            let position = positions.get(row).copied().unwrap_or_default();
            let source = source_name(self.inputs, raw.source).to_owned();
            let (line, offset) = (position.line, position.offset);
            self.notices.push(PlacedNotice { notice, source, line, offset });
        }
    }

    /// Makes the batch visible, with everything that belongs to it.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        let mut state: Vec<NewSection> = Vec::new();
        for changes in self.detector.take_changes() {
            state.extend(sections(changes));
        }
        state.extend(notice_section(&self.notices));
        self.tally.notices.append(&mut self.notices);
        self.sink.commit(CommitDetails {
            committed_at_ms: wall_clock_ms(),
            sources: std::mem::take(&mut self.marks).into_values().collect(),
            state,
            lateness_bound: self.detector.lateness_bound(),
        })?;
        self.tally.commits += 1;
        Ok(())
    }

    /// What was done, for how much time and memory.
    pub(super) fn summarise(self, elapsed: MeasuredTime, budget: MemoryBudget) -> IngestSummary {
        IngestSummary {
            events: self.tally.events,
            stored: self.tally.stored,
            rejected: self.tally.rejected,
            rejects: self.tally.rejects,
            reject_samples: self.tally.reject_samples,
            missing_distinct_id: self.tally.missing_distinct_id,
            unattributed: self.tally.unattributed,
            ignored_keys: self.tally.ignored_keys,
            collisions: self.tally.collisions,
            duplicate_sources: self.tally.duplicate_sources,
            resumed_sources: self.tally.resumed_sources,
            remedied: self.tally.remedied,
            threshold: self.sink.identity().threshold(),
            remedy: self.sink.identity().remedy(),
            overrides: self.sink.identity().overrides().clone(),
            lateness_bound: self.detector.lateness_bound(),
            hot: self.detector.touched_hot_keys(),
            notices: self.tally.notices,
            skew: Skew::of(&self.sink.rows_per_shard()),
            commits: self.tally.commits,
            elapsed,
            memory_budget: budget,
            peak_memory_bytes: peak_memory_bytes(),
        }
    }
}

fn decode(decoder: &Decoder, raw: Vec<RawBlock>) -> Vec<Decoded> {
    let decode = |raw: RawBlock| {
        let block = decoder.decode(&raw);
        let counts = BlockCounts::of(&block.events);
        Decoded { raw, block, counts }
    };
    raw.into_par_iter().map(decode).collect()
}

fn source_name(inputs: &[Input], index: u32) -> &str {
    inputs.get(index as usize).map_or("", Input::name)
}

/// A date's state as sections; a checkpoint replaces both parts, so both are written.
fn sections(changes: DateState) -> impl Iterator<Item = NewSection> {
    let mode = match changes.kind {
        hotshard_ingest::detect::StateKind::Changes => StateMode::Changes,
        hotshard_ingest::detect::StateKind::Checkpoint => StateMode::Checkpoint,
    };
    [(StateKind::Counters, changes.counters), (StateKind::Hot, changes.hot)]
        .into_iter()
        .filter(move |(_, bytes)| !bytes.is_empty() || mode == StateMode::Checkpoint)
        .map(move |(kind, bytes)| NewSection { kind, date: Some(changes.date), mode, bytes })
}

fn notice_section(notices: &[PlacedNotice]) -> Option<NewSection> {
    let mut bytes = Vec::new();
    for notice in notices {
        #[expect(clippy::expect_used, reason = "writing plain data to memory cannot fail")]
        serde_json::to_writer(&mut bytes, notice).expect("plain data is always JSON");
        bytes.push(b'\n');
    }
    let section =
        NewSection { kind: StateKind::Notices, date: None, mode: StateMode::Changes, bytes };
    (!notices.is_empty()).then_some(section)
}
