//! Texts and pairs as small numbers.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashTable};
use hotshard_store::Texts;

/// Numbers texts in order of first occurrence; "missing" has a number too, once it occurs.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    /// The texts by number; an empty one stands for "missing".
    texts: Texts,
    numbers: HashTable<u32>,
    missing: Option<u32>,
    hasher: FixedState,
}

impl Interner {
    /// The number of a text, given to it now if it has none.
    pub(crate) fn number(&mut self, text: Option<&str>) -> u32 {
        let next = next_number(self.texts.len());
        let Some(text) = text else {
            return *self.missing.get_or_insert_with(|| {
                self.texts.push("");
                next
            });
        };
        let (texts, hasher, missing) = (&self.texts, &self.hasher, self.missing);
        let known = |number: u32| texts.get(number).unwrap_or_default();
        let entry = self.numbers.entry(
            hasher.hash_one(text),
            |&number| known(number) == text && missing != Some(number),
            |&number| hasher.hash_one(known(number)),
        );
        match entry {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                entry.insert(next);
                self.texts.push(text);
                next
            }
        }
    }

    /// The texts, each at its number.
    pub(crate) fn texts(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (0..next_number(self.len())).map(|number| self.text(number))
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number).filter(|_| self.missing != Some(number))
    }

    /// The texts by number, of which none may be "missing".
    pub(crate) fn into_texts(self) -> Texts {
        self.texts
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.texts.memory_bytes() + self.numbers.capacity() * size_of::<u32>()
    }
}

/// Numbers pairs of numbers in order of first occurrence.
#[derive(Debug, Default)]
pub(crate) struct PairNumbers {
    pairs: Vec<(u32, u32)>,
    numbers: HashMap<(u32, u32), u32, FixedState>,
    /// The pair asked for last: rows are sorted, so the next one is often the same.
    last: Option<((u32, u32), u32)>,
}

impl PairNumbers {
    /// The number of a pair, given to it now if it has none.
    pub(crate) fn number(&mut self, pair: (u32, u32)) -> u32 {
        if let Some((_, number)) = self.last.filter(|(last, _)| *last == pair) {
            return number;
        }
        let number = *self.numbers.entry(pair).or_insert_with(|| {
            self.pairs.push(pair);
            next_number(self.pairs.len() - 1)
        });
        self.last = Some((pair, number));
        number
    }

    /// The pairs, each at its number.
    pub(crate) fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.pairs.capacity() * size_of::<(u32, u32)>()
            + self.numbers.capacity() * size_of::<((u32, u32), u32)>()
    }
}

#[expect(clippy::expect_used, reason = "4 billion texts or pairs fit in no memory")]
fn next_number(taken: usize) -> u32 {
    u32::try_from(taken).expect("fewer than 2^32 distinct values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_text_is_not_missing() {
        let mut interner = Interner::default();
        assert_eq!(interner.number(None), 0);
        assert_eq!(interner.number(Some("")), 1);
        assert_eq!(interner.number(Some("a")), 2);
        assert_eq!((interner.number(None), interner.number(Some(""))), (0, 1));
        assert_eq!(interner.texts().collect::<Vec<_>>(), [None, Some(""), Some("a")]);
    }

    #[test]
    fn many_texts_keep_their_numbers() {
        let mut interner = Interner::default();
        let texts: Vec<String> = (0..5_000).map(|n| format!("id {n}")).collect();
        let first: Vec<u32> = texts.iter().map(|text| interner.number(Some(text))).collect();
        let again: Vec<u32> = texts.iter().map(|text| interner.number(Some(text))).collect();
        assert_eq!(first, again);
        assert_eq!(interner.len(), texts.len());
    }
}
