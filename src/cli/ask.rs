//! The commands that ask the running applet.

use super::args::{Ask, Whitelist};
use super::{Error, Terminal, show};
use crate::client::{self, Client};
use crate::figures;
use crate::paths::Paths;
use crate::protocol::Push;
use crate::protocol::request::{
    AddWhitelist, ById, ExplainProcess, GetAlerts, KillProcess, ListProcesses, PauseMonitoring, SignalName,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io;

/// Asks, and shows the answer.
pub(super) fn run(ask: Ask, paths: &Paths, terminal: &mut Terminal) -> Result<(), Error> {
    let mut applet = Asker { client: Client::connect(paths)?, terminal };
    match ask {
        Ask::Status => applet.list("get_status", (), show::status),
        Ask::Ps { sort, limit, filter } => {
            let params = ListProcesses { limit, sort: Some(sort), filter };
            applet.list("list_processes", params, |found: &Vec<_>, terminal| show::processes(found, terminal))
        }
        Ask::Alerts { limit, since, active } => {
            let since = since.map(|when| when.since(applet.terminal.now));
            let params = GetAlerts { limit, since, active: active.then_some(true), ..GetAlerts::default() };
            applet.list("get_alerts", params, |found: &Vec<_>, terminal| show::alerts(found, terminal))
        }
        Ask::Watch => applet.watch(),
        Ask::Kill { pid, signal, start_time } => {
            let params = KillProcess { pid, signal: SignalName::Name(signal.name().into()), start_time, ask: false };
            applet.tell("kill_process", params, &format!("{} was sent to {pid}.", signal.name()))
        }
        Ask::Pause { seconds } => applet.tell("pause_monitoring", PauseMonitoring { seconds }, &paused(seconds)),
        Ask::Resume => applet.tell("resume_monitoring", (), "Monitoring goes on."),
        Ask::Explain { pid, start_time } => {
            applet.list("explain_process", ExplainProcess { pid, start_time }, show::explanation)
        }
        Ask::Clear => applet.tell("clear_alerts", (), "Every alert is dismissed."),
        Ask::Dismiss { id } => applet.tell("dismiss_alert", ById { id }, &format!("Alert {id} is dismissed.")),
        Ask::Whitelist { command } => applet.whitelist(command),
    }
}

struct Asker<'a, 'b> {
    client: Client,
    terminal: &'a mut Terminal<'b>,
}

impl Asker<'_, '_> {
    /// Asks for something that `show` shows to people.
    fn list<T: DeserializeOwned>(
        &mut self,
        cmd: &str,
        params: impl Serialize,
        show: impl FnOnce(&T, &mut Terminal) -> io::Result<()>,
    ) -> Result<(), Error> {
        let data = self.request(cmd, params)?;
        if self.terminal.json {
            return Ok(self.terminal.json(&data)?);
        }
        Ok(show(&client::read(data)?, self.terminal)?)
    }

    /// Asks for something to be done, and says that it is.
    fn tell(&mut self, cmd: &str, params: impl Serialize, done: &str) -> Result<(), Error> {
        let data = self.request(cmd, params)?;
        Ok(if self.terminal.json { self.terminal.json(&data) } else { self.terminal.line(done) }?)
    }

    fn whitelist(&mut self, command: Whitelist) -> Result<(), Error> {
        match command {
            Whitelist::List => {
                self.list("list_whitelist", (), |found: &Vec<_>, terminal| show::whitelist(found, terminal))
            }
            Whitelist::Add { pattern, match_type, reason } => {
                let params = AddWhitelist { pattern, match_type, reason };
                self.list("add_whitelist", params, |added: &Value, terminal| {
                    terminal.line(&format!("Added to the whitelist as {}.", added["id"]))
                })
            }
            Whitelist::Remove { id } => {
                self.tell("remove_whitelist", ById { id }, &format!("Entry {id} is removed from the whitelist."))
            }
        }
    }

    fn watch(&mut self) -> Result<(), Error> {
        let Self { client, terminal } = self;
        let mut last = String::new();
        for push in client.pushes() {
            let push = push?;
            if terminal.json {
                terminal.json(&push)?;
            } else if let Some(line) = news(push, &mut last) {
                terminal.line(&line)?;
            }
            terminal.out.flush()?;
        }
        Ok(())
    }

    fn request(&mut self, cmd: &str, params: impl Serialize) -> Result<Value, Error> {
        let params = serde_json::to_value(params).map_err(|error| Error::Failed(error.to_string()))?;
        Ok(self.client.request(cmd, without_nulls(params))?)
    }
}

/// What is left out is left out on the wire too.
fn without_nulls(params: Value) -> Value {
    match params {
        Value::Object(params) => params.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        Value::Null => json!({}),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => params,
    }
}

/// What a push says that the last status did not; pushes of types that are not known say nothing.
fn news(push: Value, last: &mut String) -> Option<String> {
    match serde_json::from_value(push).ok()? {
        Push::Alert(alert) => Some(show::alert_line(&alert)),
        Push::Status(status) => {
            let line = show::status_line(&status);
            (std::mem::replace(last, line.clone()) != line).then_some(line)
        }
        Push::Outcome(outcome) => Some(outcome.message),
        Push::Changed(_) | Push::Notices(_) => None,
    }
}

fn paused(seconds: Option<u64>) -> String {
    match seconds {
        Some(seconds) => format!("Monitoring is paused for {}.", figures::span(seconds)),
        None => "Monitoring is paused. Go on with: runaway-guard resume".into(),
    }
}
