//! What is around every tab: the bar at the top, the banner under it, and the status bar.

mod status;

use super::widget::button::quiet_style;
use super::widget::control::Control;
use super::widget::{body, button, control, covered, line, or_nothing, shape, small, title};
use super::{Message, SEARCH, Window, lifecycle, theme};
use crate::protocol::{Status, Tab};
use crate::window::link::Missing;
use crate::window::mirror::Connection;
use iced::widget::{Row, Stack, column, container, row, space, text_input};
use iced::{Center, Element, Fill};

/// The height of the bar at the top.
const BAR: f32 = 44.0;

const TABS: [(Tab, &str); 4] =
    [(Tab::Monitor, "Monitor"), (Tab::Alerts, "Alerts"), (Tab::Whitelist, "Whitelist"), (Tab::Settings, "Settings")];

/// Draws the whole window.
pub(super) fn view(window: &Window) -> Element<'_, Message> {
    let page = container(page(window)).width(Fill).height(Fill);
    let parts =
        column![bar(window), line()].push(or_nothing(banner(window))).push(page).push(line()).push(status::bar(window));
    let overlay = overlay(window);
    Stack::new().push(covered(parts, overlay.is_some())).push(overlay).into()
}

fn page(window: &Window) -> Element<'_, Message> {
    let scene = &window.scene;
    if window.scene.mirror.status.is_none() && window.tab != Tab::Settings {
        return waiting(window);
    }
    match window.tab {
        Tab::Monitor => window.monitor.view(scene).map(Message::Monitor),
        Tab::Alerts => window.alerts.view(scene).map(Message::Alerts),
        Tab::Whitelist => window.whitelist.view(scene).map(Message::Whitelist),
        Tab::Settings => window.settings.view(&window.preferences, scene).map(Message::Settings),
    }
}

/// What a tab lays over the whole window: a menu, a question.
fn overlay(window: &Window) -> Option<Element<'_, Message>> {
    let scene = &window.scene;
    match window.tab {
        Tab::Monitor => Some(window.monitor.overlay(scene)?.map(Message::Monitor)),
        Tab::Alerts => Some(window.alerts.overlay(scene)?.map(Message::Alerts)),
        Tab::Whitelist => Some(window.whitelist.overlay(scene)?.map(Message::Whitelist)),
        Tab::Settings => Some(window.settings.overlay(scene)?.map(Message::Settings)),
    }
}

fn bar(window: &Window) -> Element<'_, Message> {
    let tabs = TABS.map(|(tab, name)| self::tab(window, tab, name));
    let bar = row![container(level(window)).width(if is_narrow(window) { 96 } else { 140 })]
        .push(Row::with_children(tabs).spacing(4))
        .push(container(search(window)).align_right(Fill))
        .push(pause(window));
    container(bar.spacing(theme::INSIDE).align_y(Center))
        .height(BAR)
        .padding([0.0, theme::EDGE])
        .center_y(BAR)
        .style(theme::raised)
        .into()
}

fn level(window: &Window) -> Element<'_, Message> {
    let status = window.scene.mirror.status.as_ref().filter(|_| window.scene.mirror.is_connected());
    let words = match status {
        None => "No contact".to_owned(),
        Some(status) if status.paused => "Paused".to_owned(),
        Some(status) if status.alert_count > 0 => format!("{} firing", status.alert_count),
        Some(status) if !status.problems.is_empty() => "A problem".to_owned(),
        Some(_) => "All quiet".to_owned(),
    };
    let shape = shape::level(status.map(|status| status.level), status.is_some_and(|status| status.paused));
    row![shape, body(words)].spacing(theme::INSIDE).align_y(Center).into()
}

fn tab<'a>(window: &'a Window, tab: Tab, name: &'a str) -> Element<'a, Message> {
    let firing = window.scene.mirror.firing.len();
    let label = if tab == Tab::Alerts && firing > 0 { format!("{name} ({firing})") } else { name.to_owned() };
    let is_shown = window.tab == tab;
    let words = body(label);
    let padding = if is_narrow(window) { theme::INSIDE } else { theme::BETWEEN };
    let button: Control<'a, Message> = control(words).padding([0.0, padding]).height(theme::CONTROL);
    button.on_press(Message::Show(tab)).style(move |colors, status| quiet_style(colors, status, is_shown)).into()
}

fn search(window: &Window) -> Element<'_, Message> {
    let (text, what) = match window.tab {
        Tab::Monitor => (window.monitor.search(), "Search processes"),
        Tab::Alerts => (window.alerts.search(), "Search alerts"),
        Tab::Whitelist | Tab::Settings => return space::horizontal().into(),
    };
    let hint = if is_narrow(window) { "Search" } else { what };
    let field = text_input(hint, text).id(SEARCH).on_input(Message::Search).style(theme::field);
    container(field.size(theme::BODY).padding([5.0, theme::INSIDE])).max_width(220).into()
}

fn pause(window: &Window) -> Option<Element<'_, Message>> {
    let is_paused = window.scene.mirror.status.as_ref()?.paused;
    let label = if is_paused { "Resume" } else { "Pause" };
    let may = window.scene.mirror.is_connected();
    Some(button::quiet(label).on_press_maybe(may.then_some(Message::Pause(!is_paused))).into())
}

/// What is wrong, and what to do about it.
fn banner(window: &Window) -> Option<Element<'_, Message>> {
    let lost =
        (window.scene.mirror.status.is_some() && !window.scene.mirror.is_connected()).then(|| connection(window));
    let status = window.scene.mirror.status.as_ref().filter(|_| lost.is_none());
    let is_shown_in_the_tab = |status: &Status, problem: &String| {
        window.tab == Tab::Settings && status.config_problem.as_ref() == Some(problem)
    };
    let problems = status
        .into_iter()
        .flat_map(|status| status.problems.iter().filter(|problem| !is_shown_in_the_tab(status, problem)).cloned());
    let sentences: Vec<String> = lost.into_iter().chain(problems).chain(window.complaint.clone()).collect();
    if sentences.is_empty() {
        return None;
    }
    let words = column(sentences.into_iter().map(|sentence| body(sentence).into())).spacing(4).width(Fill);
    let line = row![words].push(row(actions(window)).spacing(theme::INSIDE)).spacing(theme::BETWEEN).align_y(Center);
    let banner = container(line).padding([theme::INSIDE, theme::BETWEEN]).width(Fill).style(theme::banner);
    Some(container(banner).padding([theme::INSIDE, theme::EDGE]).into())
}

/// What can be done about a missing connection.
fn actions(window: &Window) -> Vec<Element<'_, Message>> {
    if window.scene.mirror.is_connected() {
        return Vec::new();
    }
    let start = (!window.crashes.are_too_many()).then(|| {
        let label = if window.scene.mirror.status.is_some() { "Restart" } else { "Start RunawayGuard" };
        button::primary(label).on_press(Message::Start).into()
    });
    start.into_iter().chain([button::plain("Try again").on_press(Message::Retry).into()]).collect()
}

/// How the connection stands, in a sentence.
fn connection(window: &Window) -> String {
    if window.crashes.are_too_many() && !window.scene.mirror.is_connected() {
        return format!("RunawayGuard ended three times within a minute. {}", lifecycle::SEE_WHY);
    }
    match &window.scene.mirror.connection {
        Connection::Connecting => "Connecting to RunawayGuard …".to_owned(),
        Connection::Connected => "Waiting for RunawayGuard's first answer …".to_owned(),
        Connection::Missing(_, Missing::Refused(why)) => why.clone(),
        Connection::Missing(_, Missing::NotRunning) if window.scene.mirror.status.is_none() => {
            "RunawayGuard is not running. Nothing is watched.".to_owned()
        }
        Connection::Missing(attempts, _) => {
            format!("The connection to RunawayGuard was lost. Attempt {attempts} of {}.", super::link::ATTEMPTS)
        }
        Connection::GaveUp => "RunawayGuard does not come back. Nothing is watched.".to_owned(),
    }
}

/// The page before anything is known.
fn waiting(window: &Window) -> Element<'_, Message> {
    let is_missing = matches!(window.scene.mirror.connection, Connection::Missing(..) | Connection::GaveUp);
    let words = column![title(connection(window))].spacing(theme::BETWEEN).align_x(Center);
    let words = if is_missing {
        words
            .push(small("It starts in the background and shows an icon in the tray."))
            .push(row(actions(window)).spacing(theme::INSIDE))
    } else {
        words
    };
    container(words).center(Fill).into()
}

fn is_narrow(window: &Window) -> bool {
    window.scene.size.width < 800.0
}
