//! The status bar: the connection, what was counted, and what the machine is under.

use crate::figures;
use crate::protocol::{Pressure, Status};
use crate::window::mirror::Connection;
use crate::window::widget::small;
use crate::window::{Message, Window, theme};
use iced::widget::{container, row, space};
use iced::{Center, Element};

/// The height of the bar.
const BAR: f32 = 28.0;

/// Less waiting than this share, in percent, is nobody's business.
const FELT: f64 = 5.0;

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

fn scanned(status: &Status, now: i64) -> Option<String> {
    let age = now.saturating_sub(status.scanned?).max(0);
    Some(if age == 0 { "just now".to_owned() } else { format!("{} ago", figures::span(age.unsigned_abs())) })
}

/// What the machine is under: CPU, memory, and pressure where there is any.
fn machine(window: &Window) -> String {
    let Some(status) = &window.scene.mirror.status else { return String::new() };
    let cpu = status.cpu_percent.map(|percent| format!("CPU {percent:.0} %"));
    [cpu, memory(status), pressure(&status.pressure)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn memory(status: &Status) -> Option<String> {
    let gibibytes = |mebibytes: f64| mebibytes / 1024.0;
    let (used, total) = (gibibytes(status.memory_used_mb?), gibibytes(status.memory_total_mb?));
    Some(format!("{used:.1} of {total:.1} GiB"))
}

/// The share of the last ten seconds in which something waited, of what waited most.
fn pressure(pressure: &Pressure) -> Option<String> {
    let waits = [("CPU", pressure.cpu_some), ("Memory", pressure.memory_some), ("Disk", pressure.io_full)];
    let felt = waits.into_iter().filter_map(|(what, share)| Some((what, share.filter(|share| *share >= FELT)?)));
    let (what, share) = felt.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    Some(format!("{what} pressure {share:.0} %"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_pressure_is_told_where_it_is_felt() {
        let none = Pressure { cpu_some: Some(0.4), memory_some: None, memory_full: None, io_full: Some(0.0) };
        assert_eq!(pressure(&none), None);
        let disk = Pressure { io_full: Some(31.2), cpu_some: Some(12.0), ..none };
        assert_eq!(pressure(&disk).as_deref(), Some("Disk pressure 31 %"));
    }
}
