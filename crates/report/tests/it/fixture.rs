//! Running the program, and reading what it says.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The program, to give arguments to.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_hotshard"));
    program.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    program
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program with arguments that are separated by spaces.
pub(crate) fn run(arguments: &str) -> Run {
    run_with(program().args(arguments.split_whitespace()))
}

pub(crate) fn run_with(program: &mut Command) -> Run {
    let output = program.output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    /// What it printed, once it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// It failed with that code, said this, and printed no data.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, message: &str) {
        assert_eq!(self.code, code, "{}", self.stderr);
        let says_error = self.stderr.lines().any(|line| line.starts_with("error: "));
        assert!(says_error, "{}", self.stderr);
        assert!(self.stderr.contains(message), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert_eq!(self.stdout, "");
    }
}

/// A folder that goes away with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path inside, as text.
    pub(crate) fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// A file inside, with this content.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.path().join(name), content).unwrap();
        self.at(name)
    }

    /// A store of the sample that ships, as the README makes it.
    pub(crate) fn flights(&self, remedy: &str) -> String {
        let store = self.at(remedy);
        let settings = "--shards 16 --threshold 100 --remedy";
        run(&format!("ingest --store {store} {settings} {remedy} {}", sample())).ok();
        store
    }
}

/// The sample that ships.
pub(crate) fn sample() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/nycflights13_sample.jsonl.gz")
        .display()
        .to_string()
}

/// An event as a line.
pub(crate) fn line(event: &str, id: &str, time_ms: i64) -> String {
    format!(
        "{{\"event\":\"{event}\",\"properties\":{{\"time\":{time_ms},\"distinct_id\":\"{id}\"}}}}\n"
    )
}

/// A morning in April 2021, in milliseconds.
pub(crate) const MORNING: i64 = 1_618_716_477_000;

/// The committed data files of a store.
pub(crate) fn data_files(store: &str) -> Vec<PathBuf> {
    let listed = run(&format!("files --store {store} --format json")).json();
    let path = |file: &Value| PathBuf::from(file["absolute_path"].as_str().unwrap());
    listed["files"].as_array().unwrap().iter().map(path).collect()
}

/// All that a store holds, as rows that can be compared.
pub(crate) fn contents(store: &str) -> String {
    let by = "event,date,shard,distinct_id,original_event,original_distinct_id,property:flight";
    run(&format!("query --store {store} --by {by} --format csv")).ok()
}

/// The keys of a JSON object in the order they were written, with their values.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    #[track_caller]
    pub(crate) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The fields of the object in this field, or of the first of its list.
    #[track_caller]
    pub(crate) fn inside(&self, name: &str) -> Self {
        let (_, value) = self.0.iter().find(|(known, _)| known == name).unwrap();
        if value.get().starts_with('[') {
            let list: Vec<Box<RawValue>> = serde_json::from_str(value.get()).unwrap();
            return Self::of(list[0].get());
        }
        Self::of(value.get())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
