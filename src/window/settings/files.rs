//! Where the files are.

use super::{Message, Settings};
use crate::protocol::Severity;
use crate::window::widget::{body, button, field::Below, field::labelled, shape};
use crate::window::{Scene, theme};
use iced::widget::text::Wrapping;
use iced::widget::{column, container, row, text};
use iced::{Center, Element, Fill, Padding};
use std::path::Path;

/// Draws the paths, each with a button that copies it.
pub(super) fn view<'a>(settings: &'a Settings, scene: &'a Scene) -> Element<'a, Message> {
    let files = paths(scene);
    column(files.into_iter().map(|(label, path)| file(settings, label, path))).spacing(4).into()
}

/// The places as the applet tells them; where it has not, those that the window would look at.
fn paths(scene: &Scene) -> [(&'static str, String); 4] {
    let told = scene.mirror.hello.clone().unwrap_or_default();
    let own = |told: String, own: &Path| if told.is_empty() { own.display().to_string() } else { told };
    [
        ("Settings", own(told.config_path, &scene.paths.config)),
        ("History and whitelist", own(told.history_path, &scene.paths.history)),
        ("Socket", own(told.socket_path, &scene.paths.socket)),
        ("This window", scene.paths.window.display().to_string()),
    ]
}

/// Draws what is wrong with the config file, and where it is.
pub(super) fn problem<'a>(settings: &'a Settings, scene: &'a Scene) -> Option<Element<'a, Message>> {
    let problem = scene.mirror.status.as_ref()?.config_problem.as_ref()?;
    let [(_, path), ..] = paths(scene);
    let place = text(crate::figures::harmless(&path)).size(theme::SMALL).wrapping(Wrapping::WordOrGlyph);
    let words = column![body(problem), place].spacing(4).width(Fill);
    let copy = copy(settings, "Copy path", path);
    let line = row![shape::severity(Severity::Warning), words, copy].spacing(theme::BETWEEN).align_y(Center);
    let banner = container(line).padding([theme::INSIDE, theme::BETWEEN]).width(Fill).style(theme::banner);
    Some(container(banner).padding(Padding::from([0.0, theme::EDGE]).top(theme::INSIDE)).into())
}

fn file<'a>(settings: &Settings, label: &'a str, path: String) -> Element<'a, Message> {
    let words = text(crate::figures::harmless(&path)).size(theme::SMALL).wrapping(Wrapping::WordOrGlyph);
    let words = container(words).width(Fill);
    let path = row![words, copy(settings, "Copy", path)].spacing(theme::INSIDE).align_y(Center).width(Fill);
    labelled(label, path, None, Below::default()).into()
}

/// The button that copies a path; after the click it says that it did.
fn copy<'a>(settings: &Settings, label: &'a str, path: String) -> Element<'a, Message> {
    let label = if settings.copied.as_ref() == Some(&path) { "Copied" } else { label };
    button::plain(label).on_press(Message::Copy(path)).into()
}
