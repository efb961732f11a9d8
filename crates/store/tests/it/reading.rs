use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, TimestampMillisecondType};
use hotshard_event::{DateRange, EventDate};
use hotshard_store::Column;

use crate::fixture::{DAY_MS, Events, Folder, NOON, read_all, text};

#[test]
fn rows_lie_in_their_shard_sorted_by_date_event_time_sequence() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let events = Events::default()
        .event("B", "a", NOON + DAY_MS)
        .event("B", "a", NOON)
        .event("A", "a", NOON + 5)
        .event("A", "a", NOON)
        .event("A", "a", NOON);
    events.commit_to(&mut writer).unwrap();
    let snapshot = store.snapshot().unwrap();
    let files: Vec<_> = snapshot.files().collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].shard(), snapshot.identity().router().home("a"));
    let (first, last) = files[0].dates();
    assert_eq!((first.to_string(), last.to_string()), ("2021-04-18".into(), "2021-04-19".into()));
    assert!(files[0].may_hold("A") && !files[0].may_hold("C"));
    assert_eq!(snapshot.row_counts().named()["A"][&first], 3);
    assert_eq!(snapshot.row_counts().by_date()[&last], 1);

    let columns = [Column::Sequence, Column::EventDate, Column::Time, Column::Event];
    let mut rows = Vec::new();
    let visit = |batch: &arrow_array::RecordBatch| {
        for row in 0..batch.num_rows() {
            rows.push((
                batch.column(0).as_primitive::<Int64Type>().value(row),
                batch.column(1).as_primitive::<Date32Type>().value(row) - first.epoch_days(),
                batch.column(2).as_primitive::<TimestampMillisecondType>().value(row) - NOON,
                text(batch, 3, row),
            ));
        }
    };
    let stats = snapshot.scan(files[0], &columns, &DateRange::ALL, visit).unwrap();
    let expected =
        [(3, 0, 0, "A"), (4, 0, 0, "A"), (2, 0, 5, "A"), (1, 0, 0, "B"), (0, 1, DAY_MS, "B")];
    assert_eq!(rows, expected.map(|(s, d, t, e)| (s, d, t, e.to_owned())));
    assert_eq!((stats.rows, stats.row_groups), (5, 1));
    assert!(stats.bytes < files[0].length_bytes(), "only what is asked for is read");
}

#[test]
fn days_outside_a_range_are_skipped_by_statistics() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    Events::default().event("A", "a", NOON).commit_to(&mut writer).unwrap();
    let snapshot = store.snapshot().unwrap();
    let file = snapshot.files().next().unwrap();
    let other_day: EventDate = "2021-04-20".parse().unwrap();
    let range = DateRange::new(Some(other_day), None).unwrap();
    let stats = snapshot.scan(file, &[Column::Event], &range, |_| panic!("no row")).unwrap();
    assert_eq!((stats.rows, stats.row_groups), (0, 0));
}

#[test]
fn promoted_values_are_columns_and_stay_in_the_properties() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let texts = [r#"{"plan":"pro","seats":5}"#, r#"{"plan":7,"seats":null}"#, r#"{"x":1.50}"#];
    let events = texts.into_iter().fold(Events::default(), Events::with_properties);
    events.commit_to(&mut writer).unwrap();
    let snapshot = store.snapshot().unwrap();
    let file = snapshot.files().next().unwrap();
    assert!(!file.tells_all_of("plan"), "a null of `plan` hides the number 7");
    assert!(file.tells_all_of("seats"));
    let mut rows = Vec::new();
    let columns = [Column::Promoted(0), Column::Promoted(1)];
    let stats = snapshot.scan(file, &columns, &DateRange::ALL, |batch| {
        let seats = batch.column(1).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            rows.push((text(batch, 0, row), seats.is_valid(row).then(|| seats.value(row))));
        }
    });
    stats.unwrap();
    assert_eq!(rows, [("pro".into(), Some(5)), (String::new(), None), (String::new(), None)]);
    let (all, errors) = read_all(&snapshot);
    assert!(errors.is_empty());
    assert_eq!(all.into_iter().map(|row| row.3).collect::<Vec<_>>(), texts);
}
