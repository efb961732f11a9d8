//! The moment that counts as now.

use chrono::DateTime;
use hotshard::EventTime;

/// Reads RFC 3339 or milliseconds since 1970.
pub(super) fn parse(text: &str) -> Result<EventTime, String> {
    let millis = text
        .parse::<i64>()
        .ok()
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis()));
    millis.map(EventTime::from_millis).ok_or_else(|| {
        format!(
            "`{text}` is not a time; write it as 2021-04-18T03:27:57Z, or in milliseconds since \
             1970"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_one_moment() {
        let expected = Ok(EventTime::from_millis(1_618_716_477_000));
        assert_eq!(parse("1618716477000"), expected);
        assert_eq!(parse("2021-04-18T03:27:57Z"), expected);
        assert_eq!(parse("2021-04-18T05:27:57.000+02:00"), expected);
        assert!(parse("yesterday").unwrap_err().contains("is not a time; write it as"));
    }
}
