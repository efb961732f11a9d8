//! Texts that hardly repeat, page by page.

use std::ops::Range;

use super::bytes::Bytes;
use super::codes::{Codes, Stretch};
use super::column::{Presence, count_rows, read_levels};
use super::delta;
use super::page::{Encoding, PageKind, Pages, Undecodable};
use super::workbench::Unpacking;
use crate::Selection;
use crate::codec::Codec;

/// The texts of rows that follow each other.
#[derive(Debug, Clone, Copy)]
pub struct TextPage<'p> {
    /// The first row, counted from that of the row group.
    pub first_row: u32,
    /// All texts, one after another.
    pub bytes: &'p [u8],
    /// Where the text of each row ends; a row without a value has an empty one.
    pub ends: &'p [u32],
    /// Whether each row has a value; nothing when all have one.
    pub present: Option<&'p [bool]>,
}

impl<'p> TextPage<'p> {
    /// Its rows.
    #[must_use]
    pub fn rows(&self) -> Range<u32> {
        let rows = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.first_row..self.first_row + rows
    }

    /// The text of a row, `None` where it has no value.
    #[must_use]
    pub fn text(&self, row: u32) -> Option<&'p [u8]> {
        let at = row.checked_sub(self.first_row)? as usize;
        if self.present.is_some_and(|present| present.get(at) == Some(&false)) {
            return None;
        }
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start as usize..*self.ends.get(at)? as usize)
    }
}

/// Hands the pages that hold a selected row to `visit`; gives the rows of the chunk.
pub(super) fn visit(
    chunk: &[u8],
    codec: Codec,
    presence: Presence,
    selection: &Selection,
    most_rows: u32,
    unpacking: &mut Unpacking,
    mut visit: impl FnMut(&TextPage<'_>),
) -> Result<u32, Undecodable> {
    let mut pages = Pages::of(chunk);
    let (mut room, mut first_row) = (Room::default(), 0_u32);
    while let Some(page) = pages.next()? {
        let PageKind::Data(encoding) = page.kind else {
            return Err("texts in a dictionary where none is expected");
        };
        let end = count_rows(first_row, page.values, most_rows)?;
        if selection.overlaps(&(first_row..end)) {
            let body = page.body(codec, &mut unpacking.unpacker, &mut unpacking.page)?;
            let bytes = room.read(body, encoding, presence, page.values)?;
            let present = (presence == Presence::Optional).then_some(room.present.as_slice());
            visit(&TextPage { first_row, bytes, ends: &room.ends, present });
        }
        first_row = end;
    }
    Ok(first_row)
}

#[derive(Default)]
struct Room {
    lengths: Vec<i64>,
    ends: Vec<u32>,
    present: Vec<bool>,
}

impl Room {
    fn read<'b>(
        &mut self,
        body: &'b [u8],
        encoding: Encoding,
        presence: Presence,
        rows: u32,
    ) -> Result<&'b [u8], Undecodable> {
        if encoding != Encoding::DeltaLengthByteArray {
            return Err("texts are encoded in another way than expected");
        }
        let mut levels = Codes::default();
        let (values, body) = read_levels(body, presence, rows, &mut levels)?;
        self.lengths.clear();
        let texts = delta::decode(body, values, &mut self.lengths)?;
        if self.lengths.len() != values as usize {
            return Err("fewer lengths than texts");
        }
        self.note_present(&levels);
        let mut end = 0_u32;
        let mut lengths = self.lengths.iter();
        self.ends.clear();
        for row in 0..rows as usize {
            if presence == Presence::Always || self.present.get(row) == Some(&true) {
                let length = lengths.next().and_then(|length| u32::try_from(*length).ok());
                end = length
                    .and_then(|length| end.checked_add(length))
                    .ok_or("lengths of texts that cannot be")?;
            }
            self.ends.push(end);
        }
        Bytes::of(texts).take(end as usize).ok_or("texts run out of their page")
    }

    fn note_present(&mut self, levels: &Codes) {
        self.present.clear();
        for stretch in levels.stretches() {
            match stretch {
                Stretch::Same(level, rows) => {
                    self.present.extend((0..rows).map(|_| level == 1));
                }
                Stretch::Each(levels) => {
                    self.present.extend(levels.iter().map(|level| *level == 1));
                }
            }
        }
    }
}
