//! A card: one notification.

use super::{Message, Press};
use crate::figures;
use crate::protocol::{Action, Notice, NoticeKind, Severity};
use crate::window::theme;
use crate::window::widget::{button, control, shape, small};
use iced::widget::text::Wrapping;
use iced::widget::{Row, column, container, row, text};
use iced::{Element, Fill, Font, Padding, font};

/// The notification that stands for the others, in place of an alert's id.
const MORE: i64 = -1;

/// The side of what closes a card.
const CROSS: f32 = 24.0;

/// Draws a card, and what became of its last press.
pub(super) fn card<'a>(notice: &'a Notice, press: Option<&'a Press>) -> Element<'a, Message> {
    let below = below(notice, press).map(|below| container(below).padding(Padding::ZERO.left(indent(notice))));
    let top = row![words(notice)].push(cross(notice)).spacing(theme::INSIDE);
    container(column![top].push(below).spacing(theme::INSIDE)).padding(theme::BETWEEN).width(Fill).into()
}

fn severity(notice: &Notice) -> Option<Severity> {
    match notice.kind {
        NoticeKind::Warning => Some(Severity::Warning),
        NoticeKind::Critical => Some(Severity::Critical),
        NoticeKind::Outcome => None,
    }
}

/// The buttons stand under the text.
fn indent(notice: &Notice) -> f32 {
    if severity(notice).is_some() { shape::SIDE + theme::INSIDE } else { 0.0 }
}

/// The text; a click on it shows more.
fn words(notice: &Notice) -> Element<'_, Message> {
    let shape = severity(notice).map(shape::severity);
    let bold = Font { weight: font::Weight::Bold, ..Font::DEFAULT };
    let title = text(figures::harmless(&notice.title)).size(theme::BODY).font(bold).wrapping(Wrapping::WordOrGlyph);
    let body = (!notice.body.is_empty())
        .then(|| small(figures::harmless(&notice.body)).wrapping(Wrapping::WordOrGlyph).width(Fill));
    let lines = column![title].push(body).spacing(4).width(Fill);
    let words = row![].push(shape).push(lines).spacing(theme::INSIDE).width(Fill);
    control(words).on_press(Message::Open).for_the_pointer_only().width(Fill).into()
}

fn cross(notice: &Notice) -> Option<Element<'_, Message>> {
    let cross = control(container(shape::cross()).center(Fill))
        .on_press(Message::Close(notice.alert))
        .for_the_pointer_only()
        .width(CROSS)
        .height(CROSS)
        .style(|colors, status| button::quiet_style(colors, status, false));
    (notice.alert != MORE).then(|| cross.into())
}

/// The buttons, or what became of one.
fn below<'a>(notice: &'a Notice, press: Option<&'a Press>) -> Option<Element<'a, Message>> {
    // The cross does what a button to dismiss would.
    let actions: Vec<Action> = notice.actions.iter().copied().filter(|action| *action != Action::Dismiss).collect();
    let refused = match press {
        Some(Press::Pending(action, _)) => return Some(small(pending(*action)).into()),
        Some(Press::Refused(why)) => Some(text(figures::harmless(why)).size(theme::SMALL).style(theme::wrong)),
        None if actions.is_empty() => return None,
        None => None,
    };
    let buttons = actions.into_iter().map(|action| offer(notice.alert, action));
    Some(column![Row::with_children(buttons).spacing(theme::INSIDE)].push(refused).spacing(theme::INSIDE).into())
}

fn offer<'a>(alert: i64, action: Action) -> Element<'a, Message> {
    let button = match action {
        Action::Kill => button::destructive("Kill"),
        Action::Pause => button::plain("Pause"),
        Action::Continue => button::plain("Continue"),
        Action::Whitelist => button::plain("Whitelist"),
        Action::Dismiss => button::plain("Dismiss"),
    };
    button.on_press(Message::Act(alert, action)).for_the_pointer_only().into()
}

fn pending(action: Action) -> &'static str {
    match action {
        Action::Kill => "Asked to end …",
        Action::Pause => "Pausing …",
        Action::Continue => "Continuing …",
        Action::Whitelist => "Being put on the whitelist …",
        Action::Dismiss => "Being dismissed …",
    }
}
