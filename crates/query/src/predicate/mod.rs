//! Conditions on rows.
//!
//! # Grammar
//!
//! ```text
//! condition = column operator value
//!           | column "in" "(" value { "," value } ")"
//!           | column "is" [ "not" ] "set"
//! column    = "event" | "date" | "distinct_id" | "insert_id" | "original_event"
//!           | "original_distinct_id" | "property:" name
//! operator  = "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains"
//! name      = quoted, or characters up to a space or one of = ! < >
//! value     = quoted, or characters without spaces and quotes (in a list: without , ( ) as well)
//! quoted    = a text in double quotes, where \" is a quote and \\ a backslash
//! ```
//!
//! Spaces between the parts are free. Several conditions are all to hold.
//!
//! # Meaning
//!
//! - Values are compared as texts, exactly. `<`, `<=`, `>` and `>=` compare numbers when both
//!   sides of a `property:` are numbers such as `-1.5e3`, and texts byte by byte otherwise.
//! - A row where the column is missing matches `is not set` and nothing else, not even `!=`. A
//!   property that is `null` is missing. An insert id is missing when none was sent.
//! - Empty distinct ids are not set, but they are texts: `distinct_id = ""` matches them, and so do
//!   `!=` and `<`.
//! - `date` takes dates as YYYY-MM-DD, except with `contains`.
//! - A property's value is its text: a string without quotes and escapes, anything else as sent.
//!   `property:NAME` knows the properties that are not columns of their own.

mod parse;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::str::FromStr;

use crate::Error;
use crate::field::Field;

/// A condition on a row, such as `property:plan = pro`.
///
/// The grammar, and what each operator does with missing values:
///
/// - `COLUMN = VALUE`, `!=`, `<`, `<=`, `>`, `>=`, `contains`; `COLUMN in (VALUE, VALUE)`;
///   `COLUMN is set`; `COLUMN is not set`
/// - `COLUMN` is `event`, `date`, `distinct_id`, `insert_id`, `original_event`,
///   `original_distinct_id` or `property:NAME`
/// - a value or a name with spaces stands in double quotes, with `\"` for a quote and `\\` for a
///   backslash
/// - texts are compared exactly; for properties, `<` and its like compare numbers when both sides
///   are numbers
/// - a missing value matches `is not set` and nothing else; an empty id is not set
///
/// ```
/// use hotshard_query::Predicate;
///
/// for condition in [
///     "event = Purchase",
///     "property:price >= 9.90",
///     r#"event in ("Signed up", Purchase)"#,
///     "insert_id is not set",
/// ] {
///     condition.parse::<Predicate>()?;
/// }
/// # Ok::<(), hotshard_query::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    field: Field,
    test: Test,
}

/// What is asked of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Equal(String),
    NotEqual(String),
    Less(String),
    AtMost(String),
    Greater(String),
    AtLeast(String),
    Contains(String),
    OneOf(BTreeSet<String>),
    Set,
    NotSet,
}

impl Predicate {
    /// The condition that a field is one of these texts.
    pub(crate) const fn one_of(field: Field, texts: BTreeSet<String>) -> Self {
        Self { field, test: Test::OneOf(texts) }
    }

    pub(crate) const fn field(&self) -> &Field {
        &self.field
    }

    /// Whether reading the field costs much, so that cheaper conditions go first.
    pub(crate) const fn is_costly(&self) -> bool {
        matches!(self.field, Field::Property(_) | Field::InsertId)
    }

    /// Whether a row with this value passes.
    pub(crate) fn matches(&self, value: Option<&str>) -> bool {
        let is_id = matches!(self.field, Field::DistinctId | Field::OriginalDistinctId);
        let is_set = value.is_some_and(|text| !is_id || !text.is_empty());
        let Some(value) = value else { return self.test == Test::NotSet };
        match &self.test {
            Test::Equal(text) => value == text,
            Test::NotEqual(text) => value != text,
            Test::Less(text) => self.compare(value, text).is_lt(),
            Test::AtMost(text) => self.compare(value, text).is_le(),
            Test::Greater(text) => self.compare(value, text).is_gt(),
            Test::AtLeast(text) => self.compare(value, text).is_ge(),
            Test::Contains(text) => value.contains(text),
            Test::OneOf(texts) => texts.contains(value),
            Test::Set => is_set,
            Test::NotSet => !is_set,
        }
    }

    fn compare(&self, value: &str, other: &str) -> Ordering {
        let numbers = matches!(self.field, Field::Property(_));
        numbers.then(|| compare_numbers(value, other)).flatten().unwrap_or_else(|| value.cmp(other))
    }
}

/// How two texts compare as numbers, if both are. Integers of 64 bits compare exactly.
fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    let (left_number, right_number) = (number(left)?, number(right)?);
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        _ => left_number.partial_cmp(&right_number),
    }
}

/// A text as a number. Rust also reads words such as `inf` and `nan`, and a plus before a number;
/// those stay words.
fn number(text: &str) -> Option<f64> {
    let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl FromStr for Predicate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::predicate(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, value: Option<&str>) -> bool {
        condition.parse::<Predicate>().unwrap().matches(value)
    }

    #[test]
    fn numbers_compare_as_numbers_and_words_as_words() {
        assert!(holds("property:price < 10", Some("9.5")));
        assert!(holds("property:price >= 1e1", Some("10")));
        assert!(!holds("property:size < 10", Some("9 m")));
        assert!(holds("property:size > inf", Some("z")));
        assert!(holds("property:size > +5", Some("1")) && holds("property:size > +5", Some("1.0")));
        assert!(holds("property:id > 9007199254740992", Some("9007199254740993")));
        assert!(!holds("distinct_id < 10", Some("9")));
    }

    #[test]
    fn equality_is_that_of_texts() {
        assert!(!holds("property:zip = 7", Some("007")));
        assert!(holds("property:zip != 7", Some("007")));
        assert!(holds("property:zip in (1, 007)", Some("007")));
    }

    #[test]
    fn missing_matches_only_is_not_set() {
        for condition in ["= a", "!= a", "< a", "> a", "contains a", "in (a)", "is set"] {
            assert!(!holds(&format!("property:p {condition}"), None), "{condition}");
        }
        assert!(holds("property:p is not set", None));
        assert!(holds("property:p is set", Some("")));
    }

    #[test]
    fn an_empty_id_is_not_set_and_can_be_asked_for() {
        assert!(holds("distinct_id is not set", Some("")));
        assert!(!holds("original_distinct_id is set", Some("")));
        assert!(holds(r#"distinct_id = """#, Some("")));
        assert!(holds("distinct_id != a", Some("")));
    }
}
