//! From data to one HTML file.

mod anchors;
mod figure;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::html::anchors::Anchors;
use crate::text::{NAME, PARAGRAPH, TITLE, cut};
use crate::{Block, Fact, Page, Section};

/// The one style sheet.
const STYLE: &str = include_str!("style.css");

/// What a browser may load for the page: nothing but the style sheet inside it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page as one file.
pub(crate) fn page(page: &Page) -> String {
    let mut anchors = Anchors::default();
    // The page's own anchors come before those of its parts.
    let top = anchors.take("content");
    let sections: Vec<(String, &Section)> =
        page.sections.iter().map(|section| (anchors.take(&section.title), section)).collect();
    let title = cut(&page.title, TITLE);
    let body = html! {
        header {
            h1 { (title) }
            @if let Some(lead) = &page.lead { p.lead { (cut(lead, PARAGRAPH)) } }
            (facts(&page.facts))
            @if sections.len() > 1 { (contents(&sections)) }
        }
        main id=(top) {
            @for (anchor, part) in &sections { (section(anchor, part, &mut anchors)) }
        }
        @if !page.origin.is_empty() {
            footer { @for line in &page.origin { p { (cut(line, PARAGRAPH)) } } }
        }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

fn contents(sections: &[(String, &Section)]) -> Markup {
    html! {
        nav aria-label="Sections" {
            ul {
                @for (anchor, section) in sections {
                    li { a href=(format!("#{anchor}")) { (cut(&section.title, NAME)) } }
                }
            }
        }
    }
}

fn section(anchor: &str, section: &Section, anchors: &mut Anchors) -> Markup {
    let heading = format!("{anchor}-heading");
    html! {
        section id=(anchor) aria-labelledby=(heading) {
            h2 id=(heading) { (cut(&section.title, TITLE)) }
            @for block in &section.blocks {
                @match block {
                    Block::Text(text) => p.text { (cut(text, PARAGRAPH)) },
                    Block::Facts(numbers) => (facts(numbers)),
                    Block::Table(table) => div.table { (table::markup(table)) },
                    Block::Figure(figure) => (figure::figure(figure, &anchors.take(&figure.id))),
                }
            }
        }
    }
}

fn facts(facts: &[Fact]) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl.facts {
                @for fact in facts {
                    div {
                        dt { (cut(&fact.label, NAME)) }
                        dd.value { (cut(&fact.value, NAME)) }
                        @if let Some(note) = &fact.note { dd.about { (cut(note, TITLE)) } }
                    }
                }
            }
        }
    }
}
