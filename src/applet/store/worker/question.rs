//! What the database is asked: answered from the disk and from what waits for it.

use super::Worker;
use crate::applet::store::query::{self, Query};
use crate::applet::store::trouble::{Trouble, is_damage};
use crate::applet::store::{histories, rows};
use crate::protocol::{self, Alert, ErrorCode, HistoryPoint};
use std::path::Path;

impl Worker {
    pub(super) fn query(&mut self, query: &Query) -> Result<Vec<Alert>, protocol::Error> {
        if !self.backlog.is_empty() {
            self.write(Vec::new());
        }
        let found = match self.find(query) {
            Err(error) if self.is_in_file() && is_damage(&error) => {
                self.reopen();
                self.find(query)
            }
            found => found,
        };
        found.map_err(|error| unreadable(&error, &self.settings.path))
    }

    /// Finds alerts on the disk and among those that wait for it. Nothing comes after an alert that is not there: it was
    /// the oldest, and was deleted.
    fn find(&self, query: &Query) -> rusqlite::Result<Vec<Alert>> {
        let end = match query.before {
            None => Some(query::LAST),
            Some(id) => self.place_of(id)?,
        };
        let Some(end) = end else { return Ok(Vec::new()) };
        let stored = rows::find(&self.connection, query, end, query.limit + self.backlog.len())?;
        Ok(self.backlog.merge(stored, query, end))
    }

    pub(super) fn history(&self, alert: i64) -> Result<Vec<HistoryPoint>, protocol::Error> {
        let found = histories::get(&self.connection, alert);
        found.map_err(|error| unreadable(&error, &self.settings.path))?.ok_or_else(|| {
            let message = format!("Alert {alert} has no history. get_alerts shows the alerts there are.");
            protocol::Error::new(ErrorCode::NotFound, message)
        })
    }

    fn place_of(&self, id: i64) -> rusqlite::Result<Option<query::Place>> {
        let waiting = self.backlog.alert(id).map(query::place);
        Ok(waiting.or(rows::began(&self.connection, id)?.map(|began| (began, id))))
    }
}

fn unreadable(error: &rusqlite::Error, path: &Path) -> protocol::Error {
    let trouble = Trouble::of_sqlite(error, path);
    protocol::Error::new(ErrorCode::Internal, format!("The history {} cannot be read: {trouble}", path.display()))
}
