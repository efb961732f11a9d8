//! A figure: title, drawing, legend, notes, data.

use maud::{Markup, PreEscaped, html};

use crate::data::{describe, json, notes, table};
use crate::draw::{Drawing, Kind, Layout, Names, Spacing, draw, spacing, swatch};
use crate::html::table::markup as table_markup;
use crate::text::{NAME, PARAGRAPH, TITLE, cut};
use crate::{Chart, Figure, Unit};

/// A figure under this anchor.
pub(crate) fn figure(figure: &Figure, id: &str) -> Markup {
    let title = cut(&figure.title, TITLE);
    let drawings = Layout::ALL.map(|layout| (layout, draw(&figure.chart, layout)));
    let title_id = format!("{id}-title");
    html! {
        figure id=(id) role="group" aria-labelledby=(title_id) {
            figcaption {
                h3 id=(title_id) { (title) }
                @if let Some(caption) = &figure.caption { p { (cut(caption, PARAGRAPH)) } }
            }
            @for (layout, drawing) in &drawings {
                @match drawing {
                    Some(drawing) => {
                        @if drawing.names == Names::Legend { (legend(&figure.chart, *layout)) }
                        (chart(drawing, *layout, id, &title, &figure.chart))
                    },
                    None => p.nothing.(layout.name()) { "Nothing to draw." },
                }
            }
            @for note in notes(&figure.chart) { p.note { (note) } }
            (data(figure, id, &title))
        }
    }
}

fn chart(drawing: &Drawing, layout: Layout, id: &str, title: &str, data: &Chart) -> Markup {
    let name = layout.name();
    let (title_id, desc_id) = (format!("{id}-{name}-title"), format!("{id}-{name}-desc"));
    html! {
        svg.chart.(name) viewBox=(format!("0 0 {} {:.0}", layout.width(), drawing.height.ceil()))
            role="img" aria-labelledby=(title_id) aria-describedby=(desc_id) {
            title id=(title_id) { (title) }
            desc id=(desc_id) { (describe(data)) }
            (drawing.body)
        }
    }
}

fn legend(chart: &Chart, layout: Layout) -> Markup {
    let (kind, names): (Kind, Vec<&str>) = match chart {
        Chart::Bars(chart) => {
            let kind = match spacing(chart) {
                Spacing::Linear => Kind::Bar,
                Spacing::Log => Kind::Mark,
            };
            (kind, chart.series.iter().map(|series| series.name.as_str()).collect())
        }
        Chart::Lines(chart) => {
            (Kind::Line, chart.lines.iter().map(|line| line.name.as_str()).collect())
        }
    };
    html! {
        ul.legend.(layout.name()) {
            @for (series, name) in names.into_iter().enumerate() {
                li { (swatch(series, kind)) span { (cut(name, NAME)) } }
            }
        }
    }
}

/// The figure's numbers, folded away.
fn data(figure: &Figure, id: &str, title: &str) -> Markup {
    let table = table(&figure.chart, title);
    let rows = Unit::Count.write(table.rows.len() as f64);
    let word = if table.rows.len() == 1 { "row" } else { "rows" };
    html! {
        details {
            summary { "Data (" (rows) " " (word) ")" }
            (table_markup(&table))
        }
        script type="application/json" id=(format!("{id}-data")) { (PreEscaped(json(figure, id))) }
    }
}
