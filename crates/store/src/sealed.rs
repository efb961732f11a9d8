//! JSON files that carry their own kind, version and checksum.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::checksum::Xxh3;
use crate::layout::FORMAT_VERSION;
use crate::{Damage, Error};

/// What a sealed file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Identity,
    Commit,
    Checkpoint,
    Newest,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Commit => "commit",
            Self::Checkpoint => "checkpoint",
            Self::Newest => "newest",
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    hotshard: Kind,
    xxh3: Xxh3,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// The version alone: read first, so that a newer format is told apart from damage.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// A body as the bytes of a sealed file.
pub(crate) fn seal(kind: Kind, body: &impl Serialize) -> Vec<u8> {
    // The body is written once, behind a head that is as long whatever the checksum.
    let mut bytes = head(kind, Xxh3::of(&[]));
    let head_bytes = bytes.len();
    #[expect(clippy::expect_used, reason = "our own plain data, with text keys only")]
    serde_json::to_writer(&mut bytes, body).expect("plain data is always JSON");
    let xxh3 = Xxh3::of(bytes.get(head_bytes..).unwrap_or_default());
    bytes.splice(..head_bytes, head(kind, xxh3));
    bytes.extend_from_slice(b"}\n");
    bytes
}

/// An envelope up to its body.
fn head(kind: Kind, xxh3: Xxh3) -> Vec<u8> {
    let kind = kind.name();
    format!(r#"{{"hotshard":"{kind}","version":{FORMAT_VERSION},"xxh3":"{xxh3}","body":"#).into()
}

/// The body of a sealed file, once its kind, version and checksum are right. `path` is the file's
/// name in the store.
pub(crate) fn open<T: DeserializeOwned>(
    root: &Path,
    path: &str,
    kind: Kind,
    bytes: &[u8],
) -> Result<T, Error> {
    let damaged = |problem: String| Error::Damaged(Damage::new(path, problem));
    let not_sealed = |error: serde_json::Error| damaged(format!("not a sealed file: {error}"));
    let Version { version } = serde_json::from_slice(bytes).map_err(not_sealed)?;
    if version > FORMAT_VERSION {
        return Err(Error::NewerFormat {
            path: crate::layout::absolute(root, path),
            version,
            supported: FORMAT_VERSION,
        });
    }
    let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(not_sealed)?;
    if envelope.hotshard != kind {
        return Err(damaged(format!("it is a sealed {:?}, not a {kind:?}", envelope.hotshard)));
    }
    if Xxh3::of(envelope.body.get().as_bytes()) != envelope.xxh3 {
        return Err(damaged("its content does not match its checksum".to_owned()));
    }
    serde_json::from_str(envelope.body.get())
        .map_err(|error| damaged(format!("its content is not a {kind:?}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<u32>, Error> {
        open(Path::new("S"), "f.json", Kind::Commit, bytes)
    }

    #[test]
    fn every_flipped_bit_is_noticed_or_harmless() {
        let sealed = seal(Kind::Commit, &[1_u32, 22, 333]);
        assert_eq!(read(&sealed).unwrap(), [1, 22, 333]);
        for byte in 0..sealed.len() {
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[byte] ^= 1 << bit;
                if let Ok(body) = read(&flipped) {
                    assert_eq!(body, [1, 22, 333], "byte {byte} bit {bit}");
                }
            }
        }
    }

    #[test]
    fn a_newer_version_is_not_called_damage() {
        let newer = String::from_utf8(seal(Kind::Commit, &[1_u32])).unwrap();
        let newer = newer.replace("\"version\":1", "\"version\":7");
        assert!(matches!(read(newer.as_bytes()), Err(Error::NewerFormat { version: 7, .. })));
    }
}
