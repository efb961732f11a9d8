//! Points of the drawing, joined.

use crate::draw::layout::px;

/// A point of the drawing, with the ends of its spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// Of the points in each half unit of width, the first, the last, the highest and the lowest: what is
/// left out would be drawn over.
pub(crate) fn thin(run: &[Spot]) -> Vec<Spot> {
    let same_column = |a: &Spot, b: &Spot| (a.x * 2.0).floor() == (b.x * 2.0).floor();
    run.chunk_by(same_column)
        .flat_map(|column| {
            let by_height = |&a: &usize, &b: &usize| {
                let height = |at: usize| column.get(at).map_or(0.0, |spot| spot.y);
                height(a).total_cmp(&height(b))
            };
            let highest = (0..column.len()).min_by(by_height).unwrap_or(0);
            let lowest = (0..column.len()).max_by(by_height).unwrap_or(0);
            let mut kept = vec![0, highest, lowest, column.len().saturating_sub(1)];
            kept.sort_unstable();
            kept.dedup();
            kept.into_iter().filter_map(|at| column.get(at).copied()).collect::<Vec<_>>()
        })
        .collect()
}

/// A line through the points.
pub(crate) fn line(run: &[Spot]) -> String {
    joined(run.iter().map(|spot| (spot.x, spot.y)))
}

/// The area between the ends of the points' spreads.
pub(crate) fn band(run: &[Spot]) -> String {
    let above = run.iter().map(|spot| (spot.x, spot.high));
    let below = run.iter().rev().map(|spot| (spot.x, spot.low));
    joined(above.chain(below)) + "Z"
}

fn joined(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.enumerate() {
        path.push(if at == 0 { 'M' } else { 'L' });
        path.push_str(&px(x));
        path.push(',');
        path.push_str(&px(y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(x: f64, y: f64) -> Spot {
        Spot { x, y, low: y + 1.0, high: y - 1.0 }
    }

    #[test]
    fn points_are_joined_in_order() {
        let run = [spot(0.0, 10.0), spot(5.25, 4.0)];
        assert_eq!(line(&run), "M0,10L5.2,4");
        assert_eq!(band(&run), "M0,9L5.2,3L5.2,5L0,11Z");
    }

    #[test]
    fn thinning_keeps_peaks() {
        let run: Vec<Spot> = (0..10_000)
            .map(|at| spot(f64::from(at) / 1_000.0, f64::from((at + 50) % 100)))
            .collect();
        let thinned = thin(&run);
        assert!(thinned.len() <= 4 * 20, "{}", thinned.len());
        assert!([0.0, 99.0].iter().all(|&peak| thinned.iter().any(|spot| spot.y == peak)));
        assert_eq!(thinned.first(), run.first());
        assert_eq!(thinned.last(), run.last());
    }
}
