//! What stands between the values of a record, remembered from the records before it.
//!
//! The records of a source are alike: where one has `,"plan":` after a value, the next most often
//! has the same. So instead of reading each key and asking what it means, the text there is compared
//! with what was seen after the same key before. Values are read as ever, by the [`Cursor`]. Where
//! no comparison holds, the record is read key by key, and its outline is remembered as well.

use crate::decode::cursor::{Cursor, Piece};
use crate::decode::fixed::Fixed;
use crate::decode::others::Others;
use crate::decode::record::{Properties, PropertiesValue, Record, Taken};
use crate::decode::role::Role;

/// Most texts that are remembered. A source whose keys never repeat fills it once, at no great cost.
const MAX_GLUES: usize = 512;
/// Most values of a record whose outline is remembered.
const MAX_STEPS: usize = 256;
/// Most texts that are compared at one place.
const MAX_NEXT: usize = 8;
/// Records without success after which no more are tried, unless more than half did succeed.
const MAX_MISSES: u32 = 64;

/// A value of a record, and the key before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    role: Role,
    /// An escape in a key may spell what it means in many ways.
    escaped_key: bool,
    key_begin: usize,
    key_end: usize,
    value_begin: usize,
    value_end: usize,
}

impl Step {
    pub(super) fn new(role: Role, key: Piece, value: Piece) -> Self {
        Self {
            role,
            escaped_key: key.is_escaped(),
            key_begin: key.begin(),
            key_end: key.end(),
            value_begin: value.begin(),
            value_end: value.end(),
        }
    }
}

/// The values of a record, in their order.
#[derive(Debug, Default)]
pub(super) struct Steps {
    steps: Vec<Step>,
    /// How many `properties` the record has that are objects.
    objects: usize,
}

impl Steps {
    /// Adds a step, unless there are too many to be remembered.
    pub(super) fn push(&mut self, step: Step) {
        if self.steps.len() <= MAX_STEPS {
            self.steps.push(step);
        }
    }

    const fn len(&self) -> usize {
        self.steps.len()
    }

    /// Notes that `properties` begin.
    pub(super) fn enter_properties(&mut self) {
        self.objects += 1;
    }

    /// Whether the steps tell all that the record means: its `properties` are one object that is
    /// not empty, and no key is spelled with escapes.
    fn are_plain(&self) -> bool {
        let plain = |step: &Step| !step.escaped_key && step.role != Role::NoProperties;
        self.objects == 1
            && self.steps.iter().all(plain)
            && self.steps.iter().any(|step| !step.role.is_top_level())
    }
}

/// The text between two values, or before the first, or behind the last.
#[derive(Debug)]
struct Glue {
    text: Fixed,
    /// What the value behind it is; nothing behind the last.
    role: Option<Role>,
    /// The key of that value, quotes included, counted from the end of the text.
    key_from_end: (usize, usize),
    /// Whether `properties` begin in it.
    opens_properties: bool,
    /// What came next so far.
    next: Next,
}

/// Numbers of glues.
#[derive(Debug, Default)]
struct Next {
    numbers: [u16; MAX_NEXT],
    len: usize,
}

impl Next {
    fn as_slice(&self) -> &[u16] {
        self.numbers.get(..self.len).unwrap_or_default()
    }

    /// Adds a number, if there is room.
    fn push(&mut self, number: u16) -> Option<()> {
        *self.numbers.get_mut(self.len)? = number;
        self.len += 1;
        Some(())
    }
}

/// The outlines of the records so far.
#[derive(Debug)]
pub(super) struct Outlines {
    glues: Vec<Glue>,
    /// What records began with.
    first: Next,
    followed: u32,
    missed: u32,
}

impl Outlines {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { glues: Vec::new(), first: Next::default(), followed: 0, missed: 0 }
    }

    /// Reads a record along the outline of an earlier one; nothing if there is none that fits, or
    /// if anything is wrong with it.
    pub(super) fn follow(&mut self, text: &str, out: &mut String) -> Option<Record> {
        if self.missed > MAX_MISSES && self.missed > self.followed {
            return None;
        }
        let record = self.try_follow(text, out);
        match record {
            Some(_) => self.followed += 1,
            None => self.missed += 1,
        }
        record
    }

    fn try_follow(&self, text: &str, out: &mut String) -> Option<Record> {
        let mut cursor = Cursor::at_begin(text);
        let mut record = Record::default();
        let mut properties = Properties::default();
        let mut others = Others::new(text, out);
        let mut has_properties = false;
        let mut next = &self.first;
        loop {
            let glue = self.glue_at(&cursor, next)?;
            cursor.advance(glue.text.len());
            if glue.opens_properties && std::mem::replace(&mut has_properties, true) {
                // Only the last `properties` count.
                return None;
            }
            let Some(role) = glue.role else { break };
            let key_end = cursor.position();
            let value = cursor.value().ok()?;
            if role.is_top_level() {
                record.take(role, value).ok()?;
            } else if !properties.take(role, value, Taken::default()).ok()? {
                let (begin, end) = glue.key_from_end;
                others.add(key_end - begin..key_end - end, value.range());
            }
            next = &glue.next;
        }
        if !cursor.is_at_end() {
            return None;
        }
        if has_properties {
            properties.others = others.finish();
            record.properties = PropertiesValue::Object(properties);
        }
        Some(record)
    }

    fn glue_at(&self, cursor: &Cursor<'_>, candidates: &Next) -> Option<&Glue> {
        let rest = cursor.rest();
        let numbers = candidates.as_slice().iter();
        let mut glues = numbers.filter_map(|&number| self.glues.get(usize::from(number)));
        glues.find(|glue| glue.text.begins(rest))
    }

    /// Remembers the outline of a record that was read key by key.
    pub(super) fn learn(&mut self, text: &str, steps: &Steps) {
        // A record of thousands of keys would fill the list at once, and is hardly met again.
        if steps.len() > MAX_STEPS || !steps.are_plain() {
            return;
        }
        let (mut at, mut before, mut at_top) = (0, None, true);
        for step in &steps.steps {
            let is_top_level = step.role.is_top_level();
            let Some(between) = text.get(at..step.value_begin) else { return };
            let glue = Glue {
                text: Fixed::new(between),
                role: Some(step.role),
                key_from_end: (step.value_begin - step.key_begin, step.value_begin - step.key_end),
                opens_properties: at_top && !is_top_level,
                next: Next::default(),
            };
            let Some(number) = self.link(before, glue) else { return };
            (at, before, at_top) = (step.value_end, Some(number), is_top_level);
        }
        let Some(end) = text.get(at..) else { return };
        let glue = Glue {
            text: Fixed::new(end),
            role: None,
            key_from_end: (0, 0),
            opens_properties: false,
            next: Next::default(),
        };
        self.link(before, glue);
    }

    /// The number of this glue after the one before it.
    fn link(&mut self, before: Option<u16>, glue: Glue) -> Option<u16> {
        let same = |other: &Glue| {
            other.role == glue.role
                && other.opens_properties == glue.opens_properties
                && other.text == glue.text
        };
        let at = self.glues.iter().position(same).unwrap_or(self.glues.len());
        if at == self.glues.len() {
            if at >= MAX_GLUES {
                return None;
            }
            self.glues.push(glue);
        }
        let number = u16::try_from(at).ok()?;
        let next = match before {
            Some(before) => &mut self.glues.get_mut(usize::from(before))?.next,
            None => &mut self.first,
        };
        if !next.as_slice().contains(&number) {
            next.push(number)?;
        }
        Some(number)
    }
}
