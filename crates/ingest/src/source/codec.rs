//! Raw bytes and their decompression.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom, Stdin};
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

/// Bytes of compressed input held at a time.
const COMPRESSED_BUFFER_BYTES: usize = 128 * 1024;

/// The largest zstd window accepted, as a power of two: 128 MiB, what `zstd --ultra -22` and
/// `--long` write. A frame that asks for more is refused, so that no file can take the memory.
const MAX_ZSTD_WINDOW_LOG: u32 = 27;

/// How many first bytes tell the format.
const MAGIC_BYTES: u64 = 4;

/// How an input is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Plain,
    Gzip,
    Zstd,
}

impl Format {
    /// Tells the format by the first bytes.
    fn of(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A frame, or a skippable frame, which parallel compressors put first.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// Where raw bytes come from.
#[derive(Debug)]
pub(super) enum Raw {
    File(File),
    Stdin(Stdin),
    Memory(Cursor<Arc<[u8]>>),
}

impl Raw {
    fn read_once(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(space),
            Self::Stdin(stdin) => stdin.read(space),
            Self::Memory(bytes) => bytes.read(space),
        }
    }
}

/// Raw bytes, counted, with a note of whether reading them failed: this tells a broken disk from
/// a damaged stream, which a decompressor reports alike.
#[derive(Debug)]
pub(super) struct Counted {
    raw: Raw,
    bytes: u64,
    failed: bool,
}

impl Read for Counted {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.raw.read_once(space) {
                Ok(read) => {
                    self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
            }
        }
    }
}

/// The first bytes, which were read to tell the format, and then the rest.
type Whole = io::Chain<Cursor<Vec<u8>>, Counted>;

/// Raw bytes on their way to content.
pub(super) enum Decoder {
    Plain(Whole),
    Gzip(Box<MultiGzDecoder<BufReader<Whole>>>),
    Zstd(Box<ZstdDecoder<'static, BufReader<Whole>>>),
}

impl Decoder {
    /// Reads the first bytes and sets up what they ask for.
    pub(super) fn new(raw: Raw) -> io::Result<Self> {
        let mut counted = Counted { raw, bytes: 0, failed: false };
        let mut magic = Vec::new();
        (&mut counted).take(MAGIC_BYTES).read_to_end(&mut magic)?;
        let format = Format::of(&magic);
        let whole = Cursor::new(magic).chain(counted);
        Ok(match format {
            Format::Plain => Self::Plain(whole),
            Format::Gzip => {
                let buffered = BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, whole);
                Self::Gzip(Box::new(MultiGzDecoder::new(buffered)))
            }
            Format::Zstd => {
                let buffered = BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, whole);
                let mut decoder = ZstdDecoder::with_buffer(buffered)?;
                decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
                Self::Zstd(Box::new(decoder))
            }
        })
    }

    pub(super) fn format(&self) -> Format {
        match self {
            Self::Plain(_) => Format::Plain,
            Self::Gzip(_) => Format::Gzip,
            Self::Zstd(_) => Format::Zstd,
        }
    }

    /// Raw bytes consumed so far.
    pub(super) fn raw_bytes_read(&self) -> u64 {
        self.counted().bytes
    }

    /// Whether reading the raw bytes failed (as opposed to decompressing them).
    pub(super) fn raw_failed(&self) -> bool {
        self.counted().failed
    }

    /// Goes to an offset without reading up to it, if the input allows that. The offset must not
    /// lie behind the end.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<bool> {
        let Self::Plain(whole) = self else { return Ok(false) };
        let (magic, counted) = whole.get_mut();
        match &mut counted.raw {
            Raw::File(file) => file.seek(SeekFrom::Start(offset))?,
            Raw::Memory(bytes) => bytes.seek(SeekFrom::Start(offset))?,
            Raw::Stdin(_) => return Ok(false),
        };
        magic.seek(SeekFrom::End(0))?;
        counted.bytes = offset;
        Ok(true)
    }

    fn counted(&self) -> &Counted {
        let whole = match self {
            Self::Plain(whole) => whole,
            Self::Gzip(decoder) => decoder.get_ref().get_ref(),
            Self::Zstd(decoder) => decoder.get_ref().get_ref(),
        };
        whole.get_ref().1
    }
}

impl Read for Decoder {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(whole) => whole.read(space),
            Self::Gzip(decoder) => decoder.read(space),
            Self::Zstd(decoder) => decoder.read(space),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_bytes_tell_the_format() {
        for (magic, format) in [
            (&b""[..], Format::Plain),
            (b"{", Format::Plain),
            (b"\x1f", Format::Plain),
            (b"\x1f\x8b", Format::Gzip),
            (b"\x1f\x8b\x08\x00", Format::Gzip),
            (b"\x28\xb5\x2f", Format::Plain),
            (b"\x28\xb5\x2f\xfd", Format::Zstd),
            (b"\x5a\x2a\x4d\x18", Format::Zstd),
        ] {
            assert_eq!(Format::of(magic), format, "{magic:02x?}");
        }
    }
}
