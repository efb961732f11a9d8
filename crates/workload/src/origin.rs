//! Under which id an event is sent.

use crate::seed::threshold;
use crate::window::Window;
use crate::{Mistake, WorkloadSpec};

/// Where an event's id comes from when it is not the user's own. Texts are JSON strings, quotes
/// included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// A constant that stands in for users: a heavy id, or the empty one.
    Constant { id: String },
    /// The literal of a static identify.
    StaticIdentify { id: String },
    /// An event of nobody.
    Nobody { id: String },
}

/// An origin with what it takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) origin: Origin,
    /// Its share of all events while it lasts.
    pub(crate) share: f64,
    pub(crate) window: Window,
    /// The number of its id; nothing when the id is empty.
    pub(crate) number: Option<u64>,
    /// It is chosen by the random words below this that no entry before it takes.
    below: u64,
}

/// The shares of a stream's origins.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    /// What is not the users', in the order of the spec.
    entries: Vec<Entry>,
    /// How many ids have a number: the users, who come first, and the constants.
    ids: u64,
    /// Whether users' events carry their own id a second time, as `$user_id`.
    pub(crate) identifies: bool,
}

impl Origins {
    /// The origins of a valid spec.
    pub(crate) fn new(spec: &WorkloadSpec) -> Self {
        let mut numbers = Numbers { users: spec.users, texts: Vec::new() };
        let mut entries = Vec::new();
        for heavy in &spec.heavy {
            let number = Some(numbers.of(&heavy.id));
            entries.push(entry(constant(&heavy.id), heavy.share, Window::Always, number));
        }
        entries.push(entry(constant(""), spec.empty_share, Window::Always, None));
        for mistake in &spec.mistakes {
            let number = Some(numbers.of(mistake.id()));
            let (origin, window) = origin_of(mistake, spec);
            entries.push(entry(origin, mistake.share(), window, number));
        }
        let mut sum = 0.0;
        for entry in &mut entries {
            sum += entry.share;
            entry.below = threshold(sum);
        }
        let identifies =
            spec.mistakes.iter().any(|mistake| matches!(mistake, Mistake::StaticIdentify { .. }));
        Self { entries, ids: numbers.count(), identifies }
    }

    /// The origin that these random bits choose for an event of this time; nothing for a user's own
    /// id.
    #[inline]
    pub(crate) fn pick(&self, bits: u64, time_ms: i64) -> Option<&Entry> {
        let chosen = self.entries.iter().find(|entry| bits < entry.below);
        chosen.filter(|entry| entry.window.contains(time_ms))
    }

    /// All origins but the users.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many ids there are, the empty one left out.
    pub(crate) fn ids(&self) -> u64 {
        self.ids
    }
}

/// Numbers for ids: users have their rank, and what comes after them has its place in the spec. An
/// id that is written twice is one id.
struct Numbers<'a> {
    users: u64,
    texts: Vec<&'a str>,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, id: &'a str) -> u64 {
        let known = self.texts.iter().position(|text| *text == id);
        let place = known.unwrap_or_else(|| {
            self.texts.push(id);
            self.texts.len() - 1
        });
        self.users + place as u64
    }

    fn count(&self) -> u64 {
        self.users + self.texts.len() as u64
    }
}

fn entry(origin: Origin, share: f64, window: Window, number: Option<u64>) -> Entry {
    Entry { origin, share, window, number, below: 0 }
}

fn constant(id: &str) -> Origin {
    Origin::Constant { id: quoted(id) }
}

fn origin_of(mistake: &Mistake, spec: &WorkloadSpec) -> (Origin, Window) {
    match mistake {
        Mistake::StaticIdentify { id, day, at, share: _ } => {
            let epoch_day = i64::from(spec.start.epoch_days()) + i64::from(*day) - 1;
            (Origin::StaticIdentify { id: quoted(id) }, Window::from(epoch_day, *at))
        }
        Mistake::Zero { id, share: _ } => (Origin::Nobody { id: quoted(id) }, Window::Always),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_one_after_the_other() {
        let spec = WorkloadSpec::default().heavy("a\"b", 0.25).mistake(Mistake::zero(0.5));
        let origins = Origins::new(&spec);
        let pick = |share| origins.pick(threshold(share), 0).map(|entry| entry.origin.clone());
        assert_eq!(pick(0.2), Some(Origin::Constant { id: r#""a\"b""#.to_owned() }));
        assert_eq!(pick(0.3), Some(Origin::Nobody { id: r#""0""#.to_owned() }));
        assert_eq!(pick(0.8), None);
    }

    #[test]
    fn a_static_identify_begins_at_its_moment() {
        let spec = WorkloadSpec::default().days(2).mistake(Mistake::StaticIdentify {
            id: "me".to_owned(),
            day: 2,
            at: "00:01".parse().unwrap(),
            share: 1.0,
        });
        let origins = Origins::new(&spec);
        let release_ms = 1_709_596_860_000; // 2024-03-05T00:01:00Z
        assert_eq!(origins.pick(0, release_ms - 1), None);
        assert!(origins.pick(0, release_ms).is_some());
    }

    #[test]
    fn an_id_that_is_written_twice_has_one_number() {
        let spec = WorkloadSpec::default()
            .users(10, crate::IdDistribution::Uniform)
            .heavy("a", 0.1)
            .heavy("0", 0.1)
            .mistake(Mistake::static_identify(0.1))
            .mistake(Mistake::zero(0.1));
        let origins = Origins::new(&spec);
        let numbers: Vec<_> = origins.entries().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, [Some(10), Some(11), None, Some(12), Some(11)]);
        assert_eq!(origins.ids(), 13);
    }
}
