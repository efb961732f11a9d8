//! From data to markup.

use maud::{DOCTYPE, html};

use crate::{Block, Chart, Page};

/// The page as one file.
pub(crate) fn page(page: &Page) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (page.title) } }
            body {
                h1 { (page.title) }
                @for section in &page.sections {
                    h2 { (section.title) }
                    @for block in &section.blocks {
                        @match block {
                            Block::Text(text) => p { (text) },
                            Block::Facts(facts) => ul { @for fact in facts { li { (fact.label) ": " (fact.value) } } },
                            Block::Table(table) => h3 { (table.caption) },
                            Block::Figure(figure) => figure {
                                figcaption { (figure.title) }
                                @match &figure.chart {
                                    Chart::Bars(bars) => pre { (format!("{bars:?}")) },
                                    Chart::Lines(lines) => pre { (format!("{lines:?}")) },
                                }
                            },
                        }
                    }
                }
            }
        }
    }
    .into_string()
}
