//! What a replay tells: alerts as they begin, worsen and end.

use crate::process::Pid;
use crate::protocol::{Evidence, Reason, Severity};
use serde::Serialize;
use serde_json::Number;

/// What an alert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was raised.
    Begun,
    /// It became critical.
    Worsened,
    /// It ended.
    Ended,
}

/// One turn of one alert: a line of `replay --json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// The line's `at`, to the millisecond.
    pub at: Number,
    /// What the alert did.
    pub event: What,
    /// The alert's id: from 1, in the order in which they began.
    pub id: i64,
    /// The process id.
    pub pid: Pid,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// The process's name.
    pub name: String,
    /// The id of the application it belongs to; null where it belongs to none.
    pub app: Option<String>,
    /// Pid and start time of each process that the alert is about.
    pub members: Vec<(Pid, u64)>,
    /// The rule that it broke.
    pub reason: Reason,
    /// How bad it is.
    pub severity: Severity,
    /// One line for people.
    pub summary: String,
    /// The figures that the verdict stood on.
    pub evidence: Evidence,
}
