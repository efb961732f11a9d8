//! Small pages, whole but for the style sheet.

use hotshard_page::{
    Axis, Bars, Chart, Column, Fact, Figure, Line, Lines, Page, Reference, Section, Series, Spread,
    Table, Unit,
};

/// The page on more than one line, without what is the same on every page.
fn body(page: &Page) -> String {
    let html = page.to_html();
    let (_, body) = html.split_once("</style></head>").expect("a style sheet");
    body.replace("><", ">\n<")
}

#[test]
fn three_shards_before_and_after() {
    let bars = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count))
        .series(Series::new("before", [400.0, 90.0, 110.0]))
        .series(Series::new("after", [210.0, 190.0, 200.0]))
        .reference("mean", 200.0);
    let figure = Figure::new("rows", "Rows per shard", Chart::Bars(bars)).caption("Three of them.");
    let page = Page::new("Three shards")
        .lead("One was hot.")
        .fact(Fact::new("max/mean", "2.00").note("1.05 after"))
        .section(Section::new("Balance").text("As it was.").figure(figure))
        .section(
            Section::new("Cost").table(
                Table::new(
                    "Remedies",
                    [Column::new("remedy", Unit::Number), Column::new("time", Unit::Time)],
                )
                .row(["off".into(), 1.5e6.into()])
                .row(["split".into(), None::<f64>.into()]),
            ),
        )
        .origin("hotshard 0.1.0, rng seed 42");
    insta::assert_snapshot!(body(&page));
}

#[test]
fn two_lines_with_a_reference() {
    let latency =
        Lines::new(Axis::new("utilisation", Unit::Share), Axis::new("latency", Unit::Time).log())
            .line(Line::between(
                "p50",
                [(0.1, 1e6, 0.9e6, 1.1e6), (0.9, 9e6, 8e6, 10e6)],
                Spread::Band,
            ))
            .line(Line::new("p99", [(0.1, 5e6), (0.5, f64::INFINITY), (0.9, 60e6)]))
            .reference(Reference::x("half", 0.5));
    let page = Page::new("Latency").section(Section::new("Load").figure(Figure::new(
        "latency",
        "Latency",
        Chart::Lines(latency),
    )));
    insta::assert_snapshot!(body(&page));
}

#[test]
fn many_shards_and_named_policies() {
    let rows =
        (0..400).map(|shard| if shard == 77 { 9_000.0 } else { f64::from(shard % 7) * 100.0 });
    let many = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count))
        .series(Series::new("before", rows));
    let policies = Bars::named(
        Axis::new("policy", Unit::Number),
        ["hash", "W-Choices"],
        Axis::new("max/mean", Unit::Ratio),
    )
    .series(Series::new("max/mean", [6.0, 1.0]))
    .reference("balanced", 1.0);
    let section = Section::new("Balance")
        .figure(Figure::new("many", "400 shards", Chart::Bars(many)))
        .figure(Figure::new("policies", "Policies", Chart::Bars(policies)));
    let html = body(&Page::new("Shards").section(section));
    // Of the 400 shards, the table and the JSON say nothing that the first test does not show.
    let kept: Vec<&str> = html.lines().filter(|line| !is_data(line)).collect();
    insta::assert_snapshot!(kept.join("\n"));
}

fn is_data(line: &str) -> bool {
    ["<td", "<tr", "</tr", "<th scope=\"row\"", "<script"]
        .iter()
        .any(|start| line.starts_with(start))
}
