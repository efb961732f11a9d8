//! Runs of bytes of one kind, sixteen at a time.

use wide::u8x16;

/// How many bytes there are before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<16>() {
        let found = special_bytes(*chunk);
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize;
        }
        rest = after;
    }
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    bytes.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

/// A bit for each quote, backslash and control character.
fn special_bytes(chunk: [u8; 16]) -> u32 {
    let bytes = u8x16::new(chunk);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let backslashes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quotes | backslashes | controls).to_bitmask()
}

/// How many digits there are before anything else.
#[inline]
pub(super) fn digits_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let found = other_than_digits(u64::from_le_bytes(*chunk));
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    bytes.len() - rest.len() + digits
}

/// Marks bytes that are no digits by bits of theirs; the lowest mark is always right.
const fn other_than_digits(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // A digit is 0x30 to 0x39: its high half is 3, and stays 3 when 6 is added.
    let with_six = word.wrapping_add(ONES * 0x06);
    ((word ^ (ONES * 0x30)) | (with_six ^ (ONES * 0x30))) & (ONES * 0xf0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..40 {
                let mut text = [b'x'; 40];
                text[at] = byte;
                let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_length(&text), if is_special { at } else { 40 }, "{byte} {at}");
                let mut text = [b'7'; 40];
                text[at] = byte;
                let is_digit = byte.is_ascii_digit();
                assert_eq!(digits_length(&text), if is_digit { 40 } else { at }, "{byte} {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn runs_end_where_a_plain_search_ends_them(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
            let plain = bytes.iter().position(special).unwrap_or(bytes.len());
            prop_assert_eq!(plain_length(&bytes), plain);
        }

        #[test]
        fn digits_end_where_a_plain_search_ends_them(text in "[0-9]{0,20}[0-9:;/.ex\u{80}-\u{ff}]{0,12}") {
            let bytes = text.as_bytes();
            let digits = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
            prop_assert_eq!(digits_length(bytes), digits);
        }
    }
}
