//! Numbers as people read them.

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Whole things: `1,234,567`, on an axis `1.2 M`.
    Count,
    /// A ratio: `21.40`, and near 1, where it matters, `1.003`.
    Ratio,
    /// A share of 1, written in hundredths: `12.3 %`.
    Share,
    /// Nanoseconds: `1.23 ms`.
    Time,
    /// Bytes: `1.5 MiB`.
    Bytes,
    /// Things a second: `1.23 k/s`.
    PerSecond,
    /// Any other number.
    #[default]
    Number,
}

const THOUSANDS: &[(f64, &str)] = &[(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
const TIMES: &[(f64, &str)] = &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
const SIZES: &[(f64, &str)] = &[
    (1.0, "B"),
    (1024.0, "KiB"),
    (1_048_576.0, "MiB"),
    (1_073_741_824.0, "GiB"),
    (1_099_511_627_776.0, "TiB"),
];
const HUNDREDTHS: &[(f64, &str)] = &[(0.01, "%")];
const AS_IT_IS: &[(f64, &str)] = &[(1.0, "")];

/// From here on, and below its reciprocal, a number is written with a power of ten.
const LONG: f64 = 1e16;

impl Unit {
    /// The number as it stands in a table: `1,234,567`, `1.23 ms`, `∞`.
    #[must_use]
    pub fn write(self, number: f64) -> String {
        if let Some(word) = beyond(number) {
            return word;
        }
        let size = number.abs();
        match self {
            Self::Count if number.fract() == 0.0 => grouped(number, 0),
            Self::Count | Self::Number if size >= 1000.0 => grouped(number, 1),
            Self::Ratio if (0.001..2.0).contains(&size) => grouped(number, 3),
            Self::Ratio if size >= 2.0 => grouped(number, 2),
            _ => self.in_three_digits(number),
        }
    }

    /// Its name where programs read it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Ratio => "ratio",
            Self::Share => "share",
            Self::Time => "ns",
            Self::Bytes => "bytes",
            Self::PerSecond => "per second",
            Self::Number => "number",
        }
    }

    /// The number as it stands at a tick of an axis whose ticks are a step apart: `1.2 M`.
    pub(crate) fn tick(self, number: f64, step: f64) -> String {
        beyond(number).unwrap_or_else(|| self.in_steps_of(number, step.abs()))
    }

    /// The number to three digits.
    fn in_three_digits(self, number: f64) -> String {
        let (scale, name) = self.scale_of(number);
        // Rounding may carry: 9.996 has two decimals less than it seems.
        let size = (number / scale).abs() * 1.000_5;
        let decimals =
            (-12..=2).rev().find(|&power| size >= 10_f64.powi(power)).map_or(12, |power| 2 - power);
        self.with_name(&grouped(number / scale, usize::try_from(decimals).unwrap_or(0)), name)
    }

    /// The number with as many decimals as tell steps of this size apart.
    fn in_steps_of(self, number: f64, step: f64) -> String {
        let (scale, name) = self.scale_of(number);
        // A hundredth, so that a step of 2.5 keeps its half and one of 0.99… counts as 1.
        let decimals = (-4..=6).find(|&digits| {
            let shifted = step / scale * 10_f64.powi(digits);
            shifted >= 0.99 && (shifted - shifted.round()).abs() < 0.01 || shifted >= 99.0
        });
        let decimals = usize::try_from(decimals.unwrap_or(6)).unwrap_or(0);
        let digits = grouped(number / scale, decimals);
        let digits = match digits.split_once('.') {
            Some(_) => digits.trim_end_matches('0').trim_end_matches('.'),
            None => &digits,
        };
        self.with_name(digits, name)
    }

    fn with_name(self, digits: &str, name: &str) -> String {
        match (self, name) {
            (Self::PerSecond, "") => format!("{digits}/s"),
            (Self::PerSecond, name) => format!("{digits} {name}/s"),
            (_, "") => digits.to_owned(),
            (_, name) => format!("{digits} {name}"),
        }
    }

    /// The largest scale of this unit that is not above the number, and its name.
    pub(crate) fn scale_of(self, number: f64) -> (f64, &'static str) {
        let scales = match self {
            Self::Count | Self::PerSecond => THOUSANDS,
            Self::Number if number.abs() >= 9_999.5 => THOUSANDS,
            Self::Ratio if number.abs() >= 999_999.5 => THOUSANDS,
            Self::Number | Self::Ratio => AS_IT_IS,
            Self::Share => HUNDREDTHS,
            Self::Time => TIMES,
            Self::Bytes => SIZES,
        };
        let mut fitting = scales.first().copied().unwrap_or((1.0, ""));
        for &(scale, name) in scales {
            // Rounding may carry into the next scale: 999.6 µs are 1 ms.
            if number.abs() >= scale * 0.9995 {
                fitting = (scale, name);
            }
        }
        fitting
    }
}

/// A number that has no plain decimals: not finite, 0, or with too many digits to read.
fn beyond(number: f64) -> Option<String> {
    match number {
        _ if number.is_nan() => Some("–".to_owned()),
        _ if number == f64::INFINITY => Some("∞".to_owned()),
        _ if number == f64::NEG_INFINITY => Some("−∞".to_owned()),
        0.0 => Some("0".to_owned()),
        _ if number.abs() >= LONG || number.abs() < 1.0 / LONG.sqrt() => {
            Some(format!("{number:.2e}").replace('-', "−"))
        }
        _ => None,
    }
}

/// A decimal with its thousands separated: `-12,345.6`.
fn grouped(number: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", number.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::with_capacity(plain.len() + plain.len() / 3 + 1);
    if number < 0.0 && plain.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text.push('−');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_show_numbers_in_full() {
        let written = [
            (Unit::Count, 1_234_567.0, "1,234,567"),
            (Unit::Count, 0.5, "0.500"),
            (Unit::Count, 39_062.5, "39,062.5"),
            (Unit::Ratio, 1.0, "1.000"),
            (Unit::Ratio, 121.83, "121.83"),
            (Unit::Share, 0.1234, "12.3 %"),
            (Unit::Time, 1_230_000.0, "1.23 ms"),
            (Unit::Time, 999_600.0, "1.00 ms"),
            (Unit::Time, 5_910_000.0, "5.91 ms"),
            (Unit::Time, 15e6, "15.0 ms"),
            (Unit::Bytes, 1_572_864.0, "1.50 MiB"),
            (Unit::PerSecond, 61_234.0, "61.2 k/s"),
            (Unit::Number, -0.25, "−0.250"),
            (Unit::Number, 0.000_123_4, "0.000123"),
            (Unit::Number, f64::INFINITY, "∞"),
            (Unit::Ratio, f64::NAN, "–"),
            (Unit::Ratio, 0.0, "0"),
            (Unit::Count, 1e300, "1.00e300"),
        ];
        for (unit, number, text) in written {
            assert_eq!(unit.write(number), text, "{number} as {unit:?}");
        }
    }

    #[test]
    fn ticks_are_as_short_as_their_step_allows() {
        let ticks = [
            (Unit::Count, 200_000.0, 50_000.0, "200 k"),
            (Unit::Count, 1_250_000.0, 250_000.0, "1.25 M"),
            (Unit::Count, 1_004.0, 2.0, "1.004 k"),
            (Unit::Ratio, 2.5, 2.5, "2.5"),
            (Unit::Ratio, 2.0, 0.5, "2"),
            (Unit::Share, 0.05, 0.05, "5 %"),
            (Unit::Time, 20e6, 5e6, "20 ms"),
            (Unit::Bytes, 1024.0, 1024.0, "1 KiB"),
            (Unit::PerSecond, 1_500.0, 500.0, "1.5 k/s"),
        ];
        for (unit, number, step, text) in ticks {
            assert_eq!(unit.tick(number, step), text, "{number} as {unit:?}");
        }
    }
}
