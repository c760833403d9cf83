//! The owner of the database: takes commands, groups writes into transactions, and keeps going when the file fails.

mod question;

use super::age::Age;
use super::file::{self, Identity, Refusal};
use super::histories;
use super::kept::{Backlog, Kept};
use super::query::Query;
use super::rows::{self, Contents};
use super::trouble::{Trouble, is_damage};
use super::{Error, Note};
use crate::core::Write;
use crate::protocol::{self, Alert, HistoryPoint};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many writes one transaction takes at most.
const BATCH: usize = 256;

/// How many alerts are kept at most while there is only memory to keep them in.
const IN_MEMORY: i64 = 10_000;

/// What the database is asked.
#[derive(Debug)]
pub(super) enum Command {
    Write(Write, Waiting),
    History(i64, oneshot::Sender<Result<Vec<HistoryPoint>, protocol::Error>>),
    Query(Query, oneshot::Sender<Result<Vec<Alert>, protocol::Error>>),
    SetRetention(u32),
    /// Write what waits for the file.
    TryAgain,
}

/// Who waits for a write to be durable.
pub(super) type Waiting = oneshot::Sender<Result<(), Error>>;

/// How the worker begins.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) path: PathBuf,
    pub(super) retention_days: u32,
    pub(super) now: i64,
    /// How long to wait between attempts to open a file that could not be opened.
    pub(super) retry: Duration,
    pub(super) notes: mpsc::Sender<Note>,
}

/// The owner of the connection.
#[derive(Debug)]
pub(super) struct Worker {
    settings: Settings,
    connection: Connection,
    place: Place,
    kept: Kept,
    backlog: Backlog,
    /// The latest time that any alert told, in Unix seconds.
    newest: i64,
    /// When old alerts were last looked for.
    age: Age,
    /// Whether people were told that the file cannot be used.
    failing: bool,
}

/// Where the connection leads.
#[derive(Clone, Copy, Debug)]
enum Place {
    File(Identity),
    /// With the time of the last attempt to open the file; None where no attempt is due, ever.
    Memory(Option<Instant>),
}

impl Worker {
    /// Opens the file, or a database in memory where that cannot be.
    pub(super) fn start(settings: Settings) -> rusqlite::Result<(Self, Contents, Option<Note>)> {
        let (connection, place, contents, note) = match file::open(&settings.path, settings.now) {
            Ok(opened) => {
                let note = opened.set_aside.map(|text| Note::Once(format!("{text} Add your whitelist entries again.")));
                (opened.connection, Place::File(opened.identity), opened.contents, note)
            }
            Err(refusal) => in_memory(&settings, &refusal)?,
        };
        let kept = Kept::new(&contents);
        let failing = matches!(place, Place::Memory(_));
        let (backlog, newest) = (Backlog::default(), settings.now);
        let age = Age::read(&connection);
        let mut worker = Self { settings, connection, place, kept, backlog, newest, age, failing };
        worker.prune();
        rest(&worker.connection);
        Ok((worker, contents, note))
    }

    /// Gives how long after nothing was asked the file is to be tried again; None where it is in order, or never will be, or
    /// where whatever is asked tries it.
    pub(super) fn tries_again_after(&self) -> Option<Duration> {
        let is_hopeless = matches!(self.place, Place::Memory(None)) || self.settings.retry.is_zero();
        (self.failing && !is_hopeless).then_some(self.settings.retry)
    }

    /// Carries out a command and those that wait behind it.
    pub(super) fn obey_all(&mut self, command: Command, inbox: &mut mpsc::Receiver<Command>) {
        let mut next = Some(command);
        while let Some(command) = next.take().or_else(|| inbox.try_recv().ok()) {
            next = self.obey(command, inbox);
        }
        rest(&self.connection);
    }

    /// Carries out a command; gives back another one that was received meanwhile.
    fn obey(&mut self, command: Command, inbox: &mut mpsc::Receiver<Command>) -> Option<Command> {
        match command {
            Command::Write(write, waiting) => {
                let (batch, next) = gather((write, waiting), inbox);
                self.write(batch);
                return next;
            }
            Command::Query(query, waiting) => {
                // Whoever asked may have left.
                let _ = waiting.send(self.query(&query));
            }
            Command::History(alert, waiting) => {
                let _ = waiting.send(self.history(alert));
            }
            Command::SetRetention(days) => {
                self.settings.retention_days = days;
                self.prune();
            }
            Command::TryAgain => self.write(Vec::new()),
        }
        None
    }

    fn write(&mut self, batch: Vec<(Write, Waiting)>) {
        self.look_after_file();
        let (writes, waiting): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let outcomes = match self.commit_somewhere(&writes) {
            Ok(outcomes) => {
                self.stored(&writes, &outcomes);
                outcomes
            }
            Err(error) => {
                let error = self.not_stored(&writes, &error);
                vec![Err(error); writes.len()]
            }
        };
        for (waiting, outcome) in waiting.into_iter().zip(outcomes) {
            // Nobody has to wait for the outcome.
            let _ = waiting.send(outcome);
        }
        self.bound();
    }

    /// Commits; where the file turns out to be damaged, begins a new one and commits there.
    fn commit_somewhere(&mut self, writes: &[Write]) -> rusqlite::Result<Vec<Result<(), Error>>> {
        match self.commit(writes) {
            Err(error) if self.is_in_file() && is_damage(&error) => {
                self.reopen();
                self.commit(writes)
            }
            outcomes => outcomes,
        }
    }

    fn commit(&mut self, writes: &[Write]) -> rusqlite::Result<Vec<Result<(), Error>>> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.backlog.records().try_for_each(|record| rows::put_alert(&transaction, record))?;
        if self.backlog.has_pause {
            rows::put_pause(&transaction, self.kept.pause)?;
        }
        if writes.is_empty() {
            // Whether the disk takes anything shows only where something is written.
            self.age.touch(&transaction)?;
        }
        let outcomes = writes.iter().map(|write| apply(&transaction, write)).collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(outcomes)
    }

    fn stored(&mut self, writes: &[Write], outcomes: &[Result<(), Error>]) {
        self.backlog.clear();
        for (write, _) in writes.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_ok()) {
            self.newest = self.newest.max(latest(write));
            self.kept.follow(write);
        }
        if self.is_in_file() {
            self.kept.removed.clear();
            self.recovered();
        }
    }

    fn not_stored(&mut self, writes: &[Write], error: &rusqlite::Error) -> Error {
        for write in writes {
            if let Write::Alert(record) = write {
                self.kept.follow(write);
                self.backlog.push(record.as_ref().clone());
            }
            if let Write::Pause(_) = write {
                self.kept.follow(write);
                self.backlog.has_pause = true;
            }
        }
        let trouble = Trouble::of_sqlite(error, &self.settings.path);
        let text = format!("The history {} cannot be written: {trouble}", self.settings.path.display());
        self.failed(&format!("{text} New alerts are kept in memory until then."));
        Error::Failed(text)
    }

    /// Goes on in the file that is at the path now, be it another one or one that could not be opened before.
    fn look_after_file(&mut self) {
        match self.place {
            Place::File(ours) if is_elsewhere(ours, &self.settings.path) => self.reopen(),
            Place::Memory(Some(tried)) if tried.elapsed() >= self.settings.retry => self.move_to_file(),
            Place::File(_) | Place::Memory(_) => {}
        }
    }

    /// Leaves the file and opens the path anew.
    fn reopen(&mut self) {
        // The log lies at the path and not with the file: were anything left in it, it would be taken for the log of
        // whatever file is at the path now.
        empty_log(&self.connection);
        let connection = file::in_memory().and_then(|mut memory| {
            let (whitelist, lasting) = (self.kept.whitelist(), self.kept.lasting());
            rows::adopt(&mut memory, &whitelist, &lasting, &HashMap::new(), self.kept.pause).map(|()| memory)
        });
        if let Ok(connection) = connection {
            self.connection = connection;
            self.place = Place::Memory(None);
            self.move_to_file();
        }
    }

    fn move_to_file(&mut self) {
        match self.try_move_to_file() {
            Ok(()) => self.recovered(),
            Err(refusal) => {
                self.place = Place::Memory(Some(Instant::now()));
                self.failed(&only_in_memory(&self.settings.path, &refusal));
            }
        }
    }

    fn try_move_to_file(&mut self) -> Result<(), Refusal> {
        let mut opened = file::open(&self.settings.path, self.newest)?;
        if let Some(text) = opened.set_aside {
            self.say(Note::Once(format!("{text} The whitelist and the alerts that fire were written to it.")));
        }
        let path = &self.settings.path;
        let refuse = |error| Refusal::Trouble(Trouble::of_sqlite(&error, path));
        let alerts = rows::all(&self.connection).map_err(refuse)?;
        let kept = histories::all(&self.connection).map_err(refuse)?;
        let whitelist = self.kept.whitelist();
        self.kept.removed.iter().try_for_each(|entry| rows::remove_same(&opened.connection, entry)).map_err(refuse)?;
        rows::adopt(&mut opened.connection, &whitelist, &alerts, &kept, self.kept.pause).map_err(refuse)?;
        let found = self.kept.take_up(rows::whitelist(&opened.connection).map_err(refuse)?);
        self.connection = opened.connection;
        self.place = Place::File(opened.identity);
        if !found.is_empty() {
            self.say(Note::Whitelist(found));
        }
        Ok(())
    }

    fn is_in_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// Keeps the history from growing without end.
    fn bound(&mut self) {
        if self.age.is_past(self.newest) {
            self.prune();
        }
        if !self.is_in_file() {
            log_failure(rows::keep_newest(&self.connection, IN_MEMORY));
        }
    }

    fn prune(&mut self) {
        let looked = self.age.look(&self.connection, self.newest);
        log_failure(looked.and_then(|()| self.age.prune(&self.connection, self.settings.retention_days)));
    }

    fn failed(&mut self, text: &str) {
        if !std::mem::replace(&mut self.failing, true) {
            self.say(Note::Failing(text.to_owned()));
        }
    }

    fn recovered(&mut self) {
        if std::mem::take(&mut self.failing) {
            self.say(Note::Recovered);
        }
    }

    fn say(&self, note: Note) {
        if let Err(error) = self.settings.notes.try_send(note) {
            tracing::warn!("{error}");
        }
    }

    /// Writes what waits and closes the file.
    pub(super) fn finish(mut self) {
        if let Place::Memory(Some(_)) = self.place {
            self.move_to_file();
        }
        if !self.backlog.is_empty() {
            self.write(Vec::new());
        }
        empty_log(&self.connection);
        log_failure(self.connection.close().map(|()| 0).map_err(|(_, error)| error));
    }
}

type Start = (Connection, Place, Contents, Option<Note>);

/// Begins in memory, with what can be read of the file. New ids begin at the present time: the file, once it is back,
/// has no such ids.
fn in_memory(settings: &Settings, refusal: &Refusal) -> rusqlite::Result<Start> {
    let mut connection = file::in_memory()?;
    let newer = matches!(refusal, Refusal::Newer);
    let rescued = if newer { None } else { file::rescue(&settings.path) }.unwrap_or_default();
    rows::adopt(&mut connection, &rescued.whitelist, &rescued.lasting, &rescued.histories, rescued.pause)?;
    let first_id = settings.now.max(1);
    let contents = Contents {
        next_alert: rescued.next_alert.max(first_id),
        next_whitelist: rescued.next_whitelist.max(first_id),
        ..rescued
    };
    let note = Note::Failing(only_in_memory(&settings.path, refusal));
    Ok((connection, Place::Memory((!newer).then(Instant::now)), contents, Some(note)))
}

fn only_in_memory(path: &Path, refusal: &Refusal) -> String {
    let path = path.display();
    format!(
        "The history {path} cannot be used: {refusal} Until then alerts and changes of the whitelist are kept \
         in memory only."
    )
}

/// Collects the writes that wait, up to a batch; gives back a command of another kind that ended them.
fn gather(first: (Write, Waiting), inbox: &mut mpsc::Receiver<Command>) -> (Vec<(Write, Waiting)>, Option<Command>) {
    let mut batch = vec![first];
    while batch.len() < BATCH {
        match inbox.try_recv() {
            Ok(Command::Write(write, waiting)) => batch.push((write, waiting)),
            Ok(other) => return (batch, Some(other)),
            Err(_) => break,
        }
    }
    (batch, None)
}

/// Carries out one write; the outer error is the database's, the inner one the writer's own.
fn apply(transaction: &Transaction, write: &Write) -> rusqlite::Result<Result<(), Error>> {
    let outcome = match write {
        Write::Alert(record) => rows::put_alert(transaction, record),
        Write::History { alert, points } => histories::put(transaction, *alert, points),
        Write::AddWhitelist(entry) => rows::add_entry(transaction, entry),
        Write::UpdateWhitelist(entry) => rows::update_entry(transaction, entry),
        Write::RemoveWhitelist(id) => rows::remove_entry(transaction, *id),
        Write::Pause(pause) => rows::put_pause(transaction, *pause),
    };
    match outcome {
        Err(rusqlite::Error::StatementChangedRows(0)) => Ok(Err(Error::NotFound)),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Ok(Err(Error::AlreadyExists))
        }
        outcome => outcome.map(Ok),
    }
}

/// The latest time that a write tells.
fn latest(write: &Write) -> i64 {
    match write {
        Write::Alert(record) => {
            let Alert { ended, timestamp, .. } = record.alert;
            ended.unwrap_or(timestamp).max(timestamp)
        }
        Write::History { .. }
        | Write::AddWhitelist(_)
        | Write::UpdateWhitelist(_)
        | Write::RemoveWhitelist(_)
        | Write::Pause(_) => i64::MIN,
    }
}

/// Tells whether the path has lost this file; a path that cannot be asked counts as having it still.
fn is_elsewhere(ours: Identity, path: &Path) -> bool {
    match Identity::of(path) {
        Ok(found) => found != ours,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Moves what the log holds into the file.
fn empty_log(connection: &Connection) {
    log_failure(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(0)));
}

/// Gives back the memory of what was asked; the next question reads it anew.
fn rest(connection: &Connection) {
    connection.flush_prepared_statement_cache();
    log_failure(connection.execute_batch("PRAGMA shrink_memory").map(|()| 0));
}

fn log_failure(outcome: rusqlite::Result<usize>) {
    if let Err(error) = outcome {
        tracing::warn!("the history was not tidied: {error}");
    }
}
