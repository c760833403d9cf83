//! The parts that tabs are made of: what iced lacks, and what should look the same everywhere.

pub mod button;
pub mod chart;
pub mod control;
pub mod covered;
pub mod field;
pub mod focus;
mod gate;
pub mod menu;
pub mod place;
pub mod question;
pub mod select;
pub mod shape;
pub mod table;

pub use control::{Control, control};
pub use covered::covered;
pub use field::{Field, field};
pub use place::{Place, place};

use super::theme;
use iced::Element;
use iced::Length::Fill;
use iced::widget::{Text, container, text};

/// Text as most of it is.
pub fn body<'a>(words: impl text::IntoFragment<'a>) -> Text<'a> {
    text(words).size(theme::BODY)
}

/// Text that stands back.
pub fn small<'a>(words: impl text::IntoFragment<'a>) -> Text<'a> {
    text(words).size(theme::SMALL).style(theme::muted)
}

/// Text over others.
pub fn title<'a>(words: impl text::IntoFragment<'a>) -> Text<'a> {
    text(words).size(theme::TITLE)
}

/// Keeps a place for what is not always there: what follows it keeps its focus and its scrolling when it comes and goes.
#[must_use]
pub fn or_nothing<'a, M: 'a>(content: Option<Element<'a, M>>) -> Element<'a, M> {
    content.unwrap_or_else(|| iced::widget::Space::new().into())
}

/// A thin line from left to right.
#[must_use]
pub fn line<'a, M: 'a>() -> Element<'a, M> {
    container("").width(Fill).height(1).style(theme::line).into()
}

/// A thin line from top to bottom.
#[must_use]
pub fn upright<'a, M: 'a>() -> Element<'a, M> {
    container("").width(1).height(Fill).style(theme::line).into()
}
