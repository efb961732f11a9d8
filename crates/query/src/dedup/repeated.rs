//! Which numbers of a long list occur more than once.

/// Bits of the filter for each number: one in eight numbers that do not repeat looks as if it did.
const BITS_PER_NUMBER: usize = 8;

/// The places of those numbers that occur more than once, in order of the numbers.
///
/// Numbers are hashes already. Most of them occur once, and pass two bitmaps in sequence without
/// being sorted: a bit that is met again tells of a repeat, or of two numbers with the same bit.
pub(super) fn repeated(numbers: &[u128]) -> Vec<usize> {
    let bits = (numbers.len() * BITS_PER_NUMBER).next_power_of_two().max(64);
    let (mut once, mut again) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |number: u128| {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let bit = number as usize & (bits - 1);
        (bit / 64, 1_u64 << (bit % 64))
    };
    for &number in numbers {
        let (word, bit) = place(number);
        if let (Some(once), Some(again)) = (once.get_mut(word), again.get_mut(word)) {
            *again |= *once & bit;
            *once |= bit;
        }
    }
    let suspects = numbers.iter().enumerate().filter(|(_, number)| {
        let (word, bit) = place(**number);
        again.get(word).is_some_and(|again| again & bit != 0)
    });
    let mut suspects: Vec<(u128, usize)> =
        suspects.map(|(place, &number)| (number, place)).collect();
    suspects.sort_unstable();
    let same = suspects.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    same.flatten().map(|(_, place)| *place).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn exactly_the_repeated_ones_are_found(
            numbers in prop::collection::vec(prop_oneof![0_u128..40, any::<u128>()], 0..300),
        ) {
            let mut places: BTreeMap<u128, Vec<usize>> = BTreeMap::new();
            for (place, &number) in numbers.iter().enumerate() {
                places.entry(number).or_default().push(place);
            }
            let expected: Vec<usize> =
                places.into_values().filter(|places| places.len() > 1).flatten().collect();
            prop_assert_eq!(repeated(&numbers), expected);
        }
    }
}
