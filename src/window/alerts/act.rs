//! What can be done about an alert, what is asked for it, and what is said of it.

use super::{Pick, words};
use crate::process::State;
use crate::protocol::request::{ActOnAlert, AddWhitelist, KillProcess, SignalName};
use crate::protocol::{Action, Alert, AlertState, MatchType, Process, Request};
use crate::window::Scene;
use crate::window::widget::menu::{Entry, destructive, entry};

/// What a button or an entry of the menu does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ask the process to end.
    Terminate,
    /// Stop it.
    Pause,
    /// Let it go on.
    Continue,
    /// Never alert about it again; for one that ended, by its name or by its command line.
    Whitelist(MatchType),
    /// Wave the alert away.
    Dismiss,
    /// Show the process among the others.
    Show,
    /// Copy its command line.
    Copy,
}

/// What is known of an alert's process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Life<'a> {
    /// No list of processes has come.
    Unknown,
    /// It lives.
    Lives(&'a Process),
    /// It has ended.
    Gone,
}

/// Looks for the process of an alert; another one that has its pid now is not it.
pub(super) fn life<'a>(alert: &Alert, scene: &'a Scene) -> Life<'a> {
    let process = scene.mirror.process(alert.pid).filter(|process| process.start_time == alert.start_time);
    match (process, &scene.mirror.processes) {
        (Some(process), _) => Life::Lives(process),
        (None, Some(_)) => Life::Gone,
        (None, None) => Life::Unknown,
    }
}

impl Life<'_> {
    /// Gives what would change the pause.
    pub(super) fn pause(self) -> Act {
        match self {
            Self::Lives(process) if process.state == State::Stopped => Act::Continue,
            Self::Lives(_) | Self::Unknown | Self::Gone => Act::Pause,
        }
    }
}

impl Act {
    /// Tells whether it can be done now.
    pub(super) fn is_possible(self, alert: &Alert, scene: &Scene) -> bool {
        let is_firing = alert.state == AlertState::Firing;
        let is_connected = scene.mirror.is_connected();
        let life = life(alert, scene);
        match self {
            Self::Terminate | Self::Pause | Self::Continue => is_connected && (is_firing || life != Life::Gone),
            Self::Whitelist(MatchType::Cmdline) => is_connected && !alert.cmdline.is_empty(),
            Self::Whitelist(MatchType::Name | MatchType::Regex) => is_connected,
            Self::Dismiss => is_connected && is_firing,
            Self::Show => matches!(life, Life::Lives(_)),
            Self::Copy => !alert.cmdline.is_empty(),
        }
    }

    /// Gives what the applet is asked; None where that is nothing.
    pub(super) fn request(self, alert: &Alert) -> Option<Request> {
        let is_firing = alert.state == AlertState::Firing;
        let act = |action| Some(Request::ActOnAlert(ActOnAlert { id: alert.id, action, ask: action == Action::Kill }));
        match (self, is_firing) {
            (Self::Terminate, true) => act(Action::Kill),
            (Self::Pause, true) => act(Action::Pause),
            (Self::Continue, true) => act(Action::Continue),
            (Self::Whitelist(_), true) => act(Action::Whitelist),
            (Self::Dismiss, _) => act(Action::Dismiss),
            (Self::Terminate, false) => Some(signal(alert, "SIGTERM")),
            (Self::Pause, false) => Some(signal(alert, "SIGSTOP")),
            (Self::Continue, false) => Some(signal(alert, "SIGCONT")),
            (Self::Whitelist(match_type), false) => Some(whitelist(alert, match_type)),
            (Self::Show | Self::Copy, _) => None,
        }
    }

    /// Says what is under way once the applet has taken it on.
    pub(super) fn taken_on(self, alert: &Alert) -> String {
        let process = words::process(alert);
        match self {
            Self::Terminate => format!("{process} was asked to end."),
            Self::Pause => format!("{process} is paused."),
            Self::Continue => format!("{process} goes on."),
            Self::Whitelist(_) => format!("No more alerts about {}.", crate::figures::harmless(&alert.name)),
            Self::Dismiss => "Dismissed. It stays quiet until it has calmed down.".to_owned(),
            Self::Show => String::new(),
            Self::Copy => "Copied.".to_owned(),
        }
    }
}

/// Gives the entries of the menu of an alert.
pub(super) fn entries(alert: &Alert, scene: &Scene) -> Vec<Entry<Pick>> {
    let possible = |act: Act| act.is_possible(alert, scene).then_some(Pick::Act(act));
    let pause = life(alert, scene).pause();
    let pause_label = if pause == Act::Continue { "Continue" } else { "Pause" };
    let mut entries = vec![
        destructive("Terminate …", "", possible(Act::Terminate)),
        entry(pause_label, "", possible(pause)),
        Entry::Line,
    ];
    let by_name = possible(Act::Whitelist(MatchType::Name));
    if alert.state == AlertState::Firing {
        entries.extend([entry("Whitelist", "", by_name), entry("Dismiss", "Del", possible(Act::Dismiss))]);
    } else {
        let by_command_line = possible(Act::Whitelist(MatchType::Cmdline));
        entries.push(entry("Whitelist by name", "", by_name));
        entries.push(entry("Whitelist by command line", "", by_command_line));
    }
    let show = entry("Show process", "", possible(Act::Show));
    entries.extend([Entry::Line, show, entry("Copy command line", "", possible(Act::Copy))]);
    entries
}

fn signal(alert: &Alert, name: &str) -> Request {
    Request::KillProcess(KillProcess {
        pid: alert.pid.into(),
        signal: SignalName::Name(name.to_owned()),
        start_time: Some(alert.start_time),
        ask: name == "SIGTERM",
    })
}

fn whitelist(alert: &Alert, match_type: MatchType) -> Request {
    let pattern = match match_type {
        MatchType::Name | MatchType::Regex => alert.name.clone(),
        MatchType::Cmdline => alert.cmdline.clone(),
    };
    let reason = format!("from the alert: {}", alert.title.as_ref().unwrap_or(&alert.summary));
    Request::AddWhitelist(AddWhitelist { pattern, match_type, reason: Some(reason) })
}
