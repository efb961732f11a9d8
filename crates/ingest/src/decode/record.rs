//! One record, read once: the values that become columns, while the text of all other properties
//! is written out.

use std::borrow::Cow;
use std::ops::Range;

use hotshard_event::{MAX_NESTING, ORIGINAL_DISTINCT_ID, ORIGINAL_EVENT_NAME};
use serde::de::IgnoredAny;

use crate::decode::cursor::{Cursor, NotJson, Piece};
use crate::decode::fault::{Fault, kind_of};
use crate::decode::{number, string};

/// The values of a record that mean something, as JSON. Of duplicate keys the last one counts.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) event: Option<&'a str>,
    pub(super) properties: PropertiesValue<'a>,
    /// Top-level keys that are not part of an event.
    pub(super) ignored_keys: u64,
}

/// What a record has under `properties`.
#[derive(Debug)]
pub(super) enum PropertiesValue<'a> {
    /// Nothing.
    Missing,
    /// An object.
    Object(Properties<'a>),
    /// Something else, in a word.
    Other(&'static str),
}

/// The values of `properties` that become columns, as JSON.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    pub(super) time: Option<&'a str>,
    pub(super) distinct_id: Option<&'a str>,
    pub(super) insert_id: Option<&'a str>,
    pub(super) original_name: Option<&'a str>,
    pub(super) original_distinct_id: Option<&'a str>,
    /// How many keys the object has, columns and duplicates included.
    pub(super) keys: usize,
}

/// Which `mp_original_…` properties leave the text of the others because they fill columns.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) name: bool,
    pub(super) distinct_id: bool,
}

impl<'a> Record<'a> {
    /// Reads the record in `text`, and appends the properties that are no columns to `out`: a JSON
    /// object with keys and values as they were written, and nothing between them.
    ///
    /// # Errors
    /// When it is not JSON, nests too deep, or is no object. `out` may then have grown.
    pub(super) fn read(text: &'a str, taken: Taken, out: &mut String) -> Result<Self, Fault<'a>> {
        Self::scan(text, taken, out).map_err(|fault| {
            // What is not JSON is called that, whatever else is wrong with it.
            match serde_json::from_str::<IgnoredAny>(text) {
                Err(error) => string::invalid_json(text, 0, &error),
                Ok(_) => fault,
            }
        })
    }

    fn scan(text: &'a str, taken: Taken, out: &mut String) -> Result<Self, Fault<'a>> {
        let mut cursor = Cursor::new(text);
        if cursor.peek() != Some(b'{') {
            let value = shallow(cursor.value()?, 0)?;
            return Err(Fault::NotAnObject { value });
        }
        let begin = out.len();
        let mut record =
            Self { event: None, properties: PropertiesValue::Missing, ignored_keys: 0 };
        let mut next = cursor.first_key()?;
        while let Some(key) = next {
            match &*name_of(text, key)? {
                "properties" if cursor.peek() == Some(b'{') => {
                    out.truncate(begin);
                    let properties = Properties::scan(text, &mut cursor, taken, out)?;
                    record.properties = PropertiesValue::Object(properties);
                }
                "properties" => {
                    let value = shallow(cursor.value()?, 1)?;
                    record.properties = PropertiesValue::Other(kind_of(value));
                }
                "event" => record.event = Some(shallow(cursor.value()?, 1)?),
                _ => {
                    shallow(cursor.value()?, 1)?;
                    record.ignored_keys += 1;
                }
            }
            next = cursor.next_key()?;
        }
        cursor.end()?;
        Ok(record)
    }
}

impl<'a> Properties<'a> {
    /// Reads the object at the cursor.
    fn scan(
        text: &'a str,
        cursor: &mut Cursor<'a>,
        taken: Taken,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        let mut found = Self::default();
        let mut others = Others { text, run: 0..0, separator: "{", out };
        let mut next = cursor.first_key()?;
        while let Some(key) = next {
            let value = cursor.value()?;
            let json = shallow(value, 2)?;
            found.keys += 1;
            if !found.take(&name_of(text, key)?, json, taken) {
                others.add(key, value);
            }
            next = cursor.next_key()?;
        }
        others.finish();
        Ok(found)
    }

    /// Keeps the value of a key that means something; whether it leaves the text of the others.
    fn take(&mut self, key: &str, value: &'a str, taken: Taken) -> bool {
        let (field, leaves) = match key {
            "time" => (&mut self.time, true),
            "distinct_id" => (&mut self.distinct_id, true),
            "$insert_id" => (&mut self.insert_id, true),
            ORIGINAL_EVENT_NAME => (&mut self.original_name, taken.name),
            ORIGINAL_DISTINCT_ID => (&mut self.original_distinct_id, taken.distinct_id),
            _ => return false,
        };
        *field = Some(value);
        leaves
    }

    /// Which originals can fill columns: text, and for the id also a finite number.
    pub(super) fn usable_originals(&self) -> Taken {
        let is_text = |value: &str| value.starts_with('"');
        Taken {
            name: self.original_name.is_some_and(is_text),
            distinct_id: self
                .original_distinct_id
                .is_some_and(|value| is_text(value) || number::is_finite(value)),
        }
    }
}

/// The properties that are no columns, on their way out. Neighbours that were written with nothing
/// but `,` and `:` between them go in one piece.
struct Others<'a, 'o> {
    text: &'a str,
    /// What is still to be written, in `text`.
    run: Range<usize>,
    /// What to write before the run.
    separator: &'static str,
    out: &'o mut String,
}

impl Others<'_, '_> {
    fn add(&mut self, key: Piece<'_>, value: Piece<'_>) {
        if key.end() + 1 != value.begin {
            self.write_run();
            for piece in [self.separator, key.json, ":", value.json] {
                self.out.push_str(piece);
            }
            self.separator = ",";
        } else if !self.run.is_empty() && self.run.end + 1 == key.begin {
            self.run.end = value.end();
        } else {
            self.write_run();
            self.run = key.begin..value.end();
        }
    }

    fn write_run(&mut self) {
        if !self.run.is_empty() {
            self.out.push_str(self.separator);
            self.out.push_str(self.text.get(self.run.clone()).unwrap_or_default());
            self.separator = ",";
            self.run = 0..0;
        }
    }

    fn finish(mut self) {
        self.write_run();
        self.out.push_str(if self.separator == "{" { "{}" } else { "}" });
    }
}

impl From<NotJson> for Fault<'_> {
    /// The fault until serde_json has said more.
    fn from(NotJson: NotJson) -> Self {
        Self::InvalidJson { cause: "not JSON".to_owned(), byte: 1 }
    }
}

/// The text that a key means.
fn name_of<'a>(record: &str, key: Piece<'a>) -> Result<Cow<'a, str>, Fault<'a>> {
    if key.escaped {
        return string::plain(record, key.json);
    }
    let quoted = key.json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Ok(Cow::Borrowed(quoted.unwrap_or_default()))
}

/// The JSON of a value below `above` levels.
///
/// # Errors
/// When it nests too deep.
fn shallow(value: Piece<'_>, above: usize) -> Result<&str, Fault<'_>> {
    match above + value.levels {
        levels if levels > MAX_NESTING => Err(Fault::TooDeep { levels }),
        _ => Ok(value.json),
    }
}
