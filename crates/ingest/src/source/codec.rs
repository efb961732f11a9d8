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

/// How many first bytes tell the format and the window of a zstd frame: its longest header.
const MAGIC_BYTES: u64 = 18;

/// The window of gzip (RFC 1952).
const GZIP_WINDOW_BYTES: u64 = 32 * 1024;

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
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
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

    /// How far back the stream refers, which a decompressor keeps in memory; of zstd that of the
    /// first frame, if the file begins with one that has content.
    pub(super) fn window_bytes(&self) -> Option<u64> {
        match self {
            Self::Plain(_) => Some(0),
            Self::Gzip(_) => Some(GZIP_WINDOW_BYTES),
            Self::Zstd(decoder) => {
                zstd_window_bytes(decoder.get_ref().get_ref().get_ref().0.get_ref())
            }
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

/// The window of a zstd frame with this header (RFC 8878, section 3.1.1.1).
fn zstd_window_bytes(header: &[u8]) -> Option<u64> {
    let fields = header.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?;
    let (descriptor, fields) = fields.split_first()?;
    let is_single_segment = descriptor & 0x20 != 0;
    if !is_single_segment {
        let window = fields.first()?;
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // The window is all of the content, whose size stands behind the dictionary's id.
    let id_len = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    let size = fields.get(*id_len..)?;
    let size_of = |len| {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(size.get(..len)?).for_each(|(to, from)| *to = *from);
        Some(u64::from_le_bytes(bytes))
    };
    match descriptor >> 6 {
        0 => size_of(1),
        1 => Some(size_of(2)? + 256),
        2 => size_of(4),
        _ => size_of(8),
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

    #[test]
    fn a_zstd_frame_tells_its_window() {
        use std::io::Write;
        let window = |pledged: Option<u64>, log: u32| {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
            encoder.window_log(log).unwrap();
            encoder.set_pledged_src_size(pledged).unwrap();
            let content = vec![b'a'; usize::try_from(pledged.unwrap_or(9)).unwrap()];
            encoder.write_all(&content).unwrap();
            let packed = encoder.finish().unwrap();
            Decoder::new(Raw::Memory(Cursor::new(packed.into()))).unwrap().window_bytes()
        };
        for log in [10, 17, 21, 27] {
            assert_eq!(window(None, log), Some(1 << log));
        }
        for size in [1, 255, 256, 300, 65_791, 65_792, 1 << 20] {
            assert_eq!(window(Some(size), 20), Some(size), "{size}");
        }
        assert_eq!(zstd_window_bytes(b"\x50\x2a\x4d\x18"), None);
        assert_eq!(zstd_window_bytes(b"\x28\xb5\x2f\xfd"), None);
        assert_eq!(zstd_window_bytes(b"\x28\xb5\x2f\xfd\xe0\x01"), None);
    }
}
