//! One record, read once: the values that become columns, and where the text of all other
//! properties stands.

use std::borrow::Cow;

use hotshard_event::MAX_NESTING;
use serde::de::IgnoredAny;

use crate::decode::cursor::{Cursor, NotJson, Piece};
use crate::decode::fault::{Fault, kind_of};
use crate::decode::others::{Others, Place};
use crate::decode::outline::{Outlines, Step, Steps};
use crate::decode::role::Role;
use crate::decode::{number, string};

/// The values of a record that mean something, as JSON. Of duplicate keys the last one counts.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) event: Option<Piece>,
    pub(super) properties: PropertiesValue,
    /// Top-level keys that are not part of an event.
    pub(super) ignored_keys: u64,
}

/// What a record has under `properties`.
#[derive(Debug)]
pub(super) enum PropertiesValue {
    /// Nothing.
    Missing,
    /// An object.
    Object(Properties),
    /// Something else, in a word.
    Other(&'static str),
}

/// The values of `properties` that become columns, as JSON, and the place of the others.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) time: Option<Piece>,
    pub(super) distinct_id: Option<Piece>,
    pub(super) insert_id: Option<Piece>,
    pub(super) original_name: Option<Piece>,
    pub(super) original_distinct_id: Option<Piece>,
    /// How many keys the object has, columns and duplicates included.
    pub(super) keys: usize,
    /// The properties that are no columns.
    pub(super) others: Place,
}

/// Which `mp_original_…` properties leave the text of the others because they fill columns.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) name: bool,
    pub(super) distinct_id: bool,
}

impl Record {
    /// Reads the record in `text`. The properties that are no columns stay where they are if they
    /// stand together; else they are appended to `out`: a JSON object with keys and values as they
    /// were written, and nothing between them.
    ///
    /// `outlines` are those of earlier records. They make it faster and change no answer.
    ///
    /// # Errors
    /// When it is not JSON, nests too deep, or is no object. `out` may then have grown.
    pub(super) fn read<'a>(
        text: &'a str,
        outlines: &mut Outlines,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        let begin = out.len();
        if let Some(record) = outlines.follow(text, out) {
            return Ok(record);
        }
        out.truncate(begin);
        let mut steps = Steps::default();
        let record = Self::scan(text, Taken::default(), &mut steps, out)?;
        outlines.learn(text, &steps);
        Ok(record)
    }

    /// Reads a record once more, without the originals among the other properties.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub(super) fn read_without<'a>(
        text: &'a str,
        taken: Taken,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        Self::scan(text, taken, &mut Steps::default(), out)
    }

    /// Reads a record key by key, and notes where its values stand.
    fn scan<'a>(
        text: &'a str,
        taken: Taken,
        steps: &mut Steps,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        Self::walk(text, taken, steps, out).map_err(|fault| {
            // What is not JSON is called that, whatever else is wrong with it.
            match serde_json::from_str::<IgnoredAny>(text) {
                Err(error) => string::invalid_json(text, 0, &error),
                Ok(_) => fault,
            }
        })
    }

    fn walk<'a>(
        text: &'a str,
        taken: Taken,
        steps: &mut Steps,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        let mut cursor = Cursor::new(text);
        if cursor.peek() != Some(b'{') {
            let value = shallow(cursor.value()?, 0)?.json(text);
            return Err(Fault::NotAnObject { value });
        }
        let begin = out.len();
        let mut record = Self::default();
        let mut next = cursor.first_key()?;
        while let Some(key) = next {
            match &*name_of(text, key)? {
                "properties" if cursor.peek() == Some(b'{') => {
                    out.truncate(begin);
                    steps.enter_properties();
                    let mut others = Others::new(text, out);
                    let properties = Properties::walk(&mut cursor, taken, steps, &mut others)?;
                    record.properties = PropertiesValue::Object(properties);
                }
                "properties" => {
                    let value = shallow(cursor.value()?, 1)?;
                    record.properties = PropertiesValue::Other(kind_of(value.json(text)));
                    steps.push(Step::new(Role::NoProperties, key, value));
                }
                name => {
                    let role = if name == "event" { Role::Event } else { Role::Ignored };
                    let value = cursor.value()?;
                    record.take(role, value)?;
                    steps.push(Step::new(role, key, value));
                }
            }
            next = cursor.next_key()?;
        }
        cursor.end()?;
        Ok(record)
    }

    /// Keeps a value of the record's top level.
    pub(super) fn take(&mut self, role: Role, value: Piece) -> Result<(), Fault<'static>> {
        let value = shallow(value, 1)?;
        match role {
            Role::Event => self.event = Some(value),
            _ => self.ignored_keys += 1,
        }
        Ok(())
    }
}

impl Default for Record {
    fn default() -> Self {
        Self { event: None, properties: PropertiesValue::Missing, ignored_keys: 0 }
    }
}

impl Properties {
    /// Reads the object at the cursor.
    fn walk<'a>(
        cursor: &mut Cursor<'a>,
        taken: Taken,
        steps: &mut Steps,
        others: &mut Others<'a, '_>,
    ) -> Result<Self, Fault<'a>> {
        let mut found = Self::default();
        let mut next = cursor.first_key()?;
        while let Some(key) = next {
            let value = cursor.value()?;
            let role = Role::of_property(&name_of(others.text(), key)?);
            if !found.take(role, value, taken)? {
                others.add(key.range(), value.range());
            }
            steps.push(Step::new(role, key, value));
            next = cursor.next_key()?;
        }
        found.others = others.finish();
        Ok(found)
    }

    /// Keeps the value of a key that means something; whether it leaves the text of the others.
    pub(super) fn take(
        &mut self,
        role: Role,
        value: Piece,
        taken: Taken,
    ) -> Result<bool, Fault<'static>> {
        let value = shallow(value, 2)?;
        self.keys += 1;
        let (field, leaves) = match role {
            Role::Time => (&mut self.time, true),
            Role::DistinctId => (&mut self.distinct_id, true),
            Role::InsertId => (&mut self.insert_id, true),
            Role::OriginalName => (&mut self.original_name, taken.name),
            Role::OriginalDistinctId => (&mut self.original_distinct_id, taken.distinct_id),
            _ => return Ok(false),
        };
        *field = Some(value);
        Ok(leaves)
    }

    /// Which originals can fill columns: text, and for the id also a finite number.
    pub(super) fn usable_originals(&self, text: &str) -> Taken {
        let is_text = |value: Piece| value.json(text).starts_with('"');
        Taken {
            name: self.original_name.is_some_and(is_text),
            distinct_id: self
                .original_distinct_id
                .is_some_and(|value| is_text(value) || number::is_finite(value.json(text))),
        }
    }
}

impl From<NotJson> for Fault<'_> {
    /// The fault until serde_json has said more.
    fn from(NotJson: NotJson) -> Self {
        Self::InvalidJson { cause: "not JSON".to_owned(), byte: 1 }
    }
}

/// The text that a key means.
fn name_of(record: &str, key: Piece) -> Result<Cow<'_, str>, Fault<'_>> {
    if key.is_escaped() {
        return string::plain(record, key.json(record));
    }
    Ok(Cow::Borrowed(key.quoted(record).unwrap_or_default()))
}

/// A value below `above` levels.
///
/// # Errors
/// When it nests too deep.
fn shallow(value: Piece, above: usize) -> Result<Piece, Fault<'static>> {
    match above + value.levels() {
        levels if levels > MAX_NESTING => Err(Fault::TooDeep { levels }),
        _ => Ok(value),
    }
}
