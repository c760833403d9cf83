//! The one dialog there is: it names what will be ended or removed, and asks once.

use super::{body, button, title};
use crate::window::theme;
use iced::keyboard::{Key, key::Named};
use iced::widget::{column, container, opaque, row, space};
use iced::{Element, Fill};

/// The name of the button that says no.
pub const NO: &str = "no";

/// The name of the button that says yes.
pub const YES: &str = "yes";

const WIDTH: f32 = 420.0;

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Do it.
    Yes,
    /// Do not.
    No,
}

/// Gives the answer that a key is: Enter is yes, Escape is no.
#[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
#[must_use]
pub fn key(key: &Key) -> Option<Answer> {
    match key {
        Key::Named(Named::Enter) => Some(Answer::Yes),
        Key::Named(Named::Escape) => Some(Answer::No),
        _ => None,
    }
}

/// Draws a question over the whole window. `action` is what the button says: `Kill`.
pub fn question<'a, M: Clone + 'a>(
    asked: String,
    explained: String,
    action: &'a str,
    on: impl Fn(Answer) -> M + 'a,
) -> Element<'a, M> {
    let buttons = row![
        space::horizontal(),
        button::plain("Cancel").on_press(on(Answer::No)).id(NO),
        button::destructive(action).on_press(on(Answer::Yes)).id(YES),
    ];
    let words = column![title(asked), body(explained), buttons.spacing(theme::INSIDE)].spacing(theme::BETWEEN);
    let dialog = container(words).padding(theme::EDGE).width(WIDTH).style(theme::floating);
    opaque(container(dialog).center(Fill).style(theme::veil))
}
