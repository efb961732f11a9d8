use hotshard_event::Sequence;
use hotshard_store::{Router, ShardCount};

/// See `routing_vectors.py` for where they come from.
const VECTORS: &str = include_str!("routing_vectors.tsv");

#[test]
fn rows_go_where_an_independent_xxh64_sends_them() {
    let mut checked = 0;
    for line in VECTORS.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, value, _hash, of_64, of_200] = fields[..] else { panic!("bad vector: {line}") };
        for (shards, expected) in [(64, of_64), (200, of_200)] {
            let router = Router::new(ShardCount::new(shards).unwrap());
            let shard = match kind {
                "id" => router.home(serde_json::from_str::<String>(value).unwrap()),
                "sequence" => router.spread(Sequence::new(value.parse().unwrap())),
                other => panic!("unknown kind {other}"),
            };
            assert_eq!(shard.get(), expected.parse::<u32>().unwrap(), "{line}");
            checked += 1;
        }
    }
    assert_eq!(checked, 2 * 524);
}

#[test]
fn a_number_of_shards_that_no_store_has_is_refused() {
    for given in [0, 65_537] {
        let error = ShardCount::new(given).unwrap_err();
        assert_eq!(error.to_string(), format!("{given} is no number of shards; choose 1 to 65536"));
    }
    assert_eq!(ShardCount::new(65_536).unwrap().shards().len(), 65_536);
}
