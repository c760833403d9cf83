//! How the tab is drawn.

use super::list::By;
use super::{Message, Note, Place, TABLE, Whitelist, form};
use crate::figures::harmless;
use crate::protocol::WhitelistEntry;
use crate::window::widget::table::{self, Column as Of, Look, row_of};
use crate::window::widget::{Control, body, button, control, line, or_nothing, shape, small, title};
use crate::window::{Scene, clock, matching, theme};
use iced::alignment::Horizontal::{Left, Right};
use iced::widget::text::Wrapping;
use iced::widget::{column, container, row, space, text};
use iced::{Center, Element, Fill, FillPortion, Length};

/// The height from which there is room for everything.
const ROOMY: f32 = 560.0;

/// The width of the buttons of a row.
const ACTIONS: f32 = 124.0;

const fn column_of(key: By, title: &'static str, width: Length) -> Of<By> {
    Of { key, title, width, align: Left }
}

const PATTERN: Of<By> = column_of(By::Pattern, "Pattern", FillPortion(4));
const HOW: Of<By> = column_of(By::How, "Matches by", Length::Fixed(106.0));
const REASON: Of<By> = column_of(By::Reason, "Reason", FillPortion(3));
const SINCE: Of<By> = column_of(By::Since, "Since", Length::Fixed(92.0));
const RUNNING: Of<By> = Of { align: Right, ..column_of(By::Running, "Running", Length::Fixed(68.0)) };
const BUTTONS: Of<By> = column_of(By::Running, "", Length::Fixed(ACTIONS));

const WIDE: [Of<By>; 6] = [PATTERN, HOW, REASON, SINCE, RUNNING, BUTTONS];

/// Where there is little room an entry tells its day while it is edited.
const NARROW: [Of<By>; 5] = [PATTERN, HOW, REASON, RUNNING, BUTTONS];

fn columns(scene: &Scene) -> &'static [Of<By>] {
    if scene.size.width >= 800.0 { &WIDE } else { &NARROW }
}

/// Draws the tab.
pub(super) fn view<'a>(tab: &'a Whitelist, scene: &'a Scene) -> Element<'a, Message> {
    let form =
        column![small("Processes that match an entry raise no alerts."), form::view(&tab.new, Place::New, scene)];
    let form = container(form.spacing(theme::INSIDE)).padding([theme::BETWEEN, theme::EDGE]);
    // An entry that is edited has the room of the row for a new one, where there is little.
    let form = (tab.edited.is_none() || scene.size.height >= ROOMY).then(|| column![form, line()].into());
    column![or_nothing(form), or_nothing(note(tab)), entries(tab, scene)].into()
}

fn note(tab: &Whitelist) -> Option<Element<'_, Message>> {
    let words: Element<'_, Message> = match tab.note.as_ref()? {
        Note::Done(sentence) => row![shape::fine(), body(sentence)].spacing(theme::INSIDE).align_y(Center).into(),
        Note::Refused(why) => text(why).size(theme::BODY).style(theme::wrong).into(),
        Note::Removed(entry) => {
            let words = body(format!("Removed {}.", super::list::shown(&entry.pattern)));
            row![words, button::plain("Undo").height(26).on_press(Message::Undo)]
                .spacing(theme::BETWEEN)
                .align_y(Center)
                .into()
        }
    };
    Some(column![container(words).padding([4.0, theme::EDGE]), line()].into())
}

fn entries<'a>(tab: &'a Whitelist, scene: &'a Scene) -> Element<'a, Message> {
    let entries = tab.list.sorted(&scene.mirror.whitelist);
    if entries.is_empty() {
        return empty();
    }
    let columns = columns(scene);
    let head = table::head(&columns[..columns.len() - 1], Some(tab.list.order()), Message::Sort);
    // The head ends in half a gap where the buttons of the rows begin.
    let head = container(row![head, space::horizontal().width(ACTIONS + 8.0)]).style(theme::raised);
    let row = move |index: usize| entry(tab, scene, entries[index]);
    let count = scene.mirror.whitelist.len();
    let rows = table::rows(TABLE, tab.scroll, count, scene.size.height, row, Message::Scrolled, |key, modifiers| {
        tab.key(key, modifiers, scene)
    });
    column![container(head).padding([0.0, theme::INSIDE]).style(theme::raised), line()]
        .push(container(rows).padding([0.0, theme::INSIDE]))
        .into()
}

fn empty<'a>() -> Element<'a, Message> {
    let words = column![
        title("Nothing is whitelisted."),
        small("Add a name above, or press Whitelist on an alert: what matches then raises no alerts."),
    ];
    container(words.spacing(theme::INSIDE).align_x(Center)).center(Fill).padding(theme::EDGE).into()
}

fn entry<'a>(tab: &'a Whitelist, scene: &'a Scene, one: &'a WhitelistEntry) -> Element<'a, Message> {
    if let Some((_, draft)) = tab.edited.as_ref().filter(|(id, _)| *id == one.id) {
        let since = small(format!("On the whitelist since {}.", clock::day(one.created)));
        let form = column![form::view(draft, Place::Entry, scene), since].spacing(4);
        return container(form).padding(theme::INSIDE).width(Fill).style(theme::raised).into();
    }
    let plain = |words: String| body(words).wrapping(Wrapping::None);
    let running = tab.list.running(one.id).map_or_else(|| "–".to_owned(), |count| count.to_string());
    let may = scene.mirror.is_connected();
    let columns = columns(scene);
    let mut cells: Vec<Element<'a, Message>> = vec![
        plain(harmless(&one.pattern)).into(),
        plain(matching::name(one.match_type).to_owned()).into(),
        plain(harmless(one.reason.as_deref().unwrap_or_default())).style(theme::muted).into(),
        plain(running).into(),
        actions(one.id, may).into(),
    ];
    if columns.contains(&SINCE) {
        cells.insert(3, plain(clock::day(one.created)).into());
    }
    row_of(columns, cells, Look { is_selected: tab.selected == Some(one.id), severity: None })
        .on_press(Message::Select(one.id))
        .on_double_press(Message::Edit(one.id))
        .into()
}

fn actions<'a>(id: i64, may: bool) -> iced::widget::Row<'a, Message> {
    row![
        space::horizontal(),
        action("Edit", may.then_some(Message::Edit(id))),
        action("Remove", may.then_some(Message::Remove(id)))
    ]
}

/// A button within a row: the keyboard has the table's keys instead.
fn action(label: &str, message: Option<Message>) -> Control<'_, Message> {
    control(body(label))
        .padding([0.0, theme::INSIDE])
        .height(theme::ROW - 4.0)
        .on_press_maybe(message)
        .for_the_pointer_only()
        .style(|colors, status| button::quiet_style(colors, status, false))
}
