//! One method over one stream, against the truth.

use hotshard_ingest::detect::KeyHash;

use super::THRESHOLD;
use super::stream::Stream;
use crate::keys::key_hash;

/// What was found, and what was found wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Ids there are.
    pub ids: u64,
    /// Ids with more than T events.
    pub hot: u64,
    /// Hot ids that were never declared.
    pub missed: u64,
    /// Events past T that were let through before the id was declared: of the worst hot id.
    pub worst_late: u64,
    /// The same, of all hot ids together.
    pub late_events: u64,
    /// Ids that were declared but have at most T events.
    pub innocents: u64,
    /// Events up to the T-th of their id that were taken for excess.
    pub early_events: u64,
}

impl Outcome {
    /// Events past T that were let through, of the average hot id.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of events lie far below 2^53")]
    pub fn mean_late(&self) -> f64 {
        self.late_events as f64 / self.hot.max(1) as f64
    }

    /// Whether every hot id was found and no other.
    #[must_use]
    pub fn finds_just_the_hot(&self) -> bool {
        self.missed == 0 && self.innocents == 0
    }
}

/// An id, as the stream has shown it so far.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    events: u32,
    /// Its event that declared it, from 1; 0 as long as none did.
    declared_at: u32,
}

/// Feeds all events of ids that were not declared; `feed` answers the bound before the event.
pub(super) fn run(stream: &Stream, mut feed: impl FnMut(KeyHash) -> u64) -> Outcome {
    let mut ids = vec![Seen::default(); stream.id_space()];
    for &id in &stream.ids {
        let Some(seen) = ids.get_mut(id as usize) else { continue };
        seen.events += 1;
        if seen.declared_at == 0 && feed(key_hash(u64::from(id))) + 1 > THRESHOLD {
            seen.declared_at = seen.events;
        }
    }
    judge(&ids)
}

fn judge(ids: &[Seen]) -> Outcome {
    let mut outcome = Outcome {
        ids: 0,
        hot: 0,
        missed: 0,
        worst_late: 0,
        late_events: 0,
        innocents: 0,
        early_events: 0,
    };
    for seen in ids.iter().filter(|seen| seen.events > 0) {
        let (events, declared_at) = (u64::from(seen.events), u64::from(seen.declared_at));
        let (hot, declared) = (events > THRESHOLD, declared_at > 0);
        // What comes before the declaring event went through.
        let let_through = if declared { declared_at - 1 } else { events };
        let late = let_through.saturating_sub(THRESHOLD);
        outcome.ids += 1;
        outcome.hot += u64::from(hot);
        outcome.missed += u64::from(hot && !declared);
        outcome.innocents += u64::from(!hot && declared);
        outcome.worst_late = outcome.worst_late.max(late);
        outcome.late_events += late;
        outcome.early_events += events.min(THRESHOLD).saturating_sub(let_through);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_is_counted_as_it_is() {
        let seen = |events, declared_at| Seen { events, declared_at };
        let ids = [
            seen(0, 0),
            seen(2_000, 0),     // rightly left alone
            seen(2_500, 2_001), // exact
            seen(2_500, 2_101), // 100 late
            seen(2_500, 0),     // missed, with 500 past T
            seen(2_500, 1_991), // 10 early
            seen(700, 601),     // innocent, with 100 taken for excess
        ];
        let expected = Outcome {
            ids: 6,
            hot: 4,
            missed: 1,
            worst_late: 500,
            late_events: 600,
            innocents: 1,
            early_events: 110,
        };
        assert_eq!(judge(&ids), expected);
        assert!((judge(&ids).mean_late() - 150.0).abs() < 1e-9);
    }
}
