//! The table: a row for each process, of which those in view are made.

use super::columns::Key;
use super::rows::{self, Branch, Row};
use super::{Message, Monitor, TABLE, figure};
use crate::figures;
use crate::protocol::{Process, Severity};
use crate::window::widget::table::{self, Column, Look};
use crate::window::widget::{Control, body, button, control, line, shape, small, title};
use crate::window::{Scene, theme};
use iced::widget::text::Wrapping;
use iced::widget::{Text, column, container, row, space};
use iced::{Center, Element, Fill, Font, font};

/// How far a child stands to the right of its parent.
const INDENT: f32 = 16.0;

/// Deeper ones stand as far to the right as this many generations.
const DEEPEST: usize = 10;

/// The side of a shape in front of a name.
const SHAPE: f32 = 16.0;

/// Less than this share of what there is has no heat.
const COOL: f64 = 0.05;

/// Draws the head and the rows, or why there are none.
pub(super) fn view<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    let columns = monitor.remembered.columns(room(monitor, scene));
    let order = monitor.remembered.order();
    let head = table::head(&columns, Some((order.key, order.is_descending)), Message::Sort);
    let head = control(head).for_the_pointer_only().on_context(Message::Columns).width(Fill);
    let rows = if monitor.rows.is_empty() { empty(monitor, scene) } else { rows_in_view(monitor, scene, columns) };
    column![line(), head, line(), rows].height(Fill).into()
}

/// The width that the table has.
fn room(monitor: &Monitor, scene: &Scene) -> f32 {
    let is_beside = super::is_wide(scene) && monitor.has_details(scene);
    scene.size.width - if is_beside { super::view::DETAILS } else { 0.0 }
}

fn rows_in_view<'a>(monitor: &'a Monitor, scene: &'a Scene, columns: Vec<Column<Key>>) -> Element<'a, Message> {
    let row = move |index: usize| line_of(monitor, scene, &columns, &monitor.rows[index]).into();
    let key = move |key: &_, modifiers| monitor.key(key, modifiers, scene);
    table::rows(TABLE, monitor.scroll, monitor.rows.len(), scene.size.height, row, Message::Scrolled, key)
}

/// What stands in place of the rows.
fn empty<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    let words = match (&scene.mirror.processes, &scene.mirror.failure) {
        (None, Some(failure)) => column![title("The processes cannot be listed"), body(failure)],
        (None, None) => column![title("Reading the processes …")],
        (Some(_), _) if monitor.query.is_everything() => column![title("There are no processes")],
        (Some(_), _) => column![
            title("No process matches"),
            small("A part of a name or a command line, a PID, or /a regex/."),
            button::plain("Clear the search").on_press(Message::Search(String::new())),
        ],
    };
    container(words.spacing(theme::BETWEEN).align_x(Center)).padding(theme::EDGE).center(Fill).into()
}

fn line_of<'a>(monitor: &Monitor, scene: &Scene, columns: &[Column<Key>], row: &Row) -> Control<'a, Message> {
    let is_selected = monitor.selected.as_ref().is_some_and(|selected| selected.id == row.id);
    let severity = scene.mirror.alerts_of(row.id.pid, row.id.start_time).map(|alert| alert.severity).max();
    let process = scene.mirror.find(row.id);
    let cells = columns.iter().map(|column| match process {
        Some(process) => cell(monitor, scene, row, process, column.key, severity),
        None => ended(row, column.key),
    });
    let id = row.id;
    table::row_of(columns, cells.collect::<Vec<_>>(), Look { is_selected, severity })
        .on_press(Message::Select(id))
        .on_double_press(Message::Open)
        .on_context(move |at| Message::Menu(id, at))
}

fn cell<'a>(
    monitor: &Monitor,
    scene: &Scene,
    row: &Row,
    process: &Process,
    key: Key,
    severity: Option<Severity>,
) -> Element<'a, Message> {
    let is_loud = severity.is_some();
    let number = |written: String| number(written, row.is_match, is_loud);
    let total = scene.mirror.status.as_ref().and_then(|status| status.memory_total_mb).unwrap_or(f64::INFINITY);
    match key {
        Key::Name => name(monitor, row, process, severity),
        Key::Pid => number(process.pid.to_string()).into(),
        Key::Cpu => heated(number(figure::percent(process.cpu_percent)), process.cpu_percent / 100.0),
        Key::Memory => heated(number(figures::size(process.memory_mb)), process.memory_mb / total),
        Key::Runtime => number(figure::runtime(process.runtime_seconds)).into(),
        Key::State => words(process.state.letter().to_string(), row.is_match).into(),
        Key::User => words(figures::harmless(&process.user), row.is_match).into(),
        Key::Threads => number(process.threads.to_string()).into(),
        Key::Parent => number(process.ppid.to_string()).into(),
        Key::Application => {
            let application = rows::application(process).unwrap_or_default();
            words(figures::harmless(application), row.is_match).into()
        }
    }
}

/// A process that has ended while something lay over the table: its row stays until that is gone.
fn ended<'a>(row: &Row, key: Key) -> Element<'a, Message> {
    match key {
        Key::Name => container(words("ended".to_owned(), false)).padding([0.0, SHAPE + 4.0]).into(),
        Key::Pid => words(row.id.pid.to_string(), false).into(),
        Key::Cpu
        | Key::Memory
        | Key::Runtime
        | Key::State
        | Key::User
        | Key::Threads
        | Key::Parent
        | Key::Application => space::horizontal().into(),
    }
}

fn name<'a>(monitor: &Monitor, row: &Row, process: &Process, severity: Option<Severity>) -> Element<'a, Message> {
    let fold = |is_folded| {
        let mark: Control<'a, Message> = control(shape::branch(is_folded)).on_press(Message::Fold(row.id));
        mark.for_the_pointer_only().height(theme::ROW).into()
    };
    let nothing = || space::horizontal().width(SHAPE).into();
    let mark = monitor.remembered.is_tree.then(|| match row.branch {
        Branch::Leaf => nothing(),
        Branch::Open => fold(false),
        Branch::Folded(_) => fold(true),
    });
    let hidden = match row.branch {
        Branch::Folded(hidden) => Some(small(format!("+ {hidden}")).wrapping(Wrapping::None)),
        Branch::Leaf | Branch::Open => None,
    };
    let indent = space::horizontal().width(row.depth.min(DEEPEST) as f32 * INDENT);
    row![indent]
        .push(mark)
        .push(severity.map_or_else(nothing, shape::severity))
        .push(space::horizontal().width(4))
        .push(words(figures::harmless(&process.name), row.is_match))
        .push(space::horizontal().width(theme::INSIDE))
        .push(hidden)
        .align_y(Center)
        .into()
}

fn words<'a>(words: String, is_match: bool) -> Text<'a> {
    let words = body(words).wrapping(Wrapping::None);
    if is_match { words } else { words.style(theme::muted) }
}

/// A figure; one of nothing stands back, one that made an alert is bold.
fn number<'a>(written: String, is_match: bool, is_loud: bool) -> Text<'a> {
    let is_nothing = written == "0";
    let number = words(written, is_match && !is_nothing);
    if is_loud { number.font(Font { weight: font::Weight::Bold, ..Font::DEFAULT }) } else { number }
}

fn heated(cell: Text<'_>, share: f64) -> Element<'_, Message> {
    table::heated(cell, if share >= COOL { share } else { 0.0 })
}
