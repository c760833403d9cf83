//! Alerts and whitelist entries as rows: the only SQL that reads or writes them.

use super::histories;
use super::query::{Place, Query};
use crate::core::{KeptPause, Record};
use crate::protocol::{Alert, AlertState, Circumstances, Evidence, HistoryPoint, Reason, WaitsFor, WhitelistEntry};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row, ToSql, params};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a database holds at the start.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Every entry, by id.
    pub(super) whitelist: Vec<WhitelistEntry>,
    /// Every alert whose cause lasts, by id.
    pub(super) lasting: Vec<Record>,
    /// What is kept of their histories, by the alert's id.
    pub(super) histories: HashMap<i64, Vec<HistoryPoint>>,
    /// The pause that held, be it over by now.
    pub(super) pause: Option<KeptPause>,
    /// The first alert id that is free.
    pub(super) next_alert: i64,
    /// The first entry id that is free.
    pub(super) next_whitelist: i64,
}

/// Reads what the core begins with. A row that cannot be read is left out and logged.
pub(super) fn load(connection: &Connection) -> rusqlite::Result<Contents> {
    Ok(Contents {
        whitelist: whitelist(connection)?,
        lasting: select(connection, "WHERE lasts IS NOT NULL ORDER BY id", [], record)?,
        histories: histories::lasting(connection)?,
        pause: pause(connection)?,
        next_alert: next_id(connection, "alerts")?,
        next_whitelist: next_id(connection, "whitelist")?,
    })
}

fn next_id(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    let sql = format!("SELECT max(coalesce(max(id), 0) + 1, 1) FROM {table}");
    connection.query_row(&sql, [], |row| row.get(0))
}

/// Reads the whitelist of a file whose other tables are of an older version.
pub(super) fn whitelist_alone(connection: &Connection) -> rusqlite::Result<Contents> {
    Ok(Contents {
        whitelist: whitelist(connection)?,
        next_alert: next_id(connection, "alerts")?,
        next_whitelist: next_id(connection, "whitelist")?,
        ..Contents::default()
    })
}

/// Finds alerts in front of `end`, newest first. A row that cannot be read is left out and logged.
pub(super) fn find(connection: &Connection, query: &Query, end: Place, limit: usize) -> rusqlite::Result<Vec<Alert>> {
    select(
        connection,
        &found(query.only_firing),
        params![
            query.since,
            query.until.min(end.0),
            end.0,
            end.1,
            query.severity.map(Word),
            query.reason.map(Word),
            query.text,
            i64::try_from(limit).unwrap_or(i64::MAX),
        ],
        alert,
    )
}

/// The rest of the statement that [`find`] makes. SQLite's `lower` knows ASCII letters only, as [`Query::admits`] does.
pub(super) fn found(only_firing: bool) -> String {
    let firing = if only_firing { "state = 'firing' AND" } else { "" };
    format!(
        "WHERE {firing} timestamp >= ?1 AND timestamp <= ?2 AND (timestamp, id) < (?3, ?4) \
         AND (?5 IS NULL OR severity = ?5) AND (?6 IS NULL OR reason = ?6) \
         AND (?7 IS NULL OR instr(lower(name), ?7) OR instr(lower(cmdline), ?7) OR instr(lower(summary), ?7)) \
         ORDER BY timestamp DESC, id DESC LIMIT ?8"
    )
}

/// Tells when an alert began; None where there is none with this id.
pub(super) fn began(connection: &Connection, id: i64) -> rusqlite::Result<Option<i64>> {
    use rusqlite::OptionalExtension;
    let mut statement = connection.prepare_cached("SELECT timestamp FROM alerts WHERE id = ?1")?;
    statement.query_row([id], |row| row.get(0)).optional()
}

/// Reads every alert that can be read, oldest id first.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Record>> {
    select(connection, "ORDER BY id", [], record)
}

/// Adds an alert, or replaces the one with the same id.
pub(super) fn put_alert(connection: &Connection, record: &Record) -> rusqlite::Result<()> {
    let sql = format!("REPLACE INTO alerts ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)");
    let Record { alert, lasts } = record;
    let evidence = serde_json::to_string(&alert.evidence).ok();
    let lasts = lasts.and_then(|scope| serde_json::to_string(&scope).ok());
    connection.prepare_cached(&sql)?.execute(params![
        alert.id,
        alert.pid,
        alert.name,
        alert.cmdline,
        Word(alert.reason),
        Word(alert.severity),
        alert.timestamp,
        alert.start_time.cast_signed(),
        Word(alert.state),
        alert.ended,
        alert.action,
        evidence,
        alert.summary,
        alert.title,
        lasts,
    ])?;
    Ok(())
}

/// Adds an entry; a pattern that is there already is a constraint violation.
pub(super) fn add_entry(connection: &Connection, entry: &WhitelistEntry) -> rusqlite::Result<()> {
    put_entry(connection, "INSERT", entry)
}

/// Changes an entry, but for the time it was added. One that is not there is `StatementChangedRows(0)`, a pattern that
/// another one has a constraint violation.
pub(super) fn update_entry(connection: &Connection, entry: &WhitelistEntry) -> rusqlite::Result<()> {
    let sql = "UPDATE whitelist SET pattern = ?2, match_type = ?3, reason = ?4 WHERE id = ?1";
    let values = params![entry.id, entry.pattern, Word(entry.match_type), entry.reason];
    match connection.prepare_cached(sql)?.execute(values)? {
        0 => Err(rusqlite::Error::StatementChangedRows(0)),
        _ => Ok(()),
    }
}

/// Removes an entry; one that is not there is no error.
pub(super) fn remove_entry(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM whitelist WHERE id = ?1")?.execute([id]).map(drop)
}

/// Removes an entry where it is this one: another file may have another one with its id.
pub(super) fn remove_same(connection: &Connection, entry: &WhitelistEntry) -> rusqlite::Result<()> {
    let sql = "DELETE FROM whitelist WHERE id = ?1 AND created = ?2";
    connection.execute(sql, (entry.id, entry.created)).map(drop)
}

/// Gives another entry that has the id of this one an id that nothing has.
fn make_room(connection: &Connection, entry: &WhitelistEntry) -> rusqlite::Result<()> {
    let free = "SELECT max(max(id), unixepoch()) + 1 FROM whitelist";
    let sql = format!("UPDATE whitelist SET id = ({free}) WHERE id = ?1 AND created <> ?2");
    connection.execute(&sql, (entry.id, entry.created)).map(drop)
}

/// Keeps the pause that holds, or that there is none.
pub(super) fn put_pause(connection: &Connection, pause: Option<KeptPause>) -> rusqlite::Result<()> {
    let Some(KeptPause { since, until }) = pause else { return connection.execute("DELETE FROM pause", []).map(drop) };
    connection.execute("REPLACE INTO pause (once, since, until) VALUES (1, ?1, ?2)", (since, until)).map(drop)
}

fn pause(connection: &Connection) -> rusqlite::Result<Option<KeptPause>> {
    let mut statement = connection.prepare("SELECT since, until FROM pause")?;
    let read = |row: &Row| Ok(KeptPause { since: row.get("since")?, until: row.get("until")? });
    Ok(readable(statement.query_map([], read)?)?.pop())
}

/// Takes over what another database held; what this one has of the whitelist stays beside it. Alerts whose cause lasts in this
/// one and that are not among those taken over were not followed any more: their cause is over, and those that fire count as
/// resolved.
pub(super) fn adopt(
    connection: &mut Connection,
    whitelist: &[WhitelistEntry],
    alerts: &[Record],
    kept: &HashMap<i64, Vec<HistoryPoint>>,
    pause: Option<KeptPause>,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let over =
        "UPDATE alerts SET state = iif(state = 'firing', 'resolved', state), lasts = NULL WHERE lasts IS NOT NULL";
    transaction.execute(over, [])?;
    whitelist.iter().try_for_each(|entry| make_room(&transaction, entry))?;
    whitelist.iter().try_for_each(|entry| put_entry(&transaction, "REPLACE", entry))?;
    alerts.iter().try_for_each(|alert| put_alert(&transaction, alert))?;
    kept.iter().try_for_each(|(alert, points)| histories::put(&transaction, *alert, points))?;
    put_pause(&transaction, pause)?;
    transaction.commit()
}

/// Deletes alerts that ended before this time, in Unix seconds. Those whose cause lasts stay.
pub(super) fn prune(connection: &Connection, before: i64) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM alerts WHERE lasts IS NULL AND coalesce(ended, timestamp) < ?1", [before])
}

/// Deletes all but this many of the newest alerts. Those whose cause lasts stay.
pub(super) fn keep_newest(connection: &Connection, count: i64) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM alerts WHERE lasts IS NULL AND id <= (SELECT max(id) - ?1 FROM alerts)";
    connection.execute(sql, [count])
}

const COLUMNS: &str = "id, pid, name, cmdline, reason, severity, timestamp, start_time, state, ended, action, evidence, summary, \
     title, lasts";

fn select<T>(
    connection: &Connection,
    rest: &str,
    params: impl Params,
    read: fn(&Row) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts {rest}"))?;
    readable(statement.query_map(params, read)?)
}

/// Collects the rows that can be read; each of the others is logged.
pub(super) fn readable<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> rusqlite::Result<Vec<T>> {
    let mut read = Vec::new();
    for row in rows {
        match row {
            Ok(row) => read.push(row),
            Err(error) if error.sqlite_error_code().is_none() => {
                tracing::warn!("a row of the history is left out: {error}");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

fn record(row: &Row) -> rusqlite::Result<Record> {
    let lasts: Option<String> = row.get("lasts")?;
    let scope = |text: String| serde_json::from_str(&text).unwrap_or_default();
    Ok(Record { alert: alert(row)?, lasts: lasts.map(scope) })
}

fn alert(row: &Row) -> rusqlite::Result<Alert> {
    let Word(reason) = row.get("reason")?;
    let Word(severity) = row.get("severity")?;
    let Word(state): Word<AlertState> = row.get("state")?;
    let evidence: Option<String> = row.get("evidence")?;
    Ok(Alert {
        id: row.get("id")?,
        pid: row.get("pid")?,
        name: row.get("name")?,
        reason,
        severity,
        timestamp: row.get("timestamp")?,
        cmdline: row.get("cmdline")?,
        start_time: row.get::<_, i64>("start_time")?.cast_unsigned(),
        state,
        ended: row.get("ended")?,
        action: row.get("action")?,
        evidence: evidence.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| no_evidence(reason)),
        summary: row.get("summary")?,
        title: row.get("title")?,
    })
}

/// What stands in an alert whose figures are not known, such as one of the first version.
fn no_evidence(reason: Reason) -> Evidence {
    match reason {
        Reason::CpuHigh => {
            let circumstances = Circumstances::default();
            Evidence::CpuHigh { cpu_percent: 0.0, threshold_percent: 0, seconds: 0, circumstances }
        }
        Reason::Hang => Evidence::Hang { seconds: 0, wait_channel: None, waits_for: WaitsFor::default() },
        Reason::MemoryLeak => {
            let members = Vec::new();
            Evidence::MemoryLeak { grown_mb: 0.0, memory_mb: 0.0, window_minutes: 0, full_in_minutes: None, members }
        }
        Reason::Timeout => Evidence::Timeout { runtime_seconds: 0, limit_seconds: 0, rule: String::new() },
    }
}

/// Reads every entry of the whitelist, by id.
pub(super) fn whitelist(connection: &Connection) -> rusqlite::Result<Vec<WhitelistEntry>> {
    let sql = "SELECT id, pattern, match_type, reason, created FROM whitelist ORDER BY id";
    readable(connection.prepare_cached(sql)?.query_map([], entry)?)
}

fn entry(row: &Row) -> rusqlite::Result<WhitelistEntry> {
    let Word(match_type) = row.get("match_type")?;
    Ok(WhitelistEntry {
        id: row.get("id")?,
        pattern: row.get("pattern")?,
        match_type,
        reason: row.get("reason")?,
        created: row.get("created")?,
    })
}

fn put_entry(connection: &Connection, verb: &str, entry: &WhitelistEntry) -> rusqlite::Result<()> {
    let sql = format!("{verb} INTO whitelist (id, pattern, match_type, reason, created) VALUES (?1,?2,?3,?4,?5)");
    let values = params![entry.id, entry.pattern, Word(entry.match_type), entry.reason, entry.created];
    connection.prepare_cached(&sql)?.execute(values).map(drop)
}

/// A value of an enum as the protocol spells it.
struct Word<T>(T);

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let word = serde_json::to_value(&self.0).ok().and_then(|value| value.as_str().map(str::to_owned));
        word.map(ToSqlOutput::from).ok_or(rusqlite::Error::InvalidQuery)
    }
}

impl<T: for<'de> Deserialize<'de>> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?.into_deserializer();
        T::deserialize(word).map(Self).map_err(|error: serde::de::value::Error| FromSqlError::Other(Box::new(error)))
    }
}
