//! The history: alerts and the whitelist in SQLite, in a thread that is there while something is asked.
//!
//! A write is acknowledged once it is on the disk. Where the file cannot be used (no permission, a full disk, a newer
//! version's file) the store goes on in memory, and returns to the file when that can be used again; a damaged file is
//! set aside and a new one begun. Each of these is said once, as a [`Note`].

mod age;
mod file;
mod histories;
mod kept;
mod query;
mod rows;
mod schema;
mod serve;
mod trouble;
mod worker;

#[cfg(test)]
mod tests;

use crate::core::{KeptPause, Record, Start, Write};
use crate::protocol::request::GetAlerts;
use crate::protocol::{self, Alert, ErrorCode, HistoryPoint, WhitelistEntry};
use query::Query;
use serve::serve;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use worker::{Command, Settings, Worker};

/// How many commands may wait for the database. The channel takes memory only for those that do.
const QUEUE: usize = 4_096;

/// How many notes may wait for the loop.
const NOTES: usize = 16;

/// How long the store waits between attempts to open a file that could not be opened.
const RETRY: Duration = Duration::from_mins(1);

/// The loop's end of the store.
#[derive(Debug)]
pub struct Store {
    inbox: mpsc::Sender<Command>,
    served: Option<JoinHandle<()>>,
}

/// What the store held when it was opened.
#[derive(Debug)]
pub struct Opened {
    /// The whitelist, by id.
    pub whitelist: Vec<WhitelistEntry>,
    /// The alerts whose cause lasted when the guard last ended, by id.
    pub lasting: Vec<Record>,
    /// What was stored of their histories, by the alert's id.
    pub histories: HashMap<i64, Vec<HistoryPoint>>,
    /// The pause that held when the guard last ended, be it over by now.
    pub pause: Option<KeptPause>,
    /// The first alert id that is free.
    pub next_alert: i64,
    /// The first whitelist id that is free.
    pub next_whitelist: i64,
    /// What people must know about the opening; empty when all went well.
    pub notes: Vec<Note>,
    /// What people must know about anything later.
    pub later: mpsc::Receiver<Note>,
}

/// Something about the database that people must know; said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It happened and is dealt with.
    Once(String),
    /// The file cannot be used, until [`Note::Recovered`].
    Failing(String),
    /// The file can be used again, and has what was written meanwhile.
    Recovered,
    /// The file that is used from now on has these entries of the whitelist besides.
    Whitelist(Vec<WhitelistEntry>),
}

/// Why a write was not stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The whitelist has an entry with this pattern.
    #[error("The whitelist has this pattern already. Remove that entry first to change it.")]
    AlreadyExists,
    /// The whitelist has no entry with this id.
    #[error("The whitelist has this entry no more. Add it anew.")]
    NotFound,
    /// The queue is full.
    #[error("Too many changes wait for the database. Try again in a moment.")]
    Busy,
    /// The file cannot be written; alerts are kept and written later, whitelist changes are not.
    #[error("{0}")]
    Failed(String),
    /// The database was closed, or never opened.
    #[error("The database is closed. Start RunawayGuard again.")]
    Closed,
}

impl From<Error> for protocol::Error {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::AlreadyExists => ErrorCode::AlreadyExists,
            Error::NotFound => ErrorCode::NotFound,
            Error::Busy | Error::Failed(_) | Error::Closed => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl Opened {
    /// Parts what the core begins with from what people must know now and later.
    #[must_use]
    pub fn parted(self) -> (Start, Vec<Note>, mpsc::Receiver<Note>) {
        let Self { whitelist, lasting, histories, pause, next_alert, next_whitelist, notes, later } = self;
        let start = Start { whitelist, lasting, histories, pause, next_alert, next_whitelist, ..Start::default() };
        (start, notes, later)
    }
}

impl Store {
    /// Opens the database at this path, and serves it in a task of the present runtime. Alerts are deleted that had ended
    /// more than the given days before, when it was open on the day before this one. It never fails: [`Opened::notes`] tells
    /// what was done instead.
    #[must_use]
    pub fn open(path: &Path, retention_days: u32, now_unix: i64) -> (Self, Opened) {
        Self::with_retry(path, retention_days, now_unix, RETRY)
    }

    fn with_retry(path: &Path, retention_days: u32, now: i64, retry: Duration) -> (Self, Opened) {
        let (notes, later) = mpsc::channel(NOTES);
        let (inbox, commands) = mpsc::channel(QUEUE);
        let said = notes.clone();
        let settings = Settings { path: path.to_owned(), retention_days, now, retry, notes };
        let mut opened = Opened {
            whitelist: vec![],
            lasting: vec![],
            histories: HashMap::new(),
            pause: None,
            next_alert: 1,
            next_whitelist: 1,
            notes: vec![],
            later,
        };
        let served = match Worker::start(settings) {
            Ok((worker, held, note)) => {
                (opened.whitelist, opened.lasting, opened.histories) = (held.whitelist, held.lasting, held.histories);
                (opened.pause, opened.next_alert, opened.next_whitelist) =
                    (held.pause, held.next_alert, held.next_whitelist);
                opened.notes.extend(note);
                Some(tokio::spawn(serve(worker, commands, said)))
            }
            Err(error) => {
                opened.notes.push(Note::Failing(no_memory(&error)));
                None
            }
        };
        (Self { inbox, served }, opened)
    }

    /// Queues a change. The receiver resolves once the change is on the disk, or could not be brought there.
    ///
    /// # Errors
    /// [`Error`] says what happened to the change and what to do. After [`Error::Failed`] an alert is kept and written
    /// with the next change that succeeds; a change of the whitelist is not.
    #[must_use = "the write is durable only when the receiver says so"]
    pub fn write(&self, write: Write) -> oneshot::Receiver<Result<(), Error>> {
        let (waiting, outcome) = oneshot::channel();
        match self.inbox.try_reserve() {
            Ok(place) => place.send(Command::Write(write, waiting)),
            Err(full) => drop(waiting.send(Err(refused(full)))),
        }
        outcome
    }

    /// Finds alerts, newest first, writes that were queued before included.
    ///
    /// # Errors
    /// `bad_request` where limit or time cannot be understood; `internal` where the database cannot be read.
    #[must_use]
    pub fn query(&self, request: &GetAlerts) -> oneshot::Receiver<Result<Vec<Alert>, protocol::Error>> {
        let (waiting, outcome) = oneshot::channel();
        match Query::new(request).map(|query| (query, self.inbox.try_reserve())) {
            Ok((query, Ok(place))) => place.send(Command::Query(query, waiting)),
            Ok((_, Err(full))) => drop(waiting.send(Err(refused(full).into()))),
            Err(error) => drop(waiting.send(Err(error))),
        }
        outcome
    }

    /// Finds the history of an alert, oldest point first, writes that were queued before included.
    ///
    /// # Errors
    /// `not_found` where there is none; `internal` where the database cannot be read.
    #[must_use]
    pub fn history(&self, alert: i64) -> oneshot::Receiver<Result<Vec<HistoryPoint>, protocol::Error>> {
        let (waiting, outcome) = oneshot::channel();
        match self.inbox.try_reserve() {
            Ok(place) => place.send(Command::History(alert, waiting)),
            Err(full) => drop(waiting.send(Err(refused(full).into()))),
        }
        outcome
    }

    /// Changes how many days ended alerts are kept, and deletes those that are older by the clock of a day before.
    pub fn set_retention(&self, days: u32) {
        if let Err(error) = self.inbox.try_send(Command::SetRetention(days)) {
            tracing::warn!("the retention is changed at the next start: {error}");
        }
    }

    /// Carries out what was queued and closes the file.
    pub async fn close(self) {
        drop(self.inbox);
        if let Some(served) = self.served {
            // What goes wrong is said where it does.
            let _ = served.await;
        }
    }
}

fn refused(error: TrySendError<()>) -> Error {
    match error {
        TrySendError::Full(()) => Error::Busy,
        TrySendError::Closed(()) => Error::Closed,
    }
}

/// Says what keeps the file at this path from being used, and what to do; None where the file itself is damaged.
#[must_use]
pub fn trouble(error: &rusqlite::Error, path: &Path) -> Option<String> {
    (!trouble::is_damage(error)).then(|| trouble::Trouble::of_sqlite(error, path).to_string())
}

fn no_memory(error: &rusqlite::Error) -> String {
    format!("The history cannot be kept: {error}. Close other programs and start RunawayGuard again.")
}
