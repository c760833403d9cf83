//! What the worker keeps in memory beside the database, for the time when the file fails.

use super::query::{Place, Query, place};
use super::rows::Contents;
use crate::core::{Record, Write};
use crate::protocol::{Alert, WhitelistEntry};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many alerts wait for a failing disk at most.
const BACKLOG: usize = 1_000;

/// A copy of what a new file must have from the first: small, and at hand when the old file is not.
#[derive(Debug)]
pub(super) struct Kept {
    whitelist: BTreeMap<i64, WhitelistEntry>,
    lasting: BTreeMap<i64, Record>,
}

impl Kept {
    /// Begins with what a database held when it was opened.
    pub(super) fn new(contents: &Contents) -> Self {
        Self {
            whitelist: contents.whitelist.iter().map(|entry| (entry.id, entry.clone())).collect(),
            lasting: contents.lasting.iter().map(|record| (record.alert.id, record.clone())).collect(),
        }
    }

    /// Follows a write that the database has taken.
    pub(super) fn follow(&mut self, write: &Write) {
        match write {
            Write::Alert(record) if record.lasts.is_some() => {
                self.lasting.insert(record.alert.id, record.as_ref().clone());
            }
            Write::Alert(record) => drop(self.lasting.remove(&record.alert.id)),
            Write::AddWhitelist(entry) | Write::UpdateWhitelist(entry) => {
                drop(self.whitelist.insert(entry.id, entry.clone()));
            }
            Write::RemoveWhitelist(id) => drop(self.whitelist.remove(id)),
            Write::History { .. } | Write::Pause(_) => {}
        }
    }

    /// Every whitelist entry, by id.
    pub(super) fn whitelist(&self) -> Vec<WhitelistEntry> {
        self.whitelist.values().cloned().collect()
    }

    /// Every alert whose cause lasts, by id.
    pub(super) fn lasting(&self) -> Vec<Record> {
        self.lasting.values().cloned().collect()
    }
}

/// The newest state of alerts that could not be written yet, by id.
#[derive(Debug, Default)]
pub(super) struct Backlog(BTreeMap<i64, Record>);

impl Backlog {
    /// Takes up an alert; where there are too many, the one with the lowest id goes.
    pub(super) fn push(&mut self, record: Record) {
        self.0.insert(record.alert.id, record);
        if self.0.len() > BACKLOG {
            self.0.pop_first();
        }
    }

    /// Every alert, by id.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.0.values()
    }

    /// The alert with this id, where it waits.
    pub(super) fn alert(&self, id: i64) -> Option<&Alert> {
        self.0.get(&id).map(|record| &record.alert)
    }

    /// How many alerts wait.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets the alerts, for they are written now.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Puts the alerts that wait in their places among the stored ones, newest first.
    pub(super) fn merge(&self, mut stored: Vec<Alert>, query: &Query, end: Place) -> Vec<Alert> {
        stored.retain(|alert| !self.0.contains_key(&alert.id));
        let waiting = self.records().map(|record| &record.alert);
        stored.extend(waiting.filter(|alert| query.admits(alert, end)).cloned());
        stored.sort_by_key(|alert| Reverse(place(alert)));
        stored.truncate(query.limit);
        stored
    }
}
