//! Requests: what a client may ask.

use super::{Error, ErrorCode, MatchType};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The client's own mark of a request, given back as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequestId {
    /// A number.
    Number(serde_json::Number),
    /// A string.
    String(String),
}

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

/// A point in time as clients write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
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
#[serde(untagged)]
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

fn none(params: Option<Value>, request: Request) -> Result<Request, Error> {
    read::<NoParams>(params).map(|NoParams {}| request)
}

fn read<T: DeserializeOwned>(params: Option<Value>) -> Result<T, Error> {
    let params = match params {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(params @ Value::Object(_)) => params,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(Error::new(ErrorCode::BadRequest, "params must be an object: {\"cmd\":…,\"params\":{…}}."));
        }
    };
    serde_json::from_value(params).map_err(|error| Error::new(ErrorCode::BadRequest, format!("params: {error}.")))
}

fn unknown(cmd: &str) -> Error {
    let shown: String = cmd.chars().take(40).collect();
    let message = format!("There is no command {shown:?}. The commands are: {}.", COMMANDS.join(", "));
    Error::new(ErrorCode::UnknownCommand, message)
}
