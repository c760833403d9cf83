//! The config: schema, defaults and bounds.
//!
//! `config/default.toml` is the commented template, and equal to [`Config::default`]. [`file::File`] reads and edits
//! the user's file, [`parse`] says what is wrong in it and where, [`edit`] keeps what the user wrote around a change,
//! [`watch::Watch`] tells when it changed, and [`wire`] is what clients see of it.

pub mod bounded;
pub mod edit;
pub mod file;
pub mod parse;
pub mod rule;
pub mod watch;
pub mod wire;
pub mod word;

use bounded::Bounded;
pub use rule::{OfCpu, Rule, RuleMatch};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Everything that `config.toml` can say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What counts as a runaway.
    pub detection: Detection,
    /// How the guard itself behaves.
    pub general: General,
    /// What holds for single programs; the first that matches a process is the one that holds for it.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// The tables `[detection.*]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Detection {
    /// `[detection.cpu_high]`.
    pub cpu_high: CpuHigh,
    /// `[detection.hang]`.
    pub hang: Hang,
    /// `[detection.memory_leak]`.
    pub memory_leak: MemoryLeak,
}

/// Sustained CPU use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CpuHigh {
    /// Whether it is looked for.
    pub enabled: bool,
    /// Percent of one core: 100 is one core kept busy.
    pub threshold_percent: Bounded<1, 6400>,
    /// For how long in seconds.
    pub duration_seconds: Bounded<1, 86_400>,
}

impl Default for CpuHigh {
    fn default() -> Self {
        Self { enabled: true, threshold_percent: Bounded::new(90), duration_seconds: Bounded::new(60) }
    }
}

/// Uninterruptible waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hang {
    /// Whether it is looked for.
    pub enabled: bool,
    /// For how long in seconds.
    pub duration_seconds: Bounded<1, 86_400>,
}

impl Default for Hang {
    fn default() -> Self {
        Self { enabled: true, duration_seconds: Bounded::new(30) }
    }
}

/// Growing memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemoryLeak {
    /// Whether it is looked for.
    pub enabled: bool,
    /// Growth in MiB.
    pub growth_threshold_mb: Bounded<1, 1_048_576>,
    /// Within how many minutes.
    pub window_minutes: Bounded<1, 1440>,
}

impl Default for MemoryLeak {
    fn default() -> Self {
        Self { enabled: true, growth_threshold_mb: Bounded::new(500), window_minutes: Bounded::new(5) }
    }
}

/// The table `[general]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct General {
    /// Seconds between scans while all is quiet.
    pub sample_interval_normal: Bounded<1, 3600>,
    /// Seconds between scans while anything is suspicious or firing.
    pub sample_interval_alert: Bounded<1, 3600>,
    /// How alerts are shown.
    #[serde(deserialize_with = "word::deserialize")]
    pub notification_method: NotificationMethod,
    /// Seconds that Kill waits between SIGTERM and SIGKILL.
    pub kill_grace_seconds: Bounded<1, 3600>,
    /// Days that ended alerts stay in the history.
    pub retention_days: Bounded<1, 36_500>,
}

impl General {
    /// How long to wait between scans while all is quiet.
    #[must_use]
    pub fn quiet_interval(&self) -> Duration {
        self.sample_interval_normal.seconds()
    }

    /// How long to wait between scans while anything is suspicious or firing: never longer than in quiet times.
    #[must_use]
    pub fn alert_interval(&self) -> Duration {
        self.sample_interval_alert.seconds().min(self.quiet_interval())
    }
}

impl Default for General {
    fn default() -> Self {
        Self {
            sample_interval_normal: Bounded::new(10),
            sample_interval_alert: Bounded::new(2),
            notification_method: NotificationMethod::Both,
            kill_grace_seconds: Bounded::new(5),
            retention_days: Bounded::new(90),
        }
    }
}

/// How alerts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationMethod {
    /// By the desktop's notification server.
    System,
    /// By a small window of ours, and never by the notification server.
    Popup,
    /// By the notification server, and by a small window of ours where none answers: nothing is said twice.
    Both,
}

/// Keeps what proptest found beside the test, and not at the top of the project.
#[cfg(test)]
fn beside_the_test() -> proptest::test_runner::Config {
    let beside = proptest::test_runner::FileFailurePersistence::WithSource("regressions");
    proptest::test_runner::Config { failure_persistence: Some(Box::new(beside)), ..Default::default() }
}
