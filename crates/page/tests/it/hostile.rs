//! Texts of others, wherever a page takes a text.

use hotshard_page::{
    Axis, Bars, Chart, Column, Fact, Figure, Line, Lines, Page, Reference, Section, Series, Table,
    Unit,
};

const MARKUP: &str = "</script><script>alert('x')</script>\"><img src=x onerror=alert(1)>&<!--";

fn page_of(text: &str) -> Page {
    let axis = || Axis::new(text, Unit::Number);
    let bars =
        Bars::numbered(axis(), axis()).series(Series::new(text, [1.0, 2.0])).reference(text, 1.5);
    let many = Bars::numbered(axis(), axis()).series(Series::new(text, vec![1.0; 500]));
    let named = Bars::named(axis(), [text, text], axis()).series(Series::new(text, [1.0, 2.0]));
    let lines = Lines::new(axis(), axis())
        .line(Line::new(text, [(1.0, 1.0), (2.0, 3.0)]))
        .reference(Reference::x(text, 1.5))
        .reference(Reference::y(text, 100.0));
    let charts = [Chart::Bars(bars), Chart::Bars(many), Chart::Bars(named), Chart::Lines(lines)];
    let section = Section::new(text)
        .text(text)
        .facts([Fact::new(text, text).note(text)])
        .table(Table::new(text, [Column::new(text, Unit::Number)]).row([text.into()]));
    let section = charts.into_iter().fold(section, |section, chart| {
        section.figure(Figure::new(text, text, chart).caption(text))
    });
    Page::new(text)
        .lead(text)
        .fact(Fact::new(text, text))
        .section(section.clone())
        .section(section)
        .origin(text)
}

#[test]
fn markup_stays_text() {
    let html = page_of(MARKUP).to_html();
    assert!(!html.contains("<script>") && !html.contains("<img") && !html.contains("<!--"));
    assert_eq!(html.matches("<script").count(), html.matches("</script>").count());
    assert_eq!(html.matches("<script type=\"application/json\"").count(), 8, "one a figure");
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn ten_thousand_letters_are_cut() {
    let short = page_of("x").to_html().len();
    let long = page_of(&"W".repeat(10_000)).to_html();
    assert!(long.len() < 2 * short + 40_000, "{} against {short}", long.len());
    assert!(long.contains("W…") && !long.contains(&"W".repeat(2_001)));
}

#[test]
fn every_anchor_is_there_once() {
    let html = page_of("same").to_html();
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn nothing_is_asked_for() {
    let html = page_of("plain").to_html();
    for reference in [" src=", "url(", "@import", "http:", "https:", "<link", "<iframe"] {
        assert!(!html.contains(reference), "{reference}");
    }
    assert!(html.contains("default-src 'none'"));
}
