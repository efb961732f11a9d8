//! Numbers and ids as text, straight into the output.

/// Decimal digits of the largest `u64`.
const MAX_DIGITS: usize = 20;

/// Appends a number in decimal.
pub(crate) fn push_decimal(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; MAX_DIGITS];
    let mut unused = MAX_DIGITS;
    for digit in digits.iter_mut().rev() {
        *digit = ascii_digit(number % 10);
        number /= 10;
        unused -= 1;
        if number == 0 {
            break;
        }
    }
    if let Some(used) = digits.get(unused..) {
        out.extend_from_slice(used);
    }
}

/// Appends an amount in hundredths as a decimal number with two places.
pub(crate) fn push_hundredths(amount: u64, out: &mut Vec<u8>) {
    push_decimal(amount / 100, out);
    out.extend_from_slice(&[b'.', ascii_digit(amount / 10 % 10), ascii_digit(amount % 10)]);
}

/// Appends 16 hexadecimal digits.
pub(crate) fn push_hex(word: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&hex_bytes(word >> 32));
    out.extend_from_slice(&hex_bytes(word));
}

/// Appends a UUID in its usual 36 characters, marked as a random one (RFC 9562, version 4).
pub(crate) fn push_uuid(high: u64, low: u64, out: &mut Vec<u8>) {
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    let [a, b, c, d, e, f, g, h] = hex_bytes(high);
    let [i, j, k, l, m, n, o, p] = hex_bytes(low >> 32);
    out.extend_from_slice(&hex_bytes(high >> 32));
    out.extend_from_slice(&[b'-', a, b, c, d, b'-', e, f, g, h]);
    out.extend_from_slice(&[b'-', i, j, k, l, b'-', m, n, o, p]);
    out.extend_from_slice(&hex_bytes(low));
}

/// The low 32 bits as eight hexadecimal digits: the nibbles are spread over eight bytes, and all
/// eight become letters or digits at once.
fn hex_bytes(word: u64) -> [u8; 8] {
    let spread = word & 0xffff_ffff;
    let spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = (spread + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    let to_letter = u64::from(b'a' - b'0' - 10);
    (spread + 0x3030_3030_3030_3030 + letters * to_letter).to_be_bytes()
}

#[expect(clippy::cast_possible_truncation, reason = "one decimal digit")]
fn ascii_digit(digit: u64) -> u8 {
    b'0' + digit as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_the_standard_library_does(number: u64) {
            prop_assert_eq!(text(|out| push_decimal(number, out)), number.to_string());
            prop_assert_eq!(text(|out| push_hex(number, out)), format!("{number:016x}"));
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        for number in [0, 9, 10, 99, 100, u64::MAX] {
            assert_eq!(text(|out| push_decimal(number, out)), number.to_string());
        }
        assert_eq!(text(|out| push_hundredths(5, out)), "0.05");
        assert_eq!(text(|out| push_hundredths(12_340, out)), "123.40");
    }

    #[test]
    fn insert_ids_are_random_uuids() {
        let uuid = text(|out| push_uuid(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, out));
        assert_eq!(uuid, "01234567-89ab-4def-bedc-ba9876543210");
    }
}
