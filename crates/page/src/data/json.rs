//! The data of a figure as JSON, for programs that read the page.

use serde_json::{Value, json};

use crate::text::{NAME, TITLE, cut};
use crate::{Axis, Categories, Chart, Figure, ReferenceAxis, Scale};

/// The figure as JSON that can stand inside a `script` element: `<` is escaped, so that no text can
/// end the element. Numbers that JSON does not know are null.
pub(crate) fn json(figure: &Figure, id: &str) -> String {
    let chart = match &figure.chart {
        Chart::Bars(chart) => json!({
            "kind": "bars",
            "category": axis(&chart.category),
            "categories": match &chart.categories {
                Categories::Numbered => Value::Null,
                Categories::Named(names) => names.iter().map(|name| cut(name, NAME)).collect(),
            },
            "value": axis(&chart.value),
            "series": chart.series.iter().map(|series| json!({
                "name": cut(&series.name, NAME),
                "values": series.values,
            })).collect::<Value>(),
            "references": references(&chart.references),
        }),
        Chart::Lines(chart) => json!({
            "kind": "lines",
            "x": axis(&chart.x),
            "y": axis(&chart.y),
            "series": chart.lines.iter().map(|line| json!({
                "name": cut(&line.name, NAME),
                "points": line.points.iter().map(|point| match point.between {
                    Some((low, high)) => json!([point.x, point.y, low, high]),
                    None => json!([point.x, point.y]),
                }).collect::<Value>(),
            })).collect::<Value>(),
            "references": references(&chart.references),
        }),
    };
    let figure = json!({ "id": id, "title": cut(&figure.title, TITLE), "chart": chart });
    figure.to_string().replace('<', "\\u003c")
}

fn axis(axis: &Axis) -> Value {
    let scale = match axis.scale {
        Scale::Linear => "linear",
        Scale::Range => "range",
        Scale::Log => "log",
    };
    json!({ "label": cut(&axis.label, NAME), "unit": axis.unit.name(), "scale": scale })
}

fn references(references: &[crate::Reference]) -> Value {
    let reference = |reference: &crate::Reference| {
        let axis = match reference.axis {
            ReferenceAxis::X => "x",
            ReferenceAxis::Y => "y",
        };
        json!({ "label": cut(&reference.label, NAME), "axis": axis, "at": reference.at })
    };
    references.iter().map(reference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Line, Lines, Unit};

    #[test]
    fn no_text_ends_the_element() {
        let lines = Lines::new(Axis::new("x", Unit::Number), Axis::new("y", Unit::Time).log())
            .line(Line::new("</script><!--", [(1.0, f64::INFINITY), (2.0, 3.5)]));
        let text = json(&Figure::new("a", "</script>", Chart::Lines(lines)), "a");
        assert!(!text.contains('<'), "{text}");
        let back: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back["title"], "</script>");
        assert_eq!(back["chart"]["y"], json!({"label": "y", "unit": "ns", "scale": "log"}));
        assert_eq!(back["chart"]["series"][0]["points"], json!([[1.0, null], [2.0, 3.5]]));
    }
}
