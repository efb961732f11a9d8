//! Writes `docs/accuracy.md` and `docs/accuracy.svg`, or with `--check` compares them with what it
//! would write.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use hotshard_benches::accuracy;

const USAGE: &str = "usage: accuracy [--check]";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let act: fn(&Path, &str) -> anyhow::Result<()> = match arguments.as_slice() {
        [] => write,
        [check] if check == "--check" => compare,
        _ => bail!("{USAGE}"),
    };
    let result = accuracy::measure()?;
    act(&docs("accuracy.md"), &accuracy::page::markdown(&result))?;
    act(&docs("accuracy.svg"), &accuracy::plot::svg(&result))
}

fn docs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join(file)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn compare(path: &Path, text: &str) -> anyhow::Result<()> {
    let found =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let differing = (1..).zip(text.lines().zip(found.lines())).find(|(_, (new, old))| new != old);
    if let Some((line, (new, old))) = differing {
        bail!(
            "{} is not what this program finds; run it without --check and look at the change\n\
             line {line} is   {old}\n\
             but should be {new}",
            path.display()
        );
    }
    ensure!(
        found == text,
        "{} is longer or shorter than what this program finds; run it without --check",
        path.display()
    );
    println!("{} is as it should be", path.display());
    Ok(())
}
