//! What happens to blocks in order: detection, remedy, routing, commits.

use std::collections::BTreeMap;

use hotshard_event::{EventBlock, EventDate, Skew, SourceMark};
use hotshard_ingest::decode::{DecodedBlock, Decoder, Position, Positions, Reject};
use hotshard_ingest::detect::{BlockCounts, DateState, Detector, Notice};
use hotshard_ingest::remedy;
use hotshard_ingest::source::{Input, RawBlock};
use hotshard_query::{MeasuredTime, wall_clock_ms};
use hotshard_store::{
    CommitDetails, NewSection, RejectedContent, RejectedRecord, StateKind, StateMode,
};

use super::crew::{Crew, SourceEnd};
use super::sink::Sink;
use super::summary::{PlacedNotice, Tally};
use super::{IngestSummary, OnProgress, Progress};
use crate::memory::MemoryPlan;
use crate::{Error, MemoryBudget, peak_memory_bytes};

/// A block on its way.
pub(super) struct Decoded {
    /// Where it comes from; its bytes are the events' now.
    raw: RawBlock,
    block: DecodedBlock,
    counts: BlockCounts,
    /// Bytes of its source read up to its end, as they lie there.
    raw_bytes: u64,
}

impl Decoded {
    /// Decodes and counts a block.
    pub(super) fn new(decoder: &Decoder, mut raw: RawBlock, raw_bytes: u64) -> Self {
        let block = decoder.decode(&mut raw);
        let counts = BlockCounts::of(&block.events);
        Self { raw, block, counts, raw_bytes }
    }
}

/// Everything after the reader.
pub(super) struct Pipeline<'a> {
    pub(super) sink: Sink,
    pub(super) detector: Detector,
    pub(super) plan: MemoryPlan,
    inputs: &'a [Input],
    on_progress: &'a OnProgress,
    tally: Tally,
    /// Bytes of the sources that have ended, as they lie there.
    ended_raw_bytes: u64,
    /// By source, how far this batch takes it in.
    pub(super) marks: BTreeMap<u32, SourceMark>,
    /// Content that this batch takes in, in bytes.
    batch_content_bytes: usize,
    /// Notices of this batch.
    notices: Vec<PlacedNotice>,
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(
        sink: Sink,
        plan: MemoryPlan,
        inputs: &'a [Input],
        on_progress: &'a OnProgress,
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
            detector: detector.with_stored_dates(stored),
            plan,
            inputs,
            on_progress,
            batch_content_bytes: 0,
            tally: Tally::default(),
            ended_raw_bytes: 0,
            marks: BTreeMap::new(),
            notices: Vec::new(),
        })
    }

    /// The sources in the store.
    pub(super) fn known(&self) -> Vec<SourceMark> {
        self.sink.committed().map_or_else(Vec::new, |snapshot| snapshot.sources().to_vec())
    }

    /// Takes note that a source has ended.
    pub(super) fn end_source(&mut self, source: SourceEnd) {
        self.ended_raw_bytes += source.raw_bytes;
        self.tally.duplicate_sources.extend(source.duplicate);
    }

    pub(super) fn note_resumed(&mut self, name: String) {
        self.tally.resumed_sources.push(name);
    }

    /// Commits what is left.
    pub(super) fn finish(&mut self, crew: &Crew) -> Result<(), Error> {
        if self.marks.is_empty() { Ok(()) } else { self.commit(crew) }
    }

    /// Detects, remedies and appends one block; commits when the batch is large enough. Gives back
    /// the memory of its texts.
    pub(super) fn take(&mut self, decoded: Decoded, crew: &Crew) -> Result<Vec<u8>, Error> {
        let Decoded { raw, mut block, counts, raw_bytes } = decoded;
        // First, since it may commit, and nothing of this block must be in that commit.
        self.make_ready(&counts, crew)?;
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
        self.batch_content_bytes += events.text_len();
        self.marks.insert(raw.source, raw.mark);
        self.give_rows(crew);
        let rejects_bytes = self.sink.rejects_bytes();
        if self.batch_content_bytes > self.plan.commit_bytes
            || rejects_bytes > self.plan.rejects_bytes
            || self.sink.row_groups() > self.plan.row_groups
        {
            self.commit(crew)?;
        }
        let raw_bytes = self.ended_raw_bytes + raw_bytes;
        (self.on_progress)(Progress { raw_bytes, events: self.tally.events });
        Ok(events.into_parts().0)
    }

    /// Gives rows away to be encoded until those that are left keep to their share of memory.
    fn give_rows(&mut self, crew: &Crew) {
        crew.give(self.sink.give_full(self.plan.row_group_bytes));
        while self.sink.buffered_bytes() > self.plan.rows_bytes {
            let Some(job) = self.sink.give_fullest() else { break };
            crew.give([job]);
        }
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
        let mut positions = Positions::new(events, raw);
        let first = events.rows().first().map_or(0, |row| row.sequence.get());
        for notice in notices {
            let row = usize::try_from(notice.sequence.get() - first).unwrap_or(usize::MAX);
            let position =
                events.rows().get(row).map_or_else(Position::default, |row| positions.of(row));
            let source = source_name(self.inputs, raw.source).to_owned();
            let (line, offset) = (position.line, position.offset);
            self.notices.push(PlacedNotice { notice, source, line, offset });
        }
    }

    /// Makes the batch visible, with everything that belongs to it.
    pub(super) fn commit(&mut self, crew: &Crew) -> Result<(), Error> {
        crew.give(self.sink.give_all());
        crew.finish_jobs(&mut self.sink)?;
        crew.give(self.sink.finish_files());
        crew.finish_jobs(&mut self.sink)?;
        self.batch_content_bytes = 0;
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
