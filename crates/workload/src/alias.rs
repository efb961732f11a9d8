//! Constant-time draws from any fixed weights.

use crate::seed::scale;

/// An alias table (Walker 1977, built as Vose 1991 does): a draw costs one random word and one
/// look-up, whatever the weights. 8 bytes an item.
///
/// It is built in whole numbers, so that equal weights give equal tables on every platform.
#[derive(Debug, Clone)]
pub(crate) struct AliasTable {
    cells: Vec<Cell>,
}

/// One of as many equally likely cells as there are items.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The part of the cell, in 2⁻³²ths, that belongs to the cell's own item.
    own: u32,
    /// Whom the rest belongs to.
    alias: u32,
}

impl AliasTable {
    /// A table over items 0, 1, … with these weights. The caller sees to it that there are at
    /// most 2³² items and that the weights add up to less than 2⁶⁴ − 2³².
    #[expect(clippy::indexing_slicing, reason = "the worklists hold indices of these vectors")]
    pub(crate) fn new(mut weights: Vec<u64>) -> Self {
        let items = weights.len() as u64;
        let capacity = level(&mut weights);
        let mut cells: Vec<Cell> =
            (0..items).map(|item| Cell { own: u32::MAX, alias: narrow(item) }).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            (0..items).map(narrow).partition(|&item| weights[item as usize] < capacity);

        // Every small item fills its cell up with weight of a large one. The total is exactly
        // `capacity` a cell, so a large item is at hand as long as a small one is.
        while let (Some(item), Some(&donor)) = (small.pop(), large.last()) {
            let weight = weights[item as usize];
            cells[item as usize] = Cell { own: fraction(weight, capacity), alias: donor };
            let left = &mut weights[donor as usize];
            *left -= capacity - weight;
            if *left < capacity {
                large.pop();
                small.push(donor);
            }
        }
        Self { cells }
    }

    /// The item that these random bits choose.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        reason = "scale keeps below the number of cells; the top half of 64 bits is 32"
    )]
    pub(crate) fn item(&self, bits: u64) -> u64 {
        let (index, rest) = scale(bits, self.cells.len() as u64);
        let cell = self.cells[index as usize];
        if ((rest >> 32) as u32) < cell.own { index } else { u64::from(cell.alias) }
    }
}

/// Adds at most one to each of the first weights, until every cell has the same whole-number
/// capacity; returns that.
fn level(weights: &mut [u64]) -> u64 {
    let items = weights.len() as u64;
    let total: u64 = weights.iter().sum();
    let capacity = total.div_ceil(items.max(1));
    let missing = capacity * items - total;
    for (weight, _) in weights.iter_mut().zip(0..missing) {
        *weight += 1;
    }
    capacity
}

#[expect(clippy::cast_possible_truncation, reason = "a table has at most 2³² items")]
fn narrow(item: u64) -> u32 {
    item as u32
}

/// `weight` of `capacity`, in 2⁻³²ths; the weight is the smaller.
#[expect(clippy::cast_possible_truncation, reason = "a proper fraction of 2³²")]
fn fraction(weight: u64, capacity: u64) -> u32 {
    ((u128::from(weight) << 32) / u128::from(capacity)) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every item's probability as the table has it, times the number of items.
    fn mass(table: &AliasTable) -> Vec<f64> {
        let mut mass = vec![0.0; table.cells.len()];
        for (item, cell) in table.cells.iter().enumerate() {
            let own = f64::from(cell.own) / 4_294_967_296.0;
            mass[item] += own;
            mass[cell.alias as usize] += 1.0 - own;
        }
        mass
    }

    proptest! {
        #[test]
        fn a_table_holds_its_weights(
            weights in proptest::collection::vec(0_u64..1 << 40, 1..200)
        ) {
            prop_assume!(weights.iter().sum::<u64>() > 1 << 30);
            let total: f64 = weights.iter().map(|&w| w as f64).sum();
            let items = weights.len() as f64;
            let table = AliasTable::new(weights.clone());
            for (mass, weight) in mass(&table).into_iter().zip(weights) {
                let expected = weight as f64 / total * items;
                prop_assert!((mass - expected).abs() < 1e-6, "{mass} instead of {expected}");
            }
        }
    }

    #[test]
    fn one_item_is_always_drawn() {
        let table = AliasTable::new(vec![5]);
        assert_eq!((table.item(0), table.item(u64::MAX)), (0, 0));
    }
}
