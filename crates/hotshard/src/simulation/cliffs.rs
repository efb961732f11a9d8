//! How long few workers hide a hot shard.

use std::num::NonZeroU32;

use hotshard_sim::{CliffPoint, Servers, cliff_curve, cliff_edge};

use super::outcome::SimulationReport;
use crate::Error;

/// Points on a curve.
const POINTS: u32 = 40;

/// The latency of a lone query on idle servers against max/mean: one hot shard, all others equal.
///
/// With W workers over n shards nothing shows up to a max/mean of about n/W, and from there on
/// latency grows as fast as the hot shard does.
#[derive(Debug, Clone, PartialEq)]
pub struct Cliff {
    /// Number of shards.
    pub shards: NonZeroU32,
    /// Rows in all shards.
    pub rows: u64,
    /// Who works on shards.
    pub servers: Servers,
    /// The max/mean from which on a hot shard shows.
    pub edge: f64,
    /// The curve, from 1 to past the edge.
    pub points: Vec<CliffPoint>,
}

impl SimulationReport {
    /// The cliff of each number of shards and servers of the latency grid, for as many rows as the
    /// first queried cell with that many shards has.
    ///
    /// # Errors
    /// Never for a report that was run.
    pub fn cliffs(&self) -> Result<Vec<Cliff>, Error> {
        let Some(grid) = &self.spec.latency else { return Ok(Vec::new()) };
        let mut cliffs: Vec<Cliff> = Vec::new();
        for cell in self.cells.iter().filter(|cell| grid.asks(&cell.workload)) {
            if cliffs.iter().any(|known| known.shards == cell.shards) {
                continue;
            }
            let rows = cell.rows.iter().sum();
            for &servers in &grid.servers {
                let count = cell.rows.len();
                let edge = cliff_edge(count, servers);
                let at = steps(edge, f64::from(cell.shards.get()));
                let points = cliff_curve(count, rows, servers, |rows| grid.service_ns(rows), &at)?;
                cliffs.push(Cliff { shards: cell.shards, rows, servers, edge, points });
            }
        }
        Ok(cliffs)
    }
}

/// Max/means from 1 to twice the edge, each as much above the one before as a share, the edge among
/// them; at most all shards.
fn steps(edge: f64, shards: f64) -> Vec<f64> {
    let last = (edge * 2.0).max(4.0).min(shards);
    let step = last.powf(1.0 / f64::from(POINTS));
    let mut at: Vec<f64> =
        (0..=POINTS).map(|point| step.powi(i32::try_from(point).unwrap_or(0)).min(last)).collect();
    if edge < last {
        at.push(edge);
    }
    at.sort_by(f64::total_cmp);
    at.dedup();
    at
}
