//! One property in many texts, found by sweeping for its name, and by parsing all of them.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hotshard_event::{Properties, PropertyFinder};

/// So many texts are a page of about a megabyte.
const ROWS: usize = 8_000;

const SYSTEMS: [&str; 5] = ["Mac OS X", "Windows", "iOS", "Android", "Linux"];
const PLANS: [&str; 4] = ["free", "pro", "team", "enterprise"];

/// Texts of one page, and where each of them ends.
struct Page {
    texts: String,
    ends: Vec<u32>,
}

impl Page {
    /// A page whose texts have `before` in front of their plan.
    fn new(before: &str) -> Self {
        let mut page = Self { texts: String::new(), ends: Vec::with_capacity(ROWS) };
        let pick = |from: &[&'static str], number: usize| {
            from.get(number % from.len()).copied().unwrap_or_default()
        };
        for row in 0..ROWS {
            // Neighbours differ: a multiple of the golden ratio, as in Fibonacci hashing.
            let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            let (system, plan) = (pick(&SYSTEMS, mixed), pick(&PLANS, mixed >> 8));
            let (seats, price) = (mixed % 50, mixed % 10_000);
            page.texts.push_str(&format!(
                r#"{{"$device_id":"{mixed:016x}","$os":"{system}","mp_lib":"web",{before}"plan":"{plan}","seats":{seats},"price":{price}}}"#,
            ));
            page.ends.push(u32::try_from(page.texts.len()).unwrap_or(u32::MAX));
        }
        page
    }

    /// How many bytes all values together have, by a sweep.
    fn swept(&self, finder: &PropertyFinder) -> usize {
        let mut bytes = 0;
        finder.find(self.texts.as_bytes(), &self.ends, |_, value| {
            bytes += value.map_or(0, <[u8]>::len);
        });
        bytes
    }

    /// The same by parsing each text.
    fn parsed(&self, name: &str) -> usize {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let texts = begins
            .zip(&self.ends)
            .filter_map(|(begin, &end)| self.texts.get(begin as usize..end as usize));
        texts.filter_map(|text| Properties::new(text).raw(name)).map(str::len).sum()
    }
}

fn property(criterion: &mut Criterion) {
    let pages = [
        ("flat", "plan", Page::new("")),
        ("missing", "coupon", Page::new("")),
        ("after an object", "plan", Page::new(r#""cart":{"items":[{"n":1}]},"#)),
        ("after other escapes", "plan", Page::new(r#""city":"S\u00e3o Paulo","#)),
        ("after its own escapes", "plan", Page::new(r#""city":"\u0070aris","#)),
    ];
    let mut group = criterion.benchmark_group("property");
    for (kind, name, page) in &pages {
        let finder = PropertyFinder::new(name);
        assert_eq!(page.swept(&finder), page.parsed(name), "{kind}");
        group.throughput(Throughput::Bytes(page.texts.len() as u64));
        group.bench_function(*kind, |bencher| bencher.iter(|| page.swept(&finder)));
    }
    if let Some((_, name, page)) = pages.first() {
        group.throughput(Throughput::Bytes(page.texts.len() as u64));
        group.bench_function("flat, parsed", |bencher| bencher.iter(|| page.parsed(name)));
    }
    group.finish();
}

criterion_group!(benches, property);
criterion_main!(benches);
