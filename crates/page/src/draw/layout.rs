//! The two sizes in which each chart is drawn.

use crate::text::cut;

/// For which windows a chart is drawn. The style sheet shows one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Windows of 720 CSS pixels and more, and paper.
    Wide,
    /// Narrower ones, down to 360.
    Narrow,
}

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
        text.chars().map(letter_width).sum::<f64>() * self.font()
    }

    /// The same for bold text.
    pub(crate) fn bold_width(self, text: &str) -> f64 {
        self.text_width(text) * 1.1
    }

    /// The text, in at most so many letters and in this width; cut to fit.
    pub(crate) fn fit(self, text: &str, width: f64, most: usize) -> String {
        let mut left = width / self.font();
        let fitting = text.chars().take(most).take_while(|&letter| {
            left -= letter_width(letter);
            left >= 0.0
        });
        cut(text, fitting.count().max(3).min(most))
    }
}

/// How wide a letter is in parts of the font size: as in DejaVu Sans, the widest of the common fonts.
fn letter_width(letter: char) -> f64 {
    match letter {
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 1.0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.38,
        '+' | '<' | '=' | '>' | '~' => 0.86,
        ' '..='~' => 0.66,
        '\u{80}'..='\u{5FF}' => 0.8,
        _ => 1.1,
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
    /// Whether two areas share more than an edge.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_their_width() {
        let wide = "W".repeat(100);
        assert_eq!(Layout::Wide.fit(&wide, 130.0, 80).chars().count(), 10);
        assert_eq!(Layout::Wide.fit("short", 130.0, 80), "short");
        assert_eq!(Layout::Wide.fit(&wide, 0.0, 80).chars().count(), 3, "never nothing");
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([0.0, -0.04, 1.25, 10.0, 12.345].map(px), ["0", "0", "1.2", "10", "12.3"]);
    }
}
