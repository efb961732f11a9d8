//! Mistakes as words.

use hotshard::Mistake;

const IDENTIFY_SHARE: f64 = 0.6;
const ZERO_SHARE: f64 = 0.1;

/// Reads `identify[=SHARE][@HH:MM]` or `zero[=SHARE]`.
pub(super) fn parse(text: &str) -> Result<Mistake, String> {
    let unknown = || {
        format!(
            "`{text}` is not a mistake; write identify[=SHARE][@HH:MM] or zero[=SHARE], for \
             example identify=0.6@12:00"
        )
    };
    let (word, time) = match text.split_once('@') {
        Some((word, time)) => (word, Some(time)),
        None => (text, None),
    };
    let (word, share) = match word.split_once('=') {
        Some((word, share)) => (word, Some(share.parse::<f64>().map_err(|_| unknown())?)),
        None => (word, None),
    };
    match (word, time) {
        ("identify", time) => {
            let mut mistake = Mistake::static_identify(share.unwrap_or(IDENTIFY_SHARE));
            if let (Mistake::StaticIdentify { at, .. }, Some(time)) = (&mut mistake, time) {
                *at = time.parse().map_err(|error| format!("{error}"))?;
            }
            Ok(mistake)
        }
        ("zero", None) => Ok(Mistake::zero(share.unwrap_or(ZERO_SHARE))),
        _ => Err(unknown()),
    }
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
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        for given in ["", "typo", "zero@12:00", "identify=many", "zero=0.1=0.2"] {
            let error = parse(given).unwrap_err();
            assert!(error.contains("is not a mistake; write identify"), "{given}: {error}");
        }
        assert!(parse("identify@noon").unwrap_err().contains("is not a time of day"));
    }
}
