//! What one command changes about the overrides of a store.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::{Override, ParseError};

/// Overrides to set and to remove, at most one change an id.
///
/// ```
/// use hotshard_event::{Override, OverrideChanges, Overrides};
///
/// let mut changes = OverrideChanges::default();
/// changes.set("0", Override::Unattributed)?;
/// changes.remove("user_id")?;
/// assert!(Overrides::default().changed(&changes).is_unattributed("0"));
/// # Ok::<(), hotshard_event::ParseError>(())
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OverrideChanges {
    /// By id, its override from now on; none when it is to have none.
    by_id: BTreeMap<String, Option<Override>>,
}

impl OverrideChanges {
    /// Gives an id an override, in place of the one it may have.
    ///
    /// # Errors
    /// When the id is empty, or is changed otherwise already.
    pub fn set(&mut self, id: impl Into<String>, to: Override) -> Result<(), ParseError> {
        self.add(id.into(), Some(to))
    }

    /// Takes an id's override away, if it has one.
    ///
    /// # Errors
    /// When the id is empty, or is changed otherwise already.
    pub fn remove(&mut self, id: impl Into<String>) -> Result<(), ParseError> {
        self.add(id.into(), None)
    }

    fn add(&mut self, id: String, change: Option<Override>) -> Result<(), ParseError> {
        if id.is_empty() {
            return Err(ParseError::OverrideOfNoId);
        }
        match self.by_id.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(change);
                Ok(())
            }
            Entry::Occupied(entry) if *entry.get() == change => Ok(()),
            Entry::Occupied(entry) => Err(ParseError::ContradictoryOverrides {
                id: entry.key().clone(),
                first: words(*entry.get()),
                second: words(change),
            }),
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Every id that is changed with its override from now on, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<Override>)> {
        self.by_id.iter().map(|(id, change)| (id.as_str(), *change))
    }
}

fn words(change: Option<Override>) -> String {
    change.map_or_else(|| "none".to_owned(), |to| to.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Overrides, Threshold};

    #[test]
    fn one_id_is_changed_in_one_way() {
        let mut changes = OverrideChanges::default();
        let five = Override::Threshold(Threshold::new(5));
        changes.set("a", five).unwrap();
        changes.set("a", five).unwrap();
        let message = |error: ParseError| error.to_string();
        assert_eq!(
            message(changes.set("a", Override::Threshold(Threshold::new(6))).unwrap_err()),
            "`a` is given two overrides at once, a threshold of 5 and a threshold of 6; give it one"
        );
        assert_eq!(
            message(changes.remove("a").unwrap_err()),
            "`a` is given two overrides at once, a threshold of 5 and none; give it one"
        );
        assert_eq!(changes.remove(""), Err(ParseError::OverrideOfNoId));
        assert_eq!(changes.iter().collect::<Vec<_>>(), [("a", Some(five))]);
    }

    fn change() -> impl Strategy<Value = (String, Option<Override>)> {
        let to = prop_oneof![
            (0_u64..3).prop_map(|events| Some(Override::Threshold(Threshold::new(events)))),
            Just(Some(Override::Unattributed)),
            Just(Some(Override::Hot)),
            Just(None),
        ];
        (prop::sample::select(vec!["a", "b", "0", "é"]).prop_map(str::to_owned), to)
    }

    proptest! {
        /// Invocations one after the other: the last that names an id decides on it, and whatever
        /// stands is what a file gives back.
        #[test]
        fn the_last_invocation_wins_and_files_bring_back_what_stands(
            invocations in prop::collection::vec(prop::collection::vec(change(), 0..4), 0..6),
        ) {
            let mut overrides = Overrides::default();
            let mut model: BTreeMap<String, Override> = BTreeMap::new();
            for invocation in invocations {
                let mut changes = OverrideChanges::default();
                let mut of_invocation: BTreeMap<String, Option<Override>> = BTreeMap::new();
                for (id, to) in invocation {
                    let clashes = of_invocation.get(&id).is_some_and(|first| *first != to);
                    let added = match to {
                        Some(to) => changes.set(id.as_str(), to),
                        None => changes.remove(id.as_str()),
                    };
                    prop_assert_eq!(added.is_err(), clashes);
                    of_invocation.entry(id).or_insert(to);
                }
                overrides = overrides.changed(&changes);
                // Once more changes nothing.
                prop_assert_eq!(&overrides.clone().changed(&changes), &overrides);
                for (id, to) in of_invocation {
                    match to {
                        Some(to) => model.insert(id, to),
                        None => model.remove(&id),
                    };
                }
            }
            let found: Vec<_> = overrides.iter().map(|(id, of)| (id.to_owned(), of)).collect();
            prop_assert_eq!(found, model.into_iter().collect::<Vec<_>>());
            let json = serde_json::to_string(&overrides).unwrap();
            prop_assert_eq!(serde_json::from_str::<Overrides>(&json).unwrap(), overrides);
        }
    }
}
