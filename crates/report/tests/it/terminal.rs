use std::io::Read;
use std::process::{Child, Command, Stdio};

use crate::fixture::{Folder, program, run, run_with};

fn spawn(arguments: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_hotshard"))
        .args(arguments.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads some bytes, closes the pipe, and gives the exit code and what was said on stderr.
fn close_after(bytes: usize, arguments: &str) -> (i32, String) {
    let mut child = spawn(arguments);
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut vec![0; bytes]).unwrap();
    drop(out);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code().unwrap(), said)
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let (code, said) = close_after(10, "generate --events 300000");
    assert_eq!((code, said.as_str()), (0, "rng seed 42\n"));
    for format in ["table", "json", "csv"] {
        let by = "distinct_id,event,date,shard,property:flight,property:arr_delay,property:dest";
        let query = format!("query --store {store} --by {by} --format {format}");
        assert_eq!(close_after(10, &query), (0, String::new()), "{format}");
        assert_eq!(close_after(0, &query), (0, String::new()), "{format}");
    }
    assert_eq!(close_after(0, "completions bash"), (0, String::new()));
    assert_eq!(close_after(0, "man"), (0, String::new()));
    // What was found is said by the exit code, whoever reads.
    assert_eq!(close_after(0, &format!("check --store {store}")), (3, String::new()));
}

#[test]
fn colours_go_with_no_color() {
    let wrong = ["query", "--store", "/nowhere"];
    let coloured = run_with(program().env("CLICOLOR_FORCE", "1").args(wrong));
    assert!(coloured.stderr.contains('\u{1b}'), "{}", coloured.stderr);
    let plain = run_with(program().env("NO_COLOR", "1").args(wrong));
    assert!(plain.stderr.starts_with("error: ") && !plain.stderr.contains('\u{1b}'));
    assert!(!run("query --store /nowhere").stderr.contains('\u{1b}'), "no terminal, no colour");
}

#[test]
fn data_goes_to_stdout_and_nothing_else_does() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let said = run(&format!("query --store {store} --format json"));
    assert_eq!(said.stderr, "");
    assert_eq!(said.stdout.lines().count(), 1);
}

#[test]
fn completions_and_pages_are_printed() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&format!("completions {shell}")).ok();
        assert!(script.contains("hotshard") && script.contains("experiment"), "{shell}");
    }
    let page = run("man").ok();
    assert!(page.contains(".TH hotshard 1") && page.contains("Exit codes"), "{page}");
    let page = run("man ingest").ok();
    assert!(page.contains(".TH hotshard-ingest 1") && page.contains("max\\-line"), "{page}");
    run("man nothing").refused(2, "`nothing` is not a command");
}

#[test]
fn help_and_version_end_well() {
    let help = run("--help").ok();
    for command in [
        "demo",
        "generate",
        "ingest",
        "query",
        "report",
        "check",
        "experiment",
        "compact",
        "vacuum",
        "verify",
        "files",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing: {help}");
    }
    assert!(help.contains("hotshard demo"), "{help}");
    assert!(run("--version").ok().starts_with("hotshard "));
    assert_eq!(run("").code, 2);
}
