//! The words of the socket: requests, replies and pushes, each one JSON object on a line.
//!
//! These types are the wire's documentation; `protocol/README.md` shows each message. The protocol grows only by adding: a
//! client skips keys and types that it does not know.

pub mod codec;
mod explanation;
mod notice;
mod outcome;
pub mod request;
mod status;
#[cfg(test)]
mod tests;

pub use explanation::{Explanation, GroupKind, GroupStanding, Standing, StandingState};
pub use notice::{Action, Notice, NoticeKind};
pub use outcome::Outcome;
pub use request::{Request, RequestId, Tab};
pub use status::{Hello, Level, Pressure, Status};

use crate::process::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version that `hello` tells.
pub const VERSION: u32 = 1;

/// A process as `list_processes` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// The kernel's name of it, or the longer one of its executable.
    pub name: String,
    /// The command line with secrets masked; empty for kernel threads.
    pub cmdline: String,
    /// CPU use over the last interval in percent of one core: 400 is four cores kept busy. For a process seen for the
    /// first time, over its whole life.
    pub cpu_percent: f64,
    /// Resident memory in MiB.
    pub memory_mb: f64,
    /// Seconds since it started.
    pub runtime_seconds: u64,
    /// The kernel's letter: R S D T t Z X I.
    pub state: State,
    /// Clock ticks between boot and its start: with `pid` its identity.
    pub start_time: u64,
    /// The pid of its parent.
    pub ppid: u32,
    /// The user id of its owner.
    pub uid: u32,
    /// The login name of its owner.
    pub user: String,
    /// How many threads it has.
    pub threads: u32,
    /// The id of the application it belongs to.
    pub app: Option<String>,
    /// The application's name for people; left out where it belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
}

/// Why an alert was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// CPU use at or over the threshold for the whole duration.
    CpuHigh,
    /// In state D, with its CPU time standing still, for the whole duration.
    Hang,
    /// Anonymous memory that grew by the threshold within the window.
    MemoryLeak,
    /// Running for longer than a `[[rule]]` allows.
    Timeout,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A rule's limit is reached.
    Warning,
    /// It lasts twice as long, or grew twice as much.
    Critical,
}

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It lasts.
    Firing,
    /// It ended by itself.
    Resolved,
    /// The user waved it away; it is not raised again before it has ended.
    Dismissed,
    /// It ended by what somebody did, see `action`.
    Acted,
}

/// An alert: one episode of one process, from its first verdict until it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Unique in the history.
    pub id: i64,
    /// The process id.
    pub pid: u32,
    /// The process's name.
    pub name: String,
    /// The rule that it broke.
    pub reason: Reason,
    /// How bad it is; it only ever worsens.
    pub severity: Severity,
    /// Unix seconds when it began.
    pub timestamp: i64,
    /// The command line with secrets masked.
    pub cmdline: String,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Where it is in its life.
    pub state: AlertState,
    /// Unix seconds when it ended.
    pub ended: Option<i64>,
    /// What was done, and from where: `SIGTERM by socket`.
    pub action: Option<String>,
    /// The figures that the verdict stood on.
    pub evidence: Evidence,
    /// One line for people.
    pub summary: String,
    /// The first line of its notification: `Firefox is using 1.4 cores`. None where the alert is of a version that did
    /// not keep it.
    #[serde(default)]
    pub title: Option<String>,
}

/// What a process used at one time: a point of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Unix seconds.
    pub at: i64,
    /// CPU use up to that time since the scan before, in percent of one core.
    pub cpu_percent: f64,
    /// Resident memory at that time, in MiB.
    pub memory_mb: f64,
}

/// The figures that a verdict stood on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Evidence {
    /// For `cpu_high`.
    CpuHigh {
        /// Mean use over `seconds`, in percent of one core.
        cpu_percent: f64,
        /// The rule's threshold.
        threshold_percent: u32,
        /// How long it has lasted.
        seconds: u64,
        /// What else there is to it.
        #[serde(flatten)]
        circumstances: Circumstances,
    },
    /// For `memory_leak`.
    MemoryLeak {
        /// Growth of anonymous memory within the window, in MiB.
        grown_mb: f64,
        /// Anonymous memory now, in MiB.
        memory_mb: f64,
        /// The rule's window.
        window_minutes: u32,
        /// When the machine's memory is used up at this pace; null when that is more than a day away.
        full_in_minutes: Option<u64>,
        /// The processes of an application that grow together, the worst first: the figures are of all of them; none where
        /// it is one alone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<Grower>,
    },
    /// For `timeout`.
    Timeout {
        /// How long it has run.
        runtime_seconds: u64,
        /// The rule's limit.
        limit_seconds: u64,
        /// The rule's name.
        rule: String,
    },
    /// For `hang`.
    Hang {
        /// How long it has lasted.
        seconds: u64,
        /// The kernel function it waits in, where that may be read.
        wait_channel: Option<String>,
        /// What else is known of the wait.
        #[serde(flatten)]
        waits_for: WaitsFor,
    },
}

/// An alert names at most so many processes that are at it together.
pub const MOST_NAMED: usize = 20;

/// Who waits in a hang, and for what: each key is left out where that cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaitsFor {
    /// The id of the thread that waits, where that is not the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<u32>,
    /// The path of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where the file system is mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<String>,
    /// What is mounted there: a device, or the directory of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The other processes that are stuck for the same device.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Waiter>,
}

/// One of several processes that are stuck for one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiter {
    /// The process id.
    pub pid: u32,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Its name.
    pub name: String,
}

/// What else there is to a use of CPU: each key is left out where there is nothing to tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// What it would use if others did not have the cores: mean use and wait for a core together, in percent of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted_percent: Option<f64>,
    /// Whether it goes on though the process that started it has ended.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub orphan: bool,
    /// How much of it processes used that lived for a moment only, in percent of one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_lived_percent: Option<f64>,
    /// The unit that its service manager starts again and again, where that is what happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The processes that are at it together, the worst first; none where it is one alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// How many they are, where that is more than are named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_count: Option<u32>,
}

/// A unit of systemd.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// `indexd.service`.
    pub name: String,
    /// Whether it is one of a user's own manager.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user: bool,
}

/// One of several processes that are over a limit together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The process id.
    pub pid: u32,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Its name.
    pub name: String,
    /// Mean use since it is over the limit with the others, in percent of one core.
    pub cpu_percent: f64,
}

/// One of several processes that grow together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grower {
    /// The process id.
    pub pid: u32,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Its name.
    pub name: String,
    /// Its growth, in MiB.
    pub grown_mb: f64,
}

/// How a whitelist entry is compared with a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum MatchType {
    /// The whole name of the process or of its application.
    Name,
    /// A part of the command line.
    Cmdline,
    /// A regular expression searched in name and command line.
    Regex,
}

/// An entry of the whitelist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhitelistEntry {
    /// Unique among the entries.
    pub id: i64,
    /// What it looks for.
    pub pattern: String,
    /// How.
    pub match_type: MatchType,
    /// Why it was added.
    pub reason: Option<String>,
    /// Unix seconds when it was added.
    pub created: i64,
}

/// Why a request was refused; the wire has the name in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The line is no JSON object.
    BadJson,
    /// A parameter is missing, unknown or out of range.
    BadRequest,
    /// No such command.
    UnknownCommand,
    /// A line over 1 MiB; the connection is closed.
    LineTooLong,
    /// No such process, alert or entry.
    NotFound,
    /// The pid now belongs to another process.
    IdentityMismatch,
    /// The process belongs to somebody else.
    Forbidden,
    /// The process carries the session, and is never signalled.
    Protected,
    /// A whitelist pattern that cannot be used.
    InvalidPattern,
    /// A value of the config that was refused.
    InvalidConfig,
    /// The entry is there already.
    AlreadyExists,
    /// 64 clients are connected, and the connection is closed; or an administrator is being asked about 4 processes.
    Busy,
    /// The client does not read; the connection is closed.
    SlowReader,
    /// The guard failed; the message says at what.
    Internal,
}

/// A refusal: what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

impl Error {
    /// Makes a refusal.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// `{"type":"pong"}`.
    Pong,
    /// `{"type":"response","id":…,"cmd":…,"data":…}`.
    Response(Value),
    /// `{"type":"config","id":…,"data":{…}}`.
    Config(Value),
    /// `{"type":"error","id":…,"cmd":…,"error":{…}}`.
    Error(Error),
}

impl Reply {
    /// The answer of a command that did what it was asked: `{"success":true}`.
    #[must_use]
    pub fn success() -> Self {
        Self::Response(serde_json::json!({ "success": true }))
    }

    /// The same of a command about which an administrator is asked before it is done.
    #[must_use]
    pub fn asking() -> Self {
        Self::Response(serde_json::json!({ "success": true, "asking": true }))
    }
}

impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What every client is told unasked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Push {
    /// An episode began, worsened or ended.
    Alert(Box<Alert>),
    /// A scan was done, or the pause changed.
    Status(Status),
    /// Something that clients have asked for is no longer as they were told: ask again.
    Changed(Changed),
    /// The notifications that should be open now: all of them, oldest first.
    Notices(Vec<Notice>),
    /// What came of a question to an administrator.
    Outcome(Outcome),
}

/// What of the guard is no longer as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// What to ask for again.
    pub what: What,
}

/// What may change by somebody else's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The config in force, or what is wrong with its file: `get_config` and `get_status`.
    Config,
    /// The whitelist: `list_whitelist`.
    Whitelist,
}
