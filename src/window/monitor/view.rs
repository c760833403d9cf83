//! How the tab is put together: a bar, the table, and the details beside it or over it.

use super::{Message, Monitor, details, is_wide, list};
use crate::window::widget::select::select;
use crate::window::widget::{button, line, small, upright};
use crate::window::{Scene, theme};
use iced::widget::{Stack, column, container, opaque, row, space};
use iced::{Center, Element, Fill, Point};

/// The height of the bar over the table.
const BAR: f32 = 40.0;

/// The width of the details.
pub(super) const DETAILS: f32 = 300.0;

const SHAPES: [(bool, &str); 2] = [(false, "List"), (true, "Tree")];

/// Draws the tab.
pub(super) fn view<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    let has_details = monitor.has_details(scene);
    let outcome = monitor.outcome.as_ref().filter(|_| !has_details);
    let outcome = outcome.map(|outcome| {
        let sentence = container(outcome.view()).padding([theme::INSIDE, theme::EDGE]).width(Fill);
        column![line(), sentence]
    });
    let list = list::view(monitor, scene);
    let details = has_details.then(|| row![upright(), details::view(monitor, scene)].width(DETAILS));
    if is_wide(scene) {
        return row![column![bar(monitor, scene), list].push(outcome).width(Fill)].push(details).into();
    }
    let over = details.map(|details| row![space::horizontal(), opaque(container(details).style(theme::page))]);
    column![bar(monitor, scene), Stack::new().push(list).push(over).height(Fill)].push(outcome).into()
}

fn bar<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    let shape = select("shape", &SHAPES, monitor.remembered.is_tree, Some(Message::Tree));
    let has_details = monitor.has_details(scene);
    let columns = button::quiet("Columns").on_open(|corner| Message::Columns(Point::new(corner.x, corner.y + 4.0)));
    let details = button::choice("Details", has_details).on_press(Message::Details(!has_details));
    let parts = row![shape, container(told(monitor, scene)).width(Fill).clip(true), columns, details];
    let parts = parts.spacing(theme::INSIDE).align_y(Center);
    container(parts).height(BAR).center_y(BAR).padding([0.0, theme::INSIDE]).into()
}

/// Says how many are shown, or why the search cannot be made.
fn told<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    if let Some(refusal) = &monitor.refusal {
        return small(refusal).style(theme::wrong).into();
    }
    let all = super::processes(scene).len();
    if monitor.query.is_everything() || all == 0 {
        return space::horizontal().into();
    }
    let found = monitor.rows.iter().filter(|row| row.is_match).count();
    small(format!("{found} of {all}")).into()
}
