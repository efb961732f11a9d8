//! The hotshard command line: arguments in, tables and JSON out.
//!
//! Data goes to standard output, everything else to standard error. The work is done by the
//! `hotshard` library.

mod args;
mod commands;
mod exit;
mod figures;
mod json;
mod mistake;
mod notices;
mod output;
mod overrides;
mod pages;
mod printable;
mod progress;
mod sparkline;
mod stream;
mod table;
mod trials;
mod warn;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Nobody is left to tell when even that cannot be printed.
            let _ = message.print();
            return u8::try_from(message.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    match commands::run(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            warn::error(&error);
            exit::code_of(&error).into()
        }
    }
}
