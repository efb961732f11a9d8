//! Experiments by models: what is asked, running it, and what came of it.

mod cells;
mod cliffs;
mod comparisons;
mod figures;
mod frame;
mod frames;
mod journal;
mod keys;
mod latencies;
mod outcome;
mod run;
mod spec;

pub use cliffs::Cliff;
pub use figures::SeedFigures;
pub use frame::{Frame, FrameColumn, FrameRow, Value, ValueKind};
pub use outcome::{
    CellOutcome, Comparison, FanOutOutcome, LatencyOutcome, OutputError, SimulationReport,
};
pub use run::{Simulation, SimulationProgress};
pub use spec::{
    ExperimentSpec, FanOut, Grid, LatencyGrid, ModelLevel, NamedWorkload, Published, SpecError,
    WorkloadKeys,
};
