//! Requests: what a client may ask.

use super::{Error, ErrorCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value, json};
use std::cell::RefCell;

mod id;
mod params;

pub use id::{Number, RequestId};
pub use params::{
    ActOnAlert, AddWhitelist, ById, CloseNotice, ExplainProcess, GetAlerts, GetHistory, KillProcess, ListProcesses,
    OpenWindow, PauseMonitoring, SignalName, Since, Sort, Tab, UpdateWhitelist,
};

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
    /// Changes an entry of the whitelist in its place.
    UpdateWhitelist(UpdateWhitelist),
    /// Answers what a process used over the last minutes, or throughout an alert.
    GetHistory(GetHistory),
    /// Does what a button of an alert's notification does.
    ActOnAlert(ActOnAlert),
    /// Answers the notifications that should be open.
    GetNotices,
    /// Closes a notification for good, as its user would.
    CloseNotice(CloseNotice),
    /// Answers why a process is told of, or is not.
    ExplainProcess(ExplainProcess),
    /// Ends the applet.
    Quit,
}

/// The commands, as `hello` lists them.
pub const COMMANDS: [&str; 23] = [
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
    "update_whitelist",
    "get_history",
    "act_on_alert",
    "get_notices",
    "close_notice",
    "explain_process",
    "quit",
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
            "update_whitelist" => read(params).map(Self::UpdateWhitelist),
            "get_history" => read::<GetHistory>(params)?.checked().map(Self::GetHistory),
            "act_on_alert" => read(params).map(Self::ActOnAlert),
            "get_notices" => none(params, Self::GetNotices),
            "close_notice" => read(params).map(Self::CloseNotice),
            "explain_process" => read(params).map(Self::ExplainProcess),
            "quit" => none(params, Self::Quit),
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
            Self::UpdateWhitelist(_) => "update_whitelist",
            Self::GetHistory(_) => "get_history",
            Self::ActOnAlert(_) => "act_on_alert",
            Self::GetNotices => "get_notices",
            Self::CloseNotice(_) => "close_notice",
            Self::ExplainProcess(_) => "explain_process",
            Self::Quit => "quit",
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
            | Self::Hello
            | Self::GetNotices
            | Self::Quit => None,
            Self::ListProcesses(params) => given(json!(params)),
            Self::GetAlerts(params) => given(json!(params)),
            Self::KillProcess(params) => given(json!(params)),
            Self::AddWhitelist(params) => given(json!(params)),
            Self::RemoveWhitelist(params) | Self::DismissAlert(params) => given(json!(params)),
            Self::UpdateConfig(params) => Some(json!(params)),
            Self::PauseMonitoring(params) => given(json!(params)),
            Self::OpenWindow(params) => given(json!(params)),
            Self::UpdateWhitelist(params) => given(json!(params)),
            Self::GetHistory(params) => given(json!(params)),
            Self::ActOnAlert(params) => given(json!(params)),
            Self::CloseNotice(params) => given(json!(params)),
            Self::ExplainProcess(params) => given(json!(params)),
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
