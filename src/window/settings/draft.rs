//! What was typed and is not in force yet: laid over the config, so that what was not touched follows it.

use super::rule::Rule;
use super::schema::{Field, fields};
use crate::config::wire;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The changes that are not applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    texts: BTreeMap<&'static str, String>,
    rules: Option<Vec<Rule>>,
}

impl Draft {
    /// Gives what a field shows.
    pub(super) fn text(&self, field: &Field, config: &Value) -> String {
        self.texts.get(field.key).cloned().unwrap_or_else(|| field.shown(config))
    }

    /// Tells whether something was typed or chosen.
    pub(super) fn has(&self, key: &str) -> bool {
        self.texts.contains_key(key)
    }

    /// Takes what was typed or chosen.
    pub(super) fn set(&mut self, key: &'static str, text: String) {
        self.texts.insert(key, text);
    }

    /// Goes back to what is in force.
    pub(super) fn reset(&mut self, key: &str) {
        self.texts.remove(key);
    }

    /// Fills in the defaults; the rules are the user's own and stay.
    pub(super) fn fill_defaults(&mut self) {
        self.texts = fields().map(|field| (field.key, field.default())).collect();
    }

    /// Tells whether a field says something else than what is in force.
    pub(super) fn is_changed(&self, field: &Field, config: &Value) -> bool {
        let in_force = wire::get(config, field.key);
        self.texts.get(field.key).is_some_and(|text| field.read(text).ok().as_ref() != in_force)
    }

    /// Gives the rules as they will be.
    pub(super) fn rules(&self, config: &Value) -> Vec<Rule> {
        self.rules.clone().unwrap_or_else(|| Rule::all(config))
    }

    /// Takes other rules.
    pub(super) fn set_rules(&mut self, rules: Vec<Rule>) {
        self.rules = Some(rules);
    }

    /// Tells whether the rules are others than those in force.
    pub(super) fn are_rules_changed(&self, config: &Value) -> bool {
        self.rules.as_ref().is_some_and(|rules| *rules != Rule::all(config))
    }

    /// Counts the fields that are changed; the rules count as one.
    pub(super) fn changes(&self, config: &Value) -> usize {
        let changed = fields().filter(|field| self.is_changed(field, config)).count();
        changed + usize::from(self.are_rules_changed(config))
    }

    /// Counts what has to be mended before it can be applied.
    pub(super) fn faults(&self, config: &Value) -> usize {
        let wrong = |field: &&Field| self.texts.get(field.key).is_some_and(|text| field.read(text).is_err());
        let rules = self.rules.iter().flatten().filter(|_| self.are_rules_changed(config));
        fields().filter(wrong).count() + rules.filter(|rule| rule.is_wrong()).count()
    }

    /// Makes the patch of what is changed.
    pub(super) fn patch(&self, config: &Value) -> Map<String, Value> {
        let mut patch = Map::new();
        for field in fields().filter(|field| self.is_changed(field, config)) {
            let value = self.texts.get(field.key).and_then(|text| field.read(text).ok());
            let (Some((table, key)), Some(value)) = (field.key.split_once('.'), value) else { continue };
            let table = patch.entry(table).or_insert_with(|| Value::Object(Map::new()));
            table[key] = value;
        }
        if let Some(rules) = self.rules.as_ref().filter(|_| self.are_rules_changed(config)) {
            patch.insert("rule".to_owned(), rules.iter().filter_map(Rule::value).collect());
        }
        patch
    }

    /// Forgets what has come into force.
    pub(super) fn follow(&mut self, config: &Value) {
        let kept = fields().filter(|field| self.is_changed(field, config)).map(|field| field.key).collect::<Vec<_>>();
        self.texts.retain(|key, _| kept.contains(key));
        if !self.are_rules_changed(config) {
            self.rules = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use serde_json::json;

    fn field(key: &str) -> &'static Field {
        fields().find(|field| field.key == key).unwrap()
    }

    #[test]
    fn only_what_is_changed_is_sent() {
        let config = wire::wire(&Config::default());
        let mut draft = Draft::default();
        draft.set("cpu_high.threshold_percent", " 80".to_owned());
        draft.set("cpu_high.duration_seconds", "060".to_owned());
        draft.set("hang.enabled", "false".to_owned());
        let expected = json!({"cpu_high": {"threshold_percent": 80}, "hang": {"enabled": false}});
        assert_eq!(Value::Object(draft.patch(&config)), expected);
        assert_eq!((draft.changes(&config), draft.faults(&config)), (2, 0));
    }

    #[test]
    fn what_was_not_touched_follows_the_config() {
        let mut config = wire::wire(&Config::default());
        let mut draft = Draft::default();
        draft.set("cpu_high.threshold_percent", "80".to_owned());
        config["cpu_high"] = json!({"enabled": false, "threshold_percent": 70, "duration_seconds": 9});
        draft.follow(&config);
        assert_eq!(draft.text(field("cpu_high.duration_seconds"), &config), "9");
        assert_eq!(draft.text(field("cpu_high.threshold_percent"), &config), "80");
        config["cpu_high"]["threshold_percent"] = json!(80);
        draft.follow(&config);
        assert_eq!(draft, Draft::default());
    }

    #[test]
    fn the_defaults_leave_the_rules_alone() {
        let mut config = wire::wire(&Config::default());
        config["rule"] = json!([{"match": "make", "match_type": "name", "max_runtime_minutes": 9}]);
        config["general"]["retention_days"] = json!(7);
        let mut draft = Draft::default();
        draft.fill_defaults();
        assert_eq!(Value::Object(draft.patch(&config)), json!({"general": {"retention_days": 90}}));
    }
}
