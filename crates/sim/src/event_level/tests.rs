//! What each policy promises, event by event, over generated streams.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hotshard_event::{Remedy, Threshold};
use hotshard_workload::{RngSeed, mix64, synthetic_hash};
use proptest::prelude::*;

use super::bounded_loads::BoundedLoads;
use super::placer::{Placer, trace};
use super::*;
use crate::ThresholdRule;
use crate::head_choices::{INVERSE_THETA_PER_SHARD, choices_needed};
use crate::ring::Ring;

/// A stream, and what it is placed by.
#[derive(Debug, Clone)]
struct Case {
    events: KeyEvents,
    shards: Shards,
    seed: RngSeed,
}

/// Up to 30 keys on two days, of which the first few are frequent; the last is nobody's.
fn cases() -> impl Strategy<Value = Case> {
    let keys = proptest::collection::vec((0_u32..30, 0_u32..30), 0..400);
    (keys, 1_u32..40, any::<u64>(), 1_u32..5).prop_map(|(keys, shards, seed, skew)| {
        let keys: Vec<u32> = keys
            .into_iter()
            .map(|(one, other)| if one < 6 * skew { other / 8 } else { one.max(other) })
            .collect();
        // Keys 0 to 14 of the first day and 15 to 28 of the second share ids.
        let hashes: Vec<u64> = (0..30).map(|key| mix64(seed ^ (key % 15))).collect();
        Case {
            events: KeyEvents::new(keys, hashes, Some(29), 2),
            shards: Shards::new(NonZeroU32::new(shards).unwrap()).unwrap(),
            seed: RngSeed::new(seed),
        }
    })
}

/// An event, and where it went.
struct Placed {
    hash: u64,
    sequence: u64,
    shard: usize,
    /// Rows of each shard before it.
    loads: Vec<u32>,
}

impl Case {
    /// Every event of an id, in order; those of nobody are checked to go by their sequence.
    fn follow(&self, placer: &mut impl Placer) -> Vec<Placed> {
        let mut loads = vec![0; self.shards.count()];
        let mut placed = Vec::new();
        let places = trace(&self.events, self.shards, placer);
        for ((&key, shard), sequence) in self.events.keys().iter().zip(places).zip(0..) {
            if Some(key) == self.events.nobody() {
                assert_eq!(shard, self.shards.spread(sequence), "nobody's event {sequence}");
            } else {
                let hash = self.events.hashes()[key as usize];
                placed.push(Placed { hash, sequence, shard, loads: loads.clone() });
            }
            loads[shard] += 1;
        }
        placed
    }

    fn route(&self, policy: &str) -> Balance {
        route(&self.events, policy.parse().unwrap(), self.shards.get(), self.seed, None).unwrap()
    }

    /// Rows of each shard under a rule for the events of ids.
    fn rows(&self, mut place: impl FnMut(usize, u64, u64) -> usize) -> Vec<u64> {
        let mut rows = vec![0; self.shards.count()];
        for (&key, sequence) in self.events.keys().iter().zip(0..) {
            let hash = self.events.hashes()[key as usize];
            let nobody = Some(key) == self.events.nobody();
            let shard = if nobody {
                self.shards.spread(sequence)
            } else {
                place(key as usize, hash, sequence)
            };
            rows[shard] += 1;
        }
        rows
    }
}

/// `pmod` as the store's documentation has it, by hand.
fn pmod(hash: u64, shards: Shards) -> usize {
    let n = i128::from(shards.get().get());
    let remainder = i128::from(hash.cast_signed()) % n;
    usize::try_from(if remainder < 0 { remainder + n } else { remainder }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn hash_and_jump_keep_ids_whole(case in cases()) {
        prop_assert_eq!(case.route("hash").rows, case.rows(|_, hash, _| pmod(hash, case.shards)));
        prop_assert_eq!(case.route("jump").rows, case.rows(|_, hash, _| case.shards.jump(hash)));
    }

    #[test]
    fn virtual_shards_keep_ids_whole_and_are_placed_longest_first(case in cases()) {
        let of = case.shards.times(4).unwrap();
        let mut sizes = vec![0; of.count()];
        case.rows(|_, hash, _| {
            sizes[of.home(hash)] += 1;
            0
        });
        let places = longest_first(&sizes, case.shards.get().get());
        let expected = case.rows(|_, hash, _| places[of.home(hash)] as usize);
        prop_assert_eq!(case.route("virtual-shards:4").rows, expected);
    }

    #[test]
    fn shuffle_goes_by_sequence(case in cases()) {
        for placed in case.follow(&mut Shuffled(case.shards)) {
            let word = xxhash_rust::xxh64::xxh64(&placed.sequence.to_le_bytes(), 42);
            prop_assert_eq!(placed.shard, pmod(word, case.shards));
        }
    }

    /// The salts of an id come in turn, so that its events are split evenly.
    #[test]
    fn salting_splits_an_id_evenly_over_its_salts(case in cases(), salts in 1_u32..6) {
        let ids = case.events.ids();
        let mut turns: BTreeMap<u64, u32> = BTreeMap::new();
        for placed in case.follow(&mut Salted::new(&ids, case.shards, salts, case.seed)) {
            let turn = turns.entry(placed.hash).or_default();
            prop_assert_eq!(placed.shard, case.shards.salted(placed.hash, *turn % salts, case.seed));
            *turn += 1;
        }
    }

    #[test]
    fn two_choices_take_the_less_loaded_of_two(case in cases()) {
        let mut placer = TwoChoices::new(case.events.hashes(), case.shards, case.seed);
        for Placed { hash, shard, loads, .. } in case.follow(&mut placer) {
            let [one, other] = case.shards.two_choices(hash, case.seed);
            prop_assert_eq!(shard, if loads[other] < loads[one] { other } else { one });
        }
    }

    /// The head is known by counting: with so few ids, SpaceSaving is exact.
    #[test]
    fn w_choices_give_the_head_to_the_least_loaded_of_all(case in cases()) {
        let ids = case.events.ids();
        let heads = Heads::new(&ids, case.shards, case.seed, case.events.keys().len() as u64);
        let mut placer = WChoices::new(heads, LeastLoaded::from(0));
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        let theta = INVERSE_THETA_PER_SHARD * case.shards.count() as u64;
        for (Placed { hash, shard, loads, .. }, seen) in case.follow(&mut placer).into_iter().zip(1..) {
            let count = counts.entry(hash).or_default();
            *count += 1;
            if *count * theta >= seen {
                prop_assert_eq!(loads[shard], *loads.iter().min().unwrap());
            } else {
                let [one, other] = case.shards.two_choices(hash, case.seed);
                prop_assert_eq!(shard, if loads[other] < loads[one] { other } else { one });
            }
        }
    }

    /// The tail goes to the less loaded of two, the head to the least loaded of d choices, or of all
    /// shards where that many are needed; d is found anew after an eighth more events.
    #[test]
    fn d_choices_give_the_head_d_choices(case in cases()) {
        let ids = case.events.ids();
        let heads = Heads::new(&ids, case.shards, case.seed, case.events.keys().len() as u64);
        let mut placer = DChoices::new(heads, case.shards, case.seed, LeastLoaded::from(0));
        let (mut counts, mut loads) = (BTreeMap::<u64, u64>::new(), vec![0; case.shards.count()]);
        let n = case.shards.get().get();
        let theta = INVERSE_THETA_PER_SHARD * u64::from(n);
        let (mut seen, mut anew_at, mut d) = (0_u64, 0, 2);
        for (&key, sequence) in case.events.keys().iter().zip(0..) {
            let hash = case.events.hashes()[key as usize];
            if Some(key) == case.events.nobody() {
                let word = crate::placement::sequence_hash(sequence);
                let shard = placer.place_nobody(&loads, word, case.shards);
                loads[shard] += 1;
                continue;
            }
            seen += 1;
            *counts.entry(hash).or_default() += 1;
            if seen >= anew_at {
                let in_head = counts.values().filter(|count| **count * theta >= seen);
                #[expect(clippy::cast_precision_loss, reason = "a few hundred events")]
                let mut head: Vec<f64> = in_head.map(|count| *count as f64 / seen as f64).collect();
                head.sort_by(|a, b| b.total_cmp(a));
                d = choices_needed(&head, case.shards.count());
                anew_at = seen + seen.div_ceil(8);
            }
            let shard = placer.place(&loads, key as usize, sequence);
            let choices: Vec<usize> = match counts[&hash] * theta >= seen {
                true if d > 2 && d >= n => (0..case.shards.count()).collect(),
                true if d > 2 => (0..d).map(|at| case.shards.choice(hash, at, case.seed)).collect(),
                _ => case.shards.two_choices(hash, case.seed).into(),
            };
            prop_assert!(choices.contains(&shard), "{shard} is none of {choices:?}");
            let least = choices.iter().map(|&choice| loads[choice]).min();
            prop_assert_eq!(Some(loads[shard]), least);
            loads[shard] += 1;
        }
    }

    /// From its place on the ring on, an event goes to the first shard with room; no shard ever has
    /// more than ⌈(1+ε)·m/n⌉ of m events.
    #[test]
    fn bounded_loads_never_pass_their_cap(case in cases(), epsilon in 0.01_f64..2.0) {
        let mut placer = BoundedLoads::new(&case.events, case.shards, epsilon, case.seed);
        let ring = Ring::new(case.shards, case.seed);
        let n = case.shards.count();
        let mut loads = vec![0_u32; n];
        let places = trace(&case.events, case.shards, &mut placer);
        for ((&key, shard), sequence) in case.events.keys().iter().zip(places).zip(0_u64..) {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred events")]
            let cap = ((1.0 + epsilon) * (sequence + 1) as f64 / n as f64).ceil();
            let hash = match case.events.nobody() {
                Some(nobody) if nobody == key => crate::placement::sequence_hash(sequence),
                _ => case.events.hashes()[key as usize],
            };
            let start = ring.start(hash) as usize;
            let way = (start..n).chain(0..start).map(|place| ring.shard(place));
            let first = way.clone().find(|&on_the_way| f64::from(loads[on_the_way]) < cap);
            prop_assert_eq!(Some(shard), first);
            loads[shard] += 1;
        }
    }

    #[test]
    fn remedies_keep_the_first_t_of_a_key_at_home(case in cases(), t in 0_u64..20) {
        let mut seen: BTreeMap<usize, u64> = BTreeMap::new();
        let expected = case.rows(|key, hash, sequence| {
            let seen = seen.entry(key).or_default();
            *seen += 1;
            if *seen <= t { pmod(hash, case.shards) } else { case.shards.spread(sequence) }
        });
        let excess: u64 = seen.values().map(|events| events.saturating_sub(t)).sum();
        let hot = seen.values().filter(|events| **events > t).count() as u64;
        for remedy in ["rename", "split"] {
            let balance = case.route(&format!("{remedy}@{t}"));
            prop_assert_eq!(&balance.rows, &expected);
            prop_assert_eq!((balance.remedied, balance.hot_keys), (excess, hot));
            prop_assert_eq!(balance.threshold, Some(Threshold::new(t)));
        }
    }

    /// Senders know nothing of each other: each routes its own events as if there were no others.
    #[test]
    fn senders_are_as_good_as_alone(case in cases(), of in 1_usize..6) {
        let all = case.events.keys();
        // Events without an id go by their sequence in the whole stream, so there are none here.
        let without = Case {
            events: KeyEvents::new(all.to_vec(), case.events.hashes().to_vec(), None, 2),
            ..case.clone()
        };
        let together = |sources| {
            let policy = Policy::PartialKeyGrouping;
            route(&without.events, policy, case.shards.get(), case.seed, NonZeroU32::new(sources))
        };
        let mut parts = vec![0; case.shards.count()];
        for first in 0..of {
            let own: Vec<u32> = all.iter().copied().skip(first).step_by(of).collect();
            let alone = KeyEvents::new(own, case.events.hashes().to_vec(), None, 2);
            let alone = Case { events: alone, ..case.clone() };
            parts.iter_mut().zip(alone.route("pkg").rows).for_each(|(sum, rows)| *sum += rows);
        }
        prop_assert_eq!(together(u32::try_from(of).unwrap()).unwrap().rows, parts);
    }
}

/// Random hashes pass a bound that is printed with 99 % no more often than that.
#[test]
fn bounds_hold_as_often_as_they_say() {
    const SEEDS: u64 = 300;
    let shards = NonZeroU32::new(40).unwrap();
    let keys: Vec<u32> =
        (0..4_000_u32).flat_map(|key| (0..4_000 / (key + 40)).map(move |_| key)).collect();
    for policy in ["hash", "jump", "salting:8", "split@30", "shuffle", "bounded-loads:0.25"] {
        let policy: Policy = policy.parse().unwrap();
        let mut passed = 0;
        for seed in (0..SEEDS).map(RngSeed::new) {
            let hashes = (0..4_000).map(|id| synthetic_hash(seed, id)).collect();
            let events = KeyEvents::new(keys.clone(), hashes, None, 1);
            let balance = route(&events, policy, shards, seed, None).unwrap();
            let bound = balance.bound.unwrap();
            passed += u64::from(balance.skew.max_over_mean > bound.max_over_mean);
            assert!(bound.max_over_mean < 4.0, "{policy}: a bound that says something, {bound:?}");
            assert!(bound.confidence >= 0.99);
        }
        // Of 300 at 1 %, 10 or more have a probability of a thousandth.
        assert!(passed < 10, "{policy}: {passed} of {SEEDS}");
    }
}

/// Both place alike; they differ in what analysis loses.
#[test]
fn an_adaptive_threshold_is_a_fixed_one_of_the_same_size() {
    let keys: Vec<u32> = (0..5_000_u32).map(|n| n % 7 * (n % 3) % 11).collect();
    let hashes = (0..11).map(mix64).collect();
    let events = KeyEvents::new(keys, hashes, None, 1);
    let shards = NonZeroU32::new(10).unwrap();
    let rows = |threshold: ThresholdRule, remedy| {
        let policy = Policy::Remedied { remedy, threshold };
        route(&events, policy, shards, RngSeed::DEFAULT, None).unwrap().rows
    };
    let adaptive = rows(ThresholdRule::Adaptive { alpha: 0.2 }, Remedy::Split);
    assert_eq!(adaptive, rows(ThresholdRule::Fixed(Threshold::new(100)), Remedy::Rename));
}
