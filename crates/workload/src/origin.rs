//! Under which id an event is sent.

use crate::quota::Quota;
use crate::seed::threshold;
use crate::window::{MILLIS_PER_DAY, Window};
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
    /// A server's event, under the server's name.
    Server { id: String },
    /// A record that a job loads.
    Import { id: String },
    /// One of so many events that a client sends again and again, the first of which happened at
    /// `from_ms`.
    Storm { id: String, from_ms: i64, insert_ids: u32 },
    /// One of so many ids.
    Numbered { prefix: String, ids: u32 },
}

/// An origin with what it takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) origin: Origin,
    /// Its share of all events while it lasts.
    pub(crate) share: f64,
    pub(crate) window: Window,
    /// The number of its id, or of the first of its ids; nothing when the id is empty.
    pub(crate) number: Option<u64>,
    /// It is chosen by the random words below this that no entry before it takes.
    below: u64,
    /// It is chosen by the places of the quota below this that no entry before it takes.
    places_below: u64,
}

/// What stands in the place of the user's id in one event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) entry: &'a Entry,
    /// Which of the ids of the entry, from 0.
    pub(crate) member: u64,
}

impl Sender<'_> {
    /// The number of the id; nothing when it is empty.
    #[inline]
    pub(crate) fn number(&self) -> Option<u64> {
        self.entry.number.map(|number| number + self.member)
    }
}

impl Entry {
    /// How many ids it has.
    pub(crate) fn ids(&self) -> u64 {
        match self.origin {
            Origin::Numbered { ids, .. } => u64::from(ids),
            _ => 1,
        }
    }
}

/// The shares of a stream's origins.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    /// What is not the users', in the order of the spec.
    entries: Vec<Entry>,
    /// The events that are not chosen at random.
    quota: Quota,
    /// How many ids have a number: the users, who come first, and the constants.
    ids: u64,
    /// Whether users' events carry their own id a second time, as `$user_id`.
    pub(crate) identifies: bool,
}

impl Origins {
    /// The origins of a valid spec.
    pub(crate) fn new(spec: &WorkloadSpec) -> Self {
        let mut numbers = Numbers { next: spec.users, texts: Vec::new() };
        let mut entries = Vec::new();
        for heavy in &spec.heavy {
            let number = Some(numbers.of(&heavy.id));
            entries.push(entry(constant(&heavy.id), heavy.share, Window::Always, number));
        }
        entries.push(entry(constant(""), spec.empty_share, Window::Always, None));
        for mistake in &spec.mistakes {
            let number = match mistake {
                Mistake::JustUnderT { ids, .. } => numbers.block(u64::from(*ids)),
                _ => numbers.of(mistake.id()),
            };
            let (origin, window) = origin_of(mistake, spec);
            entries.push(entry(origin, mistake.share_of(spec), window, Some(number)));
        }
        let identifies =
            spec.mistakes.iter().any(|mistake| matches!(mistake, Mistake::StaticIdentify { .. }));
        let quota = lay_out(&mut entries, spec);
        Self { entries, quota, ids: numbers.next, identifies }
    }

    /// The sender that these random bits choose for the event of this number and time; nothing for a
    /// user's own id.
    #[inline]
    pub(crate) fn pick(&self, event: u64, bits: u64, time_ms: i64) -> Option<Sender<'_>> {
        if let Some(place) = self.quota.place(event) {
            let entry = self.entries.iter().find(|entry| place < entry.places_below)?;
            return Some(Sender { entry, member: place % entry.ids() });
        }
        let chosen = self.entries.iter().find(|entry| bits < entry.below);
        let entry = chosen.filter(|entry| entry.window.contains(time_ms))?;
        Some(Sender { entry, member: 0 })
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

/// Gives each entry its part of the random words or of the quota; returns the quota.
///
/// The quota takes its events first. What is chosen at random has to make up for them among the
/// others, so that every share is still one of all events.
fn lay_out(entries: &mut [Entry], spec: &WorkloadSpec) -> Quota {
    let mistakes = entries.len() - spec.mistakes.len();
    let mut places = 0;
    for (entry, mistake) in entries.iter_mut().skip(mistakes).zip(&spec.mistakes) {
        places += mistake.daily_quota();
        entry.places_below = if mistake.daily_quota() > 0 { places } else { 0 };
    }
    let quota = Quota::new(places, spec.days, spec.events);
    let random = if places == 0 { 1.0 } else { 1.0 - quota.share() };
    let mut sum = 0.0;
    for entry in entries.iter_mut().filter(|entry| entry.places_below == 0) {
        sum += entry.share;
        entry.below = threshold(sum / random);
    }
    quota
}

/// Numbers for ids: users have their rank, and what comes after them has its place in the spec. An
/// id that is written twice is one id.
struct Numbers<'a> {
    next: u64,
    texts: Vec<(&'a str, u64)>,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, id: &'a str) -> u64 {
        let known = self.texts.iter().find(|(text, _)| *text == id).map(|(_, number)| *number);
        known.unwrap_or_else(|| {
            let number = self.block(1);
            self.texts.push((id, number));
            number
        })
    }

    /// The first of so many numbers that are free.
    fn block(&mut self, ids: u64) -> u64 {
        let first = self.next;
        self.next += ids;
        first
    }
}

fn entry(origin: Origin, share: f64, window: Window, number: Option<u64>) -> Entry {
    Entry { origin, share, window, number, below: 0, places_below: 0 }
}

fn constant(id: &str) -> Origin {
    Origin::Constant { id: quoted(id) }
}

fn origin_of(mistake: &Mistake, spec: &WorkloadSpec) -> (Origin, Window) {
    let epoch_day = |day: u32| i64::from(spec.start.epoch_days()) + i64::from(day) - 1;
    match mistake {
        Mistake::StaticIdentify { id, day, at, share: _ } => {
            (Origin::StaticIdentify { id: quoted(id) }, Window::from(epoch_day(*day), *at))
        }
        Mistake::Zero { id, share: _ } => (Origin::Nobody { id: quoted(id) }, Window::Always),
        Mistake::PodName { id, share: _ } => (Origin::Server { id: quoted(id) }, Window::Always),
        Mistake::NightlyImport { id, at, minutes, share: _ } => {
            (Origin::Import { id: quoted(id) }, Window::daily(*at, *minutes))
        }
        Mistake::RetryStorm { id, day, at, minutes, insert_ids, share: _ } => {
            let from_ms = epoch_day(*day) * MILLIS_PER_DAY + at.millis();
            let origin = Origin::Storm { id: quoted(id), from_ms, insert_ids: *insert_ids };
            (origin, Window::once(epoch_day(*day), *at, *minutes))
        }
        Mistake::JustUnderT { prefix, ids, events: _ } => {
            (Origin::Numbered { prefix: prefix.clone(), ids: *ids }, Window::Always)
        }
    }
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_lie_one_after_the_other() {
        let spec = WorkloadSpec::default().heavy("a\"b", 0.25).mistake(Mistake::zero(0.5));
        let origins = Origins::new(&spec);
        let pick =
            |share| origins.pick(0, threshold(share), 0).map(|sender| sender.entry.origin.clone());
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
        assert!(origins.pick(0, 0, release_ms - 1).is_none());
        assert!(origins.pick(0, 0, release_ms).is_some());
    }

    #[test]
    fn an_id_that_is_written_twice_has_one_number() {
        let spec = WorkloadSpec::default()
            .users(10, crate::IdDistribution::Uniform)
            .heavy("a", 0.1)
            .heavy("0", 0.1)
            .mistake(Mistake::static_identify(0.1))
            .mistake(Mistake::just_under_t(4, 1_000))
            .mistake(Mistake::zero(0.1));
        let origins = Origins::new(&spec);
        let numbers: Vec<_> = origins.entries().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, [Some(10), Some(11), None, Some(12), Some(13), Some(11)]);
        assert_eq!(origins.ids(), 17);
    }
}
