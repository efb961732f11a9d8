//! Properties that get a column of their own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::schema::FIXED_COLUMNS;

/// The type of a promoted column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromotedType {
    /// Text.
    String,
    /// Integers of 64 bits.
    Long,
    /// Finite numbers, as 64-bit floating point.
    Double,
    /// `true` and `false`.
    Boolean,
}

impl PromotedType {
    const ALL: [Self; 4] = [Self::String, Self::Long, Self::Double, Self::Boolean];

    const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Long => "long",
            Self::Double => "double",
            Self::Boolean => "boolean",
        }
    }
}

/// A property that is copied into a column, `NAME:TYPE` on the command line.
///
/// ```
/// use hotshard_store::{PromotedColumn, PromotedType};
///
/// let column: PromotedColumn = "price:double".parse()?;
/// assert_eq!((column.name(), column.kind()), ("price", PromotedType::Double));
/// # Ok::<(), hotshard_store::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotedColumn {
    name: String,
    #[serde(rename = "type")]
    kind: PromotedType,
}

impl PromotedColumn {
    /// Promotes the property `name` as `kind`.
    ///
    /// # Errors
    /// When the name is empty or that of a column every store has.
    pub fn new(name: impl Into<String>, kind: PromotedType) -> Result<Self, Error> {
        let name = name.into();
        let error = |problem| Error::Promotion { given: name.clone(), problem };
        if name.is_empty() {
            return Err(error("the name is empty"));
        }
        // Engines that read the files tell names apart without regard to case.
        let taken = |column: &&str| column.eq_ignore_ascii_case(&name);
        if std::iter::once(&"shard").chain(&FIXED_COLUMNS).any(taken) {
            return Err(error("every store has a column of that name"));
        }
        Ok(Self { name, kind })
    }

    /// Refuses a list that names a column twice.
    pub(crate) fn check_list(columns: &[Self]) -> Result<(), Error> {
        for (place, column) in columns.iter().enumerate() {
            let is_same = |other: &Self| other.name.eq_ignore_ascii_case(&column.name);
            if columns.iter().take(place).any(is_same) {
                let problem = "a column of that name is promoted already";
                return Err(Error::Promotion { given: column.to_string(), problem });
            }
        }
        Ok(())
    }

    /// The property's name, and the column's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column's type.
    #[must_use]
    pub const fn kind(&self) -> PromotedType {
        self.kind
    }
}

impl fmt::Display for PromotedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.kind.as_str())
    }
}

impl FromStr for PromotedColumn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let error = |problem| Error::Promotion { given: text.to_owned(), problem };
        let (name, kind) = text.trim().rsplit_once(':').ok_or_else(|| error("it has no type"))?;
        let kind = PromotedType::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| error("the type is unknown"))?;
        Self::new(name, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_promotions_say_what_is_wrong() {
        let message = |text: &str| text.parse::<PromotedColumn>().unwrap_err().to_string();
        assert!(message("plan").contains("it has no type"));
        assert!(message("plan:text").contains("the type is unknown"));
        assert!(message(":string").contains("the name is empty"));
        assert!(message("time:long").contains("every store has a column of that name"));
        assert!(message("Shard:string").contains("every store has a column of that name"));
        let twice = ["a:string".parse().unwrap(), " A:long".parse().unwrap()];
        let error = PromotedColumn::check_list(&twice).unwrap_err().to_string();
        assert!(error.starts_with("cannot promote `A:long`: a column of that name"), "{error}");
        assert_eq!("a:b:long".parse::<PromotedColumn>().unwrap().to_string(), "a:b:long");
    }
}
