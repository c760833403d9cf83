//! How the tab is drawn: filters, table, and what stands there where it has no rows.

use super::act::Act;
use super::filter::Choice;
use super::{Alerts, Message, Question, TABLE, Which, details, words};
use crate::figures;
use crate::protocol::{Alert, AlertState};
use crate::window::widget::table::{self, Column, Look};
use crate::window::widget::{body, button, control, line, question, shape, small, title, upright};
use crate::window::{Scene, clock, theme};
use iced::alignment::Horizontal;
use iced::widget::text::Wrapping;
use iced::widget::{column, container, row, space, text};
use iced::{Center, Element, Fill, Font, Length, Point, font};

/// The height of the row of filters.
const FILTERS: f32 = 48.0;

/// The height of the bar above the tab.
const BAR: f32 = 45.0;

/// The narrowest window that has room for the details beside the table.
const FOLDED: f32 = 820.0;

/// The width of the details.
const DETAILS: f32 = 300.0;

const COLUMNS: [Column<()>; 7] = [
    head("", Length::Fixed(16.0), Horizontal::Left),
    head("Time", Length::Fixed(104.0), Horizontal::Left),
    head("Name", Fill, Horizontal::Left),
    head("PID", Length::Fixed(60.0), Horizontal::Right),
    head("Reason", Length::Fixed(96.0), Horizontal::Left),
    head("State", Length::Fixed(84.0), Horizontal::Left),
    head("Lasted", Length::Fixed(80.0), Horizontal::Right),
];

const fn head(title: &'static str, width: Length, align: Horizontal) -> Column<()> {
    Column { key: (), title, width, align }
}

impl Alerts {
    /// Draws the tab.
    #[must_use]
    pub fn view<'a>(&'a self, scene: &'a Scene) -> Element<'a, Message> {
        let selected = self.selected_alert();
        if let Some(alert) = selected.filter(|_| self.is_open && is_folded(scene)) {
            return details::page(self, alert, scene);
        }
        let list = column![self.filters(scene), line(), self.table(scene)].push(self.strip(scene));
        if is_folded(scene) || self.list.rows().is_empty() {
            return list.into();
        }
        let details = match selected {
            Some(alert) => details::panel(self, alert, scene),
            None => container(small("Select an alert to see what happened.")).center(Fill).into(),
        };
        row![list.width(Fill), upright(), container(details).width(DETAILS)].into()
    }

    /// Draws what lies over the whole window.
    #[must_use]
    pub fn overlay<'a>(&'a self, scene: &'a Scene) -> Option<Element<'a, Message>> {
        if let Some(menu) = &self.menu {
            return Some(menu.view(Message::Menu));
        }
        let (asked, explained, action) = match self.asked.as_ref()? {
            Question::Terminate(alert) => terminate(alert),
            Question::ClearAll => clear_all(scene.mirror.firing.len()),
        };
        Some(question::question(asked, explained, action, Message::Answer))
    }

    fn filters<'a>(&'a self, scene: &Scene) -> Element<'a, Message> {
        let active = button::tick("Active only", self.filter.active);
        let may_clear = scene.mirror.is_connected() && !scene.mirror.firing.is_empty();
        let parts = row![active.on_press(Message::Choose(Choice::Active(!self.filter.active)))]
            .push(self.choice(Which::Severity))
            .push(self.choice(Which::Reason))
            .push(self.choice(Which::Period))
            .push(space::horizontal())
            .push(self.cleared())
            .push(button::plain("Clear all").on_press_maybe(may_clear.then_some(Message::ClearAll)));
        container(parts.spacing(4).align_y(Center)).padding([0.0, theme::EDGE]).center_y(FILTERS).into()
    }

    fn choice(&self, which: Which) -> Element<'_, Message> {
        let chosen = self.filter.chosen(which);
        let label = row![body(chosen.label()).wrapping(Wrapping::None), shape::sorted(true)].spacing(4).align_y(Center);
        let is_set = self.filter.is_narrowed_by(which);
        control(label)
            .padding([0.0, theme::INSIDE])
            .height(theme::CONTROL)
            .on_open(move |corner| Message::Open(which, corner))
            .style(move |colors, status| button::quiet_style(colors, status, is_set))
            .into()
    }

    /// What came of "Clear all", where there is room for it.
    fn cleared(&self) -> Option<Element<'_, Message>> {
        let note = self.note.as_ref().filter(|note| note.alert.is_none() && !note.is_wrong)?;
        Some(container(small(&*note.sentence).wrapping(Wrapping::None)).padding([0.0, theme::INSIDE]).clip(true).into())
    }

    fn table<'a>(&'a self, scene: &'a Scene) -> Element<'a, Message> {
        let rows = self.list.rows();
        if rows.is_empty() {
            return self.nothing(scene);
        }
        let draw = |index: usize| self.row(&rows[index], scene);
        let on_key = |key: &_, modifiers| self.key(key, modifiers, scene);
        let body = table::rows(TABLE, self.scroll, rows.len(), scene.size.height, draw, Message::Scrolled, on_key);
        column![heads(), line(), body].into()
    }

    fn row<'a>(&self, alert: &'a Alert, scene: &Scene) -> Element<'a, Message> {
        let is_firing = alert.state == AlertState::Firing;
        let weight = if is_firing { font::Weight::Bold } else { font::Weight::Normal };
        let cell = |words: String| body(words).font(Font { weight, ..Font::DEFAULT }).wrapping(Wrapping::None).into();
        let cells: [Element<'a, Message>; 7] = [
            shape::severity(alert.severity),
            cell(clock::short(alert.timestamp, scene.now)),
            cell(figures::harmless(&alert.name)),
            cell(alert.pid.to_string()),
            cell(words::reason(alert.reason).to_owned()),
            cell(words::state(alert).to_owned()),
            cell(words::lasted(alert, scene.now)),
        ];
        let is_selected = self.selected == Some(alert.id);
        let look = Look { is_selected, severity: is_firing.then_some(alert.severity) };
        let id = alert.id;
        table::row_of(&COLUMNS, cells, look)
            .on_press(Message::Select(id))
            .on_double_press(Message::Details(id))
            .on_context(move |at| Message::Context(id, at))
            .into()
    }

    /// What stands in place of rows.
    fn nothing(&self, scene: &Scene) -> Element<'_, Message> {
        let clear = |label| button::plain(label).on_press(Message::ClearFilters);
        let words = if let Some(failure) = self.list.failure() {
            let again = button::plain("Try again").on_press(Message::Again);
            column![title("The history cannot be read."), small(figures::harmless(failure)), again]
        } else if !self.list.is_read() {
            column![small("Reading the history …")]
        } else if self.filter.shows_all() || (self.filter.is_about_time() && self.list.newest().is_none()) {
            let watched = scene.mirror.status.as_ref().map_or(0, |status| status.monitored_count);
            column![
                shape::fine(),
                title("Nothing has run away yet."),
                small(format!("{watched} processes are watched."))
            ]
        } else if let Some(newest) = self.list.newest().filter(|_| self.filter.is_about_time()) {
            let since = format!("Nothing has run away since {}.", clock::named_day(newest, scene.now));
            column![shape::fine(), title(since), clear("Show all alerts")]
        } else {
            column![title("No alert matches."), clear("Clear the filters")]
        };
        container(words.spacing(theme::BETWEEN).align_x(Center)).center(Fill).padding(theme::EDGE).into()
    }

    /// What is to be said where the details have no room for it.
    fn strip(&self, scene: &Scene) -> Option<Element<'_, Message>> {
        let shown = is_folded(scene) || self.selected.is_none();
        let note = self.note.as_ref().filter(|note| if note.alert.is_none() { note.is_wrong } else { shown });
        let failure = self.list.failure().filter(|_| !self.list.rows().is_empty());
        let words = match (failure, note) {
            (Some(failure), _) => text(format!("Older alerts cannot be read: {}", figures::harmless(failure))),
            (None, Some(note)) => text(&*note.sentence),
            (None, None) => return None,
        };
        let is_wrong = failure.is_some() || note.is_some_and(|note| note.is_wrong);
        let words = words.size(theme::SMALL).style(if is_wrong { theme::wrong } else { theme::muted }).width(Fill);
        let again = failure.map(|_| button::quiet("Try again").on_press(Message::Again));
        let strip = row![words].push(again).spacing(theme::BETWEEN).align_y(Center);
        Some(column![line(), container(strip).padding([theme::INSIDE, theme::EDGE])].into())
    }
}

/// The heads of the columns: the applet sorts by time, so they are no buttons.
fn heads<'a>() -> Element<'a, Message> {
    let heads = COLUMNS.map(|column| {
        let title = small(column.title).wrapping(Wrapping::None);
        container(title).width(column.width).align_x(column.align).into()
    });
    container(iced::widget::Row::with_children(heads).spacing(theme::INSIDE).align_y(Center))
        .padding([0.0, theme::INSIDE])
        .center_y(theme::ROW)
        .style(theme::raised)
        .into()
}

fn terminate(alert: &Alert) -> (String, String, &'static str) {
    let mut command: String = figures::harmless(&alert.cmdline).chars().take(200).collect();
    if command.is_empty() {
        command = figures::harmless(&alert.summary);
    }
    (format!("Terminate {}?", words::process(alert)), command, "Terminate")
}

fn clear_all(count: usize) -> (String, String, &'static str) {
    let asked = if count == 1 { "Dismiss 1 alert?".to_owned() } else { format!("Dismiss {count} alerts?") };
    let explained = "The processes go on. Each stays quiet until it has calmed down.".to_owned();
    (asked, explained, "Dismiss")
}

/// Tells whether there is no room for the details beside the table.
pub(super) fn is_folded(scene: &Scene) -> bool {
    scene.size.width < FOLDED
}

/// Gives the place of a menu under a row, from where its lower edge is under the table's upper one.
pub(super) fn under_row(edge: f32, scene: &Scene) -> Point {
    let top = BAR + FILTERS + theme::ROW + 2.0;
    Point::new(theme::EDGE * 2.0, (top + edge).clamp(top, scene.size.height))
}

/// The buttons of an alert, for its details.
pub(super) fn label(act: Act) -> &'static str {
    match act {
        Act::Terminate => "Terminate",
        Act::Pause => "Pause",
        Act::Continue => "Continue",
        Act::Whitelist(_) => "Whitelist",
        Act::Dismiss => "Dismiss",
        Act::Show => "Show process",
        Act::Copy => "Copy",
    }
}
