//! The words that events are made of.

/// Values to choose from with six random bits; a value's share is its number of slots.
pub(crate) type Slots<T> = [T; SLOTS];

/// A kind of device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    /// `$os`.
    pub(crate) os: &'static str,
    /// `$browser`.
    pub(crate) browser: &'static str,
    /// `screen_width`, in pixels.
    pub(crate) screen_width: &'static str,
}

const SLOTS: usize = 64;

/// What users do. A third of it is looking at pages; one event in 32 is a purchase.
pub(crate) static EVENT_NAMES: Slots<&str> = slots([
    ("Page Viewed", 22),
    ("Button Clicked", 12),
    ("Search Performed", 8),
    ("Product Viewed", 7),
    ("Session Started", 5),
    ("Added to Cart", 4),
    ("Checkout Started", 2),
    ("Purchase", 2),
    ("Signed Up", 1),
    ("Support Ticket Opened", 1),
]);

/// What nobody does: an import of advertising spend, and automated tests.
pub(crate) static NOBODYS_EVENT_NAMES: Slots<&str> =
    slots([("Ad Spend Imported", 48), ("Automated Test Finished", 16)]);

/// What a nightly job copies from a warehouse.
pub(crate) static IMPORTED_EVENT_NAMES: Slots<&str> =
    slots([("Invoice Synced", 30), ("Subscription Renewed", 24), ("Account Updated", 10)]);

/// What users hold in their hands.
pub(crate) static DEVICES: Slots<Device> = slots([
    (device("Android", "Chrome", "412"), 17),
    (device("Android", "Firefox", "412"), 2),
    (device("iOS", "Safari", "390"), 14),
    (device("iOS", "Chrome", "390"), 3),
    (device("Windows", "Chrome", "1920"), 9),
    (device("Windows", "Edge", "1920"), 5),
    (device("Windows", "Firefox", "1440"), 1),
    (device("Mac OS X", "Chrome", "1440"), 4),
    (device("Mac OS X", "Safari", "2560"), 5),
    (device("Linux", "Firefox", "1920"), 2),
    (device("Linux", "Chrome", "2560"), 2),
]);

/// `$city`.
pub(crate) static CITIES: Slots<&str> = slots([
    ("London", 9),
    ("New York", 9),
    ("São Paulo", 8),
    ("Mumbai", 8),
    ("Berlin", 6),
    ("Tokyo", 6),
    ("Lagos", 5),
    ("Toronto", 5),
    ("Zürich", 4),
    ("Sydney", 4),
]);

/// `plan`.
pub(crate) static PLANS: Slots<&str> =
    slots([("free", 42), ("pro", 14), ("team", 6), ("enterprise", 2)]);

/// `utm_source` of advertising spend.
pub(crate) static AD_SOURCES: Slots<&str> = slots([("google", 34), ("facebook", 20), ("bing", 10)]);

/// The value that the lowest six bits choose.
#[expect(clippy::indexing_slicing, reason = "six bits stay below 64")]
#[expect(clippy::cast_possible_truncation, reason = "six bits")]
pub(crate) fn pick<T: Copy>(slots: &Slots<T>, bits: u64) -> T {
    slots[(bits % SLOTS as u64) as usize]
}

const fn device(os: &'static str, browser: &'static str, screen_width: &'static str) -> Device {
    Device { os, browser, screen_width }
}

/// Lays values out by their number of slots; the numbers must add up to 64, or it does not compile.
#[expect(clippy::indexing_slicing, reason = "runs while compiling")]
const fn slots<T: Copy, const N: usize>(weighted: [(T, usize); N]) -> Slots<T> {
    let mut slots = [weighted[0].0; SLOTS];
    let (mut value, mut next) = (0, 0);
    while value < N {
        let end = next + weighted[value].1;
        while next < end {
            slots[next] = weighted[value].0;
            next += 1;
        }
        value += 1;
    }
    assert!(next == SLOTS, "the numbers of slots add up to 64");
    slots
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_value_has_its_slots() {
        let names: BTreeSet<&str> = EVENT_NAMES.into_iter().collect();
        assert_eq!(names.len(), 10);
        let purchases = (0..64).filter(|&bits| pick(&EVENT_NAMES, bits) == "Purchase").count();
        assert_eq!(purchases, 2);
    }
}
