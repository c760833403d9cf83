use super::*;
use crate::config::{Config, parse::parse};
use serde_json::json;

const TEMPLATE: &str = include_str!("../default.toml");

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value}") };
    map
}

#[track_caller]
fn edits(text: &str, patch: Value, expected: &str) {
    assert_eq!(edit(text, &map(patch)).unwrap(), expected);
}

#[track_caller]
fn refuses(patch: Value, message: &str) {
    let error = edit(TEMPLATE, &map(patch)).unwrap_err();
    assert_eq!(error, Error::new(ErrorCode::InvalidConfig, message));
}

#[test]
fn a_value_is_set_in_its_place() {
    let text = "# mine\n[general]\n  retention_days  =  7   # a week\n\n# end\n";
    edits(text, json!({"general": {"retention_days": 8}}), &text.replace('7', "8"));
    let text = "[general]\nnotification_method = 'both' # or not\n";
    edits(text, json!({"general": {"notification_method": "popup"}}), &text.replace("'both'", "\"popup\""));
}

#[test]
fn detection_tables_are_found_at_the_top_and_under_detection() {
    let expected = TEMPLATE.replacen("duration_seconds = 60", "duration_seconds = 61", 1);
    edits(TEMPLATE, json!({"cpu_high": {"duration_seconds": 61}}), &expected);
    edits(TEMPLATE, json!({"detection": {"cpu_high": {"duration_seconds": 61}}}), &expected);
    edits(
        TEMPLATE,
        json!({"cpu_high": {"duration_seconds": 61}, "detection": {"cpu_high": {"enabled": true}}}),
        &expected,
    );
    refuses(
        json!({"cpu_high": {"enabled": true}, "detection": {"cpu_high": {"enabled": false}}}),
        "detection is given twice, at the top and under \"detection\". Nothing was changed.",
    );
}

#[test]
fn what_changes_nothing_leaves_every_byte() {
    let text = "\u{feff}[general]\r\nretention_days=1_000 # c\nnotification_method = 'both'";
    edits(text, json!({}), text);
    edits(text, json!({"general": {}, "hang": {}, "rule": []}), text);
    edits(text, json!({"general": {"retention_days": 1000, "notification_method": "both"}}), text);
    edits(text, json!({"general": {"retention_days": 1000.0, "kill_grace_seconds": null}}), text);
}

#[test]
fn bom_and_crlf_stay() {
    let text = "\u{feff}# a\r\n[general]\r\n# b\r\nretention_days = 7 # c\r\n";
    edits(
        text,
        json!({"general": {"retention_days": 8, "kill_grace_seconds": 3}}),
        "\u{feff}# a\r\n[general]\r\n# b\r\nretention_days = 8 # c\r\nkill_grace_seconds = 3\r\n",
    );
}

#[test]
fn null_cuts_the_key_and_keeps_its_comments() {
    edits(
        "[general]\n# above\n  retention_days = 7 # beside\nkill_grace_seconds = 3\n# below\n",
        json!({"general": {"retention_days": null, "kill_grace_seconds": null}}),
        "[general]\n# above\n  # beside\n# below\n",
    );
    edits(
        "general = { retention_days = 7, kill_grace_seconds = 3 } # beside\n",
        json!({"general": {"retention_days": null}}),
        "general = { kill_grace_seconds = 3 } # beside\n",
    );
    edits("[general] # a\nretention_days = 7\n", json!({"general": null}), "[general] # a\n");
    edits("detection.hang.enabled = false\n", json!({"hang": null}), "");
    edits("general = { retention_days = 7 }\n# b", json!({"general": null}), "# b");
    assert_eq!(
        parse(&edit(TEMPLATE, &map(json!({"detection": null, "general": null}))).unwrap()).unwrap(),
        Config::default()
    );
}

#[test]
fn a_new_key_follows_the_last_one_of_its_table() {
    edits(
        "[general]\nretention_days = 7 # a\n# b\n\n[detection.hang]\n",
        json!({"general": {"kill_grace_seconds": 3}, "hang": {"enabled": false}}),
        "[general]\nretention_days = 7 # a\nkill_grace_seconds = 3\n# b\n\n[detection.hang]\nenabled = false\n",
    );
}

#[test]
fn a_new_table_follows_its_kin_and_their_comments() {
    edits(
        "[detection.cpu_high]\nenabled = true\n# duration_seconds = 3\n\n# the rest\n[general]\nretention_days = 7\n",
        json!({"hang": {"enabled": false}}),
        "[detection.cpu_high]\nenabled = true\n# duration_seconds = 3\n\n[detection.hang]\nenabled = false\n\n\
         # the rest\n[general]\nretention_days = 7\n",
    );
    edits(
        "[detection.hang]\nenabled = true\n# end",
        json!({"general": {"retention_days": 8}}),
        "[detection.hang]\nenabled = true\n# end\n\n[general]\nretention_days = 8\n",
    );
    edits("", json!({"hang": {"duration_seconds": 9}}), "[detection.hang]\nduration_seconds = 9\n");
}

#[test]
fn inline_and_dotted_tables_keep_their_form() {
    edits(
        "detection = { hang = { enabled = true } } # a\n",
        json!({"hang": {"enabled": false}, "cpu_high": {"threshold_percent": 80}}),
        "detection = { hang = { enabled = false } , cpu_high = { threshold_percent = 80 } } # a\n",
    );
    edits(
        "detection.hang.enabled = true # a\n# b\n",
        json!({"hang": {"enabled": false, "duration_seconds": 3}, "cpu_high": {"enabled": false}}),
        "detection.hang.enabled = false # a\ndetection.hang.duration_seconds = 3\ndetection.cpu_high.enabled = false\n# b\n",
    );
}

#[test]
fn the_first_rule_goes_to_the_end() {
    edits(
        TEMPLATE,
        json!({"rule": [{"name": "builds", "match": "make", "max_runtime_minutes": 120}]}),
        &format!("{TEMPLATE}\n[[rule]]\nname = \"builds\"\nmatch = \"make\"\nmax_runtime_minutes = 120\n"),
    );
}

const RULES: &str = "# my rules\n\n# builds\n[[rule]]\nmatch = \"make\" # all\nmax_runtime_minutes = 5\n# match_type = \"name\"\n\n\
    # renders\n[[rule]]\nname = \"render\"\nmatch = \"blender\"\nmax_runtime_minutes = 9 # long\n\n# rest\n[general]\n";

#[test]
fn a_rule_that_stays_keeps_its_comments() {
    let (make, blender) = (
        json!({"match": "make", "max_runtime_minutes": 6}),
        json!({"name": "render", "match": "blender", "max_runtime_minutes": 9}),
    );
    edits(RULES, json!({"rule": [make, blender]}), &RULES.replace("= 5", "= 6"));
    edits(
        RULES,
        json!({"rule": [blender]}),
        "# my rules\n\n# renders\n[[rule]]\nname = \"render\"\nmatch = \"blender\"\nmax_runtime_minutes = 9 # long\n\n# rest\n[general]\n",
    );
    edits(
        RULES,
        json!({"rule": [blender, make]}),
        "# my rules\n\n# renders\n[[rule]]\nname = \"render\"\nmatch = \"blender\"\nmax_runtime_minutes = 9 # long\n\n\
        # builds\n[[rule]]\nmatch = \"make\" # all\nmax_runtime_minutes = 6\n# match_type = \"name\"\n\n# rest\n[general]\n",
    );
}

#[test]
fn rules_are_replaced_whole() {
    edits(RULES, json!({"rule": []}), "# my rules\n\n# rest\n[general]\n");
    edits(RULES, json!({"rule": null}), "# my rules\n\n# rest\n[general]\n");
    let render = json!({"match": "blender", "max_runtime_minutes": 9, "match_type": "cmdline"});
    let added = json!({"match": "x", "max_runtime_minutes": 1});
    let kept = edit(RULES, &map(json!({"rule": [json!({"match": "make", "max_runtime_minutes": 5}), render, added]})))
        .unwrap();
    assert_eq!(
        kept,
        RULES.replace("name = \"render\"\n", "").replace(
            "9 # long\n",
            "9 # long\nmatch_type = \"cmdline\"\n\n[[rule]]\nmatch = \"x\"\nmax_runtime_minutes = 1\n"
        )
    );
}

#[test]
fn a_rule_is_known_again_by_name_or_place() {
    let named = json!({"rule": [{"name": "render", "match": "blender-4", "max_runtime_minutes": 9}]});
    assert!(
        edit(RULES, &map(named)).unwrap().contains("# renders\n[[rule]]\nname = \"render\"\nmatch = \"blender-4\"\n")
    );
    let placed =
        json!({"rule": [{"match": "ninja", "max_runtime_minutes": 5}, {"match": "blender", "max_runtime_minutes": 9}]});
    assert!(edit(RULES, &map(placed)).unwrap().contains("# builds\n[[rule]]\nmatch = \"ninja\" # all\n"));
}

#[test]
fn rules_on_one_line_stay_on_one_line() {
    edits(
        "rule = [{ match = 'a', max_runtime_minutes = 1 }] # one\n",
        json!({"rule": [{"match": "b", "max_runtime_minutes": 2}]}),
        "rule = [{ match = \"b\", max_runtime_minutes = 2 }] # one\n",
    );
    edits("rule = [{ match = 'a', max_runtime_minutes = 1 }] # one\n", json!({"rule": null}), "# one\n");
}

#[test]
fn refusals_name_the_key_and_what_is_allowed() {
    refuses(
        json!({"cpu_high": {"threshold_percent": "ninety"}}),
        "cpu_high.threshold_percent must be 1 to 6400, not \"ninety\". Nothing was changed.",
    );
    refuses(
        json!({"general": {"retention_days": 0}}),
        "general.retention_days must be 1 to 36500, not 0. Nothing was changed.",
    );
    refuses(json!({"hang": {"enabled": 1}}), "hang.enabled must be true or false, not 1. Nothing was changed.");
    refuses(
        json!({"general": {"retention_days": 1.5}}),
        "general.retention_days must be a whole number, 1 to 36500, not 1.5. Nothing was changed.",
    );
    refuses(
        json!({"general": {"notification_method": "mail"}}),
        "general.notification_method must be \"system\", \"popup\" or \"both\", not \"mail\". Nothing was changed.",
    );
    refuses(json!({"general": 3}), "[general] must be a table, not a number. Nothing was changed.");
    refuses(json!({"rule": 3}), "rule must be written as [[rule]], not as a number. Nothing was changed.");
    refuses(json!({"rule": [null]}), "[[rule]] must be a table, not a text. Nothing was changed.");
    refuses(
        json!({"rule": [{"match": "a"}]}),
        "[[rule]] says nothing of what it matches. Add max_runtime_minutes, silence, severity, or a limit of its own. Nothing was changed.",
    );
    refuses(
        json!({"rule": [{"match": "a(", "match_type": "regex", "max_runtime_minutes": 1}]}),
        "rule.match is a regex that cannot be used: found open group without closing ')'. Nothing was changed.",
    );
}

#[test]
fn unknown_keys_are_refused_even_as_null() {
    for value in [json!(null), json!(1), json!({})] {
        refuses(
            json!({"general": {"retention_day": value}}),
            "There is no key \"retention_day\" in [general]. Did you mean \"retention_days\"? Nothing was changed.",
        );
    }
    refuses(
        json!({"colour": null}),
        "There is no key \"colour\" at the top of the config. The keys are: detection, general, rule. Nothing was changed.",
    );
    refuses(
        json!({"rule": [{"match": "a", "max_runtime_minutes": 1, "limit": 3}]}),
        "There is no key \"limit\" in [[rule]]. The keys are: name, match, match_type, max_runtime_minutes, cpu_threshold_percent, cpu_duration_seconds, hang_duration_seconds, memory_growth_mb, memory_window_minutes, silence, severity. Nothing was changed.",
    );
}

#[test]
fn a_text_that_is_refused_is_not_edited() {
    let error = edit("[general\n", &map(json!({"general": {"retention_days": 3}}))).unwrap_err();
    assert_eq!(error.message, "line 1, column 9: this is not TOML: unclosed table, expected `]`. Nothing was changed.");
}

#[test]
fn every_key_of_a_rule_is_set_changed_and_cut_and_comments_stay() {
    let text = "# ours\n[[rule]] # builds\nmatch = 'make'\nsilence = [ 'hang' ] # a disk\nseverity = 'warning' # calm\n\n# end\n";
    let full = json!({"name": "builds", "match": "make", "match_type": "executable", "max_runtime_minutes": 1,
        "cpu_threshold_percent": 2, "cpu_duration_seconds": 3, "hang_duration_seconds": 4, "memory_growth_mb": 5,
        "memory_window_minutes": 6, "silence": ["cpu_high", "timeout"], "severity": "critical"});
    let edited = edit(text, &map(json!({"rule": [full]}))).unwrap();
    let Value::Object(wire) = crate::config::wire::wire(&parse(&edited).unwrap()) else { panic!("{edited}") };
    assert_eq!(wire["rule"], json!([full]));
    for comment in ["# ours\n", "[[rule]] # builds\n", "] # a disk\n", "\"critical\" # calm\n", "\n# end\n"] {
        assert!(edited.contains(comment), "{comment} in {edited}");
    }
    edits(&edited, json!({"rule": wire["rule"]}), &edited);
    let cut = edit(&edited, &map(json!({"rule": [{"match": "make", "severity": "warning"}]}))).unwrap();
    let expected = parse("[[rule]]\nmatch = 'make'\nseverity = 'warning'").unwrap();
    assert_eq!(parse(&cut).unwrap(), expected, "{cut}");
    refuses(
        json!({"rule": [{"match": "a", "silence": "hang"}]}),
        "rule.silence must be a list, as in [\"hang\"], not a text. Nothing was changed.",
    );
}
