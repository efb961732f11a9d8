//! The split directory: which ids have rows outside their home shard.

use std::collections::{BTreeMap, BTreeSet};

use hotshard_event::{DateRange, EventDate};
use serde::{Deserialize, Serialize};

use crate::manifest::{Manifest, PlacedSection};
use crate::section;
use crate::state::{NewSection, StateKind, StateMode};
use crate::{Damage, Error, Store};

/// Per event date, the ids with spread rows. Every other id has all of its rows at home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitDirectory {
    ids: BTreeMap<EventDate, BTreeSet<String>>,
}

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    distinct_id: std::borrow::Cow<'a, str>,
}

impl SplitDirectory {
    pub(crate) fn load(store: &Store, manifest: &Manifest) -> Result<Self, Error> {
        let mut directory = Self::default();
        for ((kind, date), sections) in &manifest.state {
            let (StateKind::Split, Some(date)) = (kind, date) else { continue };
            let ids = directory.ids.entry(*date).or_default();
            for section in section::load(store, Some(sections))? {
                for entry in serde_json::Deserializer::from_slice(&section.bytes).into_iter() {
                    let entry: Entry<'_> = entry.map_err(|error| {
                        let path = sections.first().map_or_else(String::new, PlacedSection::path);
                        Damage::new(path, format!("its split directory is not JSON: {error}"))
                    })?;
                    ids.insert(entry.distinct_id.into_owned());
                }
            }
        }
        Ok(directory)
    }

    /// Adds an id; whether it was not there before.
    pub(crate) fn insert(&mut self, date: EventDate, distinct_id: &str) -> bool {
        let ids = self.ids.entry(date).or_default();
        !ids.contains(distinct_id) && ids.insert(distinct_id.to_owned())
    }

    /// The ids split on some day of the range.
    #[must_use]
    pub fn ids_in(&self, dates: &DateRange) -> BTreeSet<&str> {
        let days = self.ids.iter().filter(|(date, _)| dates.contains(**date));
        days.flat_map(|(_, ids)| ids.iter().map(String::as_str)).collect()
    }

    /// Whether no id is split.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.values().all(BTreeSet::is_empty)
    }

    /// The directory as sections of a commit that adds all of it.
    pub(crate) fn to_sections(&self) -> Vec<NewSection> {
        let section = |(date, ids): (&EventDate, &BTreeSet<String>)| {
            let mut bytes = Vec::new();
            for id in ids {
                #[expect(clippy::expect_used, reason = "writing a text to memory cannot fail")]
                serde_json::to_writer(&mut bytes, &Entry { distinct_id: id.into() })
                    .expect("a text is always JSON");
                bytes.push(b'\n');
            }
            NewSection {
                kind: StateKind::Split,
                date: Some(*date),
                mode: StateMode::Changes,
                bytes,
            }
        };
        self.ids.iter().filter(|(_, ids)| !ids.is_empty()).map(section).collect()
    }
}
