//! Mistakes as words.

use hotshard::{Mistake, TimeOfDay};

const IDENTIFY_SHARE: f64 = 0.6;
const ZERO_SHARE: f64 = 0.1;
const POD_SHARE: f64 = 0.1;
/// Of the events of its hour.
const IMPORT_SHARE: f64 = 0.9;
/// Of the events of its ten minutes.
const RETRIES_SHARE: f64 = 0.9;
/// Ids just under T, and their events a day.
const UNDER_T: (u32, u64) = (3, 190_000);

/// Reads the word for a mistake, with what is set about it.
pub(crate) fn parse(text: &str) -> Result<Mistake, String> {
    let unknown = || {
        format!(
            "`{text}` is not a mistake; write identify[=SHARE][@HH:MM], zero[=SHARE], pod[=SHARE], \
             import[=SHARE][@HH:MM], retries[=SHARE][@HH:MM] or under-t[=IDSxEVENTS], for example \
             identify=0.6@12:00"
        )
    };
    let (word, time) = match text.split_once('@') {
        Some((word, time)) => (word, Some(time)),
        None => (text, None),
    };
    let (word, amount) = match word.split_once('=') {
        Some((word, amount)) => (word, Some(amount)),
        None => (word, None),
    };
    let share = |default: f64| match amount {
        Some(amount) => amount.parse::<f64>().map_err(|_| unknown()),
        None => Ok(default),
    };
    let mistake = match (word, time) {
        ("identify", _) => Mistake::static_identify(share(IDENTIFY_SHARE)?),
        ("import", _) => Mistake::nightly_import(share(IMPORT_SHARE)?),
        ("retries", _) => Mistake::retry_storm(share(RETRIES_SHARE)?),
        ("zero", None) => Mistake::zero(share(ZERO_SHARE)?),
        ("pod", None) => Mistake::pod_name(share(POD_SHARE)?),
        ("under-t", None) => {
            let (ids, events) = amount.map_or(Some(UNDER_T), numbers).ok_or_else(unknown)?;
            Mistake::just_under_t(ids, events)
        }
        _ => return Err(unknown()),
    };
    match time {
        Some(time) => at(mistake, time),
        None => Ok(mistake),
    }
}

/// Reads `IDSxEVENTS`.
fn numbers(text: &str) -> Option<(u32, u64)> {
    let (ids, events) = text.split_once('x')?;
    Some((ids.parse().ok()?, events.parse().ok()?))
}

/// The mistake, from this time of day on.
fn at(mut mistake: Mistake, time: &str) -> Result<Mistake, String> {
    let time: TimeOfDay = time.parse().map_err(|error| format!("{error}"))?;
    if let Mistake::StaticIdentify { at, .. }
    | Mistake::NightlyImport { at, .. }
    | Mistake::RetryStorm { at, .. } = &mut mistake
    {
        *at = time;
    }
    Ok(mistake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_default() {
        assert_eq!(parse("identify").unwrap(), Mistake::static_identify(0.6));
        assert_eq!(parse("identify=0.3").unwrap(), Mistake::static_identify(0.3));
        assert_eq!(parse("identify=0.6@12:00").unwrap(), Mistake::static_identify(0.6));
        assert_ne!(parse("identify@09:30").unwrap(), Mistake::static_identify(0.6));
        assert_eq!(parse("zero").unwrap(), Mistake::zero(0.1));
        assert_eq!(parse("zero=0.25").unwrap(), Mistake::zero(0.25));
        assert_eq!(parse("pod").unwrap(), Mistake::pod_name(0.1));
        assert_eq!(parse("import=0.5@02:00").unwrap(), Mistake::nightly_import(0.5));
        assert_ne!(parse("import=0.5@03:00").unwrap(), Mistake::nightly_import(0.5));
        assert_eq!(parse("retries").unwrap(), Mistake::retry_storm(0.9));
        assert_eq!(parse("under-t").unwrap(), Mistake::just_under_t(3, 190_000));
        assert_eq!(parse("under-t=20x95").unwrap(), Mistake::just_under_t(20, 95));
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        for given in [
            "",
            "typo",
            "zero@12:00",
            "identify=many",
            "zero=0.1=0.2",
            "pod@12:00",
            "under-t=3",
            "under-t=-1x5",
            "under-t@12:00",
        ] {
            let error = parse(given).unwrap_err();
            assert!(error.contains("is not a mistake; write identify"), "{given}: {error}");
        }
        assert!(parse("identify@noon").unwrap_err().contains("is not a time of day"));
    }
}
