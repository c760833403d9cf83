use super::*;
use crate::config::{Config, beside_the_test, parse::parse};
use proptest::prelude::*;
use serde_json::json;

const KEYS: [(&str, &str); 9] = [
    ("detection.cpu_high", "threshold_percent"),
    ("detection.cpu_high", "duration_seconds"),
    ("detection.hang", "duration_seconds"),
    ("detection.memory_leak", "growth_threshold_mb"),
    ("detection.memory_leak", "window_minutes"),
    ("general", "sample_interval_normal"),
    ("general", "sample_interval_alert"),
    ("general", "kill_grace_seconds"),
    ("general", "retention_days"),
];

/// Writes a config in one of several ways, with a numbered comment wherever one may stand.
fn any_text() -> impl Strategy<Value = String> {
    let keys = proptest::collection::vec((any::<bool>(), 1..60_u32), KEYS.len());
    (keys, 0..3_u8, any::<bool>(), any::<bool>()).prop_map(|(keys, form, crlf, bom)| {
        let mut lines = vec![if bom { "\u{feff}".to_owned() } else { String::new() }];
        let mut last = "";
        for ((table, key), (is_set, value)) in KEYS.into_iter().zip(keys) {
            let is_new = table != last;
            match form {
                _ if !is_set => lines.push("#\n".into()),
                0 if is_new => lines.extend(["#".into(), format!("[{table}] #"), format!("  {key}={value} #")]),
                0 => lines.push(format!("{key} = {value}#")),
                1 => lines.extend(["#".into(), format!("{table}.{key} = {value}\t#")]),
                _ if is_new => lines.push(format!("{table} = {{ {key} = {value} }} #")),
                _ => {}
            }
            last = if is_set { table } else { last };
        }
        let numbered: Vec<_> = (lines.remove(0) + &lines.join("\n"))
            .split('#')
            .enumerate()
            .map(|(n, part)| format!("{part}# c{n}"))
            .collect();
        let text = numbered.concat() + "\n";
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

fn any_patch() -> impl Strategy<Value = Map<String, Value>> {
    let change = prop_oneof![Just(None), Just(Some(Value::Null)), (1..900_u32).prop_map(|number| Some(json!(number)))];
    proptest::collection::vec(change, KEYS.len()).prop_map(|changes| {
        let mut patch = Map::new();
        for ((table, key), change) in KEYS.iter().zip(changes) {
            let table = patch.entry(table.trim_start_matches("detection.")).or_insert(json!({}));
            if let Some(change) = change {
                table[key] = change;
            }
        }
        patch
    })
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find('#').map(|start| &line[start..])).collect()
}

fn patched(config: &Config, changes: &Map<String, Value>) -> Value {
    let mut value = serde_json::to_value(config).unwrap();
    let default = serde_json::to_value(Config::default()).unwrap();
    for (table, keys) in changes {
        for (key, change) in keys.as_object().unwrap() {
            let path = if table == "general" { format!("/general/{key}") } else { format!("/detection/{table}/{key}") };
            let change = if change.is_null() { default.pointer(&path).unwrap() } else { change };
            *value.pointer_mut(&path).unwrap() = change.clone();
        }
    }
    value
}

proptest! {
    #![proptest_config(beside_the_test())]

    #[test]
    fn an_edit_gives_the_patched_values_and_keeps_every_comment(text in any_text(), patch in any_patch()) {
        let config = parse(&text).unwrap();
        let edited = edit(&text, &patch).unwrap();
        prop_assert_eq!(serde_json::to_value(parse(&edited).unwrap()).unwrap(), patched(&config, &patch));
        prop_assert_eq!(comments(&edited), comments(&text));
        prop_assert_eq!(edited.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        prop_assert_eq!(edit(&edited, &patch).unwrap(), edited);
    }

    #[test]
    fn an_empty_patch_is_the_identity(text in any_text()) {
        prop_assert_eq!(edit(&text, &Map::new()).unwrap(), text);
    }

    #[test]
    fn rules_are_what_was_wanted(
        before in proptest::collection::vec("[a-d]", 0..5),
        after in proptest::collection::vec(("[a-d]", 1..9_u32, any::<bool>()), 0..5),
        tail in any::<bool>(),
    ) {
        let tail = if tail { "# general\n[general]\n" } else { "# end" };
        let text: Vec<_> = before.iter().enumerate().map(|(n, pattern)| {
            format!("# section {n}\n\n# above {n}\n[[rule]] # {n}\nmatch = '{pattern}'\nmax_runtime_minutes = 3\n# below {n}\n\n")
        }).collect();
        let text = text.concat() + tail;
        let rules: Vec<_> = after.iter().map(|(pattern, minutes, named)| {
            let name = if *named { json!("n") } else { Value::Null };
            json!({"match": pattern, "max_runtime_minutes": minutes, "name": name})
        }).collect();
        let edited = edit(&text, &Map::from_iter([("rule".to_owned(), json!(rules))])).unwrap();
        let found: Vec<_> = parse(&edited).unwrap().rules.into_iter()
            .map(|rule| (rule.pattern, rule.max_runtime_minutes.unwrap().get(), rule.name.is_some())).collect();
        prop_assert_eq!(found, after);
        for n in 0..before.len() {
            prop_assert!(edited.contains(&format!("# section {n}\n")), "{}", edited);
        }
        prop_assert!(edited.contains(tail), "{}", edited);
    }
}
