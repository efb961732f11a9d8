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
                _ => unpack_wide(packed, width, out),
            }
        };
    }
    by_width!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
}

/// Eight numbers of up to 16 bits fit in 128.
fn unpack_width<const W: usize>(packed: &[u8], out: &mut [u32]) {
    if W == 0 {
        return out.fill(0);
    }
    let mask = (1_u128 << W) - 1;
    let mut packed = packed.chunks(W);
    for group in out.chunks_mut(GROUP) {
        let mut word = [0; 16];
        if let Some(bytes) = packed.next() {
            match (word.get_mut(..W), <&[u8; W]>::try_from(bytes)) {
                // The length is known when compiling: one move.
                (Some(word), Ok(bytes)) => word.copy_from_slice(bytes),
                (Some(word), Err(_)) => {
                    word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                }
                (None, _) => {}
            }
        }
        let word = u128::from_le_bytes(word);
        for (place, number) in group.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "at most 16 bits are left")]
            let low = (word >> (place * W) & mask) as u32;
            *number = low;
        }
    }
}

/// Numbers of more than 16 bits: dictionaries that large are rare.
fn unpack_wide(packed: &[u8], width: u8, out: &mut [u32]) {
    let width = usize::from(width);
    for (place, number) in out.iter_mut().enumerate() {
        let bit = place * width;
        let mut word = [0; 8];
        let bytes = packed.get(bit / 8..).unwrap_or_default();
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let value = u64::from_le_bytes(word) >> (bit % 8) & ((1 << width) - 1);
        *number = u32::try_from(value).unwrap_or(u32::MAX);
    }
}
