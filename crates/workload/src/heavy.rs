//! Ids that hold a fixed share of a stream.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::WorkloadError;

/// An id under which a fixed share of all events arrives, every day, from many devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeavyId {
    /// The id, as it is sent.
    pub id: String,
    /// Its share of all events, 0 to 1.
    pub share: f64,
}

impl FromStr for HeavyId {
    type Err = WorkloadError;

    /// Reads `ID=SHARE`; the last `=` counts, so that ids may hold others.
    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        text.rsplit_once('=')
            .and_then(|(id, share)| Some(Self { id: id.to_owned(), share: share.parse().ok()? }))
            .ok_or_else(|| WorkloadError::HeavyId { given: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_its_share_are_written_with_an_equals_sign() {
        let heavy: HeavyId = "a=b=0.25".parse().unwrap();
        assert_eq!(heavy, HeavyId { id: "a=b".to_owned(), share: 0.25 });
        for given in ["user_id", "user_id=", "user_id=many"] {
            let message = given.parse::<HeavyId>().unwrap_err().to_string();
            assert_eq!(
                message,
                format!(
                    "`{given}` is not a heavy id; write it as ID=SHARE, for example user_id=0.18"
                )
            );
        }
    }
}
