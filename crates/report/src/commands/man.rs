//! `hotshard man`.

use clap::{Args, CommandFactory};

use crate::args::Cli;
use crate::exit::{Outcome, UsageError};
use crate::output;

/// Print a manual page.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The command to print the page of; the program's own page when left out.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<Outcome> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            UsageError(format!("`{name}` is not a command; `hotshard help` lists them"))
        })?,
    };
    let title = page.get_display_name().unwrap_or(page.get_name()).to_owned();
    output::to_stdout(|out| clap_mangen::Man::new(page).title(title).render(out))?;
    Ok(Outcome::Done)
}
