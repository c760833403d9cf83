//! What people are shown at this moment: the tray and the notifications are functions of this value.

use crate::protocol::{Alert, Level, Severity};

/// Everything that the tray, its menu and the notifications show.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The tray's colour, unless paused.
    pub level: Level,
    /// The pause, where there is one.
    pub pause: Option<Pause>,
    /// How many processes the last scan saw; None before the first.
    pub process_count: Option<usize>,
    /// The firing alerts, worst first, then oldest first.
    pub alerts: Vec<Firing>,
    /// What is wrong with the guard itself, a sentence each.
    pub problems: Vec<String>,
    /// The notifications that should be open, oldest first: at most one an alert.
    pub notices: Vec<Notice>,
}

/// A pause of monitoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Until somebody resumes.
    UntilResumed,
    /// Until this time, in Unix seconds.
    Until(i64),
}

/// A firing alert as the tray shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The alert.
    pub alert: Alert,
    /// `Firefox is using 1.4 cores`.
    pub title: String,
    /// Whether its process is stopped now: the menu offers Continue in place of Pause.
    pub stopped: bool,
    /// Whether the user may kill and pause it: false for protected processes.
    pub may_signal: bool,
}

/// A notification that should be open.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The alert that it follows; with it the notification keeps its place as the text changes.
    pub alert: i64,
    /// The first line.
    pub title: String,
    /// The sentence under it.
    pub body: String,
    /// What the notification is about.
    pub kind: NoticeKind,
    /// Whether Kill and Pause are among its buttons.
    pub may_signal: bool,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A firing alert, with buttons.
    Alert(Severity),
    /// What came of an action: no buttons, and it goes away by itself.
    Outcome,
}
