//! What is typed for an entry, and what it would do.

use super::Part;
use crate::figures::harmless;
use crate::pattern::{Error, Pattern};
use crate::protocol::request::AddWhitelist;
use crate::protocol::{MatchType, Process, WhitelistEntry};
use crate::window::Scene;

/// How many processes a preview names.
const NAMED: usize = 5;

/// An entry in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What to look for.
    pub(super) pattern: String,
    /// How.
    pub(super) match_type: MatchType,
    /// Why it is there; empty where none is given.
    pub(super) reason: String,
    /// What the applet refused it for.
    pub(super) refusal: Option<String>,
    /// Whether it was sent, and no answer came yet.
    pub(super) is_waiting: bool,
    verdict: Verdict,
}

/// What a pattern would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is typed.
    #[default]
    Empty,
    /// It cannot be used.
    Wrong(String),
    /// It matches these processes, names and pids; None while none are known.
    Matches(Option<Vec<(String, u32)>>),
}

impl Default for Draft {
    fn default() -> Self {
        Self::new(MatchType::Name)
    }
}

impl Draft {
    /// Begins with nothing typed.
    pub(super) fn new(match_type: MatchType) -> Self {
        let (pattern, reason) = Default::default();
        Self { pattern, match_type, reason, refusal: None, is_waiting: false, verdict: Verdict::Empty }
    }

    /// Begins with an entry that is there.
    pub(super) fn of(entry: &WhitelistEntry) -> Self {
        Self {
            pattern: entry.pattern.clone(),
            reason: entry.reason.clone().unwrap_or_default(),
            ..Self::new(entry.match_type)
        }
    }

    /// Gives a part.
    pub(super) fn text(&self, part: Part) -> &str {
        match part {
            Part::Pattern => &self.pattern,
            Part::Reason => &self.reason,
        }
    }

    /// Takes a part.
    pub(super) fn set(&mut self, part: Part, text: String) {
        match part {
            Part::Pattern => self.pattern = text,
            Part::Reason => self.reason = text,
        }
        self.refusal = None;
    }

    /// Judges it anew.
    pub(super) fn judge(&mut self, scene: &Scene) {
        self.verdict = match Pattern::new(&self.pattern, self.match_type) {
            Err(Error::Empty) => Verdict::Empty,
            Err(error) => Verdict::Wrong(error.to_string()),
            Ok(pattern) => Verdict::Matches(scene.mirror.processes.as_ref().map(|all| matched(&pattern, all))),
        };
    }

    /// Tells whether it can be sent.
    pub(super) fn may_be_sent(&self, scene: &Scene) -> bool {
        matches!(self.verdict, Verdict::Matches(_)) && !self.is_waiting && scene.mirror.is_connected()
    }

    /// Says why it cannot be used.
    pub(super) fn wrong(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Wrong(why) => Some(why),
            Verdict::Empty | Verdict::Matches(_) => self.refusal.as_deref(),
        }
    }

    /// Says what it would do; None while nothing is typed or known.
    pub(super) fn preview(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Matches(Some(matched)) => Some(preview(matched)),
            Verdict::Empty | Verdict::Wrong(_) | Verdict::Matches(None) => None,
        }
    }

    /// Gives the entry as it is to be.
    pub(super) fn wanted(&self) -> AddWhitelist {
        let reason = self.reason.trim();
        AddWhitelist {
            pattern: self.pattern.clone(),
            match_type: self.match_type,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        }
    }
}

fn matched(pattern: &Pattern, processes: &[Process]) -> Vec<(String, u32)> {
    let matched = processes.iter().filter(|process| pattern.matches_listed(process));
    matched.map(|process| (process.name.clone(), process.pid)).collect()
}

fn preview(matched: &[(String, u32)]) -> String {
    let named = matched.iter().take(NAMED).map(|(name, pid)| format!("{} ({pid})", harmless(name)));
    let named = named.collect::<Vec<_>>().join(", ");
    match matched.len() {
        0 => "Matches no process that runs now.".to_owned(),
        1 => format!("Matches one running process: {named}."),
        count if count > NAMED => format!("Matches {count} running processes: {named} and {} more.", count - NAMED),
        count => format!("Matches {count} running processes: {named}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_names_a_few_and_counts_the_rest() {
        let matched = |count: u32| preview(&(1..=count).map(|pid| ("cc1".to_owned(), pid)).collect::<Vec<_>>());
        assert_eq!(matched(0), "Matches no process that runs now.");
        assert_eq!(matched(1), "Matches one running process: cc1 (1).");
        assert_eq!(matched(2), "Matches 2 running processes: cc1 (1), cc1 (2).");
        let seven = "Matches 7 running processes: cc1 (1), cc1 (2), cc1 (3), cc1 (4), cc1 (5) and 2 more.";
        assert_eq!(matched(7), seven);
    }
}
