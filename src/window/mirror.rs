//! What the window knows of the applet: answers and pushes fold into this one value, which every tab draws from.

use super::ask::{Ask, Failure};
use super::link::Missing;
use crate::process::Id;
use crate::protocol::request::{GetAlerts, ListProcesses};
use crate::protocol::{
    Alert, AlertState, Hello, Notice, Outcome, Process, Push, Request, Status, What, WhitelistEntry,
};
use serde_json::Value;
use std::collections::HashMap;

/// How the connection stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The first attempt is under way.
    #[default]
    Connecting,
    /// It is there.
    Connected,
    /// It is not; so many attempts failed in a row.
    Missing(u32, Missing),
    /// It is not, and no further attempt is made.
    GaveUp,
}

/// What the window knows of the applet. What was known stays while the connection is lost.
#[derive(Debug, Default)]
pub struct Mirror {
    /// How the connection stands.
    pub connection: Connection,
    /// Who the applet is; None before it has said so.
    pub hello: Option<Hello>,
    /// How it is; None before it has said so.
    pub status: Option<Status>,
    /// The processes of the last list, in the order of their pids; None before the first.
    pub processes: Option<Vec<Process>>,
    /// The alerts that fire, newest first.
    pub firing: Vec<Alert>,
    /// The notifications that are open, as far as the applet has told of them since there is a connection.
    pub notices: Vec<Notice>,
    /// The whitelist, oldest first.
    pub whitelist: Vec<WhitelistEntry>,
    /// The config in force as the wire has it; Null before it is known.
    pub config: Value,
    /// What went wrong with the last list, where it did.
    pub failure: Option<String>,
    by_pid: HashMap<u32, usize>,
}

/// News of the applet.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is the answer of the request of that name")]
pub enum News {
    Hello(Result<Hello, Failure>),
    Status(Result<Status, Failure>),
    Processes(Result<Vec<Process>, Failure>),
    Firing(Result<Vec<Alert>, Failure>),
    Whitelist(Result<Vec<WhitelistEntry>, Failure>),
    Config(Result<Value, Failure>),
}

/// Which part of the mirror changed; tabs look after what they derive from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The connection was made or lost.
    Connection,
    /// A scan was done, or the pause changed.
    Status,
    /// The list of processes is new.
    Processes,
    /// The firing alerts are other ones; the alert that began, worsened or ended, where a push told of it.
    Alerts(Option<Box<Alert>>),
    /// Other notifications are open: what came of an action is among them.
    Notices,
    /// An administrator has answered, or was not asked.
    Outcome(Outcome),
    /// The whitelist is another one.
    Whitelist,
    /// The config is another one.
    Config,
    /// Something is no longer as it was told, and has to be asked for again.
    Elsewhere(What),
    /// Nothing that is shown.
    Nothing,
}

impl Mirror {
    /// Finds a process by its pid.
    #[must_use]
    pub fn process(&self, pid: u32) -> Option<&Process> {
        self.processes.as_ref()?.get(*self.by_pid.get(&pid)?)
    }

    /// Finds a process that is still there.
    #[must_use]
    pub fn find(&self, id: Id) -> Option<&Process> {
        self.process(id.pid).filter(|process| process.start_time == id.start_time)
    }

    /// Finds the alerts that fire about a process.
    pub fn alerts_of(&self, pid: u32, start_time: u64) -> impl Iterator<Item = &Alert> {
        self.firing.iter().filter(move |alert| (alert.pid, alert.start_time) == (pid, start_time))
    }

    /// Tells whether requests have somewhere to go.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection == Connection::Connected
    }

    /// Folds news in.
    pub fn take(&mut self, news: News) -> Change {
        match news {
            News::Hello(answer) => keep(answer, |hello| self.hello = Some(hello), Change::Connection),
            News::Status(answer) => keep(answer, |status| self.status = Some(status), Change::Status),
            News::Processes(answer) => self.take_processes(answer),
            News::Firing(answer) => keep(answer, |firing| self.firing = firing, Change::Alerts(None)),
            News::Whitelist(answer) => keep(answer, |whitelist| self.whitelist = whitelist, Change::Whitelist),
            News::Config(answer) => keep(answer, |config| self.config = config, Change::Config),
        }
    }

    fn take_processes(&mut self, answer: Result<Vec<Process>, Failure>) -> Change {
        match answer {
            Ok(processes) => {
                self.by_pid = processes.iter().enumerate().map(|(index, process)| (process.pid, index)).collect();
                self.processes = Some(processes);
                self.failure = None;
            }
            Err(failure) => self.failure = Some(failure.message),
        }
        Change::Processes
    }

    /// Folds in what the applet told unasked.
    pub fn take_push(&mut self, push: Push) -> Change {
        match push {
            Push::Status(status) => {
                self.status = Some(status);
                Change::Status
            }
            Push::Changed(changed) => Change::Elsewhere(changed.what),
            Push::Notices(notices) => {
                self.notices = notices;
                Change::Notices
            }
            Push::Outcome(outcome) => Change::Outcome(outcome),
            Push::Alert(alert) => {
                self.firing.retain(|firing| firing.id != alert.id);
                if alert.state == AlertState::Firing {
                    let place = self.firing.partition_point(|firing| firing.id > alert.id);
                    self.firing.insert(place, (*alert).clone());
                }
                Change::Alerts(Some(alert))
            } // What is asked again tells of the change; notices are the desktop's.
        }
    }
}

fn keep<T>(answer: Result<T, Failure>, fold: impl FnOnce(T), change: Change) -> Change {
    match answer {
        Ok(data) => {
            fold(data);
            change
        }
        Err(failure) => {
            tracing::warn!("{}", failure.message);
            Change::Nothing
        }
    }
}

/// What is asked as soon as there is a connection.
#[must_use]
pub fn first_questions() -> Vec<Ask<News>> {
    vec![status(), processes(), firing(), Ask::new(Request::Hello, News::Hello), whitelist(), config()]
}

/// Asks again for what has changed elsewhere.
#[must_use]
pub fn asked_again(what: What) -> Vec<Ask<News>> {
    match what {
        What::Config => vec![status(), config()],
        What::Whitelist => vec![whitelist()],
    }
}

/// Asks how the applet is.
#[must_use]
pub fn status() -> Ask<News> {
    Ask::new(Request::GetStatus, News::Status)
}

/// Asks for all processes.
#[must_use]
pub fn processes() -> Ask<News> {
    Ask::new(Request::ListProcesses(ListProcesses::default()), News::Processes)
}

/// Asks for the alerts that fire.
#[must_use]
pub fn firing() -> Ask<News> {
    let active = GetAlerts { active: Some(true), limit: Some(10_000), ..GetAlerts::default() };
    Ask::new(Request::GetAlerts(active), News::Firing)
}

/// Asks for the whitelist.
#[must_use]
pub fn whitelist() -> Ask<News> {
    Ask::new(Request::ListWhitelist, News::Whitelist)
}

/// Asks for the config.
#[must_use]
pub fn config() -> Ask<News> {
    Ask::new(Request::GetConfig, News::Config)
}
