//! A stream, ready to be written.

use crate::line::{Draw, Style, push_nobodys_event, push_users_event};
use crate::origin::{Entry, Origin, Origins};
use crate::sampler::RankSampler;
use crate::seed::{RngStream, threshold};
use crate::user::User;
use crate::{RngSeed, WorkloadError, WorkloadSpec};

/// Lines in a chunk; the last chunk may have fewer.
pub const CHUNK_EVENTS: u64 = 8_192;
/// How many whole days before its place in the stream a late event may have happened.
pub const MAX_LATE_DAYS: i32 = 7;

/// An event happened up to this long after its place in the stream says: clients' clocks and
/// networks let events arrive nearly, not exactly, in order.
pub(crate) const MAX_JITTER_MS: u64 = 5_000;
const MILLIS_PER_DAY: u64 = 86_400_000;
/// Room to reserve for a line, so that a chunk's buffer grows at most once.
const LINE_BYTES: u64 = 300;

/// A stream of events, made chunk by chunk; equal for equal spec and seed.
#[derive(Debug, Clone)]
pub struct Workload {
    spec: WorkloadSpec,
    seed: RngSeed,
    users: RankSampler,
    origins: Origins,
    late_below: u64,
    duplicate_below: u64,
}

/// An event before it becomes a line, or a number.
#[derive(Debug)]
pub(crate) struct EventDraw<'a> {
    pub(crate) draw: Draw,
    /// What stands where the user's id belongs, if anything does.
    pub(crate) sender: Option<&'a Entry>,
    /// The number of the user who did it.
    pub(crate) user: u64,
}

impl Workload {
    /// Prepares a stream. Under Zipf this builds a table of 8 bytes a user.
    ///
    /// # Errors
    /// When the spec contradicts itself, see [`WorkloadSpec::validate`].
    pub fn new(spec: WorkloadSpec, seed: RngSeed) -> Result<Self, WorkloadError> {
        spec.validate()?;
        Ok(Self {
            users: RankSampler::new(spec.users, spec.ids),
            origins: Origins::new(&spec),
            late_below: threshold(spec.late_share),
            duplicate_below: threshold(spec.duplicate_share),
            spec,
            seed,
        })
    }

    /// What the stream looks like.
    #[must_use]
    pub fn spec(&self) -> &WorkloadSpec {
        &self.spec
    }

    /// The seed it comes from.
    #[must_use]
    pub fn seed(&self) -> RngSeed {
        self.seed
    }

    /// Number of chunks.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.spec.events.div_ceil(CHUNK_EVENTS)
    }

    /// Number of lines in this chunk; 0 past the last.
    #[must_use]
    pub fn events_in(&self, chunk: u64) -> u64 {
        let before = chunk.saturating_mul(CHUNK_EVENTS);
        self.spec.events.saturating_sub(before).min(CHUNK_EVENTS)
    }

    /// Appends the lines of this chunk, each ended by a line feed; nothing past the last chunk.
    /// Chunks may be written in any order and on any thread.
    pub fn write_chunk(&self, chunk: u64, out: &mut Vec<u8>) {
        let events = self.events_in(chunk);
        out.reserve(usize::try_from(events * LINE_BYTES).unwrap_or(0));
        let mut rng = RngStream::new(self.seed, chunk);
        let mut line_starts = Vec::new();
        for event in 0..events {
            let start = out.len();
            if self.repeats(&mut rng) && !line_starts.is_empty() {
                repeat_line(&line_starts, &mut rng, out);
            } else {
                self.write_event(chunk * CHUNK_EVENTS + event, &mut rng, out);
            }
            if self.duplicate_below > 0 {
                line_starts.push(start);
            }
        }
    }

    /// Whether the next line is a retry of one before it in its chunk, if there is one.
    #[inline]
    pub(crate) fn repeats(&self, rng: &mut RngStream) -> bool {
        rng.bits() < self.duplicate_below
    }

    /// What the ids of the stream are.
    pub(crate) fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Draws the event with this number: all that is random about it.
    #[inline]
    pub(crate) fn draw_event(&self, event: u64, rng: &mut RngStream) -> EventDraw<'_> {
        let time_ms = self.time_ms(event, rng);
        let draw = Draw { time_ms, insert_id: (rng.bits(), rng.bits()), choices: rng.bits() };
        let sender = self.origins.pick(rng.bits(), time_ms.cast_signed());
        EventDraw { draw, sender, user: self.users.rank(rng) }
    }

    fn write_event(&self, event: u64, rng: &mut RngStream, out: &mut Vec<u8>) {
        let EventDraw { draw, sender, user } = self.draw_event(event, rng);
        let style = Style { detail: self.spec.detail, identifies: false };
        let identified = Style { identifies: self.origins.identifies, ..style };
        let user = User::of_rank(user);
        match sender.map(|entry| &entry.origin) {
            None => push_users_event(draw, user, None, identified, out),
            Some(Origin::StaticIdentify { id }) => {
                push_users_event(draw, user, Some(id), identified, out);
            }
            Some(Origin::Constant { id }) => push_users_event(draw, user, Some(id), style, out),
            Some(Origin::Nobody { id }) => push_nobodys_event(draw, id, out),
        }
    }

    /// When the event with this number happened: its even share of the days, plus jitter that does
    /// not leave them, less some days if it is late.
    fn time_ms(&self, event: u64, rng: &mut RngStream) -> u64 {
        let span_ms = u64::from(self.spec.days) * MILLIS_PER_DAY;
        let place_ms = proportion(span_ms, event, self.spec.events);
        let jittered_ms = place_ms + rng.below(MAX_JITTER_MS);
        let offset_ms = if jittered_ms < span_ms { jittered_ms } else { place_ms };
        let time_ms =
            u64::from(self.spec.start.epoch_days().unsigned_abs()) * MILLIS_PER_DAY + offset_ms;
        if rng.bits() < self.late_below {
            let days = 1 + rng.below(u64::from(MAX_LATE_DAYS.unsigned_abs()));
            time_ms - days * MILLIS_PER_DAY
        } else {
            time_ms
        }
    }
}

/// `whole` · `part` / `parts`, for a part below the number of parts.
#[expect(clippy::cast_possible_truncation, reason = "at most `whole`")]
fn proportion(whole: u64, part: u64, parts: u64) -> u64 {
    match whole.checked_mul(part) {
        Some(product) => product / parts,
        None => (u128::from(whole) * u128::from(part) / u128::from(parts)) as u64,
    }
}

/// Appends a copy of one of the lines that start here, the last of which ends the output.
fn repeat_line(line_starts: &[usize], rng: &mut RngStream, out: &mut Vec<u8>) {
    let line = usize::try_from(rng.below(line_starts.len() as u64)).unwrap_or(0);
    let end = line_starts.get(line + 1).copied().unwrap_or(out.len());
    if let Some(&start) = line_starts.get(line) {
        out.extend_from_within(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(events: u64) -> Workload {
        Workload::new(
            WorkloadSpec::new(events).users(10, crate::IdDistribution::Uniform),
            RngSeed::DEFAULT,
        )
        .unwrap()
    }

    #[test]
    fn chunks_hold_all_events_and_nothing_more() {
        for events in [1, CHUNK_EVENTS - 1, CHUNK_EVENTS, CHUNK_EVENTS + 1, 3 * CHUNK_EVENTS] {
            let workload = workload(events);
            let sizes: Vec<u64> =
                (0..workload.chunks()).map(|chunk| workload.events_in(chunk)).collect();
            assert_eq!(sizes.iter().sum::<u64>(), events);
            assert!(sizes.iter().all(|&size| size > 0));
            let mut past_the_end = Vec::new();
            workload.write_chunk(workload.chunks(), &mut past_the_end);
            workload.write_chunk(u64::MAX, &mut past_the_end);
            assert!(past_the_end.is_empty());
        }
    }

    #[test]
    fn a_place_is_exact_also_past_64_bits() {
        assert_eq!(proportion(86_400_000, 1, 2), 43_200_000);
        assert_eq!(proportion(u64::MAX, u64::MAX - 1, u64::MAX), u64::MAX - 1);
    }
}
