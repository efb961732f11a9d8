//! Numbers, times and sizes as people read them.

use bytesize::ByteSize;

/// A whole number with its thousands separated: `3,375`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things, with the word in its right form: `1 file`, `2 files`.
pub(crate) fn things(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A ratio to two decimals.
pub(crate) fn ratio(number: f64) -> String {
    format!("{number:.2}")
}

/// A share of 1, in hundredths to one decimal: `12.3 %`.
pub(crate) fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A time in the unit that suits it, to three digits.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn time(ns: u64) -> String {
    let ns = ns as f64;
    let (value, unit) = match ns {
        _ if ns < 999.5 => return format!("{ns} ns"),
        _ if ns < 999.5e3 => (ns / 1e3, "µs"),
        _ if ns < 999.5e6 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s"),
    };
    let decimals = match value {
        _ if value < 9.995 => 2,
        _ if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// A size in binary units: `1.5 MiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    ByteSize::b(bytes).display().iec().to_string()
}

/// How many in a second.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate for people, rounded to a whole number"
)]
pub(crate) fn per_second(number: u64, seconds: f64) -> String {
    count(if seconds > 0.0 { (number as f64 / seconds).round() as u64 } else { 0 })
}

/// How sure detection is of what it found: its certificate d in words.
pub(crate) fn certainty(lateness_bound: u64) -> String {
    match lateness_bound {
        0 => "exact".to_owned(),
        bound => format!("up to {} late", things(bound, "event", "events")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let texts = [0, 999, 1_000, 3_375, 123_456, 1_234_567].map(count);
        assert_eq!(texts, ["0", "999", "1,000", "3,375", "123,456", "1,234,567"]);
        assert_eq!(things(1, "file", "files"), "1 file");
        assert_eq!(things(1_000, "file", "files"), "1,000 files");
    }

    #[test]
    fn times_have_three_digits_and_their_unit() {
        let texts = [7, 1_500, 25_000, 999_600, 45_678_000, 1_230_000_000, 75_000_000_000];
        let expected = ["7 ns", "1.50 µs", "25.0 µs", "1.00 ms", "45.7 ms", "1.23 s", "75.0 s"];
        assert_eq!(texts.map(time), expected);
    }

    #[test]
    fn rates_are_whole() {
        assert_eq!(per_second(3_375, 0.5), "6,750");
        assert_eq!(per_second(1, 0.0), "0");
    }
}
