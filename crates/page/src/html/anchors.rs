//! Anchors: ids that differ on a page.

use std::collections::BTreeSet;

/// Longest anchor before its number.
const LONGEST: usize = 60;

/// The anchors given out on a page.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    taken: BTreeSet<String>,
}

impl Anchors {
    /// An anchor like the wish: lower-case letters, digits and `-`, and none that was given out before.
    pub(crate) fn take(&mut self, wish: &str) -> String {
        let mut anchor = String::new();
        for letter in wish.chars().take(LONGEST) {
            match letter.to_ascii_lowercase() {
                letter if letter.is_ascii_alphanumeric() => anchor.push(letter),
                _ if anchor.is_empty() || anchor.ends_with('-') => {}
                _ => anchor.push('-'),
            }
        }
        let anchor = anchor.trim_end_matches('-');
        let anchor = if anchor.is_empty() { "part" } else { anchor };
        let free = (1_u64..).map(|number| match number {
            1 => anchor.to_owned(),
            number => format!("{anchor}-{number}"),
        });
        // Parts of a figure are named after it: figures do not end in their words.
        let free = free.map(|name| match name.rsplit_once('-') {
            Some((_, "title" | "desc" | "data" | "heading")) => name + "-part",
            _ => name,
        });
        let anchor = free.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(anchor.clone());
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_plain_and_differ() {
        let mut anchors = Anchors::default();
        let taken = ["Rows per shard", "rows-per-shard", "<script>", "", "…", "rows-title"]
            .map(|wish| anchors.take(wish));
        let expected =
            ["rows-per-shard", "rows-per-shard-2", "script", "part", "part-2", "rows-title-part"];
        assert_eq!(taken, expected);
    }
}
