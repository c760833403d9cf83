//! All that is known of one alert, and what can be done about it.

use super::act::{self, Act, Life};
use super::view::label;
use super::{Alerts, Chart, Message, words};
use crate::figures;
use crate::process::State;
use crate::protocol::{Alert, AlertState, HistoryPoint, MatchType};
use crate::window::widget::chart::{Series, chart};
use crate::window::widget::{body, button, line, shape, small, title};
use crate::window::{Scene, clock, theme};
use iced::widget::text::Wrapping;
use iced::widget::{Column, Row, column, container, row, scrollable, text};
use iced::{Element, Fill};

/// The width of the labels of figures.
const LABEL: f32 = 84.0;

/// Draws the details beside the table.
pub(super) fn panel<'a>(alerts: &'a Alerts, alert: &'a Alert, scene: &'a Scene) -> Element<'a, Message> {
    let told = scrollable(container(told(alerts, alert, scene)).padding(theme::EDGE)).style(theme::scroll);
    let actions = container(actions(alerts, alert, scene)).padding([theme::BETWEEN, theme::EDGE]);
    column![container(told).height(Fill), line(), actions].into()
}

/// Draws the details in place of the table, where there is no room for both.
pub(super) fn page<'a>(alerts: &'a Alerts, alert: &'a Alert, scene: &'a Scene) -> Element<'a, Message> {
    let back = button::quiet("Back to the list").on_press(Message::Back);
    let back = container(back).padding([theme::INSIDE, theme::INSIDE]);
    column![back, line(), panel(alerts, alert, scene)].into()
}

fn told<'a>(alerts: &'a Alerts, alert: &'a Alert, scene: &'a Scene) -> Element<'a, Message> {
    let headline = figures::harmless(alert.title.as_ref().unwrap_or(&alert.summary));
    let severity = row![shape::severity(alert.severity), body(about(alert))].spacing(theme::INSIDE);
    let lead = alert.title.as_ref().map(|_| body(figures::harmless(&alert.summary)).wrapping(Wrapping::WordOrGlyph));
    column![title(headline).wrapping(Wrapping::WordOrGlyph), severity]
        .push(lead)
        .push(facts(alert, scene))
        .push(charts(alerts.chart.as_ref(), alert))
        .push(command_line(alert, scene))
        .spacing(theme::BETWEEN)
        .into()
}

fn about(alert: &Alert) -> String {
    format!("{} · {}", words::severity(alert.severity), words::reason(alert.reason))
}

fn facts<'a>(alert: &'a Alert, scene: &'a Scene) -> Element<'a, Message> {
    let ended = alert.ended.map(|ended| ("Ended", clock::moment(ended)));
    let done = alert.action.as_deref().map(|action| ("Done", words::action(action)));
    let state = ended.is_none().then(|| ("State", words::state(alert).to_owned()));
    let facts = [("Process", words::process(alert)), ("Began", clock::moment(alert.timestamp))].into_iter();
    let facts = facts.chain(ended).chain(state).chain([("Lasted", words::lasted(alert, scene.now))]);
    let facts = facts.chain(words::evidence(&alert.evidence)).chain(done).chain(now(alert, scene));
    let rows = facts.map(|(label, value)| {
        let label = container(small(label)).width(LABEL).padding([2, 0]);
        row![label, body(value).wrapping(Wrapping::WordOrGlyph).width(Fill)].into()
    });
    Column::with_children(rows).spacing(4).into()
}

/// Says how the process is now.
fn now(alert: &Alert, scene: &Scene) -> Option<(&'static str, String)> {
    let words = match act::life(alert, scene) {
        Life::Unknown => return None,
        Life::Gone => "The process has ended".to_owned(),
        Life::Lives(process) if process.state == State::Stopped => "It is paused".to_owned(),
        Life::Lives(process) => {
            format!("It runs: {} %, {}", figures::percent(process.cpu_percent), figures::size(process.memory_mb))
        }
    };
    Some(("Now", words))
}

fn charts<'a>(known: Option<&Chart>, alert: &Alert) -> Option<Element<'a, Message>> {
    let chart = known.filter(|chart| chart.alert == alert.id)?;
    let words = match (&chart.failure, &chart.points[..]) {
        (Some(failure), _) => format!("What it used cannot be read: {}", figures::harmless(failure)),
        (None, []) if chart.is_waiting => "Reading what it used …".to_owned(),
        (None, [] | [_]) => "What it used was not kept.".to_owned(),
        (None, [first, .., last]) => return Some(two_charts(&chart.points, *first, *last)),
    };
    Some(small(words).into())
}

fn two_charts<'a>(points: &[HistoryPoint], first: HistoryPoint, last: HistoryPoint) -> Element<'a, Message> {
    let series = |figure: fn(&HistoryPoint) -> f64, top| Series {
        points: points.iter().map(|point| (point.at as f64, figure(point))).collect(),
        begin: first.at as f64,
        end: last.at as f64,
        top,
    };
    let cpu = chart("CPU", format!("{:.0} %", last.cpu_percent), series(|point| point.cpu_percent, 100.0));
    let memory = chart("Memory", figures::size(last.memory_mb), series(|point| point.memory_mb, 1.0));
    column![cpu, memory].spacing(theme::BETWEEN).into()
}

fn command_line<'a>(alert: &'a Alert, scene: &Scene) -> Option<Element<'a, Message>> {
    if alert.cmdline.is_empty() {
        return None;
    }
    let words = body(figures::harmless(&alert.cmdline)).wrapping(Wrapping::WordOrGlyph);
    let copy = offer(Act::Copy, alert, scene);
    Some(column![small("Command line"), words, copy].spacing(4).into())
}

fn actions<'a>(alerts: &'a Alerts, alert: &'a Alert, scene: &'a Scene) -> Element<'a, Message> {
    let buttons = if alerts.is_choosing { ways_to_whitelist(alert, scene) } else { buttons(alert, scene) };
    let question = alerts.is_choosing.then(|| small("Never alert again about processes"));
    let note = alerts.note.as_ref().filter(|note| note.alert == Some(alert.id)).map(|note| {
        text(&*note.sentence).size(theme::SMALL).style(if note.is_wrong { theme::wrong } else { theme::muted })
    });
    let buttons = Row::with_children(buttons).spacing(theme::INSIDE).wrap().vertical_spacing(theme::INSIDE);
    column![].push(question).push(buttons).push(note).spacing(theme::INSIDE).width(Fill).into()
}

fn buttons<'a>(alert: &'a Alert, scene: &Scene) -> Vec<Element<'a, Message>> {
    let whitelist = Act::Whitelist(MatchType::Name);
    let pause = act::life(alert, scene).pause();
    let is_firing = alert.state == AlertState::Firing;
    let terminate = button::destructive(label(Act::Terminate)).on_press_maybe(press(Act::Terminate, alert, scene));
    let mut buttons = vec![terminate.into(), offer(pause, alert, scene)];
    if is_firing {
        buttons.extend([offer(whitelist, alert, scene), offer(Act::Dismiss, alert, scene)]);
    } else {
        let choose = scene.mirror.is_connected().then_some(Message::ChooseWhitelist(true));
        buttons.push(button::plain("Whitelist …").on_press_maybe(choose).into());
    }
    buttons.push(offer(Act::Show, alert, scene));
    buttons
}

/// The whitelist may know a process that is not firing by its name or by its command line.
fn ways_to_whitelist<'a>(alert: &'a Alert, scene: &Scene) -> Vec<Element<'a, Message>> {
    let name: String = figures::harmless(&alert.name).chars().take(24).collect();
    let way = |label: String, match_type| {
        button::plain(label).on_press_maybe(press(Act::Whitelist(match_type), alert, scene)).into()
    };
    vec![
        way(format!("Named {name}"), MatchType::Name),
        way("With this command line".to_owned(), MatchType::Cmdline),
        button::quiet("Cancel").on_press(Message::ChooseWhitelist(false)).into(),
    ]
}

fn offer<'a>(act: Act, alert: &Alert, scene: &Scene) -> Element<'a, Message> {
    button::plain(label(act)).on_press_maybe(press(act, alert, scene)).into()
}

fn press(act: Act, alert: &Alert, scene: &Scene) -> Option<Message> {
    act.is_possible(alert, scene).then_some(Message::Act(act))
}
