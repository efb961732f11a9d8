//! Words on standard error. Colours only on a terminal, and not under `NO_COLOR`.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use crate::printable::printable;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Prints a failure and its causes.
pub(crate) fn error(error: &anyhow::Error) {
    say(ERROR, "error", &error.to_string());
    for cause in error.chain().skip(1) {
        say(ERROR, "caused by", &cause.to_string());
    }
}

/// Prints something that is worth a look and stops nothing.
pub(crate) fn warning(message: &str) {
    say(WARNING, "warning", message);
}

/// Prints something that is good to know.
pub(crate) fn note(message: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable(message));
}

/// A closed standard error changes nothing.
fn say(style: Style, label: &str, message: &str) {
    let message = printable(message);
    let _ = writeln!(anstream::stderr(), "{style}{label}:{style:#} {message}");
}
