//! `[[rule]]`: what holds for single programs in place of the tables `[detection.*]`.

use super::bounded::Bounded;
use super::{CpuHigh, Detection, word};
use crate::protocol::{MatchType, Reason, Severity};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::time::Duration;

/// One `[[rule]]`: what holds for the processes that it matches. What it leaves out is as for all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What people call it; the pattern where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What to look for.
    #[serde(rename = "match")]
    pub pattern: String,
    /// How.
    #[serde(default, deserialize_with = "word::deserialize")]
    pub match_type: RuleMatch,
    /// How many minutes it may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_runtime_minutes: Option<Bounded<1, 5_256_000>>,
    /// Percent of one core, in place of `cpu_high.threshold_percent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_threshold_percent: Option<Bounded<1, 6400>>,
    /// For how long in seconds, in place of `cpu_high.duration_seconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_duration_seconds: Option<Bounded<1, 86_400>>,
    /// For how long in seconds, in place of `hang.duration_seconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hang_duration_seconds: Option<Bounded<1, 86_400>>,
    /// Growth in MiB, in place of `memory_leak.growth_threshold_mb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_growth_mb: Option<Bounded<1, 1_048_576>>,
    /// Within how many minutes, in place of `memory_leak.window_minutes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_window_minutes: Option<Bounded<1, 1440>>,
    /// What is not told of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "word::deserialize_list")]
    pub silence: Vec<Reason>,
    /// How bad its alerts are, whatever they are about.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "word::deserialize_some")]
    pub severity: Option<Severity>,
}

/// How the pattern of a rule is compared with a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleMatch {
    /// The whole name of the process or of its application.
    #[default]
    Name,
    /// A part of the command line.
    Cmdline,
    /// A regular expression searched in name and command line.
    Regex,
    /// The path of its program, or the last part of that.
    Executable,
    /// The id or the name of its application.
    Application,
    /// The login name of its owner, or the number.
    User,
}

/// What a rule says of the use of CPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfCpu {
    /// Nothing: it is as for all.
    #[default]
    Nothing,
    /// It has a limit of its own, and none above those for all.
    Strict,
    /// It has a limit of its own that is above that for all.
    Lenient,
    /// It is not told.
    Silent,
}

impl OfCpu {
    /// Tells whether what it matches is told of by itself: by a limit of its own.
    #[must_use]
    pub fn has_limit(self) -> bool {
        matches!(self, Self::Strict | Self::Lenient)
    }

    /// Tells whether what it matches counts for a group: what may use more than others, or what it likes, does not.
    #[must_use]
    pub fn counts_for_groups(self) -> bool {
        matches!(self, Self::Nothing | Self::Strict)
    }
}

impl From<MatchType> for RuleMatch {
    fn from(match_type: MatchType) -> Self {
        match match_type {
            MatchType::Name => Self::Name,
            MatchType::Cmdline => Self::Cmdline,
            MatchType::Regex => Self::Regex,
        }
    }
}

impl Rule {
    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.pattern)
    }

    /// How long a process that it matches may run; None where that is as long as it likes.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        self.max_runtime_minutes.map(|minutes| Duration::from_secs(u64::from(minutes.get()) * 60))
    }

    /// Tells whether it says anything about what it matches.
    #[must_use]
    pub fn says_something(&self) -> bool {
        *self
            != Self {
                name: self.name.clone(),
                pattern: self.pattern.clone(),
                match_type: self.match_type,
                ..Self::default()
            }
    }

    /// Tells what it says of the use of CPU, beside what holds for all.
    #[must_use]
    pub fn of_cpu(&self, general: &CpuHigh) -> OfCpu {
        let percent = self.cpu_threshold_percent.map(|own| own.get().cmp(&general.threshold_percent.get()));
        let seconds = self.cpu_duration_seconds.map(|own| own.get().cmp(&general.duration_seconds.get()));
        match percent.max(seconds) {
            _ if self.silence.contains(&Reason::CpuHigh) => OfCpu::Silent,
            None => OfCpu::Nothing,
            Some(Ordering::Less | Ordering::Equal) => OfCpu::Strict,
            Some(Ordering::Greater) => OfCpu::Lenient,
        }
    }

    /// Gives the tables that hold for what it matches.
    #[must_use]
    pub fn laid_over(&self, general: &Detection) -> Detection {
        let mut detection = general.clone();
        let Detection { cpu_high, hang, memory_leak } = &mut detection;
        let is_told = |reason| !self.silence.contains(&reason);
        cpu_high.enabled &= is_told(Reason::CpuHigh);
        hang.enabled &= is_told(Reason::Hang);
        memory_leak.enabled &= is_told(Reason::MemoryLeak);
        cpu_high.threshold_percent = self.cpu_threshold_percent.unwrap_or(cpu_high.threshold_percent);
        cpu_high.duration_seconds = self.cpu_duration_seconds.unwrap_or(cpu_high.duration_seconds);
        hang.duration_seconds = self.hang_duration_seconds.unwrap_or(hang.duration_seconds);
        memory_leak.growth_threshold_mb = self.memory_growth_mb.unwrap_or(memory_leak.growth_threshold_mb);
        memory_leak.window_minutes = self.memory_window_minutes.unwrap_or(memory_leak.window_minutes);
        detection
    }
}
