//! The rules in force: the tables for all processes, and what a `[[rule]]` puts in their place for some.

use crate::config::{Config, Detection, OfCpu};
use crate::pattern::Pattern;
use crate::process::Description;
use crate::protocol::{Reason, Severity};
use std::time::Duration;

/// The rules in force: the config, with its patterns ready.
#[derive(Debug, Default)]
pub struct Rules {
    general: Detection,
    special: Vec<Special>,
}

/// What holds for the processes that one `[[rule]]` matches.
#[derive(Debug)]
pub(super) struct Special {
    pattern: Pattern,
    pub(super) title: String,
    pub(super) detection: Detection,
    pub(super) runtime: Option<Duration>,
    pub(super) severity: Option<Severity>,
    pub(super) of_cpu: OfCpu,
}

impl Rules {
    /// Makes the rules of a config ready. A pattern that cannot be used was refused with the config; here it is passed
    /// over.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let special = config.rules.iter().filter_map(|rule| {
            Some(Special {
                pattern: Pattern::of_rule(&rule.pattern, rule.match_type).ok()?,
                title: rule.title().to_owned(),
                detection: rule.laid_over(&config.detection),
                runtime: rule.limit().filter(|_| !rule.silence.contains(&Reason::Timeout)),
                severity: rule.severity,
                of_cpu: rule.of_cpu(&config.detection.cpu_high),
            })
        });
        Self { special: special.collect(), general: config.detection.clone() }
    }

    /// The tables for processes that no rule matches, and for groups.
    #[must_use]
    pub fn general(&self) -> &Detection {
        &self.general
    }

    /// Gives the tables that hold for a process.
    #[must_use]
    pub fn tables_of(&self, process: &Description) -> &Detection {
        self.special(process).map_or(&self.general, |special| &special.detection)
    }

    /// Gives the title of the rule that holds for a process.
    #[must_use]
    pub fn title_for(&self, process: &Description) -> Option<&str> {
        self.special(process).map(|special| special.title.as_str())
    }

    /// Gives what the first rule that matches a process says.
    pub(super) fn special(&self, process: &Description) -> Option<&Special> {
        self.get(self.find(process)?)
    }

    /// Finds the first rule that matches a process.
    pub(super) fn find(&self, process: &Description) -> Option<usize> {
        self.special.iter().position(|special| special.pattern.matches(process))
    }

    pub(super) fn get(&self, index: usize) -> Option<&Special> {
        self.special.get(index)
    }

    /// Whether no process has a rule of its own.
    pub(super) fn are_for_all(&self) -> bool {
        self.special.is_empty()
    }
}
