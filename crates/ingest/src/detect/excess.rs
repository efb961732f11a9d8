//! Which rows of a block are excess.

/// The rows of one block that lie past the threshold of their key: row numbers, ascending.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Excess {
    rows: Vec<u32>,
}

impl Excess {
    /// Number of excess rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is excess.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether this row of the block is excess.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        u32::try_from(row).is_ok_and(|row| self.rows.binary_search(&row).is_ok())
    }

    /// The excess rows' numbers in their block, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows.iter().map(|&row| row as usize)
    }
}

impl FromIterator<u32> for Excess {
    /// The rows with these numbers, given in any order.
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let mut rows: Vec<u32> = rows.into_iter().collect();
        // Already ascending when the detector collects them, and then this is one pass.
        rows.sort_unstable();
        rows.dedup();
        Self { rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_in_order_and_once() {
        let excess = Excess::from_iter([5, 2, 5, 9]);
        assert_eq!(excess.iter().collect::<Vec<_>>(), [2, 5, 9]);
        assert_eq!(excess.len(), 3);
        assert!(excess.contains(5) && !excess.contains(3) && !excess.contains(usize::MAX));
        assert!(Excess::default().is_empty());
    }
}
