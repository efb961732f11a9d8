//! One record, read once: the values that become columns, and where the text of all other
//! properties stands.

use std::borrow::Cow;
use std::ops::Range;

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
pub(super) struct Record<'a> {
    pub(super) event: Option<Piece<'a>>,
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

/// The values of `properties` that become columns, as JSON, and the place of the others.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    pub(super) time: Option<Piece<'a>>,
    pub(super) distinct_id: Option<Piece<'a>>,
    pub(super) insert_id: Option<Piece<'a>>,
    pub(super) original_name: Option<Piece<'a>>,
    pub(super) original_distinct_id: Option<Piece<'a>>,
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

impl<'a> Record<'a> {
    /// Reads the record in `text`. The properties that are no columns stay where they are if they
    /// stand together; else they are appended to `out`: a JSON object with keys and values as they
    /// were written, and nothing between them.
    ///
    /// `outlines` are those of earlier records. They make it faster and change no answer.
    ///
    /// # Errors
    /// When it is not JSON, nests too deep, or is no object. `out` may then have grown.
    pub(super) fn read(
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
    pub(super) fn read_without(
        text: &'a str,
        taken: Taken,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        Self::scan(text, taken, &mut Steps::default(), out)
    }

    /// Reads a record key by key, and notes where its values stand.
    fn scan(
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

    fn walk(
        text: &'a str,
        taken: Taken,
        steps: &mut Steps,
        out: &mut String,
    ) -> Result<Self, Fault<'a>> {
        let mut cursor = Cursor::new(text);
        if cursor.peek() != Some(b'{') {
            let value = shallow(cursor.value()?, 0)?.json;
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
                    record.properties = PropertiesValue::Other(kind_of(value.json));
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
    pub(super) fn take(&mut self, role: Role, value: Piece<'a>) -> Result<(), Fault<'a>> {
        let value = shallow(value, 1)?;
        match role {
            Role::Event => self.event = Some(value),
            _ => self.ignored_keys += 1,
        }
        Ok(())
    }
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self { event: None, properties: PropertiesValue::Missing, ignored_keys: 0 }
    }
}

impl<'a> Properties<'a> {
    /// Reads the object at the cursor.
    fn walk(
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
        value: Piece<'a>,
        taken: Taken,
    ) -> Result<bool, Fault<'a>> {
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
    pub(super) fn usable_originals(&self) -> Taken {
        let is_text = |value: Piece<'_>| value.json.starts_with('"');
        Taken {
            name: self.original_name.is_some_and(is_text),
            distinct_id: self
                .original_distinct_id
                .is_some_and(|value| is_text(value) || number::is_finite(value.json)),
        }
    }
}

impl From<NotJson> for Fault<'_> {
    /// The fault until serde_json has said more.
    fn from(NotJson: NotJson) -> Self {
        Self::InvalidJson { cause: "not JSON".to_owned(), byte: 1 }
    }
}

impl Piece<'_> {
    /// Where it stands in its record.
    pub(super) fn range(&self) -> Range<usize> {
        self.begin..self.end()
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

/// A value below `above` levels.
///
/// # Errors
/// When it nests too deep.
fn shallow(value: Piece<'_>, above: usize) -> Result<Piece<'_>, Fault<'_>> {
    match above + value.levels {
        levels if levels > MAX_NESTING => Err(Fault::TooDeep { levels }),
        _ => Ok(value),
    }
}
