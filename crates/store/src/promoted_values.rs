//! Values of promoted properties on their way into columns.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};

use crate::{PromotedColumn, PromotedType};

/// The builder of a promoted column.
pub(crate) enum PromotedBuilder {
    Text(StringBuilder),
    Long(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
}

impl PromotedBuilder {
    pub(crate) fn new(column: &PromotedColumn) -> Self {
        match column.kind() {
            PromotedType::String => Self::Text(StringBuilder::new()),
            PromotedType::Long => Self::Long(Int64Builder::new()),
            PromotedType::Double => Self::Double(Float64Builder::new()),
            PromotedType::Boolean => Self::Boolean(BooleanBuilder::new()),
        }
    }

    /// Adds a raw JSON value, or null; false when the null hides a value of another type.
    pub(crate) fn push(&mut self, raw: Option<&str>) -> bool {
        let raw = raw.filter(|raw| *raw != "null");
        let kept = match self {
            Self::Text(builder) => {
                let text = raw.and_then(|raw| serde_json::from_str::<String>(raw).ok());
                builder.append_option(text.as_deref());
                text.is_some()
            }
            Self::Long(builder) => {
                // Only the canonical form: what the column says is what the text said.
                let long = raw
                    .and_then(|raw| raw.parse::<i64>().ok().filter(|long| long.to_string() == raw));
                builder.append_option(long);
                long.is_some()
            }
            Self::Double(builder) => {
                // Rust's parser rounds correctly; a JSON string begins with a quote and is none.
                let parsed = raw.and_then(|raw| raw.parse::<f64>().ok());
                let number = parsed.filter(|number| number.is_finite());
                builder.append_option(number);
                number.is_some()
            }
            Self::Boolean(builder) => {
                let boolean = raw.and_then(|raw| raw.parse::<bool>().ok());
                builder.append_option(boolean);
                boolean.is_some()
            }
        };
        kept || raw.is_none()
    }

    pub(crate) fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Long(mut builder) => Arc::new(builder.finish()),
            Self::Double(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;

    use super::*;

    /// A fast parser gave -0.9287993464166108 for this latitude, one unit in the last place off.
    #[test]
    fn a_promoted_double_is_the_nearest_to_its_text() {
        let column = PromotedColumn::new("lat", PromotedType::Double).unwrap();
        let mut builder = PromotedBuilder::new(&column);
        assert!(builder.push(Some("-0.9287993464166107")));
        let array = builder.finish();
        assert_eq!(array.as_primitive::<Float64Type>().value(0).to_string(), "-0.9287993464166107");
    }

    #[test]
    fn only_values_of_the_type_reach_a_promoted_column() {
        let cases = [
            (PromotedType::String, r#""pro""#, true),
            (PromotedType::String, "5", false),
            (PromotedType::Long, "5", true),
            (PromotedType::Long, "5.0", false),
            (PromotedType::Long, "-0", false),
            (PromotedType::Long, "9223372036854775808", false),
            (PromotedType::Double, "1e2", true),
            (PromotedType::Double, "1e400", false),
            (PromotedType::Double, "{}", false),
            (PromotedType::Double, r#""1""#, false),
            (PromotedType::Boolean, "true", true),
            (PromotedType::Boolean, "1", false),
        ];
        for (kind, raw, kept) in cases {
            let column = PromotedColumn::new("p", kind).unwrap();
            let mut builder = PromotedBuilder::new(&column);
            assert_eq!(builder.push(Some(raw)), kept, "{kind:?} {raw}");
            assert!(builder.push(Some("null")) && builder.push(None), "{kind:?}");
            let array = builder.finish();
            assert_eq!(arrow_array::Array::is_valid(&array, 0), kept, "{kind:?} {raw}");
            assert_eq!(arrow_array::Array::null_count(&array), if kept { 2 } else { 3 });
        }
    }
}
