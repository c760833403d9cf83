//! The store on real files.

mod crash;
mod damage;
mod disk;
mod filters;
mod histories;
mod history;
mod model;

use super::{Error, Note, Opened, Store};
use crate::core::{Record, Scope, Write};
use crate::protocol::request::GetAlerts;
use crate::protocol::{Alert, AlertState, Evidence, MatchType, Reason, Severity, WhitelistEntry};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Handle;

/// 2026-05-01T12:00:00Z.
const NOW: i64 = 1_777_636_800;
const DAY: i64 = 86_400;

/// A folder for one test, and the database's path in a folder of it that is not there yet.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/runaway-guard/history.db");
    (folder, path)
}

/// The loop that serves the stores of all tests, in a thread of its own.
static LOOP: LazyLock<Handle> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
});

fn open(path: &Path) -> (Store, Opened) {
    open_at(path, NOW)
}

fn open_at(path: &Path, now: i64) -> (Store, Opened) {
    let _inside = LOOP.enter();
    Store::open(path, 90, now)
}

/// Opens a file that must be in order.
fn open_well(path: &Path) -> (Store, Opened) {
    let (store, opened) = open(path);
    assert_eq!(opened.notes, []);
    (store, opened)
}

/// Opens with no pause between attempts to return to the file.
fn open_eager(path: &Path) -> (Store, Opened) {
    let _inside = LOOP.enter();
    Store::with_retry(path, 90, NOW, Duration::ZERO)
}

fn close(store: Store) {
    LOOP.block_on(store.close());
}

fn alert(id: i64) -> Alert {
    Alert {
        id,
        pid: 4711,
        name: "Isolated Web Co".to_owned(),
        reason: Reason::CpuHigh,
        severity: Severity::Warning,
        timestamp: NOW + id,
        cmdline: "/usr/lib/firefox/firefox -contentproc 'ü'".to_owned(),
        start_time: u64::MAX - 7,
        state: AlertState::Firing,
        ended: None,
        action: None,
        evidence: Evidence::CpuHigh {
            cpu_percent: 140.5,
            threshold_percent: 90,
            seconds: 62,
            circumstances: crate::protocol::Circumstances::default(),
        },
        summary: "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.".to_owned(),
        title: Some("Firefox is using 1.4 cores".to_owned()),
    }
}

fn ended(id: i64, ended: i64) -> Alert {
    Alert { state: AlertState::Resolved, timestamp: ended - 60, ended: Some(ended), ..alert(id) }
}

fn entry(id: i64, pattern: &str) -> WhitelistEntry {
    WhitelistEntry { id, pattern: pattern.to_owned(), match_type: MatchType::Regex, reason: None, created: NOW }
}

/// An alert whose cause lasts while it fires.
fn record(alert: Alert) -> Record {
    let lasts = (alert.state == AlertState::Firing).then(Scope::default);
    Record { alert, lasts }
}

fn put(alert: Alert) -> Write {
    Write::Alert(Box::new(record(alert)))
}

fn write(store: &Store, write: Write) -> Result<(), Error> {
    store.write(write).blocking_recv().unwrap()
}

fn query(store: &Store, request: &GetAlerts) -> Vec<Alert> {
    store.query(request).blocking_recv().unwrap().unwrap()
}

/// Every alert, newest first.
fn everything(store: &Store) -> Vec<Alert> {
    query(store, &GetAlerts { limit: Some(10_000), ..GetAlerts::default() })
}

fn ids(alerts: &[Alert]) -> Vec<i64> {
    alerts.iter().map(|alert| alert.id).collect()
}

/// The ids of the alerts whose cause lasts.
fn lasting(opened: &Opened) -> Vec<i64> {
    opened.lasting.iter().map(|record| record.alert.id).collect()
}

/// Makes a database with so many ended alerts and one whitelist entry.
fn make_history(path: &Path, count: i64) {
    let (store, _opened) = open_well(path);
    let outcomes: Vec<_> = (1..=count).map(|id| store.write(put(ended(id, NOW + id)))).collect();
    assert!(outcomes.into_iter().all(|outcome| outcome.blocking_recv().unwrap() == Ok(())));
    assert_eq!(write(&store, Write::AddWhitelist(entry(1, "make"))), Ok(()));
    close(store);
}

/// The whole of a database that is in order, read without the store.
fn inspect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    let found: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    connection
}

/// The names in a database's folder.
fn names(path: &Path) -> Vec<String> {
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<_> = folder.map(|found| found.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn the_only<T: std::fmt::Debug>(all: &[T]) -> &T {
    assert_eq!(all.len(), 1, "{all:?}");
    &all[0]
}

#[track_caller]
fn failing(note: &Note) -> &str {
    let Note::Failing(text) = note else { panic!("{note:?}") };
    text
}

#[track_caller]
fn once(note: &Note) -> &str {
    let Note::Once(text) = note else { panic!("{note:?}") };
    text
}
