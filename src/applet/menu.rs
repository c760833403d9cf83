//! What the tray's menu and tooltip say: functions of what people are shown, without any D-Bus.

mod text;

use crate::applet::Event;
use crate::core::view::{Firing, Pause};
use crate::core::{Action, Origin, View};
use crate::protocol::request::PauseMonitoring;
use crate::protocol::{Level, Request, Severity, Tab};

/// How many alerts the menu lists; the window has the rest.
pub const MOST_ALERTS: usize = 10;

/// One entry of the menu.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A line that does nothing.
    Label(String),
    /// A line that does something.
    Action {
        /// What it says.
        label: String,
        /// Whether it may be chosen now.
        enabled: bool,
        /// What it does.
        command: Command,
    },
    /// A line that opens further ones.
    Submenu {
        /// What it says.
        label: String,
        /// How bad the alert is that it stands for.
        severity: Option<Severity>,
        /// The further ones.
        items: Vec<Item>,
    },
    /// A line with a check mark.
    Check {
        /// What it says.
        label: String,
        /// Whether the mark is there.
        checked: bool,
        /// What it does.
        command: Command,
    },
    /// A line between groups.
    Separator,
}

/// What an entry of the menu does.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something to the process of an alert.
    Act(i64, Action),
    /// Something that the socket knows too.
    Ask(Request),
    /// Opens the window, at a tab.
    OpenWindow(Option<Tab>),
    /// Starts at login from now on, or no more.
    SetAutostart(bool),
    /// Ends the applet.
    Quit,
}

/// What is shown while the pointer rests on the icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tooltip {
    /// The first line.
    pub title: String,
    /// What is under it; may be empty.
    pub body: String,
}

impl From<Command> for Event {
    fn from(command: Command) -> Self {
        match command {
            Command::Act(alert, action) => Self::Act { alert, action, origin: Origin::Tray },
            Command::Ask(request) => Self::Menu(request),
            Command::OpenWindow(tab) => Self::OpenWindow(tab),
            Command::SetAutostart(on) => Self::SetAutostart(on),
            Command::Quit => Self::Quit,
        }
    }
}

/// Makes the menu. `autostart` is None where it cannot be told, `now` is in Unix seconds.
#[must_use]
pub fn menu(view: &View, autostart: Option<bool>, now: i64) -> Vec<Item> {
    let mut items = vec![Item::Label(status(view, now))];
    items.extend(view.problems.iter().flat_map(|problem| text::lines(problem)).map(Item::Label));
    items.push(Item::Separator);
    items.extend(alerts(&view.alerts));
    items.push(match view.pause {
        Some(_) => action("Resume monitoring", Command::Ask(Request::ResumeMonitoring)),
        None => pause(),
    });
    items.push(Item::Separator);
    items.push(action("Open window", Command::OpenWindow(None)));
    items.push(action("Settings", Command::OpenWindow(Some(Tab::Settings))));
    items.extend(autostart.map(|checked| Item::Check {
        label: "Start at login".into(),
        checked,
        command: Command::SetAutostart(!checked),
    }));
    items.push(Item::Separator);
    items.push(action("Quit", Command::Quit));
    items
}

/// Makes the tooltip: how things are, or the worst alert.
#[must_use]
pub fn tooltip(view: &View) -> Tooltip {
    let (title, body) = match (view.pause, view.alerts.as_slice()) {
        (Some(Pause::UntilResumed), _) => ("Monitoring is paused".into(), "It goes on once you resume it.".into()),
        (Some(Pause::Until(_)), _) => ("Monitoring is paused".into(), "It goes on by itself.".into()),
        (None, []) => (state(view), view.problems.join("\n")),
        (None, [worst]) => (text::shortened(&worst.title), worst.alert.summary.clone()),
        (None, [worst, more @ ..]) => {
            (format!("{} and {} more", text::shortened(&worst.title), more.len()), worst.alert.summary.clone())
        }
    };
    Tooltip { title: text::without_markup(&title), body: text::without_markup(&body) }
}

fn status(view: &View, now: i64) -> String {
    match view.pause {
        Some(Pause::UntilResumed) => "Paused".into(),
        Some(Pause::Until(end)) => format!("Paused · {} left", minutes(end - now)),
        None => state(view),
    }
}

fn state(view: &View) -> String {
    let Some(processes) = view.process_count else { return "The first scan has not ended yet".into() };
    let state = match (view.alerts.len(), view.level) {
        (0, Level::Green) => "All quiet".into(),
        (0, Level::Yellow | Level::Red) => text::count(view.problems.len(), "problem", "problems"),
        (alerts, _) => text::count(alerts, "alert", "alerts"),
    };
    format!("{state} · {}", text::count(processes, "process", "processes"))
}

/// Says how long, in whole minutes rounded up.
fn minutes(seconds: i64) -> String {
    let minutes = (seconds.max(1) + 59) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn alerts(alerts: &[Firing]) -> Vec<Item> {
    if alerts.is_empty() {
        return Vec::new();
    }
    let mut items: Vec<Item> = alerts.iter().take(MOST_ALERTS).map(alert).collect();
    if alerts.len() > MOST_ALERTS {
        let more = format!("… and {} more", alerts.len() - MOST_ALERTS);
        items.push(action(&more, Command::OpenWindow(Some(Tab::Alerts))));
    }
    items.push(action("Clear alerts", Command::Ask(Request::ClearAlerts)));
    items.push(Item::Separator);
    items
}

fn alert(firing: &Firing) -> Item {
    let alert = &firing.alert;
    let act = |label: &str, action, enabled| Item::Action {
        label: label.into(),
        enabled,
        command: Command::Act(alert.id, action),
    };
    let pause = if firing.stopped { ("Continue", Action::Continue) } else { ("Pause", Action::Pause) };
    Item::Submenu {
        label: text::shortened(&firing.title),
        severity: Some(alert.severity),
        items: vec![
            Item::Label(format!("{} ({})", text::shortened(&alert.name), alert.pid)),
            act("Kill", Action::Kill, firing.reach.kills()),
            act(pause.0, pause.1, firing.reach.pauses()),
            act("Whitelist", Action::Whitelist, true),
            act("Dismiss", Action::Dismiss, true),
        ],
    }
}

fn pause() -> Item {
    let pause = |label, seconds| action(label, Command::Ask(Request::PauseMonitoring(PauseMonitoring { seconds })));
    Item::Submenu {
        label: "Pause monitoring".into(),
        severity: None,
        items: vec![
            pause("For 15 minutes", Some(15 * 60)),
            pause("For 1 hour", Some(60 * 60)),
            pause("Until resumed", None),
        ],
    }
}

fn action(label: &str, command: Command) -> Item {
    Item::Action { label: label.into(), enabled: true, command }
}

#[cfg(test)]
pub(super) mod tests;
