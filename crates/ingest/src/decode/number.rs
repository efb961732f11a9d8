//! JSON numbers as event times and as ids.

use std::fmt::Write as _;

use hotshard_event::EventTime;

use crate::decode::fault::Fault;

/// 1971-01-01 in seconds; in milliseconds it is the first number that is not seconds.
const SECONDS_OF_1971: u64 = 31_536_000;
const MILLIS_OF_1971: u64 = SECONDS_OF_1971 * 1_000;
/// The first number that is taken for microseconds.
const MICROSECONDS_FROM: u64 = 100_000_000_000_000;
/// Below it, every integral float stands for exactly one integer: 2^53.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// Whether a JSON value is a number.
pub(super) fn is_number(raw: &str) -> bool {
    matches!(raw.as_bytes().first(), Some(b'-' | b'0'..=b'9'))
}

/// Whether a JSON value is a number that is not too large for a float, or an integer.
pub(super) fn is_finite(raw: &str) -> bool {
    is_number(raw) && (is_integer(raw) || raw.parse::<f64>().is_ok_and(f64::is_finite))
}

fn is_integer(raw: &str) -> bool {
    !raw.contains(['.', 'e', 'E'])
}

/// The time that a JSON value means: seconds below 31 536 000 000, milliseconds from there. A
/// fraction is rounded to the nearest millisecond, halves up.
///
/// # Errors
/// When it is not a finite number, or not in 1971 … 10^14 ms.
pub(super) fn time(raw: &str) -> Result<EventTime, Fault<'_>> {
    if !is_number(raw) {
        return Err(Fault::InvalidTime { value: raw });
    }
    let millis = match raw.parse::<u64>() {
        Ok(number) if number < SECONDS_OF_1971 => return Err(Fault::TimeBefore1971 { value: raw }),
        Ok(number) if number < MILLIS_OF_1971 => number * 1_000,
        Ok(number) => number,
        Err(_) => fractional_millis(raw)?,
    };
    match i64::try_from(millis) {
        Ok(millis) if millis < MICROSECONDS_FROM.cast_signed() => {
            Ok(EventTime::from_millis(millis))
        }
        _ => Err(Fault::TimeInMicroseconds { value: raw }),
    }
}

/// Milliseconds of a number that is not a plain `u64`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are far below 2^53, and the cast saturates far above any valid time"
)]
fn fractional_millis(raw: &str) -> Result<u64, Fault<'_>> {
    match raw.parse::<f64>() {
        Ok(number) if !number.is_finite() => Err(Fault::InfiniteTime { value: raw }),
        Ok(number) if number < SECONDS_OF_1971 as f64 => Err(Fault::TimeBefore1971 { value: raw }),
        Ok(number) if number < MILLIS_OF_1971 as f64 => Ok((number * 1_000.0).round() as u64),
        Ok(number) => Ok(number.round() as u64),
        Err(_) => Err(Fault::InvalidTime { value: raw }),
    }
}

/// Appends a JSON number as decimal text, so that equal ids become equal texts: integers digit for
/// digit, whatever their size; floats with an integral value below 2^53 as integers; other floats
/// as the shortest decimal that reads back as the same float, without an exponent. False, and
/// nothing appended, when the number is not finite.
#[expect(clippy::cast_possible_truncation, reason = "integral and below 2^53")]
pub(super) fn push_decimal(raw: &str, out: &mut String) -> bool {
    if is_integer(raw) {
        out.push_str(if raw == "-0" { "0" } else { raw });
        return true;
    }
    match raw.parse::<f64>() {
        Ok(number) if number.is_finite() => {
            let written = if number.fract() == 0.0 && number.abs() < EXACT_BELOW {
                write!(out, "{}", number as i64)
            } else {
                write!(out, "{number}")
            };
            written.is_ok()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(raw: &str) -> i64 {
        time(raw).unwrap().millis()
    }

    fn decimal(raw: &str) -> Option<String> {
        let mut out = String::new();
        push_decimal(raw, &mut out).then_some(out)
    }

    #[test]
    fn the_two_ranges_of_time_meet_at_31_536_000_000() {
        assert_eq!(millis("31536000"), 31_536_000_000);
        assert_eq!(millis("31535999999"), 31_535_999_999_000);
        assert_eq!(millis("31536000000"), 31_536_000_000);
        assert_eq!(millis("99999999999999"), 99_999_999_999_999);
        assert!(matches!(time("31535999"), Err(Fault::TimeBefore1971 { .. })));
        assert!(matches!(time("100000000000000"), Err(Fault::TimeInMicroseconds { .. })));
    }

    #[test]
    fn fractions_round_to_the_nearest_millisecond() {
        assert_eq!(millis("1618716477.123"), 1_618_716_477_123);
        assert_eq!(millis("1618716477.1236"), 1_618_716_477_124);
        assert_eq!(millis("1.618716477123e9"), 1_618_716_477_123);
        assert_eq!(millis("1618716477000.0"), 1_618_716_477_000);
        assert_eq!(millis("1618716477000.5"), 1_618_716_477_001);
        assert_eq!(millis("1.618716477e+12"), 1_618_716_477_000);
        assert!(matches!(time("31535999.9999"), Err(Fault::TimeBefore1971 { .. })));
        // It rounds to 10^14, which export would write and a later ingest refuse.
        assert!(matches!(time("99999999999999.9"), Err(Fault::TimeInMicroseconds { .. })));
    }

    #[test]
    fn numbers_out_of_every_range_are_refused() {
        for raw in ["-1", "-0", "-0.0", "0", "1e-400", "-1618716477"] {
            assert!(matches!(time(raw), Err(Fault::TimeBefore1971 { .. })), "{raw}");
        }
        for raw in ["1e14", "18446744073709551616", "1e300"] {
            assert!(matches!(time(raw), Err(Fault::TimeInMicroseconds { .. })), "{raw}");
        }
        assert!(matches!(time("1e400"), Err(Fault::InfiniteTime { .. })));
        assert!(matches!(time(&"9".repeat(400)), Err(Fault::InfiniteTime { .. })));
    }

    #[test]
    fn equal_numbers_become_equal_ids() {
        for (raw, text) in [
            ("123", "123"),
            ("-7", "-7"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("1.50", "1.5"),
            ("1e-7", "0.0000001"),
            ("18446744073709551616123", "18446744073709551616123"),
            ("1e20", "100000000000000000000"),
            ("9007199254740993.0", "9007199254740992"),
        ] {
            assert_eq!(decimal(raw).as_deref(), Some(text), "{raw}");
        }
        assert_eq!(decimal("1e400"), None);
        assert_eq!(decimal("-1e400"), None);
    }

    proptest! {
        #[test]
        fn a_float_id_reads_back_as_the_same_float(
            number in any::<f64>().prop_filter("JSON has no other", |n| n.is_finite()),
        ) {
            let text = decimal(&format!("{number:e}")).unwrap();
            prop_assert!(!text.contains(['e', 'E']));
            prop_assert_eq!(text.parse::<f64>().unwrap(), number);
        }

        #[test]
        fn stored_times_are_read_back_unchanged(number in 0_u64..200_000_000_000_000) {
            if let Ok(stored) = time(&number.to_string()) {
                let written = stored.millis().to_string();
                prop_assert_eq!(millis(&written), stored.millis());
            }
        }
    }
}
