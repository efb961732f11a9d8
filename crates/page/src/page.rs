//! A page and its parts.

use crate::{Figure, Table};

/// One HTML page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The heading, and the title of the window.
    pub title: String,
    /// What the page found, in a sentence or two under the heading.
    pub lead: Option<String>,
    /// Numbers to remember, under the lead.
    pub facts: Vec<Fact>,
    /// The page's body; with two or more, there are links to them.
    pub sections: Vec<Section>,
    /// Where the figures come from, at the end: command, versions, rng seed, date.
    pub origin: Vec<String>,
}

/// A part of a page under a heading of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What stands under it, in this order.
    pub blocks: Vec<Block>,
}

/// What a section is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Numbers to remember.
    Facts(Vec<Fact>),
    /// A table that is read for itself; that of a figure comes with the figure.
    Table(Table),
    /// A chart with its caption and data.
    Figure(Figure),
}

/// A number to remember, with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What the number is: `max/mean, before`.
    pub label: String,
    /// The number as it is read: `19.86`.
    pub value: String,
    /// What to hold it against, or where it is from.
    pub note: Option<String>,
}

impl Page {
    /// A page of this title with nothing on it.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// With this under the heading.
    #[must_use]
    pub fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = Some(lead.into());
        self
    }

    /// With one more number to remember.
    #[must_use]
    pub fn fact(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// With one more section.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// With one more line about where the figures come from.
    #[must_use]
    pub fn origin(mut self, line: impl Into<String>) -> Self {
        self.origin.push(line.into());
        self
    }

    /// The page as one HTML file, in UTF-8.
    #[must_use]
    pub fn to_html(&self) -> String {
        crate::html::page(self)
    }
}

impl Section {
    /// A section of this title with nothing in it.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// With a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.block(Block::Text(text.into()))
    }

    /// With numbers to remember.
    #[must_use]
    pub fn facts(self, facts: impl IntoIterator<Item = Fact>) -> Self {
        self.block(Block::Facts(facts.into_iter().collect()))
    }

    /// With a table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.block(Block::Table(table))
    }

    /// With a figure.
    #[must_use]
    pub fn figure(self, figure: Figure) -> Self {
        self.block(Block::Figure(figure))
    }

    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Fact {
    /// A number and what it is.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), note: None }
    }

    /// With what to hold it against.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}
