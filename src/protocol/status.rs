//! How the guard and its machine are, and who answers.

use serde::{Deserialize, Serialize};

/// The state of the whole guard, as the tray shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing has run away.
    #[default]
    Green,
    /// An alert is firing.
    Yellow,
    /// A critical alert is firing, or the guard cannot do its work.
    Red,
}

/// The answer of `get_status`, pushed after each scan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// How many processes the last scan saw.
    pub monitored_count: usize,
    /// How many alerts are firing.
    pub alert_count: usize,
    /// The tray's colour.
    pub level: Level,
    /// Whether monitoring is paused.
    pub paused: bool,
    /// Unix seconds when a pause ends; null when it lasts until resumed.
    pub paused_until: Option<i64>,
    /// Seconds until the next scan: the normal or the alert interval.
    pub interval_seconds: u64,
    /// Milliseconds that the last scan took.
    pub scan_ms: f64,
    /// What is wrong with the guard itself, a sentence each.
    pub problems: Vec<String>,
    /// Unix seconds of the last scan; null before the first.
    #[serde(default)]
    pub scanned: Option<i64>,
    /// How many cores the machine has at work; 0 before the first scan.
    #[serde(default)]
    pub cores: u32,
    /// CPU use of the whole machine over the last interval: 0 to 100, where 100 is every core kept busy. Null while it
    /// is not known. Waiting for a disk counts as use.
    #[serde(default)]
    pub cpu_percent: Option<f64>,
    /// The machine's memory in MiB; null while it is not known.
    #[serde(default)]
    pub memory_total_mb: Option<f64>,
    /// What of it a new program could not have, in MiB; null while it is not known.
    #[serde(default)]
    pub memory_used_mb: Option<f64>,
    /// For how long work has waited.
    #[serde(default)]
    pub pressure: Pressure,
    /// What is wrong with the config file, with line and column; it is among `problems` too. Null where nothing is.
    #[serde(default)]
    pub config_problem: Option<String>,
}

/// The part of the last ten seconds in which work waited, in percent: each null where the kernel does not tell.
///
/// Source: the kernel's `Documentation/accounting/psi.rst`, `avg10`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pressure {
    /// Some task waited for a core.
    pub cpu_some: Option<f64>,
    /// Some task waited for memory.
    pub memory_some: Option<f64>,
    /// All tasks that had work waited for memory.
    pub memory_full: Option<f64>,
    /// All tasks that had work waited for a disk.
    pub io_full: Option<f64>,
}

/// The answer of `hello`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// `runaway-guard`.
    pub name: String,
    /// The version of the program.
    pub version: String,
    /// The version of the protocol.
    pub protocol: u32,
    /// The commands it knows.
    pub capabilities: Vec<String>,
    /// The applet's process id; 0 where it does not tell.
    #[serde(default)]
    pub pid: u32,
    /// Where its config file is, or would be; empty where it does not tell, as are the other two paths.
    #[serde(default)]
    pub config_path: String,
    /// Where its history is.
    #[serde(default)]
    pub history_path: String,
    /// Where its socket is.
    #[serde(default)]
    pub socket_path: String,
    /// Unix seconds when it started; 0 where it does not tell.
    #[serde(default)]
    pub started: i64,
    /// Whether it ends when its user logs out of the session that it was started in; left out where it goes on, or where a
    /// service manager ends it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_with_session: bool,
}
