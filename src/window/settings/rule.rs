//! A rule of the config as it is being edited: its parts are texts, right or wrong.

use super::schema::{in_words, number_in};
use crate::config::{self, RuleMatch};
use crate::pattern::Pattern;
use crate::protocol::{Reason, Severity};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// A rule in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// What people call it; empty where it is called by its pattern.
    pub(super) name: String,
    /// What to look for.
    pub(super) pattern: String,
    /// How.
    pub(super) match_type: RuleMatch,
    /// Its numbers as they are typed; empty where it leaves them as they are for all.
    numbers: [String; NUMBERS.len()],
    /// What is not told.
    pub(super) silence: Vec<Reason>,
    /// How bad its alerts are; None where that is found as for all.
    pub(super) severity: Option<Severity>,
}

/// A part of a rule that is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What people call it.
    Name,
    /// What to look for.
    Pattern,
    /// One of [`NUMBERS`].
    Number(usize),
}

/// A number that a rule may set.
#[derive(Debug)]
pub(super) struct Number {
    /// Its key in the config.
    pub(super) key: &'static str,
    /// The name of its field, for the keyboard's focus.
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) unit: &'static str,
    bounds: RangeInclusive<u32>,
    /// How the table says it in short.
    short: fn(&str) -> String,
}

/// The numbers that a rule may set, in the order of the editor.
pub(super) const NUMBERS: [Number; 6] = [
    Number {
        key: "max_runtime_minutes",
        id: "rule.max_runtime_minutes",
        label: "May run for",
        unit: "minutes",
        bounds: 1..=5_256_000,
        short: |number| format!("{number} min"),
    },
    Number {
        key: "cpu_threshold_percent",
        id: "rule.cpu_threshold_percent",
        label: "CPU limit",
        unit: "% of a core",
        bounds: 1..=6400,
        short: |number| format!("CPU {number} %"),
    },
    Number {
        key: "cpu_duration_seconds",
        id: "rule.cpu_duration_seconds",
        label: "CPU busy for",
        unit: "seconds",
        bounds: 1..=86_400,
        short: |number| format!("CPU {number} s"),
    },
    Number {
        key: "hang_duration_seconds",
        id: "rule.hang_duration_seconds",
        label: "Stuck for",
        unit: "seconds",
        bounds: 1..=86_400,
        short: |number| format!("stuck {number} s"),
    },
    Number {
        key: "memory_growth_mb",
        id: "rule.memory_growth_mb",
        label: "Memory grows by",
        unit: "MiB",
        bounds: 1..=1_048_576,
        short: |number| format!("memory {number} MiB"),
    },
    Number {
        key: "memory_window_minutes",
        id: "rule.memory_window_minutes",
        label: "Within",
        unit: "minutes",
        bounds: 1..=1440,
        short: |number| format!("within {number} min"),
    },
];

/// What may be kept silent about, as people call it.
pub(super) const REASONS: [(Reason, &str); 4] =
    [(Reason::CpuHigh, "CPU"), (Reason::Hang, "Hangs"), (Reason::MemoryLeak, "Memory"), (Reason::Timeout, "Run time")];

impl From<config::Rule> for Rule {
    fn from(rule: config::Rule) -> Self {
        let wire = serde_json::to_value(&rule).unwrap_or_default();
        let number = |number: &Number| wire.get(number.key).map_or_else(String::new, Value::to_string);
        Self {
            numbers: NUMBERS.each_ref().map(number),
            name: rule.name.unwrap_or_default(),
            pattern: rule.pattern,
            match_type: rule.match_type,
            silence: rule.silence,
            severity: rule.severity,
        }
    }
}

impl Rule {
    /// Makes a rule to fill in: it says nothing, and it is the user who knows what it should.
    pub(super) fn fresh() -> Self {
        Self::from(config::Rule::default())
    }

    /// Reads the rules of a config of the wire.
    pub(super) fn all(config: &Value) -> Vec<Self> {
        let rules = config.get("rule").cloned().unwrap_or_default();
        let rules: Vec<config::Rule> = serde_json::from_value(rules).unwrap_or_default();
        rules.into_iter().map(Self::from).collect()
    }

    /// Gives it as the wire has it; None where a part is wrong.
    pub(super) fn value(&self) -> Option<Value> {
        let name = self.name.trim();
        let rule = config::Rule {
            name: (!name.is_empty()).then(|| name.to_owned()),
            pattern: self.pattern.clone(),
            match_type: self.match_type,
            silence: self.silence.clone(),
            severity: self.severity,
            ..config::Rule::default()
        };
        let Ok(Value::Object(mut wire)) = serde_json::to_value(rule) else { return None };
        for (number, text) in NUMBERS.iter().zip(&self.numbers).filter(|(_, text)| !text.trim().is_empty()) {
            wire.insert(number.key.to_owned(), number_in(text, &number.bounds).ok()?.into());
        }
        Some(Value::Object(in_order(wire)))
    }

    /// Gives a part.
    pub(super) fn text(&self, part: Part) -> &str {
        match part {
            Part::Name => &self.name,
            Part::Pattern => &self.pattern,
            Part::Number(index) => self.numbers.get(index).map_or("", String::as_str),
        }
    }

    /// Takes a part.
    pub(super) fn set(&mut self, part: Part, text: String) {
        match part {
            Part::Name => self.name = text,
            Part::Pattern => self.pattern = text,
            Part::Number(index) => {
                if let Some(number) = self.numbers.get_mut(index) {
                    *number = text;
                }
            }
        }
    }

    /// Keeps silent about something, or no longer does.
    pub(super) fn toggle(&mut self, reason: Reason) {
        let before = self.silence.len();
        self.silence.retain(|other| *other != reason);
        if self.silence.len() == before {
            self.silence.push(reason);
            self.silence.sort();
        }
    }

    /// Says what is wrong with a part, and what is allowed.
    pub(super) fn wrong(&self, part: Part) -> Option<(String, Option<String>)> {
        match part {
            Part::Name => None,
            Part::Pattern => {
                Pattern::of_rule(&self.pattern, self.match_type).err().map(|error| (error.to_string(), None))
            }
            Part::Number(index) => {
                let (number, text) = NUMBERS.get(index).zip(self.numbers.get(index))?;
                let wrong = number_in(text, &number.bounds).err().filter(|_| !text.trim().is_empty())?;
                Some((wrong, Some(in_words(&number.bounds))))
            }
        }
    }

    /// Whether it says nothing of what it matches.
    pub(super) fn is_void(&self) -> bool {
        let has_number = self.numbers.iter().any(|text| !text.trim().is_empty());
        !has_number && self.silence.is_empty() && self.severity.is_none()
    }

    /// Tells whether a part is wrong.
    pub(super) fn is_wrong(&self) -> bool {
        let mut parts = (0..NUMBERS.len()).map(Part::Number).chain([Part::Pattern]);
        self.is_void() || parts.any(|part| self.wrong(part).is_some())
    }

    /// What it is called in the table.
    pub(super) fn title(&self) -> &str {
        if self.name.trim().is_empty() { &self.pattern } else { &self.name }
    }

    /// What it says, in short: `120 min, silent: CPU`.
    pub(super) fn summary(&self) -> String {
        if self.is_void() {
            return "nothing yet".to_owned();
        }
        let numbers = NUMBERS.iter().zip(&self.numbers).filter(|(_, text)| !text.trim().is_empty());
        let numbers = numbers.map(|(number, text)| (number.short)(text.trim()));
        let silent = REASONS.iter().filter(|(reason, _)| self.silence.contains(reason));
        let silent: Vec<&str> = silent.map(|(_, name)| *name).collect();
        let silent = match silent.len() {
            0 => None,
            4 => Some("silent".to_owned()),
            _ => Some(format!("silent: {}", silent.join(", "))),
        };
        let severity = self.severity.map(|severity| match severity {
            Severity::Warning => "always a warning".to_owned(),
            Severity::Critical => "always critical".to_owned(),
        });
        numbers.chain(silent).chain(severity).collect::<Vec<_>>().join(", ")
    }
}

/// Puts the keys in the order of the config.
fn in_order(mut wire: Map<String, Value>) -> Map<String, Value> {
    let late: Vec<_> = ["silence", "severity"].into_iter().filter_map(|key| wire.shift_remove_entry(key)).collect();
    wire.extend(late);
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_goes_there_and_back() {
        let wire = json!({"rule": [
            {"name": "builds", "match": "make", "match_type": "name", "max_runtime_minutes": 120},
            {"match": "^cc1", "match_type": "regex", "cpu_threshold_percent": 400, "cpu_duration_seconds": 600,
             "hang_duration_seconds": 90, "memory_growth_mb": 4096, "memory_window_minutes": 9,
             "silence": ["cpu_high", "timeout"], "severity": "warning"},
            {"match": "/opt/tool", "match_type": "executable", "silence": ["cpu_high", "hang", "memory_leak", "timeout"]}
        ]});
        let rules = Rule::all(&wire);
        assert_eq!(rules.iter().map(Rule::title).collect::<Vec<_>>(), ["builds", "^cc1", "/opt/tool"]);
        assert_eq!(rules.iter().map(|rule| rule.value().unwrap()).collect::<Value>(), wire["rule"]);
        let summaries: Vec<_> = rules.iter().map(Rule::summary).collect();
        let long =
            "CPU 400 %, CPU 600 s, stuck 90 s, memory 4096 MiB, within 9 min, silent: CPU, Run time, always a warning";
        assert_eq!(summaries, ["120 min", long, "silent"]);
    }

    #[test]
    fn the_numbers_have_the_keys_and_bounds_of_the_config() {
        for number in &NUMBERS {
            for (value, is_allowed) in [
                (*number.bounds.start(), true),
                (*number.bounds.end(), true),
                (number.bounds.start() - 1, false),
                (number.bounds.end() + 1, false),
            ] {
                let rule = json!({"match": "a", "match_type": "name", number.key: value});
                assert_eq!(serde_json::from_value::<config::Rule>(rule).is_ok(), is_allowed, "{} {value}", number.key);
            }
        }
    }

    #[test]
    fn a_part_that_is_wrong_says_so() {
        let mut rule = Rule::fresh();
        assert!(rule.is_wrong());
        rule.set(Part::Pattern, "make".to_owned());
        assert!(rule.is_void() && rule.is_wrong(), "no limit is made up for it");
        assert_eq!(rule.summary(), "nothing yet");
        rule.set(Part::Number(0), "90".to_owned());
        assert!(!rule.is_wrong());
        rule.set(Part::Number(0), "0".to_owned());
        let expected = ("0 is too small.".to_owned(), Some("1 to 5256000".to_owned()));
        assert_eq!(rule.wrong(Part::Number(0)), Some(expected));
        rule.set(Part::Number(0), String::new());
        assert!(rule.is_void() && rule.is_wrong(), "a rule says something");
        rule.toggle(Reason::Hang);
        assert!(!rule.is_wrong());
        rule.match_type = RuleMatch::Regex;
        rule.set(Part::Pattern, "(".to_owned());
        let wrong = rule.wrong(Part::Pattern).unwrap().0;
        assert_eq!(wrong, "The regex cannot be used: found open group without closing ')'.");
    }
}
