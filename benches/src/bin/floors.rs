//! What an ingest cannot be faster than: its decoder alone and its encoder alone, on the threads
//! that it would have, over a file in memory. Prints one JSON object.
//!
//! `cargo run --release -p hotshard-benches --bin floors -- FILE [THREADS]`

use anyhow::{Context as _, ensure};
use hotshard::find_inputs;
use hotshard_benches::floors::Floors;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("give a file of JSON lines")?;
    let threads = match arguments.next() {
        Some(threads) => threads.parse().context("the number of threads is no number")?,
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    ensure!(threads > 0, "give at least one thread");
    let inputs = find_inputs(&[file])?;
    let floors = Floors::measure(inputs.first().context("there is no such file")?, threads)?;
    println!("{}", floors.to_json());
    Ok(())
}
