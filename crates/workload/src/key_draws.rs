//! A stream's keys, event by event, without its lines.

use rayon::prelude::*;

use crate::arrivals::Arrivals;
use crate::seed::RngStream;
use crate::window::MILLIS_PER_DAY;
use crate::workload::EventDraw;
use crate::{CHUNK_EVENTS, RngSeed, Workload, WorkloadError, WorkloadSpec, synthetic_hash};

/// Most events that are drawn one by one; a key takes 4 bytes.
pub const MAX_DRAWN_EVENTS: u64 = 1 << 32;

/// Draws the keys of a stream: those that the lines of the [`Workload`] of the same spec and seed
/// have, event by event, late ones and retries included.
///
/// ```
/// use hotshard_workload::{IdDistribution, KeyDraws, RngSeed, WorkloadSpec};
///
/// let spec = WorkloadSpec::new(100_000)
///     .users(1_000, IdDistribution::Zipf { s: 1.0 })
///     .heavy("user_id", 0.2);
/// let drawn = KeyDraws::new(&spec, RngSeed::new(7))?.draw();
///
/// let heavy = 1_000; // Users come first, and there is one day.
/// let events = drawn.keys.iter().filter(|&&key| key == heavy).count();
/// assert!((19_000..21_000).contains(&events), "a fifth, got {events}");
/// # Ok::<(), hotshard_workload::WorkloadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyDraws {
    workload: Workload,
    layout: KeyLayout,
}

/// Events as the numbers of their keys, in the order of the stream.
///
/// A key is one (id, event date). Dates are those on which events happened, in UTC: late events lie
/// before the stream's first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnKeys {
    /// The key of each event.
    pub keys: Vec<u32>,
    /// The hash of each key's id, see [`synthetic_hash`]. Keys of one id share it.
    pub hashes: Vec<u64>,
    /// The key of the events without an id, if the stream may have any.
    pub nobody: Option<u32>,
    /// Days over which the events arrive.
    pub days: u32,
}

impl KeyDraws {
    /// Prepares the draws.
    ///
    /// # Errors
    /// When the spec contradicts itself, or has more than [`MAX_DRAWN_EVENTS`].
    pub fn new(spec: &WorkloadSpec, seed: RngSeed) -> Result<Self, WorkloadError> {
        if spec.events > MAX_DRAWN_EVENTS {
            return Err(WorkloadError::TooManyDraws {
                events: spec.events,
                limit: MAX_DRAWN_EVENTS,
            });
        }
        let workload = Workload::new(spec.clone(), seed)?;
        let layout = KeyLayout::new(&workload);
        Ok(Self { workload, layout })
    }

    /// Draws all events, on the current rayon pool; the same for any number of threads.
    #[must_use]
    pub fn draw(&self) -> DrawnKeys {
        match self.layout.dense_keys(self.workload.spec().events) {
            Some(keys) => self.draw_dense(keys),
            None => self.draw_sparse(),
        }
    }

    /// Every key that there could be has its place.
    fn draw_dense(&self, keys: u64) -> DrawnKeys {
        let drawn = self.draw_places(narrow);
        let hashes = (0..keys).map(|place| self.hash(place)).collect();
        let nobody = self.layout.nobody().map(narrow);
        DrawnKeys { keys: drawn, hashes, nobody, days: self.workload.spec().days }
    }

    /// Only keys that occur are numbered, in the order of their places.
    fn draw_sparse(&self) -> DrawnKeys {
        let places: Vec<u64> = self.draw_places(|place| place);
        let mut occurring = places.clone();
        occurring.par_sort_unstable();
        occurring.dedup();
        let number = |place: u64| occurring.binary_search(&place).ok().map(|at| narrow(at as u64));
        let keys = places.par_iter().map(|&place| number(place).unwrap_or_default()).collect();
        DrawnKeys {
            keys,
            hashes: occurring.par_iter().map(|&place| self.hash(place)).collect(),
            nobody: self.layout.nobody().and_then(number),
            days: self.workload.spec().days,
        }
    }

    fn draw_places<P: Copy + Default + Send>(&self, place: impl Fn(u64) -> P + Sync) -> Vec<P> {
        let events = usize::try_from(self.workload.spec().events).unwrap_or(usize::MAX);
        let mut drawn = vec![P::default(); events];
        #[expect(clippy::cast_possible_truncation, reason = "a chunk is 8 192 events")]
        drawn.par_chunks_mut(CHUNK_EVENTS as usize).enumerate().for_each(|(chunk, events)| {
            self.draw_chunk(chunk as u64, events, &place);
        });
        drawn
    }

    /// The keys of a chunk, by the random words that its lines are made from.
    fn draw_chunk<P: Copy>(&self, chunk: u64, out: &mut [P], place: impl Fn(u64) -> P) {
        let mut rng = RngStream::new(self.workload.seed(), chunk);
        for event in 0..out.len() {
            let earlier = event as u64;
            let drawn = if self.workload.repeats(&mut rng) && earlier > 0 {
                let line = usize::try_from(rng.below(earlier)).unwrap_or(0);
                out.get(line).copied()
            } else {
                let event = chunk * CHUNK_EVENTS + earlier;
                Some(place(self.layout.place(&self.workload.draw_event(event, &mut rng))))
            };
            if let (Some(key), Some(drawn)) = (out.get_mut(event), drawn) {
                *key = drawn;
            }
        }
    }

    fn hash(&self, place: u64) -> u64 {
        synthetic_hash(self.workload.seed(), self.layout.id_of(place))
    }
}

/// Where keys lie in a row of all that there could be: ids by number, and the dates of an id next to
/// each other; nobody's events come last, whatever their date.
#[derive(Debug, Clone, Copy)]
struct KeyLayout {
    ids: u64,
    first_date: u64,
    dates: u64,
    has_nobody: bool,
}

impl KeyLayout {
    fn new(workload: &Workload) -> Self {
        let dates = Arrivals::new(workload.spec()).event_dates();
        Self {
            ids: workload.origins().ids(),
            first_date: dates.start.unsigned_abs(),
            dates: (dates.end - dates.start).unsigned_abs(),
            has_nobody: workload.spec().empty_share > 0.0,
        }
    }

    #[inline]
    fn place(&self, event: &EventDraw<'_>) -> u64 {
        let id = match event.sender {
            None => event.user,
            Some(entry) => match entry.number {
                Some(number) => number,
                None => return self.ids * self.dates,
            },
        };
        let date = event.draw.time_ms / MILLIS_PER_DAY.unsigned_abs() - self.first_date;
        id * self.dates + date
    }

    fn id_of(&self, place: u64) -> u64 {
        place / self.dates
    }

    fn nobody(&self) -> Option<u64> {
        self.has_nobody.then_some(self.ids * self.dates)
    }

    /// How many keys there could be, unless a table of them would be large beside the events.
    fn dense_keys(&self, events: u64) -> Option<u64> {
        /// A table of this many hashes takes 8 MiB: never worth a second look.
        const SMALL: u64 = 1 << 20;
        let keys = self.ids.checked_mul(self.dates)?.checked_add(u64::from(self.has_nobody))?;
        (keys <= SMALL.max(events / 2) && keys <= u64::from(u32::MAX)).then_some(keys)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "keys are numbered in 32 bits")]
fn narrow(place: u64) -> u32 {
    place as u32
}
