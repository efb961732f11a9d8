//! The options that say what a synthetic stream looks like.

use clap::{Args, ValueEnum};
use hotshard::{Detail, EventDate, HeavyId, IdDistribution, Mistake, WorkloadSpec};

use crate::mistake;

/// A stream, and what is changed of it.
#[derive(Debug, Args)]
pub(crate) struct StreamArgs {
    /// Start from a stream that has a name; the other options change it.
    #[arg(long, value_enum, value_name = "NAME")]
    preset: Option<Preset>,
    /// Number of events, as in 5000000 or 1e12 [default: 1000000, or the preset's].
    #[arg(long, value_name = "N", value_parser = amount)]
    events: Option<u64>,
    /// Number of days, over which the events spread evenly.
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// First day, as YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    start: Option<EventDate>,
    /// Number of users with an id of their own.
    #[arg(long, value_name = "N", value_parser = amount)]
    users: Option<u64>,
    /// How events spread over users: uniform, zipf:S, hotspot:FRACTION:SHARE, lognormal:SIGMA,
    /// power-law:S:CUTOFF, or drifting-zipf:S:STEP, whose ranks move on by STEP users a day.
    #[arg(long, value_name = "DISTRIBUTION")]
    ids: Option<IdDistribution>,
    /// An id that sends this share of all events; give it again for further ids.
    #[arg(long, value_name = "ID=SHARE")]
    heavy: Vec<HeavyId>,
    /// Share of events without a distinct id.
    #[arg(long, value_name = "SHARE")]
    empty_share: Option<f64>,
    /// A mistake of the implementation; give it again for further ones.
    ///
    /// identify[=SHARE][@HH:MM]: a static string passed to identify from that time on the first day.
    /// zero[=SHARE]: nobody's events under the id 0. pod[=SHARE]: a server's name instead of its
    /// users'. import[=SHARE][@HH:MM]: an hour every night under one id. retries[=SHARE][@HH:MM]:
    /// ten minutes of the same few events, on the first day. under-t[=IDSxEVENTS]: ids with just so
    /// many events every day. Shares of import and retries are shares of their time.
    #[arg(long, value_name = "MISTAKE", value_parser = mistake::parse)]
    mistake: Vec<Mistake>,
    /// Share of events that arrive days after they happened.
    #[arg(long, value_name = "SHARE")]
    late_share: Option<f64>,
    /// Share of lines that repeat an earlier one, insert id included.
    #[arg(long, value_name = "SHARE")]
    duplicate_share: Option<f64>,
    /// How much an event carries.
    #[arg(long, value_enum, value_name = "DETAIL")]
    detail: Option<DetailArg>,
}

/// Streams that have a name.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// A day on which identify('user_id') shipped at noon.
    Noon,
    /// The stream engines are compared on: four days, two heavy ids, a million users.
    Reference,
}

/// The words for how much an event carries.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DetailArg {
    /// Ten properties, about 280 bytes a line.
    Full,
    /// Six properties, about 210 bytes a line.
    Lean,
}

impl StreamArgs {
    /// The stream that was asked for: the preset, changed by every option that was given.
    pub(crate) fn spec(&self) -> WorkloadSpec {
        let mut spec = match self.preset {
            None => WorkloadSpec::default(),
            Some(Preset::Noon) => WorkloadSpec::identify_at_noon(2_000_000),
            Some(Preset::Reference) => WorkloadSpec::reference(5_000_000),
        };
        set(&mut spec.events, self.events);
        set(&mut spec.days, self.days);
        set(&mut spec.start, self.start);
        set(&mut spec.users, self.users);
        set(&mut spec.ids, self.ids);
        set(&mut spec.empty_share, self.empty_share);
        set(&mut spec.late_share, self.late_share);
        set(&mut spec.duplicate_share, self.duplicate_share);
        set(&mut spec.detail, self.detail.map(Detail::from));
        spec.heavy.extend(self.heavy.iter().cloned());
        spec.mistakes.extend(self.mistake.iter().cloned());
        spec
    }

    /// Whether anything was asked for.
    pub(crate) fn is_given(&self) -> bool {
        let none = Self {
            preset: None,
            events: None,
            days: None,
            start: None,
            users: None,
            ids: None,
            heavy: Vec::new(),
            empty_share: None,
            mistake: Vec::new(),
            late_share: None,
            duplicate_share: None,
            detail: None,
        };
        self.preset.is_some() || self.detail.is_some() || self.spec() != none.spec()
    }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

/// A whole number, also as in `1e12` or `5_000_000`.
fn amount(text: &str) -> Result<u64, String> {
    let plain = text.replace('_', "");
    let wrong = || format!("`{text}` is no number of things; write 5000000, 5_000_000 or 5e6");
    if let Ok(amount) = plain.parse() {
        return Ok(amount);
    }
    let (digits, power) = plain.split_once(['e', 'E']).ok_or_else(wrong)?;
    let digits: u64 = digits.parse().map_err(|_| wrong())?;
    let power: u32 = power.parse().map_err(|_| wrong())?;
    10_u64.checked_pow(power).and_then(|power| digits.checked_mul(power)).ok_or_else(wrong)
}

impl From<DetailArg> for Detail {
    fn from(arg: DetailArg) -> Self {
        match arg {
            DetailArg::Full => Self::Full,
            DetailArg::Lean => Self::Lean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_may_have_powers_and_gaps() {
        for (text, expected) in
            [("7", 7), ("5_000", 5_000), ("1e12", 1_000_000_000_000), ("2E3", 2_000)]
        {
            assert_eq!(amount(text), Ok(expected));
        }
        for text in ["", "e5", "1e", "1.5e3", "-1", "1e30", "ten"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
