//! What is decided for single ids, whatever the store's threshold says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{OverrideChanges, ParseError, Threshold};

/// What is decided for one distinct id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// The id has a threshold of its own.
    Threshold(Threshold),
    /// The id belongs to nobody: its events are stored as if they had been sent with `""`.
    Unattributed,
    /// The id is hot from its first event on, as if its threshold were 0.
    Hot,
}

impl Override {
    /// The threshold the id has by this; none when it is not about thresholds.
    #[must_use]
    pub const fn threshold(self) -> Option<Threshold> {
        match self {
            Self::Threshold(threshold) => Some(threshold),
            Self::Hot => Some(Threshold::new(0)),
            Self::Unattributed => None,
        }
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threshold(threshold) => write!(f, "a threshold of {threshold}"),
            Self::Unattributed => f.write_str("unattributed"),
            Self::Hot => f.write_str("hot"),
        }
    }
}

/// The ids of a store that are treated differently, each with its one override, in order of id.
///
/// Ids are those that decoding gives: the text without its escapes, a number as its decimal text.
/// As JSON it is one object with up to three parts, of which empty ones are left out:
///
/// ```
/// use hotshard_event::{Override, Overrides, Threshold};
///
/// let mut overrides = Overrides::default();
/// overrides.set("0", Override::Unattributed)?;
/// overrides.set("nightly-import", Override::Threshold(Threshold::new(1_000_000)))?;
/// let json = serde_json::to_string(&overrides)?;
/// assert_eq!(json, r#"{"thresholds":{"nightly-import":1000000},"unattributed":["0"]}"#);
/// assert!(overrides.is_unattributed("0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Overrides {
    by_id: BTreeMap<String, Override>,
}

impl Overrides {
    /// Gives an id an override, in place of the one it had.
    ///
    /// # Errors
    /// When the id is empty.
    pub fn set(&mut self, id: impl Into<String>, to: Override) -> Result<(), ParseError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ParseError::OverrideOfNoId);
        }
        self.by_id.insert(id, to);
        Ok(())
    }

    /// Takes an id's override away, and says what it was.
    pub fn remove(&mut self, id: &str) -> Option<Override> {
        self.by_id.remove(id)
    }

    /// These overrides after the changes.
    #[must_use]
    pub fn changed(mut self, changes: &OverrideChanges) -> Self {
        for (id, change) in changes.iter() {
            match change {
                Some(to) => self.by_id.insert(id.to_owned(), to),
                None => self.by_id.remove(id),
            };
        }
        self
    }

    /// Whether no id has an override.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// How many ids have one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The override of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Override> {
        self.by_id.get(id).copied()
    }

    /// The threshold an id has of its own; 0 when it is forced hot.
    #[must_use]
    pub fn threshold_of(&self, id: &str) -> Option<Threshold> {
        self.get(id).and_then(Override::threshold)
    }

    /// Whether the id's events belong to nobody.
    #[must_use]
    pub fn is_unattributed(&self, id: &str) -> bool {
        self.get(id) == Some(Override::Unattributed)
    }

    /// Every id with its override, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Override)> {
        self.by_id.iter().map(|(id, of)| (id.as_str(), *of))
    }

    /// The ids with thresholds of their own, in order of id; those that are forced hot have 0.
    pub fn thresholds(&self) -> impl Iterator<Item = (&str, Threshold)> {
        self.iter().filter_map(|(id, of)| Some((id, of.threshold()?)))
    }

    /// The ids that belong to nobody, in order.
    pub fn unattributed(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|(_, of)| *of == Override::Unattributed).map(|(id, _)| id)
    }
}

/// The form in files.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parts {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    thresholds: BTreeMap<String, Threshold>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    unattributed: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    hot: BTreeSet<String>,
}

impl From<Overrides> for Parts {
    fn from(overrides: Overrides) -> Self {
        let mut parts = Self::default();
        for (id, of) in overrides.by_id {
            match of {
                Override::Threshold(threshold) => {
                    parts.thresholds.insert(id, threshold);
                }
                Override::Unattributed => {
                    parts.unattributed.insert(id);
                }
                Override::Hot => {
                    parts.hot.insert(id);
                }
            }
        }
        parts
    }
}

impl TryFrom<Parts> for Overrides {
    type Error = ParseError;

    fn try_from(parts: Parts) -> Result<Self, ParseError> {
        let thresholds = parts
            .thresholds
            .into_iter()
            .map(|(id, threshold)| (id, Override::Threshold(threshold)));
        let unattributed = parts.unattributed.into_iter().map(|id| (id, Override::Unattributed));
        let hot = parts.hot.into_iter().map(|id| (id, Override::Hot));
        // In one file as in one command, an id has one override.
        let mut changes = OverrideChanges::default();
        for (id, to) in thresholds.chain(unattributed).chain(hot) {
            changes.set(id, to)?;
        }
        Ok(Self::default().changed(&changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(overrides: &[(&str, Override)]) -> Overrides {
        let mut all = Overrides::default();
        for &(id, to) in overrides {
            all.set(id, to).unwrap();
        }
        all
    }

    #[test]
    fn an_id_has_the_override_that_was_set_last() {
        let mut overrides = of(&[
            ("a", Override::Hot),
            ("b", Override::Threshold(Threshold::new(7))),
            ("a", Override::Unattributed),
            ("c", Override::Hot),
        ]);
        assert_eq!(overrides.len(), 3);
        assert!(overrides.is_unattributed("a") && !overrides.is_unattributed("b"));
        assert_eq!(overrides.threshold_of("a"), None);
        assert_eq!(overrides.threshold_of("b"), Some(Threshold::new(7)));
        assert_eq!(overrides.threshold_of("c"), Some(Threshold::new(0)));
        assert_eq!(overrides.threshold_of("d"), None);
        let thresholds: Vec<_> = overrides.thresholds().collect();
        assert_eq!(thresholds, [("b", Threshold::new(7)), ("c", Threshold::new(0))]);
        assert_eq!(overrides.unattributed().collect::<Vec<_>>(), ["a"]);
        assert_eq!(overrides.remove("b"), Some(Override::Threshold(Threshold::new(7))));
        assert_eq!(overrides.remove("b"), None);
        assert_eq!(overrides.get("b"), None);
    }

    #[test]
    fn the_empty_id_has_none() {
        let error = Overrides::default().set("", Override::Hot).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the empty id cannot have an override: events without an id are never counted; name \
             the id as it stands in the events"
        );
    }

    #[test]
    fn json_is_plain_and_comes_back() {
        let overrides = of(&[
            ("user_id", Override::Threshold(Threshold::new(5_000))),
            ("é \"=\n", Override::Threshold(Threshold::new(0))),
            ("0", Override::Unattributed),
            ("pod", Override::Hot),
        ]);
        let json = serde_json::to_string(&overrides).unwrap();
        assert_eq!(
            json,
            r#"{"thresholds":{"user_id":5000,"é \"=\n":0},"unattributed":["0"],"hot":["pod"]}"#
        );
        assert_eq!(serde_json::from_str::<Overrides>(&json).unwrap(), overrides);
        assert_eq!(serde_json::to_string(&Overrides::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Overrides>("{}").unwrap().is_empty());
    }

    #[test]
    fn json_that_contradicts_itself_is_refused() {
        let message = |json: &str| serde_json::from_str::<Overrides>(json).unwrap_err().to_string();
        assert!(
            message(r#"{"unattributed":["a"],"hot":["a"]}"#).starts_with(
                "`a` is given two overrides at once, unattributed and hot; give it one"
            )
        );
        assert!(message(r#"{"hot":[""]}"#).starts_with("the empty id cannot have an override"));
        assert!(message(r#"{"cold":["a"]}"#).starts_with("unknown field `cold`"));
    }
}
