//! What codes stand for.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hotshard_event::EventDate;

use super::bytes::Bytes;
use super::page::Undecodable;

/// The distinct values of a column in one row group, each at its code.
///
/// A row without a value has the code after the last, [`Dictionary::missing`].
#[derive(Debug, Clone, PartialEq)]
pub enum Dictionary {
    /// Texts.
    Texts(Texts),
    /// Days since 1970.
    Days(Vec<i32>),
    /// Integers.
    Longs(Vec<i64>),
    /// Floating point.
    Doubles(Vec<f64>),
    /// `false` and `true`.
    Flags,
}

/// Texts one after another.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Texts {
    texts: String,
    ends: Vec<usize>,
}

impl Texts {
    /// No texts.
    #[must_use]
    pub const fn new() -> Self {
        Self { texts: String::new(), ends: Vec::new() }
    }

    /// The text of a code.
    #[must_use]
    pub fn get(&self, code: u32) -> Option<&str> {
        let code = code as usize;
        let end = *self.ends.get(code)?;
        let start = match code.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.texts.get(start..end)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a text behind the others.
    pub fn push(&mut self, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
    }

    /// About how much memory they take, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.texts.capacity() + self.ends.capacity() * size_of::<usize>()
    }
}

impl Dictionary {
    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Days(days) => days.len(),
            Self::Longs(longs) => longs.len(),
            Self::Doubles(doubles) => doubles.len(),
            Self::Flags => 2,
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of rows without a value.
    #[must_use]
    pub fn missing(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// The value of a code as text, `None` of [`Dictionary::missing`].
    #[must_use]
    pub fn text(&self, code: u32) -> Option<Cow<'_, str>> {
        let at = code as usize;
        Some(match self {
            Self::Texts(texts) => Cow::Borrowed(texts.get(code)?),
            Self::Days(days) => EventDate::from_epoch_days(*days.get(at)?).to_string().into(),
            Self::Longs(longs) => longs.get(at)?.to_string().into(),
            Self::Doubles(doubles) => doubles.get(at)?.to_string().into(),
            Self::Flags => (*["false", "true"].get(at)?).into(),
        })
    }

    /// Adds `values` plain values as they are, also where two are equal.
    pub(super) fn read_plain(&mut self, bytes: &[u8], values: u32) -> Result<(), Undecodable> {
        let mut bytes = Bytes::of(bytes);
        for _ in 0..values {
            self.read_one(&mut bytes)?;
        }
        Ok(())
    }

    fn read_one(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Undecodable> {
        const OUT_OF_BYTES: &str = "plain values end before their page does";
        match self {
            Self::Texts(texts) => {
                let text = bytes.length().and_then(|length| bytes.take(length));
                texts.push(as_text(text.ok_or(OUT_OF_BYTES)?)?);
            }
            Self::Days(days) => {
                days.push(i32::from_le_bytes(bytes.array().ok_or(OUT_OF_BYTES)?));
            }
            Self::Longs(longs) => {
                longs.push(i64::from_le_bytes(bytes.array().ok_or(OUT_OF_BYTES)?));
            }
            Self::Doubles(doubles) => {
                doubles.push(f64::from_le_bytes(bytes.array().ok_or(OUT_OF_BYTES)?));
            }
            Self::Flags => return Err("a dictionary of booleans"),
        }
        Ok(())
    }
}

pub(super) fn as_text(bytes: &[u8]) -> Result<&str, Undecodable> {
    std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8")
}

/// Numbers plain values: pages behind a dictionary that was full have them.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    texts: HashMap<String, u32, FixedState>,
    /// Those that are no texts, by their bits.
    others: HashMap<u64, u32, FixedState>,
    /// How many values of the dictionary are numbered already.
    known: u32,
}

impl Numbers {
    /// Reads `rows` plain values and writes the code of each to `codes`.
    pub(super) fn read_plain(
        &mut self,
        dictionary: &mut Dictionary,
        bytes: &[u8],
        codes: &mut [u32],
    ) -> Result<(), Undecodable> {
        self.catch_up(dictionary);
        let mut bytes = Bytes::of(bytes);
        for code in codes {
            // A value goes behind the dictionary and stays there only if it is new.
            dictionary.read_one(&mut bytes)?;
            let number = dictionary.missing() - 1;
            *code = self.number(dictionary, number);
            if *code == number {
                self.known += 1;
            } else {
                dictionary.pop();
            }
        }
        Ok(())
    }

    fn catch_up(&mut self, dictionary: &Dictionary) {
        for number in self.known..dictionary.missing() {
            self.number(dictionary, number);
        }
        self.known = dictionary.missing();
    }

    /// The number of the value at this place of the dictionary: the place, unless an equal value
    /// stands before it.
    fn number(&mut self, dictionary: &Dictionary, place: u32) -> u32 {
        let at = place as usize;
        let bits = match dictionary {
            Dictionary::Texts(texts) => {
                let text = texts.get(place).unwrap_or_default();
                return *self.texts.entry_ref(text).or_insert(place);
            }
            Dictionary::Days(days) => days.get(at).map(|day| i64::from(*day).cast_unsigned()),
            Dictionary::Longs(longs) => longs.get(at).map(|long| long.cast_unsigned()),
            Dictionary::Doubles(doubles) => doubles.get(at).map(|double| double.to_bits()),
            Dictionary::Flags => None,
        };
        bits.map_or(place, |bits| *self.others.entry(bits).or_insert(place))
    }
}

impl Dictionary {
    fn pop(&mut self) {
        match self {
            Self::Texts(texts) => {
                texts.ends.pop();
                texts.texts.truncate(texts.ends.last().copied().unwrap_or_default());
            }
            Self::Days(days) => drop(days.pop()),
            Self::Longs(longs) => drop(longs.pop()),
            Self::Doubles(doubles) => drop(doubles.pop()),
            Self::Flags => {}
        }
    }
}
