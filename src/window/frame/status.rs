//! The status bar: the connection, what was counted, and what the machine is under.

use crate::figures;
use crate::protocol::Status;
use crate::window::mirror::Connection;
use crate::window::widget::small;
use crate::window::{Message, Window, theme};
use iced::widget::{container, row, space};
use iced::{Center, Element};

/// The height of the bar.
const BAR: f32 = 28.0;

/// Draws the bar.
pub(super) fn bar(window: &Window) -> Element<'_, Message> {
    let words = row![small(guard(window)), space::horizontal(), small(machine(window))];
    let words = words.spacing(theme::BETWEEN).align_y(Center);
    container(words).height(BAR).center_y(BAR).padding([0.0, theme::EDGE]).style(theme::raised).into()
}

fn guard(window: &Window) -> String {
    let connection = match window.scene.mirror.connection {
        Connection::Connected => "Connected",
        Connection::Connecting => "Connecting",
        Connection::Missing(..) | Connection::GaveUp => "Not connected",
    };
    let Some(status) = &window.scene.mirror.status else { return connection.to_owned() };
    let counted = [
        Some(connection.to_owned()),
        Some(count(status.monitored_count, "process", "processes")),
        Some(count(status.alert_count, "alert", "alerts")),
        scanned(status, window.scene.now),
    ];
    counted.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn scanned(_status: &Status, _now: i64) -> Option<String> {
    None
}

fn machine(_window: &Window) -> String {
    let _ = figures::span;
    String::new()
}
