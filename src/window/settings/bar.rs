//! The bar at the bottom of the tab: how the changes stand, and what can be done with them.

use super::{Message, Outcome, Settings};
use crate::window::mirror::Connection;
use crate::window::widget::{body, button, shape};
use crate::window::{Scene, theme};
use iced::widget::{container, row, text};
use iced::{Center, Element, Fill};

/// Draws the bar; what was refused without a key that has a field stands over it.
pub(super) fn view<'a>(settings: &'a Settings, scene: &'a Scene) -> Element<'a, Message> {
    let changes = settings.draft.changes(&scene.mirror.config);
    let is_known = !scene.mirror.config.is_null() && scene.mirror.is_connected();
    let reset = (changes > 0).then_some(Message::Reset);
    let buttons = row![
        button::plain("Defaults").id("defaults").on_press_maybe(is_known.then_some(Message::Defaults)),
        button::plain("Reset").id("reset").on_press_maybe(reset),
        button::primary("Apply").id("apply").on_press_maybe(settings.may_apply(scene).then_some(Message::Apply)),
    ];
    let words = container(words(settings, scene, changes)).width(Fill);
    let bar = row![words, buttons.spacing(theme::INSIDE)].spacing(theme::BETWEEN).align_y(Center);
    container(bar).padding([theme::INSIDE, theme::EDGE]).width(Fill).style(theme::raised).into()
}

fn words<'a>(settings: &'a Settings, scene: &'a Scene, changes: usize) -> Element<'a, Message> {
    if let Some(refusal) = settings.refusal.as_ref().filter(|refusal| refusal.key.is_none()) {
        return text(&refusal.message).size(theme::BODY).style(theme::wrong).into();
    }
    let faults = settings.draft.faults(&scene.mirror.config);
    let sentence = if settings.is_applying {
        "Applying …".to_owned()
    } else if !scene.mirror.is_connected() {
        disconnected(&scene.mirror.connection).to_owned()
    } else if settings.refusal.is_some() {
        return text("Refused; the field says why.").size(theme::BODY).style(theme::wrong).into();
    } else if faults > 0 {
        let one = "One field has to be mended first.";
        let wrong = if faults == 1 { one.to_owned() } else { format!("{faults} fields have to be mended first.") };
        return text(wrong).size(theme::BODY).style(theme::wrong).into();
    } else {
        return standing(settings, changes);
    };
    body(sentence).style(theme::muted).into()
}

fn disconnected(connection: &Connection) -> &'static str {
    match connection {
        Connection::Connecting => "Connecting. Nothing can be applied yet.",
        Connection::Connected => "",
        Connection::Missing(..) | Connection::GaveUp => {
            "Not connected: nothing can be applied until RunawayGuard runs."
        }
    }
}

fn standing<'a>(settings: &Settings, changes: usize) -> Element<'a, Message> {
    let count = match changes {
        0 => "Nothing is changed.".to_owned(),
        1 => "One change is not applied yet.".to_owned(),
        more => format!("{more} changes are not applied yet."),
    };
    match settings.outcome {
        Some(Outcome::Applied) if changes == 0 => {
            row![shape::fine(), body("Applied.")].spacing(theme::INSIDE).align_y(Center).into()
        }
        Some(Outcome::Filled) if changes == 0 => {
            body("All fields have their defaults already.").style(theme::muted).into()
        }
        Some(Outcome::Filled) => body(format!("The defaults are filled in. {count}")).into(),
        Some(Outcome::Applied) | None if changes == 0 => body(count).style(theme::muted).into(),
        Some(Outcome::Applied) | None => body(count).into(),
    }
}
