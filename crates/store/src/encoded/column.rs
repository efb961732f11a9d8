//! A column of a row group as a dictionary and codes.

use super::bytes::Bytes;
use super::codes::{Codes, Cursor, Stretch};
use super::dictionary::{Dictionary, Numbers, Texts};
use super::page::{Encoding, PageKind, Pages, Undecodable};
use super::workbench::Unpacking;
use super::{delta, hybrid};
use crate::codec::Codec;

/// The values of a column in one row group: the distinct ones, and which of them each row has.
#[derive(Debug, Clone, PartialEq)]
pub struct CodedColumn {
    /// The distinct values; some of them may be those of no row.
    pub dictionary: Dictionary,
    /// One code a row: that of its value, or [`Dictionary::missing`].
    pub codes: Codes,
}

/// Of which type the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    Text,
    Day,
    Long,
    Double,
    Flag,
}

/// Whether rows may lack a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Always,
    Optional,
}

impl ValueType {
    const fn empty(self) -> Dictionary {
        match self {
            Self::Text => Dictionary::Texts(Texts::new()),
            Self::Day => Dictionary::Days(Vec::new()),
            Self::Long => Dictionary::Longs(Vec::new()),
            Self::Double => Dictionary::Doubles(Vec::new()),
            Self::Flag => Dictionary::Flags,
        }
    }
}

/// Decodes the chunk of a column that has no more than `most_rows`.
pub(super) fn decode(
    chunk: &[u8],
    codec: Codec,
    kind: ValueType,
    presence: Presence,
    most_rows: u32,
    room: &mut Unpacking,
) -> Result<CodedColumn, Undecodable> {
    let mut dictionary = kind.empty();
    let mut numbers = Numbers::default();
    let mut codes = Codes::default();
    // Missing rows are told apart when all values are known: plain pages add to the dictionary.
    let mut present = Codes::default();
    let mut pages = Pages::of(chunk);
    let mut rows = 0_u32;
    while let Some(page) = pages.next()? {
        let body = page.body(codec, &mut room.unpacker, &mut room.page)?;
        match page.kind {
            PageKind::Dictionary => dictionary.read_plain(body, page.values)?,
            PageKind::Data(encoding) => {
                rows = count_rows(rows, page.values, most_rows)?;
                let (values, body) = read_levels(body, presence, page.values, &mut present)?;
                match (encoding, kind) {
                    (Encoding::Dictionary, _) => read_codes(body, values, &dictionary, &mut codes)?,
                    (Encoding::RunLength, ValueType::Flag) => {
                        let mut body = Bytes::of(body);
                        let runs = body.length().and_then(|length| body.take(length));
                        hybrid::decode(
                            runs.ok_or("runs without a length")?,
                            1,
                            values,
                            1,
                            &mut codes,
                        )?;
                    }
                    (Encoding::Plain, ValueType::Flag) => read_bits(body, values, &mut codes)?,
                    (Encoding::Plain, _) => {
                        numbers.read_plain(&mut dictionary, body, codes.push_each(values))?;
                    }
                    _ => return Err("a column of values is encoded in another way than expected"),
                }
            }
        }
    }
    // Where all rows have a value, its codes are those of the rows.
    if presence == Presence::Optional && codes.rows() < present.rows() {
        codes = spread_out(&codes, &present, dictionary.missing());
    }
    Ok(CodedColumn { dictionary, codes })
}

/// The rows with those of one more page.
pub(super) fn count_rows(rows: u32, more: u32, most: u32) -> Result<u32, Undecodable> {
    let rows = rows.checked_add(more).filter(|rows| *rows <= most);
    rows.ok_or("it has more rows than were committed")
}

/// Reads which rows have a value; gives how many have one, and the bytes behind.
pub(super) fn read_levels<'b>(
    body: &'b [u8],
    presence: Presence,
    rows: u32,
    present: &mut Codes,
) -> Result<(u32, &'b [u8]), Undecodable> {
    if presence == Presence::Always {
        return Ok((rows, body));
    }
    let mut bytes = Bytes::of(body);
    let levels = bytes.length().and_then(|length| bytes.take(length));
    let mut read = Codes::default();
    hybrid::decode(levels.ok_or("levels run out of their page")?, 1, rows, 1, &mut read)?;
    let mut values = 0;
    for stretch in read.stretches() {
        values += match stretch {
            Stretch::Same(level, rows) => level * rows,
            Stretch::Each(levels) => levels.iter().sum(),
        };
        present.push(stretch);
    }
    Ok((values, bytes.rest()))
}

fn read_codes(
    body: &[u8],
    values: u32,
    dictionary: &Dictionary,
    codes: &mut Codes,
) -> Result<(), Undecodable> {
    if values == 0 {
        return Ok(());
    }
    let (&width, runs) = body.split_first().ok_or("codes without a width")?;
    let largest = dictionary.missing().checked_sub(1).ok_or("codes without a dictionary")?;
    hybrid::decode(runs, width, values, largest, codes)
}

/// Booleans of one bit each.
fn read_bits(body: &[u8], values: u32, codes: &mut Codes) -> Result<(), Undecodable> {
    let places = values as usize;
    if body.len() < places.div_ceil(8) {
        return Err("booleans end before their page does");
    }
    let bits = body.iter().flat_map(|byte| (0..8).map(move |bit| u32::from(byte >> bit & 1)));
    codes.push_each(values).iter_mut().zip(bits).for_each(|(code, bit)| *code = bit);
    Ok(())
}

/// Codes of values as codes of rows, where only `present` rows have a value.
fn spread_out(values: &Codes, present: &Codes, missing: u32) -> Codes {
    let mut rows = Codes::default();
    let mut values = Cursor::of(values);
    for stretch in present.stretches() {
        match stretch {
            Stretch::Same(0, length) => rows.push_run(missing, length),
            Stretch::Same(_, length) => {
                let mut left = length;
                while left > 0 {
                    let Some(stretch) = values.take(left) else { break };
                    left -= stretch.rows();
                    rows.push(stretch);
                }
            }
            Stretch::Each(levels) => {
                let each = rows.push_each(stretch.rows());
                for (code, level) in each.iter_mut().zip(levels) {
                    *code = match level {
                        0 => missing,
                        _ => match values.take(1) {
                            Some(Stretch::Same(code, _)) => code,
                            Some(Stretch::Each(codes)) => codes.first().copied().unwrap_or(missing),
                            None => missing,
                        },
                    };
                }
            }
        }
    }
    rows
}

/// Decodes a chunk of integers that hardly repeat, into the place of what `into` holds.
pub(super) fn decode_longs(
    chunk: &[u8],
    codec: Codec,
    most_rows: u32,
    room: &mut Unpacking,
    into: &mut Vec<i64>,
) -> Result<(), Undecodable> {
    into.clear();
    let mut pages = Pages::of(chunk);
    let mut rows = 0;
    while let Some(page) = pages.next()? {
        rows = count_rows(rows, page.values, most_rows)?;
        let body = page.body(codec, &mut room.unpacker, &mut room.page)?;
        if page.kind != PageKind::Data(Encoding::DeltaBinaryPacked) {
            return Err("integers are encoded in another way than expected");
        }
        delta::decode(body, page.values, into)?;
        if into.len() != rows as usize {
            return Err("fewer integers than rows");
        }
    }
    Ok(())
}
