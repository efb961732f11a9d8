//! A grid by models from Rust: which policy evens out a static id, at 200 and at 3 200 shards?
//!
//! Run it with `cargo run --release -p hotshard --example simulate`.

use std::num::NonZeroU32;

use hotshard::{
    ExperimentSpec, Grid, IdDistribution, LatencyGrid, Policy, ServiceModel, Simulation,
    WorkloadSpec,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // 10¹⁰ events a day, a tenth of them under one id.
    let day = WorkloadSpec::new(10_000_000_000)
        .users(100_000_000, IdDistribution::Zipf { s: 0.8 })
        .heavy("user_id", 0.1);
    let policies = ["hash", "pkg", "split@200000", "split@0.2N/n"].map(str::parse::<Policy>);
    let policies = policies.into_iter().collect::<Result<Vec<_>, _>>()?;
    let shards = [200, 3_200].into_iter().filter_map(NonZeroU32::new);
    // 50 µs a query and shard, and 2 ns a row.
    let service = ServiceModel { base_ns: 50_000.0, row_ns: 2.0, byte_ns: 0.0 };
    let spec = ExperimentSpec::new("a static id")
        .workload("day", day)
        .grid(Grid::default().shards(shards).policies(policies))
        .latency(LatencyGrid { loads: vec![0.5], ..LatencyGrid::new(service) });

    let report = Simulation::of(spec).run()?;

    let frame = report.balance();
    println!("shards  policy          max/mean  (5 to 95 % of seeds)");
    for row in frame.rows() {
        let number = |column| row.number(column).unwrap_or(f64::NAN);
        println!(
            "{:>6}  {:<14}  {:>8.2}  ({:.2} to {:.2})",
            number("shards"),
            row.text("policy").unwrap_or_default(),
            number("max_over_mean"),
            number("max_over_mean_p5"),
            number("max_over_mean_p95"),
        );
    }
    println!("\nModelled p99, with half the queries that even shards could answer:");
    for row in report.latency().rows() {
        let p99 = row.number("modelled_p99_ns").map(|ns| format!("{:.1} ms", ns / 1e6));
        println!(
            "{:>6}  {:<14}  {}",
            row.number("shards").unwrap_or(f64::NAN),
            row.text("policy").unwrap_or_default(),
            p99.as_deref().unwrap_or("cannot keep up"),
        );
    }
    Ok(())
}
