//! Which numbers of a long list occur more than once.

/// Bits of the filter for each number: one in eight numbers that do not repeat looks as if it did.
const BITS_PER_NUMBER: usize = 8;

/// The places of those numbers that occur more than once in some lists, in order of the numbers;
/// places go on from list to list.
///
/// Numbers are hashes already. Most of them occur once, and are told from the others without being
/// sorted: by a bit that is met again, which tells of a repeat, or of two numbers with the same
/// bit. Those that are left are looked at by another bit, then sorted.
pub(super) fn repeated(lists: &[&[u128]]) -> Vec<usize> {
    let numbers = || lists.iter().copied().flatten().copied();
    let length = lists.iter().map(|list| list.len()).sum();
    let filter = Filter::of(numbers(), length, 0);
    let suspects = numbers().enumerate().filter(|(_, number)| filter.suspects(*number));
    let mut suspects: Vec<(u128, usize)> =
        suspects.map(|(place, number)| (number, place)).collect();
    let filter = Filter::of(suspects.iter().map(|(number, _)| *number), suspects.len(), 64);
    suspects.retain(|(number, _)| filter.suspects(*number));
    suspects.sort_unstable();
    let same = suspects.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    same.flatten().map(|(_, place)| *place).collect()
}

/// Which bits were met once, and which again.
struct Filter {
    words: Vec<(u64, u64)>,
    shift: u32,
}

impl Filter {
    /// The filter of so many numbers, by their bits from `shift` on.
    fn of(numbers: impl Iterator<Item = u128>, length: usize, shift: u32) -> Self {
        let bits = (length * BITS_PER_NUMBER).next_power_of_two().max(64);
        let mut filter = Self { words: vec![(0, 0); bits / 64], shift };
        for number in numbers {
            let (word, bit) = filter.place(number);
            if let Some((once, again)) = filter.words.get_mut(word) {
                *again |= *once & bit;
                *once |= bit;
            }
        }
        filter
    }

    fn suspects(&self, number: u128) -> bool {
        let (word, bit) = self.place(number);
        self.words.get(word).is_some_and(|(_, again)| again & bit != 0)
    }

    fn place(&self, number: u128) -> (usize, u64) {
        let bit = (number >> self.shift) as usize & (self.words.len() * 64 - 1);
        (bit / 64, 1_u64 << (bit % 64))
    }
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
            let (first, second) = numbers.split_at(numbers.len() / 3);
            prop_assert_eq!(repeated(&[first, &[], second]), expected);
        }
    }
}
