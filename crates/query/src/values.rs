//! Values of a field in some rows: the texts that occur, and which of them each row has.
//!
//! Everything a query does with values (judge, number, hash) it does once per text of a row group;
//! rows are worked on by their codes.

use std::borrow::Cow;
use std::rc::Rc;

use hotshard_store::{Codes, Dictionary, Selection};

/// The values of a field in the selected rows of a row group.
#[derive(Debug)]
pub(crate) struct Values {
    /// Codes go on from one dictionary to the next; the one after the last is "missing".
    dictionaries: Vec<Rc<Dictionary>>,
    codes: Rc<Codes>,
}

impl Values {
    /// Rows with codes of these dictionaries.
    pub(crate) fn new(dictionaries: Vec<Rc<Dictionary>>, codes: impl Into<Rc<Codes>>) -> Self {
        Self { dictionaries, codes: codes.into() }
    }

    /// One code a selected row, in order.
    pub(crate) const fn codes(&self) -> &Rc<Codes> {
        &self.codes
    }

    /// The code of rows without a value. Greater than every other.
    pub(crate) fn missing(&self) -> u32 {
        self.dictionaries.iter().map(|dictionary| dictionary.missing()).sum()
    }

    /// The text of a code; `None` of "missing".
    pub(crate) fn text(&self, code: u32) -> Option<Cow<'_, str>> {
        let mut code = code;
        for dictionary in &self.dictionaries {
            match code.checked_sub(dictionary.missing()) {
                None => return dictionary.text(code),
                Some(beyond) => code = beyond,
            }
        }
        None
    }

    /// Only the rows at some places.
    pub(crate) fn select(&self, places: &Selection) -> Self {
        Self { dictionaries: self.dictionaries.clone(), codes: Rc::new(self.codes.select(places)) }
    }

    /// What `of` says of each code, the last one that of "missing". It is asked of every value of
    /// the dictionary, also of one that no selected row has.
    pub(crate) fn per_code<T>(&self, mut of: impl FnMut(Option<&str>) -> T) -> Vec<T> {
        (0..=self.missing()).map(|code| of(self.text(code).as_deref())).collect()
    }

    /// The places of the rows whose text passes. A text is judged when a row has it, once.
    pub(crate) fn judge(&self, mut passes: impl FnMut(Option<&str>) -> bool) -> Selection {
        let mut verdicts: Vec<Option<bool>> = vec![None; self.missing() as usize + 1];
        let mut verdict = |code: u32| match verdicts.get_mut(code as usize) {
            Some(Some(known)) => *known,
            Some(unknown) => *unknown.insert(passes(self.text(code).as_deref())),
            None => false,
        };
        self.codes.places(&mut verdict)
    }
}
