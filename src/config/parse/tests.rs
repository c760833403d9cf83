use super::*;
use crate::config::beside_the_test;
use crate::protocol::Reason;

const TEMPLATE: &str = include_str!("../default.toml");

#[track_caller]
fn refuses(text: &str, message: &str) {
    assert_eq!(parse(text).expect_err(text).to_string(), message, "of {text:?}");
}

#[test]
fn the_template_is_the_default() {
    assert_eq!(parse(TEMPLATE).unwrap(), Config::default());
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn the_template_names_every_key_with_its_default() {
    let written = TEMPLATE.parse::<toml::Table>().unwrap();
    let default = toml::Table::try_from(Config::default()).unwrap();
    let live = |table: &toml::Table| {
        let mut table = table.clone();
        table.remove("rule");
        table
    };
    assert_eq!(live(&written), live(&default));
}

#[test]
fn the_examples_in_the_template_work() {
    let (before, example) = TEMPLATE.split_once("# [[rule]]\n").unwrap();
    let example: String = example.lines().map(|line| line.trim_start_matches("# ").to_owned() + "\n").collect();
    let config = parse(&format!("{before}[[rule]]\n{example}")).unwrap();
    let [rule, solver] = config.rules.as_slice() else { panic!("{:?}", config.rules) };
    assert_eq!((rule.title(), rule.pattern.as_str(), rule.limit().unwrap().as_secs()), ("builds", "make", 7200));
    assert_eq!((solver.match_type, solver.silence.as_slice()), (RuleMatch::Executable, &[Reason::MemoryLeak][..]));
}

#[test]
fn what_is_written_counts() {
    let text = "detection.hang.enabled = false\n[general]\nnotification_method = 'popup'\nretention_days = 1_000\n\
        [[rule]]\nmatch = '^cc1'\nmatch_type = 'regex'\nmax_runtime_minutes = 5\n";
    let config = parse(text).unwrap();
    assert!(!config.detection.hang.enabled);
    assert_eq!(config.general.notification_method, crate::config::NotificationMethod::Popup);
    assert_eq!(config.general.retention_days.get(), 1000);
    assert_eq!(config.rules[0].match_type, RuleMatch::Regex);
    assert_eq!(config.rules[0].title(), "^cc1");
}

#[test]
fn bom_and_crlf_are_fine() {
    let text = "\u{feff}[general]\r\nretention_days = 7\r\n";
    assert_eq!(parse(text).unwrap().general.retention_days.get(), 7);
    refuses(
        "\u{feff}[general]\r\n# äöü\r\nretention_days = 0\r\n",
        "line 3, column 18: retention_days must be 1 to 36500, not 0.",
    );
    refuses("\u{feff}nett = 1", &top("line 1, column 1: there is no key \"nett\""));
}

#[test]
fn columns_count_characters() {
    refuses(
        "rule = [{ name = 'ä€😀', match = 3, max_runtime_minutes = 1 }]",
        "line 1, column 33: match must be text in quotes, not 3.",
    );
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    let refused = |value: &str, message: &str| {
        refuses(
            &format!("\n[detection.cpu_high]\nthreshold_percent = {value}\n"),
            &format!("line 3, column 21: threshold_percent must be {message}"),
        );
    };
    refused("\"ninety\"", "1 to 6400, not \"ninety\".");
    refused("0", "1 to 6400, not 0.");
    refused("-1", "1 to 6400, not -1.");
    refused("6401", "1 to 6400, not 6401.");
    refused("99999999999999999999999", "1 to 6400, not 99999999999999999999999.");
    refused("90.5", "a whole number, 1 to 6400, not 90.5.");
    refused("inf", "a whole number, 1 to 6400, not inf.");
    refused("true", "1 to 6400, not true.");
    refused("\"90\"", "1 to 6400, not \"90\". Leave out the quotes.");
    refused("2026-05-01", "1 to 6400, not 2026-05-01.");
    refused("[90]", "1 to 6400, not a list.");
    refused("{ a = 90 }", "1 to 6400, not a table.");
    refused(&format!("'{}'", "x".repeat(99)), &format!("1 to 6400, not '{}….", "x".repeat(39)));
    refused("'''a\nb'''", "1 to 6400, not '''a….");
}

#[test]
fn words_and_flags_are_refused_with_what_is_allowed() {
    let method = |value: &str, message: &str| {
        refuses(
            &format!("[general]\nnotification_method = {value}\n"),
            &format!("line 2, column 23: notification_method must be {message}"),
        );
    };
    method("\"all\"", "\"system\", \"popup\" or \"both\", not \"all\".");
    method("3", "\"system\", \"popup\" or \"both\", not 3.");
    method("true", "\"system\", \"popup\" or \"both\", not true.");
    method("{ system = {} }", "a word in quotes, not a table.");
    refuses("detection.hang.enabled = 1", "line 1, column 26: enabled must be true or false, not 1.");
    refuses(
        "detection.hang.enabled = 'false'",
        "line 1, column 26: enabled must be true or false, not 'false'. Leave out the quotes.",
    );
}

fn top(start: &str) -> String {
    format!("{start} at the top of the config. The keys are: detection, general, rule.")
}

#[test]
fn unknown_keys_are_refused_with_the_ones_there_are() {
    refuses(
        "\n\n[detection.cpu_high]\ntreshold_percent = 3\n",
        "line 4, column 1: there is no key \"treshold_percent\" in [detection.cpu_high]. \
         Did you mean \"threshold_percent\"?",
    );
    refuses(
        "detection.hang.threshold_mb = 3",
        "line 1, column 16: there is no key \"threshold_mb\" in [detection.hang]. The keys are: enabled, duration_seconds.",
    );
    refuses(
        "[detection.cpu]\n",
        "line 1, column 12: there is no key \"cpu\" in [detection]. Did you mean \"cpu_high\"?",
    );
    refuses(
        "[cpu_high]\nenabled = true",
        "line 1, column 2: there is no key \"cpu_high\" at the top of the config. Did you mean \"detection.cpu_high\"?",
    );
    refuses(
        "retention_days = 3",
        "line 1, column 1: there is no key \"retention_days\" at the top of the config. \
         Did you mean \"general.retention_days\"?",
    );
    let long = "a".repeat(1 << 19);
    refuses(&format!("{long} = 1"), &top(&format!("line 1, column 1: there is no key {:?}", &long[..40])));
    refuses("\"we`ird, expected \" = 3", &top("line 1, column 1: there is no key \"we`ird, expected \""));
    refuses(
        "[[rule]]\nmatch = 'a'\nminutes = 1\nmax_runtime_minutes = 3\n",
        "line 3, column 1: there is no key \"minutes\" in [[rule]]. \
         The keys are: name, match, match_type, max_runtime_minutes, cpu_threshold_percent, cpu_duration_seconds, hang_duration_seconds, memory_growth_mb, memory_window_minutes, silence, severity.",
    );
}

#[test]
fn the_first_unknown_key_of_the_file_is_named() {
    refuses(
        "[general]\nzz = 1\n[detection]\naa = 1\n",
        "line 2, column 1: there is no key \"zz\" in [general]. \
        The keys are: sample_interval_normal, sample_interval_alert, notification_method, kill_grace_seconds, retention_days.",
    );
}

#[test]
fn tables_must_be_tables() {
    refuses("detection = 3", "line 1, column 13: [detection] must be a table, not a number.");
    refuses("[[detection]]\n", "line 1, column 1: [detection] must be a table, not a list.");
    refuses("general = [3, 4]", "line 1, column 11: [general] must be a table, not a list.");
    refuses("[detection]\nhang = 'no'", "line 2, column 8: [detection.hang] must be a table, not a text.");
    refuses("[rule]\nmatch = 'a'", "line 1, column 1: rule must be written as [[rule]], not as a table.");
    refuses("rule = ['make']", "line 1, column 9: [[rule]] must be a table, not a text.");
}

#[test]
fn rules_are_checked() {
    let rule = |lines: &str, message: &str| refuses(&format!("\n[[rule]]\n{lines}"), message);
    rule("match = 'a'", &format!("line 2, column 1: {SAYS_NOTHING}"));
    rule("max_runtime_minutes = 1", "line 2, column 1: [[rule]] needs a key \"match\".");
    rule("match = ' '\nmax_runtime_minutes = 1", "line 3, column 9: match must not be empty.");
    rule("max_runtime_minutes = 0", "line 3, column 23: max_runtime_minutes must be 1 to 5256000, not 0.");
    rule(
        "match = 'a'\nmax_runtime_minutes = 1\nmatch_type = 'glob'",
        "line 5, column 14: match_type must be \"name\", \"cmdline\", \"regex\", \"executable\", \"application\" or \"user\", not 'glob'.",
    );
    rule(
        "max_runtime_minutes = 1\nmatch_type = 'regex'\nmatch = 'a('",
        "line 5, column 9: match is a regex that cannot be used: found open group without closing ')'.",
    );
    rule(
        "max_runtime_minutes = 1\nmatch_type = 'regex'\nmatch = '(\\w{500}){500}'",
        "line 5, column 9: match is a regex that cannot be used: compiled regex exceeded size limit.",
    );
    let second = "rule = [{ match = 'a', max_runtime_minutes = 3 }, { match = '', max_runtime_minutes = 3 }]";
    refuses(second, "line 1, column 61: match must not be empty.");
}

#[test]
fn what_a_rule_is_silent_about_and_how_bad_it_is_are_words_out_of_a_list() {
    let rule = |line: &str, message: &str| refuses(&format!("[[rule]]\nmatch = 'a'\n{line}"), message);
    let reasons = "\"cpu_high\", \"hang\", \"memory_leak\" or \"timeout\"";
    rule("silence = ['cpu']", &format!("line 3, column 12: silence must be {reasons}, not 'cpu'."));
    rule("silence = ['hang', 3]", &format!("line 3, column 20: silence must be {reasons}, not 3."));
    rule("silence = 'hang'", "line 3, column 11: silence must be a list, as in [\"hang\"], not a text.");
    rule("silence = true", "line 3, column 11: silence must be a list, as in [\"hang\"], not true or false.");
    rule("silence = [['hang']]", "line 3, column 12: silence must be a word in quotes, not a list.");
    rule("severity = 'bad'", "line 3, column 12: severity must be \"warning\" or \"critical\", not 'bad'.");
    rule("severity = 3", "line 3, column 12: severity must be \"warning\" or \"critical\", not 3.");
    rule("silence = []", &format!("line 1, column 1: {SAYS_NOTHING}"));
}

#[test]
fn a_name_need_not_be_a_regex() {
    let config = parse("[[rule]]\nmatch = 'a(('\nmax_runtime_minutes = 1").unwrap();
    assert_eq!(config.rules[0].pattern, "a((");
}

#[test]
fn text_that_is_no_toml_is_refused() {
    refuses("[general\n", "line 1, column 9: this is not TOML: unclosed table, expected `]`.");
    refuses("a", "line 1, column 2: a key needs \"=\" and a value after it.");
    refuses("[general]\nretention_days: 5", "line 2, column 17: a key needs \"=\" and a value after it.");
    refuses("a =\nb = 1", "line 1, column 4: the value is missing.");
    refuses("a = ninety", "line 1, column 5: ninety is not a value. Write a number, true, false, or text in quotes.");
    refuses("a = True", "line 1, column 5: True is not a value. Write a number, true, false, or text in quotes.");
    refuses("a = 5s", "line 1, column 5: 5s is not a value. Write a number, true, false, or text in quotes.");
    refuses("a = \"b\nc\"\n", "line 1, column 7: this is not TOML: invalid basic string, expected `\"`.");
    refuses("a = 012", "line 1, column 5: this is not TOML: unexpected leading zero.");
    refuses(
        "[general]\nretention_days = 3\nretention_days = 4",
        "line 3, column 1: retention_days is written twice. Keep one of them.",
    );
    refuses("[general]\n[general]", "line 2, column 2: [general] is written twice. Keep one of them.");
    refuses(
        "detection.hang = 1\n[detection.hang]",
        "line 2, column 12: [detection.hang] is written twice. Keep one of them.",
    );
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    let error = parse(&format!("a = {}", "[".repeat(100_000))).unwrap_err();
    assert_eq!(error.line, 1);
}

#[test]
fn errors_carry_the_key() {
    let error = parse("[detection.hang]\nenabled = 1").unwrap_err();
    assert_eq!((error.line, error.column, error.key.as_str()), (2, 11, "detection.hang.enabled"));
}

proptest::proptest! {
    #![proptest_config(beside_the_test())]

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in "(\\PC|\n|\r\n|\\[general\\]|=|\"|rule){0,40}") {
        if let Err(error) = parse(&text) {
            proptest::prop_assert!(error.line <= text.matches('\n').count() + 1);
            proptest::prop_assert!(error.column <= text.chars().count() + 1);
            proptest::prop_assert!(error.message.ends_with(['.', '?']), "{}", error.message);
        }
    }
}
