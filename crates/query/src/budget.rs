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
#[derive(Debug, Default)]
pub(crate) struct Share {
    bytes: usize,
}

impl Budget {
    pub(crate) const fn new(limit_bytes: usize) -> Self {
        let (used_bytes, is_full) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { limit_bytes, used_bytes, is_full }
    }

    /// Says that a shard now takes so many bytes. Once it was too much for one, it is for all.
    pub(crate) fn take(&self, share: &mut Share, now_bytes: usize) -> Result<(), Full> {
        let more = now_bytes.saturating_sub(share.bytes);
        let less = share.bytes.saturating_sub(now_bytes);
        share.bytes = now_bytes;
        self.used_bytes.fetch_sub(less, Ordering::Relaxed);
        let used = self.used_bytes.fetch_add(more, Ordering::Relaxed) + more;
        if used > self.limit_bytes {
            self.is_full.store(true, Ordering::Relaxed);
        }
        if self.is_full.load(Ordering::Relaxed) { Err(Full) } else { Ok(()) }
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
        let (mut one, mut other) = (Share::default(), Share::default());
        assert_eq!(budget.take(&mut one, 70), Ok(()));
        assert_eq!(budget.take(&mut one, 10), Ok(()));
        assert_eq!(budget.take(&mut other, 90), Ok(()));
        assert_eq!(budget.take(&mut one, 11), Err(Full));
        assert_eq!(budget.take(&mut other, 0), Err(Full));
        assert!(budget.is_full());
    }
}
