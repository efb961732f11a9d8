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
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: Vec<Arc<[u8]>>,
    numbers: HashMap<Arc<[u8]>, NameNumber, FixedState>,
    bytes: usize,
}

impl Names {
    /// The number of a name, which gets one if it has none.
    pub(crate) fn number(&mut self, name: &[u8]) -> NameNumber {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let (name, number): (Arc<[u8]>, _) = (name.into(), NameNumber::at(self.names.len()));
        self.bytes += name.len();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// Whether there are so many that they should be begun anew.
    pub(crate) fn are_many(&self) -> bool {
        self.names.len() >= MAX_NAMES || self.bytes >= MAX_BYTES
    }

    /// The names, by number.
    pub(crate) fn to_vec(&self) -> Vec<Arc<[u8]>> {
        self.names.clone()
    }
}
