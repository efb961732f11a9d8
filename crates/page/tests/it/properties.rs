//! Whatever the numbers are, what is drawn is drawn inside.

use hotshard_page::{
    Axis, Bars, Chart, Figure, Line, Lines, Page, Point, Reference, ReferenceAxis, Scale, Section,
    Series, Spread, Unit,
};
use proptest::prelude::*;

/// Ordinary numbers, and all that a computation can end in.
fn number() -> impl Strategy<Value = f64> {
    let odd = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        1e100,
    ];
    prop_oneof![
        6 => -10.0..1e7_f64,
        2 => any::<f64>(),
        1 => proptest::sample::select(odd.to_vec()),
    ]
}

fn unit() -> impl Strategy<Value = Unit> {
    let units = [
        Unit::Count,
        Unit::Ratio,
        Unit::Share,
        Unit::Time,
        Unit::Bytes,
        Unit::PerSecond,
        Unit::Number,
    ];
    proptest::sample::select(units.to_vec())
}

fn axis() -> impl Strategy<Value = Axis> {
    let scales = proptest::sample::select(vec![Scale::Linear, Scale::Range, Scale::Log]);
    (unit(), scales).prop_map(|(unit, scale)| Axis { label: "axis".to_owned(), unit, scale })
}

fn reference() -> impl Strategy<Value = Reference> {
    let axes = proptest::sample::select(vec![ReferenceAxis::X, ReferenceAxis::Y]);
    (axes, number()).prop_map(|(axis, at)| Reference { label: "n/W".to_owned(), axis, at })
}

fn line() -> impl Strategy<Value = Line> {
    let point = (number(), number(), proptest::option::of((number(), number())))
        .prop_map(|(x, y, between)| Point { x, y, between });
    let spreads = proptest::sample::select(vec![Spread::Band, Spread::ErrorBars]);
    (proptest::collection::vec(point, 0..60), spreads).prop_map(|(points, spread)| Line {
        name: "hash".to_owned(),
        points,
        spread,
    })
}

fn lines() -> impl Strategy<Value = Chart> {
    let parts = (
        axis(),
        axis(),
        proptest::collection::vec(line(), 0..8),
        proptest::collection::vec(reference(), 0..4),
    );
    parts.prop_map(|(x, y, lines, references)| Chart::Lines(Lines { x, y, lines, references }))
}

fn bars() -> impl Strategy<Value = Chart> {
    let series = proptest::collection::vec(number(), 0..300)
        .prop_map(|values| Series { name: "before".to_owned(), values });
    let parts = (
        axis(),
        proptest::collection::vec(series, 0..5),
        proptest::option::of(0..50_usize),
        proptest::collection::vec(reference(), 0..4),
    );
    parts.prop_map(|(value, series, named, references)| {
        let category = Axis::new("shard", Unit::Count);
        let empty = match named {
            Some(names) => Bars::named(category, (0..names).map(|name| name.to_string()), value),
            None => Bars::numbered(category, value),
        };
        Chart::Bars(Bars { series, references, ..empty })
    })
}

/// The drawings of a page: width, height, and the markup inside.
fn drawings(html: &str) -> Vec<(f64, f64, &str)> {
    html.split("<svg class=\"chart ")
        .skip(1)
        .map(|rest| {
            let (drawing, _) = rest.split_once("</svg>").expect("an end");
            let (_, size) = drawing.split_once("viewBox=\"0 0 ").expect("a size");
            let (size, _) = size.split_once('"').expect("an end of the size");
            let (width, height) = size.split_once(' ').expect("two numbers");
            (width.parse().expect("a width"), height.parse().expect("a height"), drawing)
        })
        .collect()
}

/// Every number of these attributes.
fn attributes<'a>(drawing: &'a str, names: &'a [&str]) -> impl Iterator<Item = f64> + 'a {
    names.iter().flat_map(move |name| {
        let values = drawing.split(&format!(" {name}=\"")).skip(1).collect::<Vec<_>>();
        values.into_iter().filter_map(|rest| rest.split('"').next()?.parse().ok())
    })
}

/// Every corner of the paths of a kind that are given by absolute pairs.
fn corners(drawing: &str, class: &str) -> Vec<(f64, f64)> {
    let start = format!("<path class=\"{class}\" d=\"");
    let paths = drawing.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    let pairs = paths.flat_map(|path| path.split(['M', 'L', 'Z'])).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (x, y) = pair.split_once(',').expect("a pair");
            (x.parse().expect("x"), y.parse().expect("y"))
        })
        .collect()
}

fn check(chart: Chart) -> Result<(), TestCaseError> {
    let figure = Figure::new("figure", "Title", chart);
    let html = Page::new("Page").section(Section::new("Part").figure(figure)).to_html();
    let (_, body) = html.split_once("</style>").expect("a style sheet");
    for word in ["NaN", "inf", "Infinity"] {
        prop_assert!(!body.contains(word), "{word} in the page");
    }
    for (width, height, drawing) in drawings(&html) {
        let hair = 0.06;
        for x in attributes(drawing, &["x", "x1", "x2"]) {
            prop_assert!((-hair..=width + hair).contains(&x), "x {x} of {width}");
        }
        for y in attributes(drawing, &["y", "y1", "y2"]) {
            prop_assert!((-hair..=height + hair).contains(&y), "y {y} of {height}");
        }
        for size in attributes(drawing, &["width", "height"]) {
            prop_assert!(size >= 0.0, "a size of {size}");
        }
        for class in ["curve", "band"] {
            for (x, y) in corners(drawing, class) {
                prop_assert!(
                    (-hair..=width + hair).contains(&x) && (-hair..=height + hair).contains(&y)
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_stay_inside(chart in lines()) {
        check(chart)?;
    }

    #[test]
    fn bars_stay_inside(chart in bars()) {
        check(chart)?;
    }
}
