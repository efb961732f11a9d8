//! Progress on standard error, when that is a terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use hotshard::{
    CalibrationProgress, CompactionProgress, ExperimentProgress, Input, SimulationProgress,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::figures::{count, per_second};

const TICK: Duration = Duration::from_millis(120);
const BYTES: &str = "{bar:24} {percent:>3} %  {binary_bytes} of {binary_total_bytes}  {msg}";
const BYTES_WITHOUT_END: &str = "{spinner} {binary_bytes}  {msg}";
const STEPS: &str = "{bar:24} {pos} of {len}  {msg}";

/// A bar, or a spinner where the end is unknown. It leaves the terminal as it found it.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

/// Takes the bar away, also when the work failed.
impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress {
    /// For reading inputs: bytes where all sizes are known.
    pub(crate) fn of_inputs(inputs: &[Input]) -> Self {
        let total: Option<u64> = inputs.iter().map(Input::raw_bytes).sum();
        Self::start(total, if total.is_some() { BYTES } else { BYTES_WITHOUT_END })
    }

    /// For a known number of bytes.
    pub(crate) fn of_bytes(total: u64) -> Self {
        Self::start(Some(total), BYTES)
    }

    /// For a known number of events, of rows or of trials.
    pub(crate) fn of_steps(total: u64) -> Self {
        Self::start(Some(total), STEPS)
    }

    fn start(total: Option<u64>, template: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▌░"));
        }
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// What an ingest tells its progress to.
    pub(crate) fn ingest_listener(&self) -> impl Fn(hotshard::Progress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            let rate = per_second(progress.events, bar.elapsed().as_secs_f64());
            bar.set_message(format!("{} events, {rate} events/s", count(progress.events)));
            bar.set_position(progress.raw_bytes);
        }
    }

    /// What an experiment tells its progress to.
    pub(crate) fn experiment_listener(
        &self,
    ) -> impl Fn(ExperimentProgress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            bar.set_length(progress.trials as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.trial);
        }
    }

    /// What an experiment by models tells its progress to.
    pub(crate) fn simulation_listener(
        &self,
    ) -> impl Fn(SimulationProgress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            bar.set_length(progress.steps);
            bar.set_position(progress.done);
            bar.set_message("steps");
        }
    }

    /// What a calibration tells its progress to.
    pub(crate) fn calibration_listener(
        &self,
    ) -> impl Fn(CalibrationProgress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            bar.set_length(progress.stores as u64);
            bar.set_position(progress.done as u64);
            bar.set_message(progress.store);
        }
    }

    /// What a compaction tells its progress to.
    pub(crate) fn compaction_listener(
        &self,
    ) -> impl Fn(CompactionProgress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            let rate = per_second(progress.rows, bar.elapsed().as_secs_f64());
            bar.set_length(progress.total_rows);
            bar.set_position(progress.rows);
            bar.set_message(format!("rows, {rate} rows/s"));
        }
    }

    /// So many events are written.
    pub(crate) fn set_events(&self, events: u64) {
        let rate = per_second(events, self.0.elapsed().as_secs_f64());
        self.0.set_message(format!("events, {rate} events/s"));
        self.0.set_position(events);
    }

    /// That much more is done.
    pub(crate) fn add(&self, amount: u64) {
        self.0.inc(amount);
    }
}
