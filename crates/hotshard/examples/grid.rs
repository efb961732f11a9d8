//! A small experiment grid from Rust: how much does each remedy help, at which threshold?
//!
//! Run it with `cargo run --release -p hotshard --example grid`.

use hotshard::{Experiment, Input, RngSeed, ShardCount, Threshold, Workload, WorkloadSpec};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A day of events on which identify('user_id') shipped at noon.
    let workload = Workload::new(WorkloadSpec::identify_at_noon(200_000), RngSeed::DEFAULT)?;
    let mut lines = Vec::new();
    workload.write_to(&mut lines, |_| {})?;

    let report = Experiment::on(vec![Input::bytes("identify at noon", lines)])
        .shards(vec![ShardCount::new(8)?, ShardCount::new(32)?])
        .thresholds(vec![Threshold::new(20_000), Threshold::new(2_000)])
        .run()?;

    println!("shards  T       remedy  max/mean  events missing  users missing");
    for trial in &report.trials {
        println!(
            "{:>6}  {:<6}  {:<6}  {:>8.2}  {:>14}  {:>13}",
            trial.shards,
            trial.threshold,
            trial.remedy,
            trial.skew.max_over_mean,
            trial.cost.events_missing,
            trial.cost.users_missing,
        );
    }
    Ok(())
}
