//! Names of lines at their ends.

use crate::draw::layout::Layout;

/// Where a name stands: its baseline is about centred on a height.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    pub(crate) series: usize,
    pub(crate) name: String,
    pub(crate) y: f64,
}

/// Most lines and characters for names at the ends: past these, a legend reads better.
pub(crate) const MOST_LABELS: usize = 6;
pub(crate) const LONGEST: usize = 18;

/// Moves names apart until none covers another, in the order of their heights; nothing if one would
/// have to leave its line's end by more than a line of text, so that it could be taken for another's.
pub(crate) fn apart(mut labels: Vec<Label>, bottom: f64, layout: Layout) -> Option<Vec<Label>> {
    let line = layout.font() * 1.2;
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    let wanted: Vec<f64> = labels.iter().map(|label| label.y).collect();
    let mut lowest = f64::NEG_INFINITY;
    for label in &mut labels {
        label.y = label.y.max(lowest + line);
        lowest = label.y;
    }
    // Those pushed past the bottom push back.
    let mut highest = bottom + line;
    for label in labels.iter_mut().rev() {
        label.y = label.y.min(highest - line);
        highest = label.y;
    }
    let is_near = |(label, wanted): (&Label, &f64)| (label.y - wanted).abs() <= line;
    labels.iter().zip(&wanted).all(is_near).then_some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(heights: &[f64]) -> Vec<Label> {
        let label = |(series, &y)| Label { series, name: "p50".to_owned(), y };
        heights.iter().enumerate().map(label).collect()
    }

    #[test]
    fn names_move_apart_a_little() {
        let labels = apart(at(&[100.0, 104.0]), 300.0, Layout::Wide).expect("near enough");
        assert!(labels[1].y - labels[0].y >= 13.0);
        let labels = apart(at(&[296.0, 300.0]), 300.0, Layout::Wide).expect("near enough");
        assert!(labels.iter().all(|label| label.y <= 300.0));
    }

    #[test]
    fn names_that_belong_together_want_a_legend() {
        assert_eq!(apart(at(&[100.0; 4]), 300.0, Layout::Wide), None);
    }
}
