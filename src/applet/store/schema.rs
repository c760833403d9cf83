//! The tables, and the way from each version of them to the next.
//!
//! `PRAGMA user_version` counts the migrations that a file has behind it.

use rusqlite::{Connection, TransactionBehavior};

/// The version that this program writes.
pub(super) const VERSION: i64 = 4;

/// The first version whose whitelist has the columns of today.
pub(super) const WITH_TODAYS_WHITELIST: i64 = 2;

/// What makes version n + 1 of version n.
const MIGRATIONS: [&str; VERSION as usize] = [FIRST, SECOND, THIRD, FOURTH];

const FIRST: &str = "
CREATE TABLE IF NOT EXISTS alerts (
    id INTEGER PRIMARY KEY,
    pid INTEGER,
    name TEXT,
    cmdline TEXT,
    reason TEXT,      -- cpu_high, hang, memory_leak, timeout
    severity TEXT,    -- warning, critical
    timestamp INTEGER
);
CREATE TABLE IF NOT EXISTS whitelist (
    id INTEGER PRIMARY KEY,
    pattern TEXT UNIQUE,
    match_type TEXT,  -- name, cmdline, regex
    reason TEXT
);
";

/// An alert of the first version tells neither how it went on nor when it ended, so it counts as resolved. An entry
/// without a pattern matches nothing and goes.
const SECOND: &str = "
ALTER TABLE alerts ADD COLUMN start_time INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN state TEXT NOT NULL DEFAULT 'resolved';  -- firing, resolved, dismissed, acted
ALTER TABLE alerts ADD COLUMN ended INTEGER;
ALTER TABLE alerts ADD COLUMN action TEXT;
ALTER TABLE alerts ADD COLUMN evidence TEXT;                           -- a JSON object
ALTER TABLE alerts ADD COLUMN summary TEXT NOT NULL DEFAULT '';
UPDATE alerts SET
    pid = coalesce(pid, 0),
    name = coalesce(name, ''),
    cmdline = coalesce(cmdline, ''),
    severity = iif(severity IN ('warning', 'critical'), severity, 'warning'),
    timestamp = coalesce(timestamp, 0),
    summary = coalesce(name, 'A process') || CASE reason
        WHEN 'cpu_high' THEN ' kept a core busy'
        WHEN 'hang' THEN ' was stuck'
        WHEN 'memory_leak' THEN ' grew without end'
        WHEN 'timeout' THEN ' ran for too long'
        ELSE ' ran away' END;
ALTER TABLE whitelist ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
DELETE FROM whitelist WHERE pattern IS NULL;
UPDATE whitelist SET
    match_type = iif(match_type IN ('name', 'cmdline', 'regex'), match_type, 'name'),
    created = unixepoch();
CREATE INDEX alerts_by_time ON alerts (timestamp);
CREATE INDEX alerts_firing ON alerts (timestamp) WHERE state = 'firing';
";

/// An alert from before has neither a headline nor a history of its own. Putting an alert in the place of its older self
/// fires no trigger, so that the history stays until the alert is deleted.
///
/// Source: <https://www.sqlite.org/lang_conflict.html>, REPLACE.
const THIRD: &str = "
ALTER TABLE alerts ADD COLUMN title TEXT;
CREATE TABLE histories (
    alert INTEGER PRIMARY KEY,
    points TEXT NOT NULL       -- a JSON array of [Unix seconds, percent of one core, MiB]
);
CREATE TRIGGER history_ends AFTER DELETE ON alerts BEGIN
    DELETE FROM histories WHERE alert = old.id;
END;
";

/// Of an alert from before no more is known than that it fires. What old alerts were looked for is one row: see
/// [`Age`](super::age::Age).
const FOURTH: &str = "
ALTER TABLE alerts ADD COLUMN lasts TEXT;  -- a JSON object while its cause lasts: what the alert is about
UPDATE alerts SET lasts = '{}' WHERE state = 'firing';
CREATE INDEX alerts_lasting ON alerts (id) WHERE lasts IS NOT NULL;
CREATE TABLE looked (
    once INTEGER PRIMARY KEY CHECK (once = 1),
    at INTEGER NOT NULL,       -- Unix seconds: when old alerts were last looked for
    before INTEGER             -- the same of the day before that
);
CREATE TABLE pause (
    once INTEGER PRIMARY KEY CHECK (once = 1),
    since INTEGER NOT NULL,    -- Unix seconds
    until INTEGER              -- none: until resumed
);
";

/// Tells the version of a database; 0 is an empty one, or one from before versions were counted.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a database to [`VERSION`], one transaction a step.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    while (0..VERSION).contains(&version(connection)?) {
        step(connection)?;
    }
    Ok(())
}

fn step(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = version(&transaction)?;
    if let Some(sql) = usize::try_from(version).ok().and_then(|version| MIGRATIONS.get(version)) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
    }
    transaction.commit()
}
