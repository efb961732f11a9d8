//! `hotshard calibrate`.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use hotshard::{Calibrate, Calibration, CountFit, MemoryBudget, find_inputs};
use serde::Serialize;

use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::figures::{count, things, time};
use crate::json::calibrate::CalibrationJson;
use crate::output::{self, Answer, Sheet};
use crate::progress::Progress;
use crate::table::{Table, number, text};
use crate::warn;

/// Fit a model of service times to what counts really take on this machine.
///
/// Temporary stores with shards of many sizes are made, each of the fixed counts is timed on them one
/// shard at a time, and a + b·rows + c·bytes is fitted. The file can be carried to another machine.
#[derive(Debug, Args)]
pub(crate) struct CalibrateArgs {
    /// Write the calibration to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Files, folders or globs of events to make the stores of, instead of synthetic ones: it then
    /// predicts other numbers of shards, thresholds and remedies of these events best.
    #[arg(long, value_name = "INPUT", num_args = 1.., conflicts_with_all = ["quick", "rows_up_to"])]
    input: Vec<PathBuf>,
    /// Rows of the largest shard [default: 10000000].
    #[arg(long, value_name = "N", conflicts_with = "quick")]
    rows_up_to: Option<u64>,
    /// Shards of up to a million rows: half a minute instead of some.
    #[arg(long)]
    quick: bool,
    /// Timed runs of each count, after a first one that is not among them; the median counts. 1 is
    /// that first run alone [default: at least 5, until they took 150 ms together, at most 100].
    #[arg(long, value_name = "N")]
    repeats: Option<NonZeroU32>,
    /// Memory budget of the whole process, in MiB [default: 2048].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
}

/// A calibration, and where it was written.
struct Calibrated {
    calibration: Calibration,
    out: Option<PathBuf>,
}

pub(crate) fn run(args: CalibrateArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let progress = Progress::of_steps(0);
    let mut calibrate = Calibrate::new().on_progress(progress.calibration_listener());
    let rows_to = args.rows_up_to.or_else(|| args.quick.then_some(Calibrate::QUICK_ROWS_TO));
    if let Some(to) = rows_to {
        // A decade at least, and no more than what is measured anyway.
        calibrate = calibrate.rows((to / 10).clamp(1, Calibrate::DEFAULT_ROWS_FROM), to);
    }
    if !args.input.is_empty() {
        calibrate = calibrate.inputs(find_inputs(&args.input).map_err(hotshard::Error::from)?);
    }
    if let Some(repeats) = args.repeats {
        calibrate = calibrate.repeats(repeats);
    }
    if let Some(mib) = args.memory {
        calibrate = calibrate.memory(MemoryBudget::from_mib(mib));
    }
    if let Some(threads) = global.threads {
        calibrate = calibrate.threads(threads.get());
    }
    let calibration = calibrate.run()?;
    drop(progress);
    let calibrated = Calibrated { calibration, out: args.out };
    // What was measured is told first: a file that cannot be written takes nothing away.
    output::print(global.format, &calibrated)?;
    if let Some(path) = &calibrated.out {
        calibrated.calibration.write(path)?;
        warn::note(&format!("wrote {}", path.display()));
    }
    Ok(Outcome::Done)
}

impl Answer for Calibrated {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Calibration { machine, rows_from, rows_to, elapsed_ns, .. } = &self.calibration;
        writeln!(
            out,
            "{}, {}, {}; shards of {} to {} rows.",
            machine.cpu,
            things(machine.cores as u64, "core", "cores"),
            machine.os,
            count(*rows_from),
            count(*rows_to)
        )?;
        write!(out, "\n{}", table(&self.calibration))?;
        write_noise(&self.calibration, out)?;
        writeln!(
            out,
            "\nA shard takes a + b·rows + c·bytes, modelled; 0 is what the measurements do not \
             need.\n\
             Bytes a row: what the count reads of a row of the largest shard.\n\
             Error: |modelled/measured − 1| over all stores, median and 95th percentile.\n\
             Contention: how many times as long a shard takes with all cores at work.\n\
             Merge, modelled: after the last of 64 shards with a million rows together.\n\
             Took {}.",
            time(*elapsed_ns)
        )
    }

    fn json(&self) -> impl Serialize {
        CalibrationJson::new(&self.calibration, self.out.as_deref())
    }

    /// One row a count.
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new([
            "count",
            "modelled_base_ns",
            "modelled_row_ns",
            "modelled_byte_ns",
            "bytes_per_row",
            "median_error",
            "p95_error",
            "r_squared",
            "contention",
            "modelled_merge_base_ns",
            "modelled_merge_shard_ns",
            "modelled_merge_row_ns",
        ]);
        for count in &self.calibration.counts {
            sheet.row([
                count.name.clone(),
                count.service.base_ns.to_string(),
                count.service.row_ns.to_string(),
                count.service.byte_ns.to_string(),
                count.bytes_per_row.to_string(),
                count.fit_error.median.to_string(),
                count.fit_error.p95.to_string(),
                count.fit_error.r_squared.to_string(),
                count.contention.to_string(),
                count.merge.base_ns.to_string(),
                count.merge.shard_ns.to_string(),
                count.merge.row_ns.to_string(),
            ]);
        }
        sheet
    }
}

/// One row a count.
fn table(calibration: &Calibration) -> Table {
    let mut table = Table::new([
        text("count"),
        number("a, µs"),
        number("b, ns\na row"),
        number("c, ns\na byte"),
        number("bytes\na row"),
        number("error\nmedian"),
        number("error\n95 %"),
        number("R²"),
        number("contention"),
        number("merge\nmodelled"),
    ]);
    for count in &calibration.counts {
        table.row([
            count.name.clone(),
            format!("{:.1}", count.service.base_ns / 1e3),
            digits(count.service.row_ns),
            digits(count.service.byte_ns),
            digits(count.bytes_per_row),
            percent(count.fit_error.median),
            percent(count.fit_error.p95),
            format!("{:.4}", count.fit_error.r_squared),
            format!("{:.2}", count.contention),
            time(merge_ns(count)),
        ]);
    }
    table
}

/// Of a store of usual size.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a modelled time for people, never negative"
)]
fn merge_ns(count: &CountFit) -> u64 {
    count.merge.merge_ns(64, 1_000_000, 0) as u64
}

/// Says how many counts were disturbed, and how the first of them was.
fn write_noise(calibration: &Calibration, out: &mut dyn Write) -> io::Result<()> {
    let noise = |count: &CountFit| Some((count.name.clone(), count.noise.clone()?));
    let mut noisy = calibration.counts.iter().filter_map(noise);
    let Some((name, noise)) = noisy.next() else { return Ok(()) };
    let number = 1 + noisy.count();
    let of = things(calibration.counts.len() as u64, "count", "counts");
    writeln!(out, "Noise in {number} of {of}. The first, {name}: {noise}.")
}

/// Three significant digits or two decimals.
fn digits(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        _ if number < 1.0 => format!("{number:.3}"),
        _ => format!("{number:.2}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
