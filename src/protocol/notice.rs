//! Notifications as a client shows them, and what their buttons do.

use serde::{Deserialize, Serialize};

/// What a user may do to the process of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Ask it to end, and end it where it does not.
    Kill,
    /// Stop it until it is continued.
    Pause,
    /// Let a stopped one go on.
    Continue,
    /// Never alert about it again.
    Whitelist,
    /// Wave this alert away.
    Dismiss,
}

/// A notification that should be open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The alert that it follows, and its place among the notices as its text changes; 0 is about the guard itself, and -1
    /// stands for further alerts.
    pub alert: i64,
    /// The first line.
    pub title: String,
    /// The sentence under it; it may be empty.
    pub body: String,
    /// What it is about.
    pub kind: NoticeKind,
    /// Its buttons, in their order, for `act_on_alert`.
    pub actions: Vec<Action>,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// An alert that is a warning.
    Warning,
    /// An alert that is critical.
    Critical,
    /// What came of an action: no buttons, and it goes away by itself.
    Outcome,
}
