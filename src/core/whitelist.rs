//! The whitelist: processes that are never alerted about.

use crate::pattern::{self, Pattern};
use crate::process::Description;
use crate::protocol::{MatchType, WhitelistEntry};

/// The entries in force, each with its pattern ready.
#[derive(Debug, Default)]
pub(super) struct Whitelist {
    entries: Vec<(WhitelistEntry, Pattern)>,
}

impl Whitelist {
    /// Takes stored entries; one whose pattern cannot be used any more is passed over.
    pub(super) fn new(stored: Vec<WhitelistEntry>) -> Self {
        let ready = stored.into_iter().filter_map(|entry| {
            let pattern = Pattern::new(&entry.pattern, entry.match_type).ok()?;
            Some((entry, pattern))
        });
        Self { entries: ready.collect() }
    }

    /// Gives the entries, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &WhitelistEntry> {
        self.entries.iter().map(|(entry, _)| entry)
    }

    /// Finds the entry that a process falls under.
    pub(super) fn find(&self, process: &Description) -> Option<&WhitelistEntry> {
        self.entries.iter().find(|(_, pattern)| pattern.matches(process)).map(|(entry, _)| entry)
    }

    /// Tells whether there is an entry with this pattern, however it matches, and another id.
    pub(super) fn has_pattern(&self, pattern: &str, id: i64) -> bool {
        self.entries().any(|entry| entry.pattern == pattern && entry.id != id)
    }

    /// Gives the entry with this id.
    pub(super) fn get(&self, id: i64) -> Option<&WhitelistEntry> {
        self.entries().find(|entry| entry.id == id)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// Its pattern cannot be used; see [`pattern::Error`].
    pub(super) fn add(&mut self, entry: WhitelistEntry) -> Result<(), pattern::Error> {
        let pattern = Pattern::new(&entry.pattern, entry.match_type)?;
        self.entries.push((entry, pattern));
        Ok(())
    }

    /// Puts an entry in the place of the one with its id; where there is none, nothing changes.
    ///
    /// # Errors
    /// Its pattern cannot be used; see [`pattern::Error`].
    pub(super) fn update(&mut self, entry: WhitelistEntry) -> Result<(), pattern::Error> {
        let pattern = Pattern::new(&entry.pattern, entry.match_type)?;
        if let Some(place) = self.entries.iter_mut().find(|(old, _)| old.id == entry.id) {
            *place = (entry, pattern);
        }
        Ok(())
    }

    /// Removes the entry with this id.
    pub(super) fn remove(&mut self, id: i64) {
        self.entries.retain(|(entry, _)| entry.id != id);
    }
}

/// Interpreters: their name stands for every program that they run.
const INTERPRETERS: [&str; 16] = [
    "bash", "bun", "dash", "deno", "fish", "java", "lua", "mono", "node", "perl", "php", "python", "python3", "ruby",
    "sh", "zsh",
];

/// Chooses what the Whitelist button adds for a process: its name, or for an interpreter the script that it runs.
pub(super) fn pattern_for(process: &Description) -> (String, MatchType) {
    let base = process.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_interpreter = INTERPRETERS.iter().any(|name| *name == &*process.name || *name == base);
    let mut words = process.command_line.split(' ');
    match (words.next(), words.next()) {
        (Some(program), Some(script)) if is_interpreter && !script.is_empty() && !script.starts_with('-') => {
            (format!("{program} {script}"), MatchType::Cmdline)
        }
        _ => (process.name.to_string(), MatchType::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &str, command_line: &str) -> Description {
        let (name, command_line) = (name.into(), command_line.into());
        Description { name, command_line, uid: 1000, user: "ada".into(), ..Description::default() }
    }

    #[test]
    fn an_interpreter_is_whitelisted_by_its_script() {
        let script = pattern_for(&process("python3.11", "/usr/bin/python3.11 /opt/train.py --epochs 9"));
        assert_eq!(script, ("/usr/bin/python3.11 /opt/train.py".to_owned(), MatchType::Cmdline));
        assert_eq!(pattern_for(&process("sh", "sh -c loop")), ("sh".to_owned(), MatchType::Name));
        assert_eq!(pattern_for(&process("rustc", "rustc a.rs")), ("rustc".to_owned(), MatchType::Name));
    }
}
