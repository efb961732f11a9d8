//! Parquet's hybrid of run lengths and bit-packed numbers.
//! (<https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE>)

use super::bytes::Bytes;
use super::codes::Codes;
use super::page::Undecodable;

/// Numbers are packed in groups of eight.
const GROUP: usize = 8;
/// Widest number.
const MAX_WIDTH: u8 = 32;

/// Adds `rows` numbers of `width` bits to `codes`, each no larger than `largest`.
pub(super) fn decode(
    bytes: &[u8],
    width: u8,
    rows: u32,
    largest: u32,
    codes: &mut Codes,
) -> Result<(), Undecodable> {
    const OUT_OF_BYTES: &str = "runs end before their page does";
    if width > MAX_WIDTH {
        return Err("numbers of more than 32 bits");
    }
    let mut bytes = Bytes::of(bytes);
    let mut left = rows;
    while left > 0 {
        let header = bytes.varint().ok_or(OUT_OF_BYTES)?;
        if header & 1 == 0 {
            let length = u32::try_from(header >> 1).unwrap_or(u32::MAX).min(left);
            if length == 0 {
                return Err("a run of no rows");
            }
            let value = repeated(&mut bytes, width).ok_or(OUT_OF_BYTES)?;
            if value > largest {
                return Err(BEYOND);
            }
            codes.push_run(value, length);
            left -= length;
        } else {
            let groups = usize::try_from(header >> 1).unwrap_or(usize::MAX);
            let length = u32::try_from(groups.saturating_mul(GROUP)).unwrap_or(u32::MAX).min(left);
            if length == 0 {
                return Err("a run of no rows");
            }
            // The last group may be cut where the rows end.
            let whole = groups.saturating_mul(usize::from(width));
            let packed = bytes.take(whole.min(bytes.rest().len())).ok_or(OUT_OF_BYTES)?;
            let needed = (length as usize * usize::from(width)).div_ceil(8);
            if packed.len() < needed {
                return Err(OUT_OF_BYTES);
            }
            let each = codes.push_each(length);
            unpack(packed, width, each);
            if each.iter().fold(0, |most, code| most.max(*code)) > largest {
                return Err(BEYOND);
            }
            left -= length;
        }
    }
    Ok(())
}

const BEYOND: &str = "a code without a value in the dictionary";

/// The number of a run: as many bytes as its width takes.
fn repeated(bytes: &mut Bytes<'_>, width: u8) -> Option<u32> {
    let taken = bytes.take(usize::from(width).div_ceil(8))?;
    let value = taken.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    u32::try_from(value).ok()
}

/// Unpacks numbers until `out` is full; what is missing at the end reads as zeros.
fn unpack(packed: &[u8], width: u8, out: &mut [u32]) {
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => unpack_width::<$w>(packed, out),)*
                // Dictionaries of more values in a row group are rare.
                _ => unpack_rest(packed, width.into(), 0, out),
            }
        };
    }
    by_width!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

/// Four numbers of up to 15 bits, and the half byte before them, fit in a word: a group of eight
/// takes two moves wherever sixteen bytes can be had.
fn unpack_width<const W: usize>(packed: &[u8], out: &mut [u32]) {
    let mut done = 0;
    for (number, group) in out.chunks_exact_mut(GROUP).enumerate() {
        let Some(bytes) = packed.get(number * W..).and_then(<[u8]>::first_chunk::<16>) else {
            break;
        };
        unpack_group::<W>(bytes, group);
        done += GROUP;
    }
    unpack_rest(packed, W, done, out);
}

fn unpack_group<const W: usize>(bytes: &[u8; 16], group: &mut [u32]) {
    let mask = (1_u64 << W) - 1;
    let word = |at: usize| {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
        word.map_or(0, |word| u64::from_le_bytes(*word))
    };
    let halves = [word(0), word(W / 2) >> (4 * W % 8)];
    for (half, word) in group.chunks_exact_mut(GROUP / 2).zip(halves) {
        for (place, number) in half.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "at most 15 bits are left")]
            let low = (word >> (place * W) & mask) as u32;
            *number = low;
        }
    }
}

/// Unpacks one number after another, from that at `start` on.
fn unpack_rest(packed: &[u8], width: usize, start: usize, out: &mut [u32]) {
    for (place, number) in out.iter_mut().enumerate().skip(start) {
        let bit = place * width;
        let mut word = [0; 8];
        let bytes = packed.get(bit / 8..).unwrap_or_default();
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let value = u64::from_le_bytes(word) >> (bit % 8) & ((1 << width) - 1);
        *number = u32::try_from(value).unwrap_or(u32::MAX);
    }
}
