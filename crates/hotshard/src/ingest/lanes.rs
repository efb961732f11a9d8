//! Which source is read next, when several are read at once.
//!
//! Each source that is being read is a lane. Unpacking a source is serial, so threads that would
//! wait for each other there read different ones. Events are taken strictly in input order all the
//! same: what is read ahead waits, and keeps to a part of the memory, so that the source whose turn
//! it is can always go on.

use std::collections::VecDeque;

/// What may be under way at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Threads, and so many lanes.
    pub(super) threads: usize,
    /// Blocks from being read to being appended.
    pub(super) blocks: usize,
    /// Memory of rows that were given away to be encoded, in bytes. One job may pass it.
    pub(super) away_bytes: usize,
}

impl Limits {
    /// Blocks up to which sources are read ahead of their turn: what is left is enough to have every
    /// thread at the source whose turn it is.
    const fn blocks_ahead(self) -> usize {
        self.blocks.saturating_sub(self.threads)
    }
}

/// When a source may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Beside the ones before it.
    Early,
    /// When those before it are read to their end: what can be read only once, say.
    InTurn,
}

/// What reading left of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// This block was read; more may follow.
    Block,
    /// No block was read, but more may follow.
    More,
    /// It cannot be read before its turn comes. Nothing was found.
    Waits,
    /// No block was read, nothing is left.
    Nothing,
    /// It cannot be read further. No later source is taken in.
    Failed,
}

/// The sources of an ingest that are neither read to their end nor untouched.
#[derive(Debug)]
pub(super) struct Lanes {
    limits: Limits,
    /// By source.
    openings: Vec<Opening>,
    /// The first source that is not read to its end: the one whose turn it is.
    first: usize,
    /// From that one on.
    lanes: VecDeque<Lane>,
    blocks: usize,
}

#[derive(Debug)]
struct Lane {
    /// Number, within the source, of what is found next.
    number: u64,
    state: State,
    /// Whether it is known to be packed. Another lane beside a plain file gains nothing.
    is_packed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Can be read.
    Free,
    /// Somebody reads it.
    Busy,
    /// Can be read when its turn comes.
    Waiting,
    Ended,
}

impl Lanes {
    pub(super) const fn new(limits: Limits, openings: Vec<Opening>) -> Self {
        Self { limits, openings, first: 0, lanes: VecDeque::new(), blocks: 0 }
    }

    /// How many sources there are, up to the first that failed.
    pub(super) fn sources(&self) -> usize {
        self.openings.len()
    }

    /// Takes a source to read from, if there is one and room for a block: the source and the number
    /// of what will be found. [`Lanes::end_read`] must follow.
    pub(super) fn take(&mut self) -> Option<(usize, u64)> {
        let index = self.free_lane().or_else(|| self.open_lane())?;
        let lane = self.lanes.get_mut(index)?;
        lane.state = State::Busy;
        self.blocks += 1;
        Some((self.first + index, lane.number))
    }

    /// The earliest open lane that can be read.
    fn free_lane(&self) -> Option<usize> {
        let index = self.lanes.iter().enumerate().position(|(index, lane)| {
            lane.state == State::Free || (index == 0 && lane.state == State::Waiting)
        })?;
        self.has_room(index).then_some(index)
    }

    /// A lane for the next source, if the open ones leave threads without work.
    fn open_lane(&mut self) -> Option<usize> {
        let index = self.lanes.len();
        let opening = self.openings.get(self.first + index)?;
        let mut open = self.lanes.iter().filter(|lane| lane.state != State::Ended);
        let gains = open.clone().count() < self.limits.threads && open.all(|lane| lane.is_packed);
        let may_open = index == 0 || (gains && *opening == Opening::Early);
        if !may_open || !self.has_room(index) {
            return None;
        }
        self.lanes.push_back(Lane { number: 0, state: State::Free, is_packed: false });
        Some(index)
    }

    fn has_room(&self, index: usize) -> bool {
        let most = if index == 0 { self.limits.blocks } else { self.limits.blocks_ahead() };
        self.blocks < most
    }

    /// Says that a source is packed, and that one behind it may be opened.
    pub(super) fn note_packed(&mut self, source: usize) {
        if let Some(lane) = self.lane(source) {
            lane.is_packed = true;
        }
    }

    /// Gives a source back.
    pub(super) fn end_read(&mut self, source: usize, left: Left) {
        if left != Left::Block {
            self.end_block();
        }
        // A source behind one that failed has no lane any more.
        let Some(lane) = self.lane(source) else { return };
        lane.state = match left {
            Left::Block | Left::More => State::Free,
            Left::Waits => State::Waiting,
            Left::Nothing | Left::Failed => State::Ended,
        };
        if left != Left::Waits {
            lane.number += 1;
        }
        if left == Left::Failed {
            self.openings.truncate(source + 1);
            self.lanes.truncate(source + 1 - self.first);
        }
        while self.lanes.pop_front_if(|lane| lane.state == State::Ended).is_some() {
            self.first += 1;
        }
    }

    /// Says that a block is done with.
    pub(super) fn end_block(&mut self) {
        self.blocks -= 1;
    }

    fn lane(&mut self, source: usize) -> Option<&mut Lane> {
        self.lanes.get_mut(source.checked_sub(self.first)?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// A source that is not there.
    #[derive(Debug, Clone)]
    struct Imagined {
        opening: Opening,
        is_packed: bool,
        /// Whether it waits for its turn once it is looked at.
        waits: bool,
        finds: Vec<Left>,
    }

    fn imagined() -> impl Strategy<Value = Imagined> {
        let opening = prop_oneof![9 => Just(Opening::Early), 1 => Just(Opening::InTurn)];
        let find = prop_oneof![8 => Just(Left::Block), 1 => Just(Left::More)];
        let end = prop_oneof![60 => Just(Left::Nothing), 1 => Just(Left::Failed)];
        let finds = (proptest::collection::vec(find, 0..5), end).prop_map(|(mut finds, end)| {
            finds.push(end);
            finds
        });
        (opening, prop::bool::weighted(0.9), prop::bool::weighted(0.2), finds).prop_map(
            |(opening, is_packed, waits, finds)| Imagined { opening, is_packed, waits, finds },
        )
    }

    /// Threads that read and take in order as chance has it.
    struct Play<'s> {
        sources: &'s [Imagined],
        limits: Limits,
        lanes: Lanes,
        /// What is read at the moment.
        reading: Vec<(usize, u64)>,
        arrived: BTreeSet<(usize, u64)>,
        next_in_order: (usize, u64),
        most_at_once: usize,
    }

    impl<'s> Play<'s> {
        fn new(sources: &'s [Imagined], limits: Limits) -> Self {
            let openings = sources.iter().map(|source| source.opening).collect();
            Self {
                sources,
                limits,
                lanes: Lanes::new(limits, openings),
                reading: Vec::new(),
                arrived: BTreeSet::new(),
                next_in_order: (0, 0),
                most_at_once: 0,
            }
        }

        fn start(&mut self) -> bool {
            if self.reading.len() == self.limits.threads {
                return false;
            }
            let Some((source, number)) = self.lanes.take() else { return false };
            assert!(
                self.reading.iter().all(|(other, _)| *other != source),
                "read by one at a time"
            );
            assert!(self.lanes.blocks <= self.limits.blocks);
            if source > self.lanes.first {
                assert!(self.lanes.blocks <= self.limits.blocks_ahead());
                assert_eq!(self.sources[source].opening, Opening::Early);
            }
            self.reading.push((source, number));
            self.most_at_once = self.most_at_once.max(self.reading.len());
            if self.sources[source].is_packed {
                self.lanes.note_packed(source);
            }
            true
        }

        fn end(&mut self, nth: usize) {
            let (source, number) = self.reading.swap_remove(nth);
            let imagined = &self.sources[source];
            if number == 0 && imagined.waits && source != self.lanes.first {
                self.lanes.end_read(source, Left::Waits);
                return;
            }
            let left = imagined.finds[usize::try_from(number).unwrap()];
            self.lanes.end_read(source, left);
            self.arrived.insert((source, number));
        }

        /// Takes what is next in order; false if it is not there.
        fn take(&mut self) -> bool {
            let (source, number) = self.next_in_order;
            if !self.arrived.remove(&self.next_in_order) {
                return false;
            }
            self.next_in_order = match self.sources[source].finds[usize::try_from(number).unwrap()]
            {
                Left::Nothing => (source + 1, 0),
                Left::Failed => (usize::MAX, 0),
                Left::Block => {
                    self.lanes.end_block();
                    (source, number + 1)
                }
                Left::More | Left::Waits => (source, number + 1),
            };
            true
        }

        fn is_over(&self) -> bool {
            self.next_in_order.0 >= self.sources.len()
        }
    }

    proptest! {
        #[test]
        fn all_is_taken_in_order_however_few_blocks_there_may_be(
            sources in proptest::collection::vec(imagined(), 0..40),
            threads in 1_usize..=8,
            spare_blocks in 0_usize..10,
            mut chance in any::<u64>(),
        ) {
            let limits = Limits { threads, blocks: threads + spare_blocks, away_bytes: 0 };
            let mut play = Play::new(&sources, limits);
            while !play.is_over() {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let first = (chance >> 60) % 3;
                let nth = usize::try_from(chance >> 40).unwrap() % play.reading.len().max(1);
                let went_on = (first..first + 3).any(|step| match step % 3 {
                    0 => play.start(),
                    1 if play.reading.is_empty() => false,
                    1 => { play.end(nth); true },
                    _ => play.take(),
                });
                prop_assert!(went_on, "nothing can go on at {:?}", play.next_in_order);
            }
        }
    }

    #[test]
    fn packed_sources_are_read_by_as_many_as_there_are_threads() {
        let source = |is_packed| {
            let finds = vec![Left::Block, Left::Nothing];
            Imagined { opening: Opening::Early, is_packed, waits: false, finds }
        };
        let limits = Limits { threads: 3, blocks: 12, away_bytes: 0 };
        for (is_packed, at_once) in [(true, 3), (false, 1)] {
            let sources = vec![source(is_packed); 5];
            let mut play = Play::new(&sources, limits);
            while play.start() {}
            assert_eq!(play.most_at_once, at_once);
        }
    }
}
