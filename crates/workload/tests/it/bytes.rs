//! The same spec and seed give the same bytes.

use hotshard_workload::{Detail, RngSeed, Workload, WorkloadSpec};

use crate::stream::{bytes, everything};

fn on_threads(threads: usize) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| bytes(&everything(), 11))
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let alone = on_threads(1);
    assert!(alone == on_threads(2) && alone == on_threads(8));
    let workload = Workload::new(everything(), RngSeed::new(11)).unwrap();
    let mut chunk_by_chunk = Vec::new();
    for chunk in 0..workload.chunks() {
        workload.write_chunk(chunk, &mut chunk_by_chunk);
    }
    assert!(alone == chunk_by_chunk);
}

#[test]
fn another_seed_gives_another_stream() {
    assert!(bytes(&everything(), 1) != bytes(&everything(), 2));
}

#[test]
fn the_stream_of_a_seed_never_changes() {
    // Results are published with their seed. If this test fails, old results cannot be repeated:
    // undo the change, or say so in the changelog.
    let first_line = |detail| {
        let lines = bytes(&WorkloadSpec::new(1_000).detail(detail), 42);
        String::from_utf8(lines).unwrap().lines().next().unwrap().to_owned()
    };
    assert_eq!(
        first_line(Detail::Full),
        concat!(
            r#"{"event":"Page Viewed","properties":{"time":1709510400090,"#,
            r#""distinct_id":"u-e220a8397b1dcdaf","#,
            r#""$insert_id":"5c28c942-d489-455e-8b45-8cb0b4645523","#,
            r#""$device_id":"6246a58789053b93","$os":"iOS","$browser":"Safari","#,
            r#""$city":"London","plan":"free","price":77.52,"screen_width":390}}"#,
        )
    );
    assert_eq!(
        first_line(Detail::Lean),
        concat!(
            r#"{"event":"Page Viewed","properties":{"time":1709510400090,"#,
            r#""distinct_id":"u-e220a8397b1dcdaf","#,
            r#""$insert_id":"5c28c942-d489-455e-8b45-8cb0b4645523","#,
            r#""$device_id":"6246a58789053b93","$os":"iOS","plan":"free"}}"#,
        )
    );
    assert_eq!(fnv1a(&bytes(&everything(), 11)), 6_107_098_037_612_412_919);
}

/// A hash that a few lines can hold (Fowler, Noll, Vo; 64 bits, variant 1a).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
