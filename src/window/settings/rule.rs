//! A rule of the config as it is being edited: its parts are texts, right or wrong.

use super::schema::{in_words, number_in};
use crate::config;
use crate::config::bounded::Bounded;
use crate::pattern::Pattern;
use crate::protocol::MatchType;
use serde_json::Value;

/// A rule in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// What people call it; empty where it is called by its pattern.
    pub(super) name: String,
    /// What to look for.
    pub(super) pattern: String,
    /// How.
    pub(super) match_type: MatchType,
    /// How many minutes it may run.
    pub(super) minutes: String,
}

/// A part of a rule that is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What people call it.
    Name,
    /// What to look for.
    Pattern,
    /// How long it may run.
    Minutes,
}

/// What a new rule begins as.
fn fresh() -> config::Rule {
    config::Rule {
        name: None,
        pattern: String::new(),
        match_type: MatchType::Name,
        max_runtime_minutes: Bounded::new(120),
    }
}

impl From<config::Rule> for Rule {
    fn from(rule: config::Rule) -> Self {
        Self {
            name: rule.name.unwrap_or_default(),
            pattern: rule.pattern,
            match_type: rule.match_type,
            minutes: rule.max_runtime_minutes.get().to_string(),
        }
    }
}

impl Rule {
    /// Makes a rule to fill in.
    pub(super) fn fresh() -> Self {
        fresh().into()
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
            max_runtime_minutes: Bounded::new(number_in(&self.minutes, &fresh().max_runtime_minutes.bounds()).ok()?),
        };
        serde_json::to_value(rule).ok()
    }

    /// Gives a part.
    pub(super) fn text(&self, part: Part) -> &str {
        match part {
            Part::Name => &self.name,
            Part::Pattern => &self.pattern,
            Part::Minutes => &self.minutes,
        }
    }

    /// Takes a part.
    pub(super) fn set(&mut self, part: Part, text: String) {
        match part {
            Part::Name => self.name = text,
            Part::Pattern => self.pattern = text,
            Part::Minutes => self.minutes = text,
        }
    }

    /// Says what is wrong with a part, and what is allowed.
    pub(super) fn wrong(&self, part: Part) -> Option<(String, Option<String>)> {
        match part {
            Part::Name => None,
            Part::Pattern => Pattern::new(&self.pattern, self.match_type).err().map(|error| (error.to_string(), None)),
            Part::Minutes => {
                let bounds = fresh().max_runtime_minutes.bounds();
                number_in(&self.minutes, &bounds).err().map(|wrong| (wrong, Some(in_words(&bounds))))
            }
        }
    }

    /// Tells whether a part is wrong.
    pub(super) fn is_wrong(&self) -> bool {
        [Part::Name, Part::Pattern, Part::Minutes].into_iter().any(|part| self.wrong(part).is_some())
    }

    /// What it is called in the table.
    pub(super) fn title(&self) -> &str {
        if self.name.trim().is_empty() { &self.pattern } else { &self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_goes_there_and_back() {
        let wire = json!({"rule": [
            {"name": "builds", "match": "make", "match_type": "name", "max_runtime_minutes": 120},
            {"match": "^cc1", "match_type": "regex", "max_runtime_minutes": 9}
        ]});
        let rules = Rule::all(&wire);
        assert_eq!(rules.iter().map(Rule::title).collect::<Vec<_>>(), ["builds", "^cc1"]);
        assert_eq!(rules.iter().map(|rule| rule.value().unwrap()).collect::<Value>(), wire["rule"]);
    }

    #[test]
    fn a_part_that_is_wrong_says_so() {
        let mut rule = Rule::fresh();
        assert!(rule.is_wrong());
        rule.set(Part::Pattern, "make".to_owned());
        assert!(!rule.is_wrong());
        rule.set(Part::Minutes, "0".to_owned());
        let expected = ("0 is too small.".to_owned(), Some("1 to 5256000".to_owned()));
        assert_eq!(rule.wrong(Part::Minutes), Some(expected));
        rule.match_type = MatchType::Regex;
        rule.set(Part::Pattern, "(".to_owned());
        let wrong = rule.wrong(Part::Pattern).unwrap().0;
        assert_eq!(wrong, "The pattern is not a regular expression: unclosed group.");
    }
}
