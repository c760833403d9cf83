//! Histories of alerts as rows: the only SQL that reads or writes them.

use super::rows::readable;
use crate::protocol::HistoryPoint;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::collections::HashMap;

/// A point as a row has it: Unix seconds, percent of one core, MiB.
type Written = (i64, f64, f64);

/// Keeps the history of an alert, in place of what was kept before.
pub(super) fn put(connection: &Connection, alert: i64, points: &[HistoryPoint]) -> rusqlite::Result<()> {
    let written: Vec<Written> = points.iter().map(|point| (point.at, point.cpu_percent, point.memory_mb)).collect();
    let Ok(text) = serde_json::to_string(&written) else { return Ok(()) };
    let mut statement = connection.prepare_cached("REPLACE INTO histories (alert, points) VALUES (?1, ?2)")?;
    statement.execute((alert, text)).map(drop)
}

/// Reads the history of an alert; None where there is none, or none that can be read.
pub(super) fn get(connection: &Connection, alert: i64) -> rusqlite::Result<Option<Vec<HistoryPoint>>> {
    let mut statement = connection.prepare_cached("SELECT alert, points FROM histories WHERE alert = ?1")?;
    Ok(statement.query_row([alert], history).optional()?.and_then(|(_, points)| points))
}

/// Reads the histories of all alerts whose cause lasts, by the alert's id.
pub(super) fn lasting(connection: &Connection) -> rusqlite::Result<HashMap<i64, Vec<HistoryPoint>>> {
    select(connection, "WHERE alert IN (SELECT id FROM alerts WHERE lasts IS NOT NULL)", [])
}

/// Reads all histories, by the alert's id.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<HashMap<i64, Vec<HistoryPoint>>> {
    select(connection, "", [])
}

fn select(
    connection: &Connection,
    rest: &str,
    params: impl Params,
) -> rusqlite::Result<HashMap<i64, Vec<HistoryPoint>>> {
    let mut statement = connection.prepare(&format!("SELECT alert, points FROM histories {rest}"))?;
    let rows = readable(statement.query_map(params, history)?)?.into_iter();
    Ok(rows.filter_map(|(alert, points)| Some((alert, points?))).collect())
}

fn history(row: &Row) -> rusqlite::Result<(i64, Option<Vec<HistoryPoint>>)> {
    let (alert, text): (i64, String) = (row.get("alert")?, row.get("points")?);
    let written: Option<Vec<Written>> = serde_json::from_str(&text).ok();
    let point = |(at, cpu_percent, memory_mb)| HistoryPoint { at, cpu_percent, memory_mb };
    Ok((alert, written.map(|points| points.into_iter().map(point).collect())))
}
