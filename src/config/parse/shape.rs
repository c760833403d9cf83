//! Which keys and tables there are: whatever the config itself would write.

use super::Fault;
use crate::config::{Config, Rule, RuleMatch, bounded::Bounded};
use crate::protocol::{Reason, Severity};
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How many characters of a key are repeated.
const LONGEST: usize = 40;

/// How much alike a key must be to be suggested: 1 is the same.
const LIKE: f64 = 0.75;

/// Refuses the first key that there is none of, and the first table that is none.
pub(super) fn check(tree: &DeTable) -> Result<(), Fault> {
    table(tree, &model(), &mut Vec::new())
}

/// Says that there is no such key, and which there are.
pub(in crate::config) fn unknown_key(path: &[String], name: &str, known: &Map<String, Value>) -> String {
    let place = match path {
        [] => "at the top of the config".to_owned(),
        path => format!("in {}", header(path)),
    };
    let hint = match elsewhere(name).as_slice() {
        [] => nearest(name, known),
        [only] => Some(only.clone()),
        [..] => None,
    };
    let hint = match hint {
        Some(meant) => format!("Did you mean \"{meant}\"?"),
        None => format!("The keys are: {}.", known.keys().map(String::as_str).collect::<Vec<_>>().join(", ")),
    };
    let name: String = name.chars().take(LONGEST).collect();
    format!("there is no key {name:?} {place}. {hint}")
}

/// Gives a config that has every key there is.
pub(in crate::config) fn model() -> Map<String, Value> {
    let rule = Rule {
        name: Some(String::new()),
        pattern: String::new(),
        match_type: RuleMatch::Name,
        max_runtime_minutes: Some(Bounded::new(1)),
        cpu_threshold_percent: Some(Bounded::new(1)),
        cpu_duration_seconds: Some(Bounded::new(1)),
        hang_duration_seconds: Some(Bounded::new(1)),
        memory_growth_mb: Some(Bounded::new(1)),
        memory_window_minutes: Some(Bounded::new(1)),
        silence: vec![Reason::CpuHigh],
        severity: Some(Severity::Warning),
    };
    let full = Config { rules: vec![rule], ..Config::default() };
    if let Ok(Value::Object(model)) = serde_json::to_value(full) { model } else { Map::new() }
}

fn table(found: &DeTable, model: &Map<String, Value>, path: &mut Vec<String>) -> Result<(), Fault> {
    let mut entries: Vec<_> = found.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let name: &str = key.get_ref();
        let Some(expected) = model.get(name) else {
            let message = unknown_key(path, name, model);
            path.push(name.to_owned());
            return Err(Fault { span: key.span(), path: path.clone(), message });
        };
        path.push(name.to_owned());
        entry(value, expected, path)?;
        path.pop();
    }
    Ok(())
}

fn entry(found: &Spanned<DeValue>, expected: &Value, path: &mut Vec<String>) -> Result<(), Fault> {
    let refuse = |message: String, path: &[String]| Err(Fault { span: found.span(), path: path.to_vec(), message });
    let is = kind(found.get_ref());
    match (expected, found.get_ref().as_table(), found.get_ref().as_array()) {
        (Value::Object(model), Some(found), _) => table(found, model, path),
        (Value::Object(_), None, _) => refuse(format!("{} must be a table, not {is}.", header(path)), path),
        (Value::Array(models), _, Some(found)) => match models.first() {
            Some(model) => found.iter().try_for_each(|found| entry(found, model, path)),
            None => Ok(()),
        },
        (Value::Array(words), _, None) if words.first().is_some_and(Value::is_string) => {
            let key = path.last().map_or("", String::as_str);
            refuse(format!("{key} must be a list, as in [\"hang\"], not {is}."), path)
        }
        (Value::Array(_), _, None) => {
            refuse(format!("{0} must be written as [[{0}]], not as {is}.", path.join(".")), path)
        }
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _, _) => Ok(()),
    }
}

fn header(path: &[String]) -> String {
    let name = path.join(".");
    if name == "rule" { format!("[[{name}]]") } else { format!("[{name}]") }
}

/// Names the type of a value for people.
pub(super) fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn nearest(name: &str, known: &Map<String, Value>) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let likeness = |key: &str| strsim::jaro(key, name);
    let best = known.keys().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > LIKE).then(|| best.clone())
}

/// Finds the tables' keys of this name.
fn elsewhere(name: &str) -> Vec<String> {
    fn search(name: &str, table: &Map<String, Value>, path: &str, found: &mut Vec<String>) {
        for (key, value) in table {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Value::Object(inner) = value {
                search(name, inner, &path, found);
            }
            if key == name {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    search(name, &model(), "", &mut found);
    found
}
