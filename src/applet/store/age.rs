//! Which alerts are too old to be kept.
//!
//! A clock that is far ahead for a while must not empty the history. So what is deleted is what was too old already when it
//! was looked for on a day before: a time counts once another day has come after it.

use super::rows;
use rusqlite::{Connection, OptionalExtension};

const DAY: i64 = 86_400;

/// When old alerts were looked for, in Unix seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Age {
    at: Option<i64>,
    /// On the day before that.
    before: Option<i64>,
}

impl Age {
    /// Begins with what a database tells.
    pub(super) fn read(connection: &Connection) -> Self {
        let row = connection.query_row("SELECT at, before FROM looked", [], |row| {
            Ok(Self { at: row.get("at")?, before: row.get("before")? })
        });
        row.optional().unwrap_or_default().unwrap_or_default()
    }

    /// Tells whether it is another day than when they were last looked for.
    pub(super) fn is_past(self, now: i64) -> bool {
        self.at.is_none_or(|at| !(at..at.saturating_add(DAY)).contains(&now))
    }

    /// Takes note that they are looked for now. A time that turns out to be ahead was none.
    pub(super) fn look(&mut self, connection: &Connection, now: i64) -> rusqlite::Result<()> {
        if !self.is_past(now) {
            return Ok(());
        }
        let was_right = |time: &i64| *time < now;
        *self = Self { at: Some(now), before: self.at.filter(was_right).or(self.before.filter(was_right)) };
        self.touch(connection)
    }

    /// Writes it down.
    pub(super) fn touch(self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "REPLACE INTO looked (once, at, before) VALUES (1, ?1, ?2)";
        connection.execute(sql, (self.at, self.before)).map(drop)
    }

    /// Deletes the alerts that had ended more than so many days before.
    pub(super) fn prune(self, connection: &Connection, days: u32) -> rusqlite::Result<usize> {
        let Some(before) = self.before else { return Ok(0) };
        rows::prune(connection, before.saturating_sub(i64::from(days) * DAY))
    }
}
