//! The parameters of the commands, as clients write them.

use crate::process::Pid;
use crate::protocol::{Action, Error, ErrorCode, MatchType, Reason, Severity};
use serde::{Deserialize, Serialize};

/// Parameters of `list_processes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListProcesses {
    /// How many at most.
    pub limit: Option<usize>,
    /// By what they are sorted; by pid where it is left out.
    pub sort: Option<Sort>,
    /// Only those whose name or command line has this in it.
    pub filter: Option<String>,
}

/// Parameters of `explain_process`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainProcess {
    /// The process id.
    pub pid: Pid,
    /// Its start time, where it is known: another process with the pid is not explained.
    pub start_time: Option<u64>,
}

/// What processes are sorted by: numbers from the largest, `pid` and `name` from the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the keys of the process object")]
pub enum Sort {
    Cpu,
    Memory,
    Pid,
    Name,
    Runtime,
}

/// Parameters of `get_alerts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetAlerts {
    /// How many at most: 50 where it is left out, 10,000 at the most.
    pub limit: Option<usize>,
    /// Only those that began at this time or later: Unix seconds, or RFC 3339.
    pub since: Option<Since>,
    /// Only those that began at this time or earlier, in the same forms.
    pub until: Option<Since>,
    /// True: only the firing ones.
    pub active: Option<bool>,
    /// Only those that come after the alert with this id in the order of the answer: the next page.
    pub before: Option<i64>,
    /// Only those that are as bad as this.
    pub severity: Option<Severity>,
    /// Only those of this rule.
    pub reason: Option<Reason>,
    /// Only those with this in their name, command line or summary; ASCII letters count in either case.
    pub text: Option<String>,
}

/// How many alerts are answered where nothing is said.
const DEFAULT_ALERTS: usize = 50;

/// How many alerts are answered at most.
const MOST_ALERTS: usize = 10_000;

impl GetAlerts {
    /// Gives how many alerts are wanted at most.
    ///
    /// # Errors
    /// `bad_request` where that is more than one answer carries; the message says how many it carries.
    pub fn count(&self) -> Result<usize, Error> {
        let limit = self.limit.unwrap_or(DEFAULT_ALERTS);
        if limit > MOST_ALERTS {
            let message = format!("limit: {limit} is too many; ask for 10,000 at most.");
            return Err(Error::new(ErrorCode::BadRequest, message));
        }
        Ok(limit)
    }
}

/// A point in time as clients write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected Unix seconds (a whole number) or an RFC 3339 time (a string)")]
pub enum Since {
    /// Unix seconds.
    Unix(i64),
    /// RFC 3339: `2026-05-01T12:00:00Z`.
    Rfc3339(String),
}

/// Parameters of `kill_process`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillProcess {
    /// The process id.
    pub pid: i64,
    /// `SIGTERM`, `TERM` or `15`; likewise for KILL, STOP, CONT, INT, HUP, USR1 and USR2.
    pub signal: SignalName,
    /// The start time that the client saw; another one there now is refused.
    pub start_time: Option<u64>,
    /// Whether an administrator may be asked where the process belongs to another user, so that it can be ended: there must
    /// be a person who waits for that. It counts for TERM and KILL alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask: bool,
}

/// A signal as clients write it: by name or by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a signal such as \"SIGTERM\", \"TERM\" or 15")]
pub enum SignalName {
    /// `15`.
    Number(i64),
    /// `SIGTERM`, `TERM` or `"15"`.
    Name(String),
}

/// Parameters of `add_whitelist`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddWhitelist {
    /// What to look for.
    pub pattern: String,
    /// How.
    pub match_type: MatchType,
    /// Why it is there, for people.
    pub reason: Option<String>,
}

/// Parameters of `remove_whitelist` and `dismiss_alert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ById {
    /// The id of the entry or alert.
    pub id: i64,
}

/// Parameters of `pause_monitoring`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseMonitoring {
    /// For how long; until resumed where it is left out.
    pub seconds: Option<u64>,
}

/// Parameters of `update_whitelist`: the whole entry as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateWhitelist {
    /// The entry's id.
    pub id: i64,
    /// What to look for from now on.
    pub pattern: String,
    /// How.
    pub match_type: MatchType,
    /// Why it is there, for people; none where it is left out.
    pub reason: Option<String>,
}

/// Parameters of `get_history`: either a process or an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetHistory {
    /// The process that is meant.
    pub pid: Option<Pid>,
    /// The start time that the client saw; another process there now has another history.
    pub start_time: Option<u64>,
    /// The alert that is meant.
    pub alert: Option<i64>,
}

impl GetHistory {
    /// Gives itself where it names one thing.
    ///
    /// # Errors
    /// `bad_request` where it names both a process and an alert, or neither.
    pub fn checked(self) -> Result<Self, Error> {
        match (self.pid, self.start_time, self.alert) {
            (Some(_), _, None) | (None, None, Some(_)) => Ok(self),
            (Some(_), _, Some(_)) | (None, _, None) | (None, Some(_), Some(_)) => {
                let message = "params: say either pid (and start_time), or alert.";
                Err(Error::new(ErrorCode::BadRequest, message))
            }
        }
    }
}

/// Parameters of `act_on_alert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActOnAlert {
    /// The alert's id.
    pub id: i64,
    /// What to do.
    pub action: Action,
    /// Whether an administrator may be asked where `kill` is about a process of another user: there must be a person who
    /// waits for that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask: bool,
}

/// Parameters of `close_notice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseNotice {
    /// The `alert` of the notice.
    pub alert: i64,
}

/// Parameters of `open_window`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenWindow {
    /// The tab to show: the last one where it is left out.
    pub tab: Option<Tab>,
}

/// A tab of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the tabs' titles")]
pub enum Tab {
    Monitor,
    Alerts,
    Whitelist,
    Settings,
}

impl Tab {
    /// Gives its name as it is written on the wire and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Alerts => "alerts",
            Self::Whitelist => "whitelist",
            Self::Settings => "settings",
        }
    }
}
