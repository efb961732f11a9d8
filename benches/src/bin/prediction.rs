//! Holds times that are predicted from a calibration against measured ones.
//!
//! `cargo run --release -p hotshard-benches --bin prediction -- [CALIBRATION.json] [--quick] [--json FILE]`
//! prints tables in Markdown; with `--json`, everything also goes to a file. Without a calibration each
//! stream has one of its own events, over other numbers of shards.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use hotshard::{Calibration, Machine};
use hotshard_benches::prediction::{self, Size};
use serde_json::json;

const USAGE: &str = "usage: prediction [CALIBRATION.json] [--quick] [--json FILE]";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut file, mut json_file, mut size) = (None, None, Size::Full);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => size = Size::Quick,
            "--json" => json_file = Some(PathBuf::from(arguments.next().context(USAGE)?)),
            _ if file.is_none() => file = Some(PathBuf::from(argument)),
            _ => bail!("{USAGE}"),
        }
    }
    // As the program has it: this thread is one of those that count.
    rayon::ThreadPoolBuilder::new().use_current_thread().build_global()?;
    let given = file.map(|file| Calibration::read(&file)).transpose()?;
    let here = Machine::this();
    if let Some(calibration) = given.as_ref().filter(|given| given.machine != here) {
        eprintln!("note: calibrated on {:?}, measured on {here:?}", calibration.machine);
    }
    let temporary = tempfile::tempdir()?;
    let plans = prediction::plans(size);
    let mut outcomes = Vec::new();
    let mut own: Option<(&prediction::Plan, Calibration)> = None;
    for (number, plan) in plans.iter().enumerate() {
        eprintln!(
            "{} of {}: {}, {}",
            number + 1,
            plans.len(),
            plan.stream,
            plan.remedy_and_threshold()
        );
        let folder = temporary.path().join("store");
        let calibration = match (&given, own.take()) {
            (Some(given), _) => given.clone(),
            (None, Some((of, calibration))) if of.has_events_of(plan) => calibration,
            (None, _) => plan.calibrate(&folder)?,
        };
        outcomes.extend(prediction::hold(plan, &calibration, &folder)?);
        own = Some((plan, calibration));
    }
    print!("{}", prediction::markdown(&outcomes));
    if let Some(path) = json_file {
        let all = json!({ "machine": here, "calibrated_at_ms": given.map(|given| given.made_at_ms), "outcomes": outcomes });
        std::fs::write(&path, format!("{all:#}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
