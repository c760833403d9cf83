//! What the core asks the outside to do, and the words of the requests that come from it.

use crate::detect::Group;
use crate::process::{Id, Pid};
pub use crate::protocol::Action;
use crate::protocol::request::{GetAlerts, SignalName, Tab};
use crate::protocol::{Alert, HistoryPoint, Push, Reply, WhitelistEntry};
use crate::words::{self, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// The shell's mark of a request that waits for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// From where somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A client of the socket: the window, the command line, a script.
    Socket,
    /// The tray's menu.
    Tray,
    /// A button of a notification.
    Notification,
}

impl Origin {
    /// Its name in the history: `SIGTERM by tray`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Tray => "tray",
            Self::Notification => "notification",
        }
    }
}

/// The core's mark of a change that is being stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WriteId(pub u64);

/// A change of what is stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Adds an alert, or replaces the one with the same id.
    Alert(Box<Record>),
    /// Keeps the history of an alert in place of what was kept of it before.
    History {
        /// The alert's id.
        alert: i64,
        /// What its process used, oldest first.
        points: Vec<HistoryPoint>,
    },
    /// Adds an entry of the whitelist.
    AddWhitelist(WhitelistEntry),
    /// Puts an entry of the whitelist in the place of the one with its id.
    UpdateWhitelist(WhitelistEntry),
    /// Removes the entry with this id.
    RemoveWhitelist(i64),
    /// Keeps the pause that holds from now on, or that there is none.
    Pause(Option<KeptPause>),
}

/// An alert as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What people are told of it.
    pub alert: Alert,
    /// What it is about, while its cause lasts: the next start goes on with it, one that was dismissed stays silent.
    pub lasts: Option<Scope>,
}

/// What an alert is about, beside its process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// The group of which it is the only alert.
    pub group: Option<Group>,
    /// Whether it is about that group as a whole: its process may end, and it goes on.
    pub is_together: bool,
}

/// A pause as it is stored; times in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptPause {
    /// When it began.
    pub since: i64,
    /// When it ends; None where it lasts until resumed.
    pub until: Option<i64>,
}

/// What the core asks the outside to do. Effects are carried out in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer a request.
    Reply(Ticket, Reply),
    /// Tell every client.
    Push(Push),
    /// Store a change; where there is an id, call [`Core::stored`](super::Core::stored) with what came of it.
    Store(Write, Option<WriteId>),
    /// Answer a request from the stored alerts.
    QueryAlerts(Ticket, GetAlerts),
    /// Answer a request with the stored history of this alert, or that there is none.
    QueryHistory(Ticket, i64),
    /// Change these keys in the user's config file, take up the new config, and answer the request with it.
    EditConfig(Ticket, Map<String, Value>),
    /// Send one signal, and call [`Core::signalled`](super::Core::signalled) with what came of it.
    Signal(SignalRequest),
    /// Ask a process to end, end it after the grace time, and call [`Core::killed`](super::Core::killed) with what came of it.
    Kill(Kill),
    /// Have an administrator asked whether this process of another user may be ended, and call
    /// [`Core::killed`](super::Core::killed) with what came of it; that may take as long as the question stands.
    Ask(Kill),
    /// Open the window, or raise the one that is open.
    OpenWindow(Option<Tab>),
    /// Scan now and not at the next interval.
    Scan,
    /// End the guard, once what was answered is on its way.
    Quit,
}

/// The signals that a user may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the kernel's")]
pub enum Signal {
    Term,
    Kill,
    Stop,
    Cont,
    Int,
    Hup,
    Usr1,
    Usr2,
}

impl Signal {
    /// Every signal there is here.
    pub const ALL: [Self; 8] =
        [Self::Term, Self::Kill, Self::Stop, Self::Cont, Self::Int, Self::Hup, Self::Usr1, Self::Usr2];

    /// Its name with `SIG`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Term => "SIGTERM",
            Self::Kill => "SIGKILL",
            Self::Stop => "SIGSTOP",
            Self::Cont => "SIGCONT",
            Self::Int => "SIGINT",
            Self::Hup => "SIGHUP",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
        }
    }

    /// Its number on Linux.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Term => 15,
            Self::Kill => 9,
            Self::Stop => 19,
            Self::Cont => 18,
            Self::Int => 2,
            Self::Hup => 1,
            Self::Usr1 => 10,
            Self::Usr2 => 12,
        }
    }

    /// Understands `SIGTERM`, `TERM`, `term`, `15` and `"15"`; None where no such signal may be sent.
    #[must_use]
    pub fn parse(written: &SignalName) -> Option<Self> {
        let matches = |signal: &Self| match written {
            SignalName::Number(number) => signal.number() == *number,
            SignalName::Name(name) => {
                let name = name.to_ascii_uppercase();
                signal.name() == name
                    || signal.name().strip_prefix("SIG") == Some(&name)
                    || name.parse() == Ok(signal.number())
            }
        };
        Self::ALL.into_iter().find(matches)
    }
}

/// The process that a signal is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its pid.
    pub pid: Pid,
    /// Its start time, where it is known: the signal is sent only if it is still the same.
    pub start_time: Option<u64>,
}

impl From<Id> for Target {
    fn from(id: Id) -> Self {
        Self { pid: id.pid, start_time: Some(id.start_time) }
    }
}

/// One signal to one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalRequest {
    /// To whom.
    pub target: Target,
    /// Which.
    pub signal: Signal,
    /// From where.
    pub origin: Origin,
    /// Who waits for an answer.
    pub ticket: Option<Ticket>,
    /// Whether an administrator may be asked where it belongs to another user.
    pub asks: bool,
}

/// The Kill button: SIGTERM, and after the grace time SIGKILL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The alert whose button it was; None where a client named the process.
    pub alert: Option<i64>,
    /// The process.
    pub id: Id,
    /// How long to wait between the two.
    pub grace: Duration,
    /// From where.
    pub origin: Origin,
    /// Whether an administrator may be asked where it belongs to another user.
    pub asks: bool,
}

/// What came of a Kill button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KillOutcome {
    /// It ended on SIGTERM.
    Ended,
    /// It ignored SIGTERM and ended on SIGKILL.
    Killed,
    /// It was gone before.
    Gone,
    /// It got SIGKILL and is still there: it waits in the kernel.
    Stuck,
    /// It belongs to another user, as the sentence says.
    Forbidden(String),
    /// The signal was refused; the sentence says why.
    Refused(String),
}

impl KillOutcome {
    /// The last signal that the process got.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Ended => Some(Signal::Term),
            Self::Killed | Self::Stuck => Some(Signal::Kill),
            Self::Gone | Self::Forbidden(_) | Self::Refused(_) => None,
        }
    }

    /// Says it.
    #[must_use]
    pub fn words(&self, subject: &Subject, grace: Duration) -> words::Outcome {
        match self {
            Self::Ended => words::ended(subject),
            Self::Killed => words::killed(subject, grace),
            Self::Gone => words::gone(subject),
            Self::Stuck => words::stuck(subject),
            Self::Forbidden(why) | Self::Refused(why) => words::refused(subject, why),
        }
    }

    /// Whether the process is no more.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Ended | Self::Killed | Self::Gone)
    }
}
