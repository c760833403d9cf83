//! What the worker keeps in memory beside the database, for the time when the file fails.

use super::query::{Place, Query, place};
use super::rows::Contents;
use crate::core::{KeptPause, Record, Write};
use crate::protocol::{Alert, WhitelistEntry};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many alerts wait for a failing disk at most.
const BACKLOG: usize = 1_000;

/// A copy of what a new file must have from the first: small, and at hand when the old file is not.
#[derive(Debug)]
pub(super) struct Kept {
    whitelist: BTreeMap<i64, WhitelistEntry>,
    /// What was removed from the whitelist while there was no file.
    pub(super) removed: Vec<WhitelistEntry>,
    lasting: BTreeMap<i64, Record>,
    /// The pause that holds.
    pub(super) pause: Option<KeptPause>,
}

impl Kept {
    /// Begins with what a database held when it was opened.
    pub(super) fn new(contents: &Contents) -> Self {
        Self {
            whitelist: contents.whitelist.iter().map(|entry| (entry.id, entry.clone())).collect(),
            removed: Vec::new(),
            lasting: contents.lasting.iter().map(|record| (record.alert.id, record.clone())).collect(),
            pause: contents.pause,
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
            Write::RemoveWhitelist(id) => self.removed.extend(self.whitelist.remove(id)),
            Write::Pause(pause) => self.pause = *pause,
            Write::History { .. } => {}
        }
    }

    /// Every whitelist entry, by id.
    pub(super) fn whitelist(&self) -> Vec<WhitelistEntry> {
        self.whitelist.values().cloned().collect()
    }

    /// Takes up the whitelist of a file, which has what is here; gives what was not.
    pub(super) fn take_up(&mut self, whitelist: Vec<WhitelistEntry>) -> Vec<WhitelistEntry> {
        self.removed.clear();
        let is_new = |entry: &WhitelistEntry| !self.whitelist.contains_key(&entry.id);
        let found: Vec<_> = whitelist.into_iter().filter(is_new).collect();
        self.whitelist.extend(found.iter().map(|entry| (entry.id, entry.clone())));
        found
    }

    /// Every alert whose cause lasts, by id.
    pub(super) fn lasting(&self) -> Vec<Record> {
        self.lasting.values().cloned().collect()
    }
}

/// What could not be written yet.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// The newest state of alerts, by id.
    records: BTreeMap<i64, Record>,
    /// Whether the pause is among it.
    pub(super) has_pause: bool,
}

impl Backlog {
    /// Takes up an alert; where there are too many, the one with the lowest id goes.
    pub(super) fn push(&mut self, record: Record) {
        self.records.insert(record.alert.id, record);
        if self.records.len() > BACKLOG {
            self.records.pop_first();
        }
    }

    /// Every alert, by id.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The alert with this id, where it waits.
    pub(super) fn alert(&self, id: i64) -> Option<&Alert> {
        self.records.get(&id).map(|record| &record.alert)
    }

    /// How many alerts wait.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Tells whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && !self.has_pause
    }

    /// Forgets it, for it is written now.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Puts the alerts that wait in their places among the stored ones, newest first.
    pub(super) fn merge(&self, mut stored: Vec<Alert>, query: &Query, end: Place) -> Vec<Alert> {
        stored.retain(|alert| !self.records.contains_key(&alert.id));
        let waiting = self.records().map(|record| &record.alert);
        stored.extend(waiting.filter(|alert| query.admits(alert, end)).cloned());
        stored.sort_by_key(|alert| Reverse(place(alert)));
        stored.truncate(query.limit);
        stored
    }
}
