//! The config as clients see it: the tree of `config.toml` with its detection tables at the top.

use super::Config;
use serde_json::{Map, Value};

/// Gives the tree of the wire: `cpu_high`, `hang`, `memory_leak`, `general` and `rule`, every key of them written out.
#[must_use]
pub fn wire(config: &Config) -> Value {
    let Ok(Value::Object(written)) = serde_json::to_value(config) else { return Value::Null };
    let lifted = written.into_iter().map(|(key, value)| match (key.as_str(), value) {
        ("detection", Value::Object(tables)) => tables,
        (_, value) => Map::from_iter([(key, value)]),
    });
    lifted.flatten().collect()
}

/// Looks a key up in the tree of the wire: `cpu_high.threshold_percent`, with or without `detection.` before it, a
/// whole table, or one part of a rule as in `rule.0.match`. None where there is no such key.
#[must_use]
pub fn get<'v>(tree: &'v Value, key: &str) -> Option<&'v Value> {
    key.strip_prefix("detection.").unwrap_or(key).split('.').try_fold(tree, |found, part| match found {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        Value::Object(table) => table.get(part),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// Makes the patch that sets one key; the value is what it would be in `config.toml`, or a text without its quotes.
#[must_use]
pub fn patch_from(key: &str, value: &str) -> Map<String, Value> {
    let value = match value.trim().parse::<toml::Value>() {
        Ok(parsed) => to_json(parsed),
        Err(_) => Value::String(value.to_owned()),
    };
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let parts = rest.rsplit('.').filter(|_| !rest.is_empty());
    let value = parts.fold(value, |value, part| Value::Object(Map::from_iter([(part.to_owned(), value)])));
    Map::from_iter([(first.to_owned(), value)])
}

fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => items.into_iter().map(to_json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, to_json(value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{edit::edit, parse::parse};
    use serde_json::json;

    #[test]
    fn the_wire_has_the_detection_tables_at_the_top() {
        let expected = json!({
            "cpu_high": {"enabled": true, "threshold_percent": 90, "duration_seconds": 60},
            "hang": {"enabled": true, "duration_seconds": 30},
            "memory_leak": {"enabled": true, "growth_threshold_mb": 500, "window_minutes": 5},
            "general": {
                "sample_interval_normal": 10, "sample_interval_alert": 2, "notification_method": "both",
                "kill_grace_seconds": 5, "retention_days": 90
            },
            "rule": []
        });
        assert_eq!(wire(&Config::default()), expected);
        assert_eq!(wire(&Config::default()).to_string(), expected.to_string());
    }

    #[test]
    fn the_wire_can_be_sent_back_as_a_patch() {
        let text = "[general]\nretention_days = 7\n[[rule]]\nmatch = 'make'\nmax_runtime_minutes = 9\n";
        let config = parse(text).unwrap();
        let Value::Object(patch) = wire(&config) else { panic!("no object") };
        let defaults = include_str!("default.toml");
        assert_eq!(parse(&edit(defaults, &patch).unwrap()).unwrap(), config);
        assert_eq!(patch["rule"], json!([{"match": "make", "match_type": "name", "max_runtime_minutes": 9}]));
    }

    #[test]
    fn keys_are_found_with_and_without_detection() {
        let tree = wire(&parse("rule = [{ match = 'make', max_runtime_minutes = 9 }]").unwrap());
        for key in ["cpu_high.threshold_percent", "detection.cpu_high.threshold_percent"] {
            assert_eq!(get(&tree, key), Some(&json!(90)));
        }
        assert_eq!(get(&tree, "hang"), Some(&json!({"enabled": true, "duration_seconds": 30})));
        assert_eq!(get(&tree, "rule.0.match"), Some(&json!("make")));
        for key in ["", "hang.", "general.retention", "rule.1", "rule.x", "hang.enabled.x"] {
            assert_eq!(get(&tree, key), None, "{key}");
        }
    }

    #[test]
    fn a_patch_is_made_of_key_and_value() {
        let patch = |key: &str, value: &str| Value::Object(patch_from(key, value));
        assert_eq!(patch("cpu_high.threshold_percent", "80"), json!({"cpu_high": {"threshold_percent": 80}}));
        assert_eq!(patch("detection.hang.enabled", " false"), json!({"detection": {"hang": {"enabled": false}}}));
        assert_eq!(patch("general.notification_method", "popup")["general"]["notification_method"], json!("popup"));
        assert_eq!(patch("general.notification_method", "'popup'")["general"]["notification_method"], json!("popup"));
        assert_eq!(patch("rule", "[{ match = 'a', max_runtime_minutes = 1 }]")["rule"][0]["match"], json!("a"));
        assert_eq!(patch("a", "nan"), json!({"a": "NaN"}));
        assert_eq!(patch("a", "2026-05-01"), json!({"a": "2026-05-01"}));
        assert_eq!(patch("a", ""), json!({"a": ""}));
        assert_eq!(patch("a..b", "1\n[general]"), json!({"a": {"": {"b": "1\n[general]"}}}));
    }
}
