//! The combinations of an experiment.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hotshard_sim::Policy;

use super::spec::{ExperimentSpec, Grid, ModelLevel, NamedWorkload};

/// One combination.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// Which of the spec's workloads.
    pub(super) workload: usize,
    pub(super) level: ModelLevel,
    pub(super) shards: NonZeroU32,
    pub(super) policy: Policy,
    pub(super) sources: NonZeroU32,
    pub(super) seeds: NonZeroU32,
}

/// One stream under one rng seed, and the cells that it is run through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) workload: usize,
    pub(super) level: ModelLevel,
    /// Which repeat.
    pub(super) repeat: u32,
    /// Places in the list of cells.
    pub(super) cells: Vec<usize>,
}

impl Cell {
    /// What tells it from all others of its spec, and stays the same from run to run.
    pub(super) fn label(&self, workloads: &[NamedWorkload]) -> String {
        let name = workloads.get(self.workload).map_or("", |workload| workload.name.as_str());
        let Self { level, shards, policy, sources, .. } = self;
        format!("{name:?} {level} {shards} {policy} {sources}")
    }

    fn is_as(&self, other: &Self) -> bool {
        let Self { workload, level, shards, policy, sources, seeds: _ } = self;
        (workload, level, shards, policy, sources)
            == (&other.workload, &other.level, &other.shards, &other.policy, &other.sources)
    }
}

/// The cells of a spec, in its order. What several grids ask for is there once, under as many seeds
/// as the one that asks for most.
pub(super) fn of(spec: &ExperimentSpec) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in spec.grids.iter().flat_map(|grid| of_grid(grid, &spec.workloads)) {
        match cells.iter_mut().find(|known| known.is_as(&cell)) {
            Some(known) => known.seeds = known.seeds.max(cell.seeds),
            None => cells.push(cell),
        }
    }
    cells
}

fn of_grid(grid: &Grid, workloads: &[NamedWorkload]) -> Vec<Cell> {
    let asked = |name: &String| grid.workloads.is_empty() || grid.workloads.contains(name);
    let mut cells = Vec::new();
    for (workload, _) in workloads.iter().enumerate().filter(|(_, known)| asked(&known.name)) {
        for &shards in &grid.shards {
            for &policy in &grid.policies {
                for &sources in sources_of(grid, policy) {
                    let Grid { level, seeds, .. } = *grid;
                    cells.push(Cell { workload, level, shards, policy, sources, seeds });
                }
            }
        }
    }
    cells
}

/// Senders matter to policies that look at loads, which each sender knows only in part.
fn sources_of(grid: &Grid, policy: Policy) -> &[NonZeroU32] {
    const ONE: &[NonZeroU32] = &[NonZeroU32::MIN];
    match policy {
        Policy::PartialKeyGrouping | Policy::DChoices | Policy::WChoices
            if grid.level == ModelLevel::Events =>
        {
            &grid.sources
        }
        _ => ONE,
    }
}

/// What has to be run for these cells and repeats, each stream once a repeat.
pub(super) fn units(cells: &[Cell], wanted: impl Iterator<Item = (usize, u32)>) -> Vec<Unit> {
    let mut units: BTreeMap<(u32, usize, ModelLevel), Vec<usize>> = BTreeMap::new();
    for (at, repeat) in wanted {
        if let Some(cell) = cells.get(at) {
            units.entry((repeat, cell.workload, cell.level)).or_default().push(at);
        }
    }
    let unit = |((repeat, workload, level), cells)| Unit { workload, level, repeat, cells };
    units.into_iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use hotshard_workload::WorkloadSpec;

    use super::*;

    fn number(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    fn spec(grids: Vec<Grid>) -> ExperimentSpec {
        let spec = ExperimentSpec::new("cells")
            .workload("a", WorkloadSpec::new(10))
            .workload("b", WorkloadSpec::new(10));
        ExperimentSpec { grids, ..spec }
    }

    fn policies(words: &[&str]) -> Vec<Policy> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn everything_is_tried_with_everything_once() {
        let wide = Grid::default()
            .shards([number(4), number(8)])
            .policies(policies(&["hash", "jump"]))
            .seeds(number(3));
        let again = Grid::default()
            .workloads(["b"])
            .shards([number(8)])
            .policies(policies(&["jump", "shuffle"]))
            .seeds(number(5));
        let cells = of(&spec(vec![wide, again]));
        assert_eq!(cells.len(), 2 * 2 * 2 + 1);
        let seeds = |cell: &Cell| cell.seeds.get();
        assert_eq!(cells.iter().filter(|cell| seeds(cell) == 5).count(), 2);
        let repeats = cells.iter().enumerate();
        let wanted = repeats.flat_map(|(at, cell)| (0..cell.seeds.get()).map(move |n| (at, n)));
        let units = units(&cells, wanted);
        // Five repeats of `b`, three of `a`.
        assert_eq!(units.len(), 8);
        assert_eq!(units.iter().map(|unit| unit.cells.len()).sum::<usize>(), 7 * 3 + 2 * 5);
    }

    #[test]
    fn senders_count_where_they_matter() {
        let grid = Grid {
            sources: vec![number(1), number(5)],
            level: ModelLevel::Events,
            ..Grid::default().policies(policies(&["hash", "pkg", "rename@5"]))
        };
        let at_events = of(&spec(vec![grid.clone()]));
        assert_eq!(at_events.len(), 2 * 4);
        assert_eq!(of(&spec(vec![grid.level(ModelLevel::Fluid)])).len(), 2 * 3);
    }
}
