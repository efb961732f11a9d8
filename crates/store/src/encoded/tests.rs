//! What Parquet's writer encoded is read back, and broken bytes are an error.

use parquet::basic::{Compression, Encoding as ParquetEncoding, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::column::{self, Presence, ValueType};
use super::workbench::Unpacking;
use super::{Dictionary, TextPage, texts};
use crate::Selection;
use crate::codec::Codec;

/// Values of one column.
#[derive(Debug, Clone)]
enum Column {
    Texts(Vec<Option<String>>),
    Longs(Vec<Option<i64>>),
    Days(Vec<Option<i32>>),
    Doubles(Vec<Option<f64>>),
    Flags(Vec<Option<bool>>),
}

/// How a column is written.
#[derive(Debug, Clone, Copy)]
struct Form {
    presence: Presence,
    codec: Codec,
    page_rows: usize,
    /// From so many bytes on, values are written as they are.
    dictionary_bytes: usize,
    encoding: Option<ParquetEncoding>,
}

impl Column {
    fn parquet_type(&self) -> &'static str {
        match self {
            Self::Texts(_) => "BYTE_ARRAY",
            Self::Longs(_) => "INT64",
            Self::Days(_) => "INT32",
            Self::Doubles(_) => "DOUBLE",
            Self::Flags(_) => "BOOLEAN",
        }
    }

    fn kind(&self) -> ValueType {
        match self {
            Self::Texts(_) => ValueType::Text,
            Self::Longs(_) => ValueType::Long,
            Self::Days(_) => ValueType::Day,
            Self::Doubles(_) => ValueType::Double,
            Self::Flags(_) => ValueType::Flag,
        }
    }

    /// The values as texts.
    fn texts(&self) -> Vec<Option<String>> {
        fn all<T: ToString>(values: &[Option<T>]) -> Vec<Option<String>> {
            values.iter().map(|value| value.as_ref().map(ToString::to_string)).collect()
        }
        match self {
            Self::Texts(values) => values.clone(),
            Self::Longs(values) => all(values),
            Self::Days(values) => {
                let date = |day: i32| hotshard_event::EventDate::from_epoch_days(day).to_string();
                values.iter().map(|day| day.map(date)).collect()
            }
            Self::Doubles(values) => all(values),
            Self::Flags(values) => all(values),
        }
    }

    /// The column chunk that Parquet's own writer makes of it.
    fn chunk(&self, form: Form) -> Vec<u8> {
        let presence = if form.presence == Presence::Always { "REQUIRED" } else { "OPTIONAL" };
        let schema = format!("message m {{ {presence} {} c; }}", self.parquet_type());
        let schema = parse_message_type(&schema).unwrap();
        let compression = match form.codec {
            Codec::None => Compression::UNCOMPRESSED,
            Codec::Zstd => Compression::ZSTD(ZstdLevel::try_new(1).unwrap()),
        };
        let mut properties = WriterProperties::builder()
            .set_compression(compression)
            .set_write_batch_size(form.page_rows)
            .set_data_page_row_count_limit(form.page_rows)
            .set_dictionary_page_size_limit(form.dictionary_bytes);
        if let Some(encoding) = form.encoding {
            properties = properties.set_dictionary_enabled(false).set_encoding(encoding);
        }
        let mut file =
            SerializedFileWriter::new(Vec::new(), schema.into(), properties.build().into())
                .unwrap();
        let mut group = file.next_row_group().unwrap();
        let mut writer = group.next_column().unwrap().unwrap();
        self.write(writer.untyped(), form.presence);
        writer.close().unwrap();
        let metadata = group.close().unwrap();
        let (start, length) = metadata.column(0).byte_range();
        let bytes = file.into_inner().unwrap();
        bytes[usize::try_from(start).unwrap()..][..usize::try_from(length).unwrap()].to_vec()
    }

    fn write(&self, writer: &mut ColumnWriter<'_>, presence: Presence) {
        fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
            values.iter().map(|value| i16::from(value.is_some())).collect()
        }
        macro_rules! write {
            ($writer:ident, $values:ident, $of:expr) => {{
                let levels = levels($values);
                let levels = (presence == Presence::Optional).then_some(levels.as_slice());
                let present: Vec<_> = $values.iter().flatten().map($of).collect();
                $writer.write_batch(&present, levels, None).unwrap();
            }};
        }
        match (self, writer) {
            (Self::Texts(values), ColumnWriter::ByteArrayColumnWriter(writer)) => {
                write!(writer, values, |text: &String| ByteArray::from(text.as_str()));
            }
            (Self::Longs(values), ColumnWriter::Int64ColumnWriter(writer)) => {
                write!(writer, values, |long: &i64| *long);
            }
            (Self::Days(values), ColumnWriter::Int32ColumnWriter(writer)) => {
                write!(writer, values, |day: &i32| *day);
            }
            (Self::Doubles(values), ColumnWriter::DoubleColumnWriter(writer)) => {
                write!(writer, values, |double: &f64| *double);
            }
            (Self::Flags(values), ColumnWriter::BoolColumnWriter(writer)) => {
                write!(writer, values, |flag: &bool| *flag);
            }
            _ => panic!("a column of another type"),
        }
    }
}

fn decoded(
    column: &Column,
    form: Form,
    most_rows: u32,
) -> Result<Vec<Option<String>>, &'static str> {
    let chunk = column.chunk(form);
    let mut room = Unpacking::default();
    let kind = column.kind();
    let coded = column::decode(&chunk, form.codec, kind, form.presence, most_rows, &mut room)?;
    let mut texts = Vec::new();
    for stretch in coded.codes.stretches() {
        match stretch {
            super::Stretch::Same(code, rows) => {
                let text = coded.dictionary.text(code).map(std::borrow::Cow::into_owned);
                texts.extend((0..rows).map(|_| text.clone()));
            }
            super::Stretch::Each(codes) => {
                let text = |code: &u32| coded.dictionary.text(*code).map(Into::into);
                texts.extend(codes.iter().map(text));
            }
        }
    }
    Ok(texts)
}

/// Values in runs and alone, some of them missing.
fn values<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
    presence: Presence,
) -> impl Strategy<Value = Vec<Option<T>>> {
    let value: BoxedStrategy<Option<T>> = match presence {
        Presence::Always => value.prop_map(Some).boxed(),
        Presence::Optional => prop::option::of(value).boxed(),
    };
    let run = (value, prop_oneof![Just(1_usize), 1..40_usize]);
    let runs = prop::collection::vec(run, 0..60);
    runs.prop_map(|runs| {
        runs.into_iter().flat_map(|(value, rows)| std::iter::repeat_n(value, rows)).collect()
    })
}

fn some_column(presence: Presence) -> impl Strategy<Value = Column> {
    let texts = prop_oneof![3 => "[ab]{0,2}", 1 => ".{0,30}"];
    prop_oneof![
        values(texts, presence).prop_map(Column::Texts),
        values(prop_oneof![0..5_i64, any::<i64>()], presence).prop_map(Column::Longs),
        values(prop_oneof![19_000..19_010, 0..60_000], presence).prop_map(Column::Days),
        values(-1e9..1e9, presence).prop_map(Column::Doubles),
        values(any::<bool>(), presence).prop_map(Column::Flags),
    ]
}

fn some_form() -> impl Strategy<Value = Form> {
    (
        prop::sample::select(vec![Presence::Always, Presence::Optional]),
        prop::sample::select(vec![Codec::None, Codec::Zstd]),
        prop::sample::select(vec![1_usize, 7, 64, 10_000]),
        prop::sample::select(vec![1_usize, 40, 1 << 20]),
    )
        .prop_map(|(presence, codec, page_rows, dictionary_bytes)| Form {
            presence,
            codec,
            page_rows,
            dictionary_bytes,
            encoding: None,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn columns_with_dictionaries_come_back(
        (column, form) in some_form().prop_flat_map(|form| (some_column(form.presence), Just(form))),
    ) {
        let expected = column.texts();
        let rows = u32::try_from(expected.len()).unwrap();
        prop_assert_eq!(decoded(&column, form, rows), Ok(expected));
        if rows > 0 {
            prop_assert!(decoded(&column, form, rows - 1).is_err());
        }
    }

    #[test]
    fn integers_that_hardly_repeat_come_back(
        longs in prop_oneof![
            prop::collection::vec(any::<i64>(), 0..500),
            prop::collection::vec(1_700_000_000_000..1_700_000_900_000_i64, 0..500),
            prop::collection::vec(Just(i64::MIN), 0..70),
        ],
        page_rows in prop::sample::select(vec![1_usize, 33, 10_000]),
    ) {
        let column = Column::Longs(longs.iter().copied().map(Some).collect());
        let form = Form {
            presence: Presence::Always,
            codec: Codec::None,
            page_rows,
            dictionary_bytes: 1,
            encoding: Some(ParquetEncoding::DELTA_BINARY_PACKED),
        };
        let (mut room, mut read) = (Unpacking::default(), vec![1]);
        let chunk = column.chunk(form);
        column::decode_longs(&chunk, form.codec, 500, &mut room, &mut read).unwrap();
        prop_assert_eq!(read, longs);
    }

    #[test]
    fn texts_that_hardly_repeat_come_back(
        form in some_form(),
        texts in values(".{0,12}", Presence::Optional),
        picked in prop::collection::vec(any::<bool>(), 2_400),
    ) {
        let present = |text: Option<String>| text.or(Some("none".to_owned()));
        let texts: Vec<Option<String>> = match form.presence {
            Presence::Always => texts.into_iter().map(present).collect(),
            Presence::Optional => texts,
        };
        let form = Form { encoding: Some(ParquetEncoding::DELTA_LENGTH_BYTE_ARRAY), ..form };
        let chunk = Column::Texts(texts.clone()).chunk(form);
        let mut selection = Selection::default();
        let rows = u32::try_from(texts.len()).unwrap();
        (0..rows).zip(&picked).filter(|(_, picked)| **picked).for_each(|(row, _)| {
            selection.push(row..row + 1);
        });
        let mut found = Vec::new();
        let visit = |page: &TextPage<'_>| {
            for row in selection.within(page.rows()).flatten() {
                let text = page.text(row).map(|text| String::from_utf8(text.to_vec()).unwrap());
                found.push((row, text));
            }
        };
        let mut room = Unpacking::default();
        let read =
            texts::visit(&chunk, form.codec, form.presence, &selection, rows, &mut room, visit);
        prop_assert_eq!(read, Ok(rows));
        let expected: Vec<(u32, Option<String>)> = (0..rows)
            .zip(texts)
            .zip(&picked)
            .filter(|(_, picked)| **picked)
            .map(|(row, _)| row)
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// A checksum keeps damage away from here, but not a file that was made to harm.
    #[test]
    fn broken_chunks_are_an_error_or_other_values(
        (column, form) in some_form().prop_flat_map(|form| (some_column(form.presence), Just(form))),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut chunk = column.chunk(form);
        for (at, byte) in wounds {
            if !chunk.is_empty() {
                let at = at.index(chunk.len());
                chunk[at] = byte;
            }
        }
        chunk.truncate(cut.index(chunk.len() + 1).max(chunk.len() / 2));
        let mut room = Unpacking::default();
        for kind in [ValueType::Text, ValueType::Day, ValueType::Flag, column.kind()] {
            for codec in [Codec::None, Codec::Zstd] {
                let _ = column::decode(&chunk, codec, kind, form.presence, 3_000, &mut room);
            }
        }
        let _ = column::decode_longs(&chunk, form.codec, 3_000, &mut room, &mut Vec::new());
        let all = Selection::all(3_000);
        let visit = |page: &TextPage<'_>| {
            let _ = page.text(page.rows().end);
        };
        let _ = texts::visit(&chunk, form.codec, form.presence, &all, 3_000, &mut room, visit);
    }
}

#[test]
fn a_plain_value_behind_a_full_dictionary_has_the_code_of_its_equal() {
    let texts = ["a", "b", "a", "c", "b", "c"].map(|text| Some(text.to_owned())).to_vec();
    let form = Form {
        presence: Presence::Always,
        codec: Codec::None,
        page_rows: 2,
        dictionary_bytes: 1,
        encoding: None,
    };
    let chunk = Column::Texts(texts).chunk(form);
    let room = &mut Unpacking::default();
    let coded =
        column::decode(&chunk, Codec::None, ValueType::Text, Presence::Always, 6, room).unwrap();
    let Dictionary::Texts(dictionary) = &coded.dictionary else { panic!("no texts") };
    assert_eq!(dictionary.len(), 3);
}
