//! The entries in the order that is wanted, and how many processes each one matches.

use crate::figures::harmless;
use crate::pattern::Pattern;
use crate::protocol::{Process, WhitelistEntry};
use crate::window::matching;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What entries are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    Pattern,
    How,
    Reason,
    #[default]
    Since,
    Running,
}

/// What is derived from the entries.
#[derive(Debug, Default)]
pub(super) struct List {
    patterns: Vec<(i64, Pattern)>,
    counts: HashMap<i64, usize>,
    by: By,
    is_descending: bool,
}

impl List {
    /// Makes the patterns of the entries ready.
    pub(super) fn take(&mut self, entries: &[WhitelistEntry]) {
        let ready = |entry: &WhitelistEntry| Some((entry.id, Pattern::new(&entry.pattern, entry.match_type).ok()?));
        self.patterns = entries.iter().filter_map(ready).collect();
    }

    /// Counts the processes that each entry matches.
    pub(super) fn count(&mut self, processes: Option<&[Process]>) {
        let count = |pattern: &Pattern, all: &[Process]| all.iter().filter(|one| pattern.matches_listed(one)).count();
        self.counts = processes.map_or_else(HashMap::new, |all| {
            self.patterns.iter().map(|(id, pattern)| (*id, count(pattern, all))).collect()
        });
    }

    /// Gives how many processes an entry matches, where they are known.
    pub(super) fn running(&self, id: i64) -> Option<usize> {
        self.counts.get(&id).copied()
    }

    /// Sorts by a column, or the other way around.
    pub(super) fn sort(&mut self, by: By) {
        self.is_descending = if self.by == by { !self.is_descending } else { by == By::Running };
        self.by = by;
    }

    /// What is sorted by, and whether from the largest.
    pub(super) fn order(&self) -> (By, bool) {
        (self.by, self.is_descending)
    }

    /// Gives the entries in their order; those that are alike, oldest first.
    pub(super) fn sorted<'e>(&self, entries: &'e [WhitelistEntry]) -> Vec<&'e WhitelistEntry> {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|one, other| {
            let order = self.compare(one, other);
            if self.is_descending { order.reverse() } else { order }
        });
        sorted
    }

    fn compare(&self, one: &WhitelistEntry, other: &WhitelistEntry) -> Ordering {
        match self.by {
            By::Pattern => one.pattern.to_lowercase().cmp(&other.pattern.to_lowercase()),
            By::How => matching::name(one.match_type).cmp(matching::name(other.match_type)),
            By::Reason => one.reason.cmp(&other.reason),
            By::Since => (one.created, one.id).cmp(&(other.created, other.id)),
            By::Running => self.running(one.id).cmp(&self.running(other.id)),
        }
    }
}

/// Shortens what a sentence names.
pub(super) fn shown(pattern: &str) -> String {
    const LONGEST: usize = 40;
    let pattern = harmless(pattern);
    match pattern.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &pattern[..end]),
        None => pattern,
    }
}
