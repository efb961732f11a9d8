//! How much memory the counts of a query may take.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Memory that all shards of a phase share.
#[derive(Debug)]
pub(crate) struct Budget {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
    is_full: AtomicBool,
}

/// That the budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// What one shard has taken of a budget.
#[derive(Debug)]
pub(crate) struct Share<'b> {
    budget: &'b Budget,
    bytes: AtomicUsize,
}

impl<'b> Share<'b> {
    /// Nothing taken yet.
    pub(crate) const fn of(budget: &'b Budget) -> Self {
        Self { budget, bytes: AtomicUsize::new(0) }
    }

    /// Says that the shard now takes so many bytes. Once it was too much for one, it is for all.
    pub(crate) fn take(&self, now_bytes: usize) -> Result<(), Full> {
        let before = self.bytes.swap(now_bytes, Ordering::Relaxed);
        let budget = self.budget;
        budget.used_bytes.fetch_sub(before.saturating_sub(now_bytes), Ordering::Relaxed);
        let more = now_bytes.saturating_sub(before);
        let used = budget.used_bytes.fetch_add(more, Ordering::Relaxed) + more;
        if used > budget.limit_bytes {
            budget.is_full.store(true, Ordering::Relaxed);
        }
        if budget.is_full() { Err(Full) } else { Ok(()) }
    }
}

impl Budget {
    pub(crate) const fn new(limit_bytes: usize) -> Self {
        let (used_bytes, is_full) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { limit_bytes, used_bytes, is_full }
    }

    /// Whether it was too small.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::new(100);
        let (one, other) = (Share::of(&budget), Share::of(&budget));
        assert_eq!(one.take(70), Ok(()));
        assert_eq!(one.take(10), Ok(()));
        assert_eq!(other.take(90), Ok(()));
        assert_eq!(one.take(11), Err(Full));
        assert_eq!(other.take(0), Err(Full));
        assert!(budget.is_full());
    }
}
