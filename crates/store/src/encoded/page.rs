//! The pages of a column chunk: headers, and bodies without their compression.
//!
//! Parquet's page header is a struct in Thrift's compact protocol. A chunk that passed its checksum
//! was written by this store, in pages of version 1, so only those are known here.
//! (<https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>,
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>)

use zstd::bulk::Decompressor;

use super::bytes::Bytes;
use crate::codec::Codec;

/// Why bytes that passed their checksum cannot be decoded.
pub(crate) type Undecodable = &'static str;

/// How the values of a page are encoded, by Parquet's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// One value after another.
    Plain,
    /// Numbers of values in the dictionary page.
    Dictionary,
    /// Runs of equal values, or bit-packed ones.
    RunLength,
    /// Deltas of integers, bit-packed.
    DeltaBinaryPacked,
    /// The lengths of texts, as deltas, before all of the texts.
    DeltaLengthByteArray,
}

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    /// The values that codes stand for.
    Dictionary,
    /// Values of rows.
    Data(Encoding),
}

/// A page as it lies in its chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'c> {
    pub(super) kind: PageKind,
    /// Values in the dictionary, or rows.
    pub(super) values: u32,
    /// How long the body is once it is unpacked.
    length: usize,
    packed: &'c [u8],
}

/// The pages of one chunk, in order.
#[derive(Debug)]
pub(super) struct Pages<'c> {
    chunk: Bytes<'c>,
}

impl<'c> Pages<'c> {
    pub(super) const fn of(chunk: &'c [u8]) -> Self {
        Self { chunk: Bytes::of(chunk) }
    }

    /// The next page.
    pub(super) fn next(&mut self) -> Result<Option<Page<'c>>, Undecodable> {
        if self.chunk.is_empty() {
            return Ok(None);
        }
        let header = Header::read(&mut self.chunk).ok_or("a page header cannot be read")?;
        let packed = self.chunk.take(header.packed_length).ok_or("a page runs out of its chunk")?;
        let kind = match (header.kind, header.encoding) {
            (DATA_PAGE, encoding) => PageKind::Data(known(encoding)?),
            (DICTIONARY_PAGE, _) => PageKind::Dictionary,
            _ => return Err("it has pages of a kind that this version does not read"),
        };
        Ok(Some(Page { kind, values: header.values, length: header.length, packed }))
    }
}

impl<'c> Page<'c> {
    /// The body of the page; unpacked into `room` if it is packed.
    pub(super) fn body<'r>(
        &self,
        codec: Codec,
        unpacker: &mut Unpacker,
        room: &'r mut Vec<u8>,
    ) -> Result<&'r [u8], Undecodable>
    where
        'c: 'r,
    {
        match codec {
            Codec::None => Ok(self.packed),
            Codec::Zstd => {
                unpacker.unpack(self.packed, self.length, room)?;
                Ok(room)
            }
        }
    }
}

/// Unpacks pages one after another. It takes its memory when it is first needed.
#[derive(Default)]
pub(super) struct Unpacker(Option<Decompressor<'static>>);

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unpacker")
    }
}

impl Unpacker {
    fn unpack(
        &mut self,
        packed: &[u8],
        length: usize,
        room: &mut Vec<u8>,
    ) -> Result<(), Undecodable> {
        room.clear();
        // An empty body is not packed at all.
        if length == 0 {
            return Ok(());
        }
        if room.try_reserve_exact(length).is_err() {
            return Err("a page is larger than the memory");
        }
        let unpacker = match &mut self.0 {
            Some(unpacker) => unpacker,
            None => {
                let unpacker = Decompressor::new().map_err(|_| "zstd has no memory")?;
                self.0.insert(unpacker)
            }
        };
        match unpacker.decompress_to_buffer(packed, room) {
            Ok(unpacked) if unpacked == length => Ok(()),
            Ok(_) => Err("a page has another length than its header says"),
            Err(_) => Err("a page cannot be unpacked"),
        }
    }
}

const DATA_PAGE: u64 = 0;
const DICTIONARY_PAGE: u64 = 2;

fn known(encoding: u64) -> Result<Encoding, Undecodable> {
    Ok(match encoding {
        0 => Encoding::Plain,
        // PLAIN_DICTIONARY is the older name of RLE_DICTIONARY.
        2 | 8 => Encoding::Dictionary,
        3 => Encoding::RunLength,
        5 => Encoding::DeltaBinaryPacked,
        6 => Encoding::DeltaLengthByteArray,
        _ => return Err("it has an encoding that this version does not read"),
    })
}

/// The fields of a page header that matter.
#[derive(Debug, Default)]
struct Header {
    kind: u64,
    length: usize,
    packed_length: usize,
    values: u32,
    encoding: u64,
}

/// Thrift's types that a page header has.
const BOOLEANS: [u8; 2] = [1, 2];
const INTEGERS: std::ops::RangeInclusive<u8> = 3..=6;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;

impl Header {
    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut header = Self::default();
        let mut field = 0;
        while let Some(kind) = next_field(bytes, &mut field)? {
            match field {
                1 => header.kind = zigzag(bytes, kind)?,
                2 => header.length = usize::try_from(zigzag(bytes, kind)?).ok()?,
                3 => header.packed_length = usize::try_from(zigzag(bytes, kind)?).ok()?,
                5 | 7 if kind == STRUCT => header.read_values(bytes)?,
                _ => skip(bytes, kind)?,
            }
        }
        Some(header)
    }

    /// The header of a data or dictionary page, which begin alike.
    fn read_values(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let mut field = 0;
        while let Some(kind) = next_field(bytes, &mut field)? {
            match field {
                1 => self.values = u32::try_from(zigzag(bytes, kind)?).ok()?,
                2 => self.encoding = zigzag(bytes, kind)?,
                _ => skip(bytes, kind)?,
            }
        }
        Some(())
    }
}

/// The type of the next field, whose number replaces `field`; `Some(None)` at the struct's end.
fn next_field(bytes: &mut Bytes<'_>, field: &mut u64) -> Option<Option<u8>> {
    let byte = bytes.byte()?;
    if byte == 0 {
        return Some(None);
    }
    *field = match byte >> 4 {
        0 => integer(bytes)?,
        more => field.checked_add(more.into())?,
    };
    Some(Some(byte & 0xf))
}

/// An integer that cannot be negative here.
fn zigzag(bytes: &mut Bytes<'_>, kind: u8) -> Option<u64> {
    INTEGERS.contains(&kind).then(|| integer(bytes))?
}

fn integer(bytes: &mut Bytes<'_>) -> Option<u64> {
    let value = bytes.varint()?;
    // Negative numbers are odd in zigzag.
    value.is_multiple_of(2).then_some(value / 2)
}

/// Skips a field that says nothing here, such as statistics.
fn skip(bytes: &mut Bytes<'_>, kind: u8) -> Option<()> {
    match kind {
        _ if BOOLEANS.contains(&kind) => Some(()),
        _ if INTEGERS.contains(&kind) => bytes.varint().map(drop),
        BINARY => {
            let length = usize::try_from(bytes.varint()?).ok()?;
            bytes.take(length).map(drop)
        }
        // Structs nest no deeper than one within the header.
        STRUCT => {
            let mut field = 0;
            while let Some(kind) = next_field(bytes, &mut field)? {
                if kind == STRUCT {
                    return None;
                }
                skip(bytes, kind)?;
            }
            Some(())
        }
        _ => None,
    }
}
