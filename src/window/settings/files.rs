//! Where the files are.

use super::{Message, Settings};
use crate::window::widget::{button, field::Below, field::labelled};
use crate::window::{Scene, theme};
use iced::widget::text::Wrapping;
use iced::widget::{column, container, row, text};
use iced::{Center, Element, Fill};

/// Draws the paths, each with a button that copies it.
pub(super) fn view<'a>(settings: &'a Settings, scene: &'a Scene) -> Element<'a, Message> {
    let paths = &scene.paths;
    let files = [
        ("Settings", paths.config.display().to_string()),
        ("History and whitelist", paths.history.display().to_string()),
        ("Socket", paths.socket.display().to_string()),
        ("This window", paths.window.display().to_string()),
    ];
    column(files.into_iter().map(|(label, path)| file(settings, label, path))).spacing(4).into()
}

fn file<'a>(settings: &Settings, label: &'a str, path: String) -> Element<'a, Message> {
    let words = text(crate::figures::harmless(&path)).size(theme::SMALL).wrapping(Wrapping::WordOrGlyph);
    let words = container(words).width(Fill);
    let path = row![words, copy(settings, path)].spacing(theme::INSIDE).align_y(Center).width(Fill);
    labelled(label, path, None, Below::default()).into()
}

/// The button that copies a path; after the click it says that it did.
pub(super) fn copy<'a>(settings: &Settings, path: String) -> Element<'a, Message> {
    let label = if settings.copied.as_ref() == Some(&path) { "Copied" } else { "Copy" };
    button::plain(label).on_press(Message::Copy(path)).into()
}
