//! The fields of an entry: the same for a new one and for one that is edited.

use super::draft::Draft;
use super::{Message, Part, Place};
use crate::window::matching::{self, MATCH_TYPES};
use crate::window::widget::{button, field, select, small};
use crate::window::{Scene, theme};
use iced::widget::{column, row, text};
use iced::{Center, Element, FillPortion};

/// The width from which on all fields stand in one row.
const WIDE: f32 = 900.0;

/// Names a field, for the keyboard's focus.
pub(super) fn name(place: Place, part: Part) -> &'static str {
    match (place, part) {
        (Place::New, Part::Pattern) => "new pattern",
        (Place::New, Part::Reason) => "new reason",
        (Place::Entry, Part::Pattern) => "pattern",
        (Place::Entry, Part::Reason) => "reason",
    }
}

/// Draws the fields, the buttons, and what is wrong or what it would do.
pub(super) fn view<'a>(draft: &Draft, place: Place, scene: &Scene) -> Element<'a, Message> {
    let pattern = field_of(draft, place, Part::Pattern);
    let reason = field_of(draft, place, Part::Reason);
    let id = match place {
        Place::New => "new match type",
        Place::Entry => "match type",
    };
    let choice = select::select(id, &MATCH_TYPES, draft.match_type, Some(move |chosen| Message::Match(place, chosen)));
    let buttons = buttons(draft, place, scene);
    let gap = theme::INSIDE;
    if scene.size.width >= WIDE {
        let fields = row![pattern, choice, reason, buttons].spacing(gap).align_y(Center);
        return column![fields, said(draft)].spacing(4).into();
    }
    let first = column![row![pattern, choice].spacing(gap).align_y(Center), said(draft)].spacing(4);
    column![first, row![reason, buttons].spacing(gap).align_y(Center)].spacing(gap).into()
}

fn field_of<'a>(draft: &Draft, place: Place, part: Part) -> Element<'a, Message> {
    let hint = match part {
        Part::Pattern => matching::hint(draft.match_type),
        Part::Reason => "Why (optional)",
    };
    let escape = match place {
        Place::New => (!draft.text(part).is_empty()).then(|| Message::Type(place, part, String::new())),
        Place::Entry => Some(Message::Cancel),
    };
    field(name(place, part), hint, draft.text(part))
        .on_input(Some(move |text| Message::Type(place, part, text)))
        .on_submit(Message::Submit(place))
        .on_escape(escape)
        .refused(part == Part::Pattern && draft.wrong().is_some())
        .width(FillPortion(1))
        .into()
}

fn buttons<'a>(draft: &Draft, place: Place, scene: &Scene) -> Element<'a, Message> {
    let submit = draft.may_be_sent(scene).then_some(Message::Submit(place));
    match place {
        Place::New => button::primary("Add").on_press_maybe(submit).into(),
        Place::Entry => {
            let save = button::primary("Save").on_press_maybe(submit);
            row![save, button::plain("Cancel").on_press(Message::Cancel)].spacing(theme::INSIDE).into()
        }
    }
}

/// What is wrong, else what the pattern would do, else what it is compared with.
fn said<'a>(draft: &Draft) -> Element<'a, Message> {
    match draft.wrong() {
        Some(wrong) => text(wrong.to_owned()).size(theme::SMALL).style(theme::wrong).into(),
        None => small(draft.preview().unwrap_or_else(|| matching::explained(draft.match_type).to_owned())).into(),
    }
}
