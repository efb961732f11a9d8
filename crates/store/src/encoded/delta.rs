//! Parquet's deltas of integers, bit-packed.
//! (<https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC>)

use super::bytes::Bytes;
use super::page::Undecodable;

const OUT_OF_BYTES: &str = "deltas end before their page does";

/// Adds the integers at the beginning of a page to `out`; gives the bytes behind them. There must
/// be no more than `most`.
pub(super) fn decode<'b>(
    bytes: &'b [u8],
    most: u32,
    out: &mut Vec<i64>,
) -> Result<&'b [u8], Undecodable> {
    let mut bytes = Bytes::of(bytes);
    let header = Header::read(&mut bytes).ok_or(OUT_OF_BYTES)?;
    if header.values > u64::from(most) {
        return Err("more deltas than rows");
    }
    let per_miniblock = header.per_miniblock()?;
    let mut left = usize::try_from(header.values).unwrap_or(usize::MAX);
    if left == 0 {
        return Ok(bytes.rest());
    }
    let mut last = header.first;
    out.reserve(left);
    out.push(last);
    left -= 1;
    while left > 0 {
        let smallest = bytes.zigzag().ok_or(OUT_OF_BYTES)?;
        let widths = bytes.take(header.miniblocks).ok_or(OUT_OF_BYTES)?;
        for &width in widths {
            if left == 0 {
                break;
            }
            if width > 64 {
                return Err("deltas of more than 64 bits");
            }
            let packed = bytes.take(per_miniblock / 8 * usize::from(width)).ok_or(OUT_OF_BYTES)?;
            let values = per_miniblock.min(left);
            last = add_up(packed, width, values, smallest, last, out);
            left -= values;
        }
    }
    Ok(bytes.rest())
}

struct Header {
    per_block: u64,
    miniblocks: usize,
    values: u64,
    first: i64,
}

impl Header {
    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            per_block: bytes.varint()?,
            miniblocks: usize::try_from(bytes.varint()?).ok()?,
            values: bytes.varint()?,
            first: bytes.zigzag()?,
        })
    }

    /// Values of a miniblock: a multiple of 32.
    fn per_miniblock(&self) -> Result<usize, Undecodable> {
        let per_block = usize::try_from(self.per_block).unwrap_or(usize::MAX);
        per_block
            .checked_div(self.miniblocks)
            .filter(|values| *values > 0 && values.is_multiple_of(32) && *values <= 1 << 20)
            .ok_or("blocks of deltas of a strange size")
    }
}

/// Adds up the deltas of a miniblock from `last` on; gives the last sum.
fn add_up(
    packed: &[u8],
    width: u8,
    values: usize,
    smallest: i64,
    mut last: i64,
    out: &mut Vec<i64>,
) -> i64 {
    let width = usize::from(width);
    if width == 0 {
        out.extend((0..values).map(|_| {
            last = last.wrapping_add(smallest);
            last
        }));
        return last;
    }
    let mask = u64::MAX >> (64 - width);
    let mut sum = |delta: u64| {
        last = last.wrapping_add(smallest).wrapping_add(delta.cast_signed());
        last
    };
    // Where eight bytes can be had from a value on, and hold all of it, one move does.
    let whole = match packed.len().checked_sub(8) {
        Some(last) if width <= 56 => (last * 8 / width + 1).min(values),
        _ => 0,
    };
    out.extend((0..whole).map(|place| {
        let bit = place * width;
        let word = packed.get(bit / 8..).and_then(<[u8]>::first_chunk::<8>);
        sum(word.map_or(0, |word| u64::from_le_bytes(*word)) >> (bit % 8) & mask)
    }));
    out.extend((whole..values).map(|place| {
        let bit = place * width;
        let mut word = [0; 16];
        let bytes = packed.get(bit / 8..).unwrap_or_default();
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        #[expect(clippy::cast_possible_truncation, reason = "the mask leaves at most 64 bits")]
        let delta = (u128::from_le_bytes(word) >> (bit % 8)) as u64 & mask;
        sum(delta)
    }));
    last
}
