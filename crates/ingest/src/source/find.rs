//! From what the user named to inputs.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::{DirEntry, WalkDir};

use super::Input;
use crate::Error;

/// Finds the inputs that were named, in the order given, before any of them is read.
///
/// A name is the path of a file, of a folder, a glob, or `-` for standard input. A folder stands
/// for the regular files in it and in its folders, sorted by the bytes of their paths. A glob
/// (`*`, `?`, `[..]`, `{..}`, and `**` across folders) stands for what it matches, sorted alike,
/// and a matched folder again for its files. Links are followed. Files and folders whose name
/// begins with a dot are passed over, unless they are named, or the glob names such a one.
/// A path that exists is never taken for a glob.
///
/// # Errors
///
/// The first name that cannot be read: [`Error::NotFound`], [`Error::NoFiles`],
/// [`Error::NoMatch`], [`Error::BadGlob`], [`Error::StdinTwice`], or [`Error::Open`].
pub fn find_inputs<P: AsRef<Path>>(names: &[P]) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    let mut stdin = 0;
    for name in names {
        let path = name.as_ref();
        if path.as_os_str() == "-" {
            stdin += 1;
            if stdin > 1 {
                return Err(Error::StdinTwice);
            }
            inputs.push(Input::stdin());
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => inputs.extend(files_of_folder(path)?),
            Ok(metadata) => inputs.push(input(path, &metadata)),
            Err(error) if is_missing(&error) => match Pattern::of(path)? {
                Some(pattern) => inputs.extend(pattern.files(path)?),
                None => return Err(Error::NotFound { path: path.to_owned() }),
            },
            Err(source) => return Err(Error::Open { path: path.to_owned(), source }),
        }
    }
    Ok(inputs)
}

/// Whether files and folders whose name begins with a dot are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Skip,
    Include,
}

/// A glob, cut where its first wildcard stands.
struct Pattern {
    /// The folder below which anything can match.
    base: PathBuf,
    whole: GlobMatcher,
    /// What the folders on the way to a match look like, level by level, down to the first `**`;
    /// all others need not be looked into.
    levels: Vec<GlobMatcher>,
    /// Whether `levels` says how deep a match can lie.
    depth: Depth,
    hidden: Hidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Known,
    Any,
}

impl Pattern {
    /// The glob that a path is written as; none if it has no wildcard.
    fn of(path: &Path) -> Result<Option<Self>, Error> {
        let is_wild = |part: &Component<'_>| {
            part.as_os_str()
                .as_encoded_bytes()
                .iter()
                .any(|b| matches!(b, b'*' | b'?' | b'[' | b'{'))
        };
        let base: PathBuf = path.components().take_while(|part| !is_wild(part)).collect();
        let parts: Option<Vec<&str>> = path
            .components()
            .skip_while(|part| !is_wild(part))
            .map(|p| p.as_os_str().to_str())
            .collect();
        let Some(parts) = parts.filter(|parts| !parts.is_empty()) else { return Ok(None) };
        let glob = |text: &str| {
            GlobBuilder::new(text)
                .literal_separator(true)
                .build()
                .map(|glob| glob.compile_matcher())
        };
        let whole = glob(&parts.join("/"))
            .map_err(|source| Error::BadGlob { pattern: path.display().to_string(), source })?;
        let mut levels = Vec::new();
        let mut depth = Depth::Known;
        for level in 1..=parts.len() {
            let prefix = parts.get(..level).unwrap_or_default();
            // A `{a/b,c}` falls apart here, and does not compile.
            match glob(&prefix.join("/")) {
                Ok(matcher) if prefix.last() != Some(&"**") => levels.push(matcher),
                _ => {
                    depth = Depth::Any;
                    break;
                }
            }
        }
        let names_hidden = parts.iter().any(|part| part.starts_with('.'));
        let hidden = if names_hidden { Hidden::Include } else { Hidden::Skip };
        Ok(Some(Self { base, whole, levels, depth, hidden }))
    }

    /// Every file that matches, or lies in a folder that does.
    fn files(&self, path: &Path) -> Result<Vec<Input>, Error> {
        let no_match = || Error::NoMatch { pattern: path.display().to_string() };
        let root = match self.base.as_os_str().is_empty() {
            true => Path::new("."),
            false => self.base.as_path(),
        };
        if !root.is_dir() {
            return Err(no_match());
        }
        let files = walk(root, self.hidden, |relative| self.may_lead_to_match(relative))?;
        let inputs: Vec<_> = files
            .into_iter()
            .filter(|(relative, _)| self.matches(relative))
            .map(|(relative, metadata)| input(&self.base.join(relative), &metadata))
            .collect();
        if inputs.is_empty() { Err(no_match()) } else { Ok(inputs) }
    }

    fn matches(&self, relative: &Path) -> bool {
        relative.ancestors().any(|ancestor| self.whole.is_match(ancestor))
    }

    fn may_lead_to_match(&self, folder: &Path) -> bool {
        let level = folder.components().count();
        match level.checked_sub(1).map(|at| self.levels.get(at)) {
            None => true,
            Some(Some(matcher)) if matcher.is_match(folder) => true,
            Some(None) if self.depth == Depth::Any => true,
            Some(_) => self.matches(folder),
        }
    }
}

fn files_of_folder(folder: &Path) -> Result<Vec<Input>, Error> {
    let files = walk(folder, Hidden::Skip, |_| true)?;
    if files.is_empty() {
        return Err(Error::NoFiles { path: folder.to_owned() });
    }
    let inputs = files.iter().map(|(relative, metadata)| input(&folder.join(relative), metadata));
    Ok(inputs.collect())
}

/// The regular files below `root`, in folders that `enter` allows, by their paths from there,
/// sorted by bytes.
fn walk(
    root: &Path,
    hidden: Hidden,
    enter: impl Fn(&Path) -> bool,
) -> Result<Vec<(PathBuf, Metadata)>, Error> {
    let relative = |entry: &DirEntry| -> PathBuf {
        entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned()
    };
    let wanted = |entry: &DirEntry| {
        entry.depth() == 0
            || (!(hidden == Hidden::Skip && is_hidden(entry.file_name()))
                && (!entry.file_type().is_dir() || enter(&relative(entry))))
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(root).follow_links(true).into_iter().filter_entry(wanted) {
        let entry = entry.map_err(|error| walk_error(root, error))?;
        if entry.file_type().is_file() {
            let metadata = entry.metadata().map_err(|error| walk_error(root, error))?;
            files.push((relative(&entry), metadata));
        }
    }
    files.sort_by(|(a, _), (b, _)| {
        a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes())
    });
    Ok(files)
}

fn walk_error(root: &Path, error: walkdir::Error) -> Error {
    Error::Open { path: error.path().unwrap_or(root).to_owned(), source: error.into() }
}

/// Whether nothing is there, be it that a file stands where a folder should.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn input(path: &Path, metadata: &Metadata) -> Input {
    if metadata.is_file() { Input::file(path, metadata.len()) } else { Input::stream(path) }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    /// The names found, from the folder on.
    fn found(folder: &TempDir, name: &str) -> Vec<String> {
        let root = format!("{}/", folder.path().display());
        let inputs = find_inputs(&[folder.path().join(name)]).unwrap();
        inputs.iter().map(|input| input.name().strip_prefix(&root).unwrap().to_owned()).collect()
    }

    fn error(folder: &TempDir, name: &str) -> String {
        let root = format!("{}/", folder.path().display());
        find_inputs(&[folder.path().join(name)]).unwrap_err().to_string().replace(&root, "")
    }

    #[test]
    fn a_folder_stands_for_its_files_in_byte_order() {
        let folder = folder(&["b/z", "a/2", "a/10", "a-1", "a.txt", "B", ".x", "a/.y/z", "\u{e9}"]);
        let sorted = ["B", "a-1", "a.txt", "a/10", "a/2", "b/z", "\u{e9}"];
        assert_eq!(found(&folder, ""), sorted);
    }

    #[test]
    fn an_empty_folder_says_so() {
        let folder = folder(&["a/.hidden"]);
        assert_eq!(
            error(&folder, "a"),
            "the folder a holds no file to ingest; hidden ones are passed over, name one to take it"
        );
    }

    #[test]
    fn globs_match_paths_and_folders() {
        let folder = folder(&["a/1.gz", "a/b/2.gz", "a/b/3.txt", "c/4.gz", "5.gz", ".h/6.gz"]);
        assert_eq!(found(&folder, "*.gz"), ["5.gz"]);
        assert_eq!(found(&folder, "**/*.gz"), ["5.gz", "a/1.gz", "a/b/2.gz", "c/4.gz"]);
        assert_eq!(found(&folder, "?/*.gz"), ["a/1.gz", "c/4.gz"]);
        assert_eq!(found(&folder, "a/**/[23].*"), ["a/b/2.gz", "a/b/3.txt"]);
        assert_eq!(found(&folder, "{a/1,c/4}.gz"), ["a/1.gz", "c/4.gz"]);
        assert_eq!(found(&folder, "[a]"), ["a/1.gz", "a/b/2.gz", "a/b/3.txt"]);
        assert_eq!(found(&folder, ".*/*"), [".h/6.gz"]);
        assert_eq!(found(&folder, "a/**"), ["a/1.gz", "a/b/2.gz", "a/b/3.txt"]);
    }

    #[test]
    fn a_path_that_exists_is_no_glob() {
        let folder = folder(&["a[1].json", "a1.json"]);
        assert_eq!(found(&folder, "a[1].json"), ["a[1].json"]);
        assert_eq!(found(&folder, "a[1].jso?"), ["a1.json"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = folder(&["a"]);
        assert_eq!(
            error(&folder, "x.json"),
            "no such file or directory: x.json; check the path, or quote the glob"
        );
        assert_eq!(error(&folder, "*.json"), "no file matches *.json; check the pattern");
        assert_eq!(error(&folder, "x/*.json"), "no file matches x/*.json; check the pattern");
        assert_eq!(
            error(&folder, "a/b"),
            "no such file or directory: a/b; check the path, or quote the glob"
        );
        assert_eq!(
            error(&folder, "[b-a]"),
            "[b-a] is neither a file nor a glob that can be understood"
        );
        let names = [folder.path().join("a"), folder.path().join("b"), folder.path().join("c")];
        let Err(Error::NotFound { path }) = find_inputs(&names) else { panic!("b is missing") };
        assert_eq!(path, names[1]);
    }

    #[test]
    fn standard_input_can_be_named_once() {
        assert_eq!(find_inputs(&["-"]).unwrap()[0].name(), "standard input");
        assert!(matches!(find_inputs(&["-", "-"]), Err(Error::StdinTwice)));
    }

    #[test]
    fn files_know_their_size() {
        let folder = folder(&["four"]);
        assert_eq!(find_inputs(&[folder.path()]).unwrap()[0].raw_bytes(), Some(4));
    }
}
