//! Requests: what a client may ask.

use super::{Error, ErrorCode, MatchType};
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::cell::RefCell;

mod id;

pub use id::{Number, RequestId};

/// One command with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Answers `pong`.
    Ping,
    /// Lists the processes of the last scan.
    ListProcesses(ListProcesses),
    /// Lists alerts, newest first.
    GetAlerts(GetAlerts),
    /// Signals one process.
    KillProcess(KillProcess),
    /// Lists the whitelist.
    ListWhitelist,
    /// Adds an entry to the whitelist.
    AddWhitelist(AddWhitelist),
    /// Removes an entry of the whitelist.
    RemoveWhitelist(ById),
    /// Answers the whole config.
    GetConfig,
    /// Changes the keys that are given, in the user's file, and answers the whole config.
    UpdateConfig(Map<String, Value>),
    /// Stops scanning for a time, or until resumed.
    PauseMonitoring(PauseMonitoring),
    /// Scans again.
    ResumeMonitoring,
    /// Dismisses every firing alert.
    ClearAlerts,
    /// Dismisses one alert.
    DismissAlert(ById),
    /// Answers the status.
    GetStatus,
    /// Answers who is there and what it knows.
    Hello,
    /// Opens the window, or raises the one that is open.
    OpenWindow(OpenWindow),
}

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
    /// True: only the firing ones.
    pub active: Option<bool>,
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

/// The commands, as `hello` lists them.
pub const COMMANDS: [&str; 16] = [
    "ping",
    "list_processes",
    "get_alerts",
    "kill_process",
    "list_whitelist",
    "add_whitelist",
    "remove_whitelist",
    "get_config",
    "update_config",
    "pause_monitoring",
    "resume_monitoring",
    "clear_alerts",
    "dismiss_alert",
    "get_status",
    "hello",
    "open_window",
];

impl Request {
    /// Understands a command and its parameters.
    ///
    /// # Errors
    /// `unknown_command` names the commands there are; `bad_request` names the parameter that is missing, unknown or
    /// of the wrong type.
    pub fn new(cmd: &str, params: Option<Value>) -> Result<Self, Error> {
        match cmd {
            "ping" => none(params, Self::Ping),
            "list_processes" => read(params).map(Self::ListProcesses),
            "get_alerts" => read(params).map(Self::GetAlerts),
            "kill_process" => read(params).map(Self::KillProcess),
            "list_whitelist" => none(params, Self::ListWhitelist),
            "add_whitelist" => read(params).map(Self::AddWhitelist),
            "remove_whitelist" => read(params).map(Self::RemoveWhitelist),
            "get_config" => none(params, Self::GetConfig),
            "update_config" => read(params).map(Self::UpdateConfig),
            "pause_monitoring" => read(params).map(Self::PauseMonitoring),
            "resume_monitoring" => none(params, Self::ResumeMonitoring),
            "clear_alerts" => none(params, Self::ClearAlerts),
            "dismiss_alert" => read(params).map(Self::DismissAlert),
            "get_status" => none(params, Self::GetStatus),
            "hello" => none(params, Self::Hello),
            "open_window" => read(params).map(Self::OpenWindow),
            other => Err(unknown(other)),
        }
    }

    /// Gives the name of the command.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::ListProcesses(_) => "list_processes",
            Self::GetAlerts(_) => "get_alerts",
            Self::KillProcess(_) => "kill_process",
            Self::ListWhitelist => "list_whitelist",
            Self::AddWhitelist(_) => "add_whitelist",
            Self::RemoveWhitelist(_) => "remove_whitelist",
            Self::GetConfig => "get_config",
            Self::UpdateConfig(_) => "update_config",
            Self::PauseMonitoring(_) => "pause_monitoring",
            Self::ResumeMonitoring => "resume_monitoring",
            Self::ClearAlerts => "clear_alerts",
            Self::DismissAlert(_) => "dismiss_alert",
            Self::GetStatus => "get_status",
            Self::Hello => "hello",
            Self::OpenWindow(_) => "open_window",
        }
    }

    /// Gives the parameters as they are sent; None where there are none.
    #[must_use]
    pub fn params(&self) -> Option<Value> {
        match self {
            Self::Ping
            | Self::ListWhitelist
            | Self::GetConfig
            | Self::ResumeMonitoring
            | Self::ClearAlerts
            | Self::GetStatus
            | Self::Hello => None,
            Self::ListProcesses(params) => given(json!(params)),
            Self::GetAlerts(params) => given(json!(params)),
            Self::KillProcess(params) => given(json!(params)),
            Self::AddWhitelist(params) => given(json!(params)),
            Self::RemoveWhitelist(params) | Self::DismissAlert(params) => given(json!(params)),
            Self::UpdateConfig(params) => Some(json!(params)),
            Self::PauseMonitoring(params) => given(json!(params)),
            Self::OpenWindow(params) => given(json!(params)),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

fn none(params: Option<Value>, request: Request) -> Result<Request, Error> {
    read::<NoParams>(params).map(|NoParams {}| request)
}

fn read<T: DeserializeOwned>(params: Option<Value>) -> Result<T, Error> {
    let params = match params {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(params)) => params,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(Error::new(ErrorCode::BadRequest, "params must be an object: {\"cmd\":…,\"params\":{…}}."));
        }
    };
    // serde's errors do not say at which key they occurred, so the last key handed out is kept.
    let key = RefCell::new(None);
    let mut params = params.into_iter();
    let pairs = std::iter::from_fn(|| {
        let pair = params.next();
        key.replace(pair.as_ref().map(|(key, _)| key.clone()));
        pair
    });
    T::deserialize(MapDeserializer::new(pairs)).map_err(|error: serde_json::Error| {
        let place = key.take().map_or_else(|| "params".to_owned(), |key| format!("params.{}", shortened(&key)));
        Error::new(ErrorCode::BadRequest, format!("{place}: {}.", shortened(&error.to_string())))
    })
}

/// Drops what was left out.
fn given(mut params: Value) -> Option<Value> {
    let params_given = params.as_object_mut()?;
    params_given.retain(|_, value| !value.is_null());
    (!params_given.is_empty()).then_some(params)
}

fn unknown(cmd: &str) -> Error {
    let message = format!("There is no command {:?}. The commands are: {}.", shortened(cmd), COMMANDS.join(", "));
    Error::new(ErrorCode::UnknownCommand, message)
}

/// Cuts text that a client sent to a length that fits a sentence.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

const LONGEST_QUOTE: usize = 200;
