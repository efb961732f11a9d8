//! The two sizes in which each chart is drawn.

/// For which windows a chart is drawn. The style sheet shows one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Windows of 720 CSS pixels and more, and paper.
    Wide,
    /// Narrower ones, down to 360.
    Narrow,
}

/// Widest letter of common fonts at text sizes, on average over digits and words, in parts of the
/// font size; DejaVu Sans, the widest of them, has 0.636 for a digit.
const LETTER: f64 = 0.62;

impl Layout {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Wide, Self::Narrow];

    /// The width of a drawing.
    pub(crate) fn width(self) -> f64 {
        match self {
            Self::Wide => 820.0,
            Self::Narrow => 360.0,
        }
    }

    /// The size of texts.
    pub(crate) fn font(self) -> f64 {
        match self {
            Self::Wide => 13.0,
            Self::Narrow => 12.0,
        }
    }

    /// The height of the area in which lines and columns are drawn.
    pub(crate) fn plot_height(self) -> f64 {
        match self {
            Self::Wide => 300.0,
            Self::Narrow => 220.0,
        }
    }

    /// The height of a line of text.
    pub(crate) fn line(self) -> f64 {
        self.font() * 1.5
    }

    /// How many ticks an axis below may have.
    pub(crate) fn ticks_below(self) -> usize {
        match self {
            Self::Wide => 10,
            Self::Narrow => 5,
        }
    }

    /// The word for the class of its elements.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    /// How wide a text becomes, roughly, and rather too wide than too narrow.
    pub(crate) fn text_width(self, text: &str) -> f64 {
        text.chars().count() as f64 * self.font() * LETTER
    }

    /// How many letters fit into a width.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a width over that of a letter: a small number above 0"
    )]
    pub(crate) fn letters_in(self, width: f64) -> usize {
        (width / (self.font() * LETTER)).floor().max(3.0) as usize
    }
}

/// A rectangle of a drawing; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    /// The x at this share of the width.
    pub(crate) fn x(self, share: f64) -> f64 {
        self.left + share * self.width()
    }

    /// The y at this share of the height, from below.
    pub(crate) fn y(self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }
}

/// A length as an attribute, to a tenth.
pub(crate) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}
