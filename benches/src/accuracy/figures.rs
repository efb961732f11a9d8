//! Numbers as people read them.

/// With commas between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the largest unit that divides them; else in MiB with a decimal.
#[expect(clippy::cast_precision_loss, reason = "sizes of memory lie far below 2^53")]
pub(super) fn bytes(bytes: usize) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) && bytes < 1 << 20 => format!("{} KiB", bytes >> 10),
        _ if bytes < 1 << 20 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// One decimal while it matters.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "means of counts are not negative, and far below 2^53"
)]
pub(super) fn mean(number: f64) -> String {
    if number > 0.0 && number < 0.05 {
        "< 0.1".to_owned()
    } else if number < 100.0 && number.fract() != 0.0 {
        format!("{number:.1}")
    } else {
        count(number.round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(count), ["0", "999", "1,000", "12,345,678"]);
    }

    #[test]
    fn memory_has_a_unit() {
        let sizes = [16 << 10, 1 << 20, 4 << 20, 1_000, 50_331_664].map(bytes);
        assert_eq!(sizes, ["16 KiB", "1 MiB", "4 MiB", "1.0 KiB", "48.0 MiB"]);
    }

    #[test]
    fn large_means_need_no_decimals() {
        assert_eq!(
            [0.0, 0.01, 3.0, 12.34, 1_234.5].map(mean),
            ["0", "< 0.1", "3", "12.3", "1,235"]
        );
    }
}
