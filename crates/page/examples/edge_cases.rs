//! What no chart should have to draw, and has to all the same.
//!
//! Run it with `cargo run -p hotshard-page --example edge_cases > edge_cases.html`, and open the file.

use hotshard_page::{
    Axis, Bars, Chart, Column, Fact, Figure, Line, Lines, Page, Reference, Section, Series, Spread,
    Table, Unit,
};

fn main() {
    let section = Section::new("Charts")
        .text(hostile())
        .facts([Fact::new(hostile(), hostile()).note(hostile())])
        .table(
            Table::new(hostile(), [Column::new(hostile(), Unit::Count)]).row([hostile().into()]),
        );
    let section = charts().into_iter().fold(section, |section, (name, chart)| {
        section.figure(Figure::new("figure", name, chart).caption(hostile()))
    });
    let page = Page::new(hostile()).lead(hostile()).fact(Fact::new("one", "1"));
    let page = page.section(section).section(Section::new(hostile())).section(Section::new(""));
    println!("{}", page.origin(hostile()).to_html());
}

/// Markup, no space, and more of it than any page wants.
fn hostile() -> String {
    "</script><script>alert(1)</script>\u{202E}'\"&amp;".to_owned() + &"W".repeat(10_000)
}

fn charts() -> Vec<(String, Chart)> {
    let bars = degenerate_bars().into_iter().map(|(name, chart)| (name, Chart::Bars(chart)));
    let lines = degenerate_lines().into_iter().map(|(name, chart)| (name, Chart::Lines(chart)));
    bars.chain(lines).map(|(name, chart)| (name.to_owned(), chart)).collect()
}

fn numbered() -> Bars {
    Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count))
}

fn degenerate_bars() -> Vec<(&'static str, Bars)> {
    let long_names = (0..60).map(|at| format!("{at}{}", hostile()));
    let named = Bars::named(
        Axis::new("policy", Unit::Number),
        long_names,
        Axis::new(hostile(), Unit::Time),
    )
    .series(Series::new(hostile(), (0..60).map(|at| f64::from(at) * 1e6)))
    .series(Series::new("other", (0..60).map(|at| f64::from(60 - at) * 1e5)))
    .reference(hostile(), 30e6)
    .reference("next to it", 30.1e6);
    let crowded = (0..31).fold(numbered(), |bars, series| {
        bars.series(Series::new(hostile(), (0..4).map(|shard| f64::from(series + shard))))
    });
    let log =
        Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("bytes", Unit::Bytes).log());
    vec![
        ("No series", numbered()),
        ("No shard", numbered().series(Series::new("before", []))),
        ("One shard", numbered().series(Series::new("before", [7.0]))),
        ("All zeros", numbered().series(Series::new("before", [0.0; 5])).reference("mean", 0.0)),
        (
            "Not numbers",
            numbered()
                .series(Series::new("before", [f64::NAN, f64::INFINITY, -1.0, 3.0, f64::MAX])),
        ),
        ("31 series of hostile names", crowded),
        ("Lying bars of hostile names", named),
        (
            "Logarithmic markers",
            log.clone()
                .series(Series::new("before", [0.0, 1.0, 2048.0, 3e9]))
                .series(Series::new("after", [1.0, 500.0, 1e6, 1e9]))
                .reference("mean", 1e6),
        ),
        (
            "100,000 shards",
            log.series(Series::new("before", (0..100_000).map(|at| f64::from(at % 977 + 1)))),
        ),
    ]
}

fn degenerate_lines() -> Vec<(&'static str, Lines)> {
    let empty =
        || Lines::new(Axis::new("T", Unit::Count).log(), Axis::new("max/mean", Unit::Ratio));
    let linear =
        || Lines::new(Axis::new("T", Unit::Number), Axis::new("seconds", Unit::Number).range());
    let references =
        (0..12).fold(empty().line(Line::new("a", [(1e3, 1.0), (1e6, 20.0)])), |chart, at| {
            chart
                .reference(Reference::x(format!("T = {at}"), 1e5 + f64::from(at) * 1e4))
                .reference(Reference::y(format!("bound {at}"), 10.0 + f64::from(at) * 0.1))
        });
    let crowded = (0..31).fold(linear(), |chart, series| {
        let points = (0..100).map(|at| (f64::from(at), f64::from(at * series)));
        chart.line(Line::new(format!("series {series} {}", hostile()), points))
    });
    let walls = [(1.0, 5.0, f64::NEG_INFINITY, f64::INFINITY), (2.0, 6.0, f64::NAN, 7.0)];
    vec![
        ("No lines", empty().reference(Reference::x("default T", 2e5))),
        ("No points", empty().line(Line::new("a", []))),
        (
            "One point",
            empty().line(Line::new("a", [(2e5, 1.5)])).reference(Reference::y(hostile(), 2.0)),
        ),
        ("One point at 0", linear().line(Line::new("a", [(0.0, 0.0)]))),
        (
            "A gap",
            linear()
                .line(Line::new("a", [(0.0, 1.0), (1.0, f64::INFINITY), (2.0, 2.0), (3.0, 2.5)])),
        ),
        ("Nothing above 0", empty().line(Line::new("a", [(0.0, 1.0), (-1.0, 2.0)]))),
        ("All but equal", linear().line(Line::new("a", [(1e15, 5.0), (1e15 + 0.25, 5.0)]))),
        (
            "Extremes",
            linear().line(Line::new("a", [(-1e99, -1e99), (1e99, 1e99), (f64::MAX, 1.0)])),
        ),
        ("Boundless spread", linear().line(Line::between("a", walls, Spread::ErrorBars))),
        ("Crowded references", references),
        ("31 lines of hostile names", crowded),
        (
            "100,000 points",
            linear().line(Line::new(
                "a",
                (0..100_000).map(|at| (f64::from(at), f64::from(at * 7919 % 1000))),
            )),
        ),
    ]
}
