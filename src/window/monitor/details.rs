//! All that is known of the selected process, and what can be done about it.

use super::act::Act;
use super::explained::Explained;
use super::selected::{SPAN, Selected};
use super::{Message, Monitor, figure, rows};
use crate::figures;
use crate::process::Id;
use crate::protocol::{Alert, HistoryPoint, Process, Severity};
use crate::window::theme::Colors;
use crate::window::widget::chart::{Series, chart};
use crate::window::widget::control::{Status, Style};
use crate::window::widget::{body, button, control, line, shape, small, title};
use crate::window::{Scene, clock, theme};
use iced::widget::text::Wrapping;
use iced::widget::{Column, column, container, row, scrollable};
use iced::{Center, Element, Fill, border};

/// The width of the labels of facts.
const LABEL: f32 = 84.0;

/// The name of the part that scrolls.
pub(super) const TOLD: &str = "details";

/// How many ancestors are named.
const ANCESTORS: usize = 6;

/// Draws the panel.
pub(super) fn view<'a>(monitor: &'a Monitor, scene: &'a Scene) -> Element<'a, Message> {
    let Some(selected) = &monitor.selected else {
        return container(small("Select a process to see what is known of it."))
            .padding(theme::EDGE)
            .center(Fill)
            .into();
    };
    let told = column![heading(monitor, selected)]
        .push(alerts(selected, scene))
        .push(monitor.explained.as_ref().map(Explained::view))
        .push(charts(selected, scene))
        .push(command_line(selected))
        .push(facts(selected, scene))
        .spacing(theme::BETWEEN);
    let told = scrollable(container(told).padding(theme::EDGE).width(Fill)).id(TOLD).style(theme::scroll).height(Fill);
    let outcome = monitor.outcome.as_ref().map(super::Outcome::view);
    let below = column![actions(selected)].push(outcome).spacing(theme::INSIDE);
    column![told, line(), container(below).padding([theme::BETWEEN, theme::EDGE]).width(Fill)].into()
}

fn heading<'a>(monitor: &Monitor, selected: &Selected) -> Element<'a, Message> {
    let process = &selected.process;
    let name = figures::harmless(&process.name);
    let application = rows::application(process).map(figures::harmless).filter(|application| *application != name);
    let (first, second) = match application {
        Some(application) => (application, format!("{name} · {}", process.pid)),
        None => (name, process.pid.to_string()),
    };
    let ended = selected.has_ended.then(|| row![shape::unknown(), body("It has ended.")].spacing(4).align_y(Center));
    let second = small(second).wrapping(Wrapping::WordOrGlyph);
    let names = column![title(first).wrapping(Wrapping::WordOrGlyph), second].push(ended).spacing(4).width(Fill);
    let explain = button::choice("Explain", monitor.explained.is_some()).on_press(Message::Act(Act::Explain));
    row![names, explain.id("explain")].spacing(theme::INSIDE).into()
}

/// The alerts that fire about it; a click goes to their tab.
fn alerts<'a>(selected: &Selected, scene: &'a Scene) -> Option<Element<'a, Message>> {
    let alerts: Vec<_> = scene.mirror.alerts_of(selected.id.pid, selected.id.start_time).map(alert).collect();
    (!alerts.is_empty()).then(|| Column::with_children(alerts).spacing(4).into())
}

fn alert(alert: &Alert) -> Element<'_, Message> {
    let severity = alert.severity;
    let summary = body(figures::harmless(&alert.summary)).width(Fill).wrapping(Wrapping::WordOrGlyph);
    control(row![shape::severity(severity), summary].spacing(theme::INSIDE))
        .padding(theme::INSIDE)
        .on_press(Message::Alerts)
        .width(Fill)
        .style(move |colors, status| alert_style(colors, status, severity))
        .into()
}

fn alert_style(colors: &Colors, status: Status, severity: Severity) -> Style {
    let ground = match severity {
        Severity::Warning => colors.warning_ground,
        Severity::Critical => colors.critical_ground,
    };
    let outline = if matches!(status, Status::Hovered | Status::Pressed) { 1.0 } else { 0.0 };
    let border = border::rounded(theme::CORNER).width(outline).color(colors.severity(severity));
    Style { background: Some(ground.into()), text: None, border }
}

fn charts<'a>(selected: &Selected, scene: &Scene) -> Element<'a, Message> {
    let end = selected.points.last().map_or(scene.now, |last| last.at.max(scene.now));
    let series = |figure: fn(&HistoryPoint) -> f64, top: f64| Series {
        points: selected.points.iter().map(|point| (point.at as f64, figure(point))).collect(),
        begin: (end - SPAN) as f64,
        end: end as f64,
        top,
    };
    let process = &selected.process;
    let cpu = chart("CPU, 5 min", figure::percent(process.cpu_percent), series(|point| point.cpu_percent, 100.0));
    let most = selected.points.iter().fold(1.0, |most: f64, point| most.max(point.memory_mb));
    let memory = chart("Memory", figures::size(process.memory_mb), series(|point| point.memory_mb, most * 1.25));
    column![cpu, memory].spacing(theme::INSIDE).into()
}

fn facts<'a>(selected: &Selected, scene: &'a Scene) -> Element<'a, Message> {
    let process = &selected.process;
    let started = scene.now.saturating_sub_unsigned(process.runtime_seconds);
    let state = format!("{} ({})", figure::state(process.state), process.state.letter());
    let state = if selected.has_ended { "Ended".to_owned() } else { state };
    let facts = [
        ("State", state),
        ("Owner", format!("{} ({})", figures::harmless(&process.user), process.uid)),
        ("Threads", process.threads.to_string()),
        ("Running for", figures::span(process.runtime_seconds)),
        ("Started", clock::moment(started)),
    ];
    let facts = facts.map(|(label, value)| fact(label, body(value).width(Fill).wrapping(Wrapping::WordOrGlyph)));
    Column::with_children(facts).push(parents(selected, scene)).spacing(4).into()
}

fn fact<'a>(label: &'a str, value: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    row![container(small(label)).width(LABEL).padding([2, 0]), value.into()].into()
}

/// The chain of its parents, nearest first; a click selects one.
fn parents<'a>(selected: &Selected, scene: &'a Scene) -> Option<Element<'a, Message>> {
    let parents: Vec<_> = ancestors(selected.id, scene).skip(1).take(ANCESTORS).map(parent).collect();
    (!parents.is_empty()).then(|| fact("Parents", Column::with_children(parents).spacing(2)))
}

fn parent(process: &Process) -> Element<'_, Message> {
    let name = format!("{} ({})", figures::harmless(&process.name), process.pid);
    control(body(name).style(theme::accented)).on_press(Message::Select(rows::id(process))).into()
}

/// Gives a process and its ancestors, as far as they are there. Nobody is met twice: each is as old as the one before.
pub(super) fn ancestors(id: Id, scene: &Scene) -> impl Iterator<Item = &Process> {
    let parent = |process: &&Process| {
        let parent = scene.mirror.process(process.ppid)?;
        let is_before = (parent.start_time, parent.pid) < (process.start_time, process.pid);
        is_before.then_some(parent)
    };
    std::iter::successors(scene.mirror.find(id), parent)
}

fn command_line<'a>(selected: &Selected) -> Option<Element<'a, Message>> {
    let process = &selected.process;
    if process.cmdline.is_empty() {
        return None;
    }
    let words = body(figures::harmless(&process.cmdline)).wrapping(Wrapping::WordOrGlyph);
    let copy = button::quiet("Copy").on_press(Message::Act(Act::CopyCommandLine));
    let head = row![small("Command line").width(Fill), copy].align_y(Center);
    Some(column![head, words].spacing(4).into())
}

fn actions<'a>(selected: &Selected) -> Element<'a, Message> {
    let (process, has_ended) = (&selected.process, selected.has_ended);
    let press = |act: Act| act.is_possible(process, has_ended).then_some(Message::Act(act));
    let (label, pause) = if process.state.is_stopped() { ("Continue", Act::Continue) } else { ("Pause", Act::Pause) };
    row![
        button::destructive("Kill").on_press_maybe(press(Act::Kill)).id("kill"),
        button::plain(label).on_press_maybe(press(pause)).id("pause"),
        button::plain("Whitelist").on_press_maybe(press(Act::AllowName)).id("whitelist"),
    ]
    .spacing(theme::INSIDE)
    .into()
}
