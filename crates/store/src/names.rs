//! Event names by number: they are few, and rows need not carry them.

use std::num::NonZeroU32;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Most names that get a number, and most bytes of them. A name with an id in it makes a new name of
/// every event, and what is kept of names must not grow with the events.
const MAX_NAMES: usize = 1 << 16;
const MAX_BYTES: usize = 4 << 20;

/// The number of an event name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NameNumber(NonZeroU32);

impl NameNumber {
    fn at(index: usize) -> Self {
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        Self(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX))
    }

    pub(crate) const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Names and their numbers.
#[derive(Debug)]
pub(crate) struct Names {
    names: Vec<Arc<[u8]>>,
    numbers: HashMap<Arc<[u8]>, NameNumber, FixedState>,
    bytes: usize,
    /// All of them, shared by those who were given them since the last new one.
    shared: Option<Arc<[Arc<[u8]>]>>,
    /// The short names asked for last, each at a place that its bytes choose.
    recent: [Option<(ShortName, NameNumber)>; RECENT],
}

/// How many short names are at hand. Most streams have fewer.
const RECENT: usize = 64;

/// A name of 8 to 16 bytes, as its first eight, its last eight, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ShortName {
    first: u64,
    last: u64,
    bytes: usize,
}

impl ShortName {
    fn of(name: &[u8]) -> Option<Self> {
        let bytes = name.len();
        let first = u64::from_le_bytes(*name.first_chunk::<8>().filter(|_| bytes <= 16)?);
        Some(Self { first, last: u64::from_le_bytes(*name.last_chunk::<8>()?), bytes })
    }

    /// A place among the recent ones.
    fn place(self) -> usize {
        // The golden ratio of 64 bits, as in Fibonacci hashing (Knuth, volume 3, section 6.4).
        let mixed = (self.first ^ self.last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 58) as usize
    }
}

impl Default for Names {
    fn default() -> Self {
        let (names, numbers) = (Vec::new(), HashMap::default());
        Self { names, numbers, bytes: 0, shared: None, recent: [None; RECENT] }
    }
}

impl Names {
    /// The number of a name, which gets one if it has none.
    pub(crate) fn number(&mut self, name: &[u8]) -> NameNumber {
        let Some(short) = ShortName::of(name) else { return self.look_up(name) };
        match self.recent.get(short.place()) {
            Some(Some((recent, number))) if *recent == short => *number,
            _ => {
                let number = self.look_up(name);
                if let Some(place) = self.recent.get_mut(short.place()) {
                    *place = Some((short, number));
                }
                number
            }
        }
    }

    fn look_up(&mut self, name: &[u8]) -> NameNumber {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let (name, number): (Arc<[u8]>, _) = (name.into(), NameNumber::at(self.names.len()));
        self.bytes += name.len();
        self.shared = None;
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// Whether there are so many that they should be begun anew.
    pub(crate) fn are_many(&self) -> bool {
        self.names.len() >= MAX_NAMES || self.bytes >= MAX_BYTES
    }

    /// The names, by number.
    pub(crate) fn share(&mut self) -> Arc<[Arc<[u8]>]> {
        Arc::clone(self.shared.get_or_insert_with(|| self.names.as_slice().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = Names::default();
        let all: Vec<String> = (0..500).map(|n| "x".repeat(n % 21) + &n.to_string()).collect();
        let numbers: Vec<NameNumber> =
            all.iter().map(|name| names.number(name.as_bytes())).collect();
        for (name, number) in all.iter().zip(&numbers).chain(all.iter().zip(&numbers).rev()) {
            assert_eq!(names.number(name.as_bytes()), *number);
            assert_eq!(*names.share()[number.index()], *name.as_bytes());
        }
    }
}
