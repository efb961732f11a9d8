//! Under which id an event is sent.

use crate::seed::threshold;
use crate::{Mistake, WorkloadSpec};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Where an event's id comes from. Texts are JSON strings, quotes included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// The user's own id.
    User,
    /// A constant that stands in for users: a heavy id, or the empty one.
    Constant { id: String },
    /// The literal of a static identify, from its release on.
    StaticIdentify { id: String, from_ms: i64 },
    /// An event of nobody.
    Nobody { id: String },
}

/// The shares of a stream's origins.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    /// What is not the users', each with the random words below which it is chosen, rising.
    entries: Vec<(u64, Origin)>,
    /// Whether users' events carry their own id a second time, as `$user_id`.
    pub(crate) identifies: bool,
}

impl Origins {
    /// The origins of a valid spec.
    pub(crate) fn new(spec: &WorkloadSpec) -> Self {
        let heavy = spec
            .heavy
            .iter()
            .map(|heavy| (heavy.share, Origin::Constant { id: quoted(&heavy.id) }));
        let empty = (spec.empty_share, Origin::Constant { id: quoted("") });
        let mistakes =
            spec.mistakes.iter().map(|mistake| (mistake.share(), origin_of(mistake, spec)));
        let mut sum = 0.0;
        let entries = heavy
            .chain([empty])
            .chain(mistakes)
            .map(|(share, origin)| {
                sum += share;
                (threshold(sum), origin)
            })
            .collect();
        let identifies =
            spec.mistakes.iter().any(|mistake| matches!(mistake, Mistake::StaticIdentify { .. }));
        Self { entries, identifies }
    }

    /// The origin that these random bits choose for an event of this time.
    pub(crate) fn pick(&self, bits: u64, time_ms: i64) -> &Origin {
        let chosen = self.entries.iter().find(|(below, _)| bits < *below);
        match chosen {
            Some((_, Origin::StaticIdentify { from_ms, .. })) if time_ms < *from_ms => {
                &Origin::User
            }
            Some((_, origin)) => origin,
            None => &Origin::User,
        }
    }
}

fn origin_of(mistake: &Mistake, spec: &WorkloadSpec) -> Origin {
    match mistake {
        Mistake::StaticIdentify { id, day, at, share: _ } => {
            let days = i64::from(spec.start.epoch_days()) + i64::from(*day) - 1;
            Origin::StaticIdentify { id: quoted(id), from_ms: days * MILLIS_PER_DAY + at.millis() }
        }
        Mistake::Zero { id, share: _ } => Origin::Nobody { id: quoted(id) },
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
        let pick = |share| origins.pick(threshold(share), 0);
        assert_eq!(*pick(0.2), Origin::Constant { id: r#""a\"b""#.to_owned() });
        assert_eq!(*pick(0.3), Origin::Nobody { id: r#""0""#.to_owned() });
        assert_eq!(*pick(0.8), Origin::User);
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
        assert_eq!(*origins.pick(0, release_ms - 1), Origin::User);
        assert!(matches!(origins.pick(0, release_ms), Origin::StaticIdentify { .. }));
    }
}
