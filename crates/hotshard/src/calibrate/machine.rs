//! The machine that a calibration is of.

use std::fs;

use serde::{Deserialize, Serialize};

/// What was calibrated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name, as the system tells it; `unknown` where it does not.
    pub cpu: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// The operating system and the architecture.
    pub os: String,
    /// The version of this library.
    pub hotshard: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self {
            cpu: cpu_name().unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            hotshard: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

fn cpu_name() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_a_name_and_cores() {
        let machine = Machine::this();
        assert!(!machine.cpu.is_empty() && machine.cores > 0);
        assert!(machine.os.contains(std::env::consts::ARCH));
    }
}
