//! Room that a thread keeps from one file to the next.

use std::cell::RefCell;

use super::page::Unpacker;

/// The most that a thread keeps of each part, in bytes: a page, or the chunk of a common column.
const MOST_KEPT_BYTES: usize = 4 << 20;

thread_local! {
    /// Queries open files of a few row groups, one after another: what takes longest of a small
    /// count is to make room for it.
    static KEPT: RefCell<Option<Workbench>> = const { RefCell::new(None) };
}

/// Room to read and unpack pages in.
#[derive(Debug, Default)]
pub(super) struct Workbench {
    /// A column chunk as it lies in its file.
    pub(super) chunk: Vec<u8>,
    pub(super) unpacking: Unpacking,
}

/// Room to unpack pages in.
#[derive(Debug, Default)]
pub(super) struct Unpacking {
    pub(super) unpacker: Unpacker,
    pub(super) page: Vec<u8>,
}

impl Workbench {
    /// The one that this thread kept, or a new one.
    pub(super) fn take() -> Self {
        KEPT.try_with(|kept| kept.try_borrow_mut().ok()?.take()).ok().flatten().unwrap_or_default()
    }

    /// Keeps it for the next file.
    pub(super) fn keep(mut self) {
        for room in [&mut self.chunk, &mut self.unpacking.page] {
            room.clear();
            room.shrink_to(MOST_KEPT_BYTES);
        }
        // A thread that ends keeps nothing.
        let _ = KEPT.try_with(|kept| kept.try_borrow_mut().map(|mut kept| *kept = Some(self)));
    }
}
