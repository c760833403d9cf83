//! What people read is run: the examples of the protocol, the commands, the settings, the trace, the Python.

use crate::harness::{Applet, Client, Home, requires};
use clap::CommandFactory;
use runaway_guard::cli::Arguments;
use runaway_guard::config::{Config, Rule, RuleMatch, parse};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const README: &str = include_str!("../../README.md");
const PROTOCOL: &str = include_str!("../../src/protocol/README.md");
const TRACE: &str = include_str!("../../src/trace/README.md");

#[test]
fn the_protocol_examples_are_answered_as_they_stand() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let examples = block(PROTOCOL, "session");
    let mut checked = 0;
    for pair in examples.lines().collect::<Vec<_>>().chunks(2) {
        let [request, expected] = pair else { panic!("a request without its answer: {pair:?}") };
        let request = request.strip_prefix("> ").expect("a request begins with >");
        let expected: Value =
            serde_json::from_str(expected.strip_prefix("< ").expect("an answer begins with <")).unwrap();
        let got = exchange(&mut client, request);
        assert_alike(&expected, &got, request);
        checked += 1;
    }
    assert!(checked > 15, "the protocol is shown");
}

#[test]
fn every_request_is_told() {
    for command in runaway_guard::protocol::request::COMMANDS {
        assert!(PROTOCOL.contains(&format!("`{command}`")), "{command} is missing");
    }
}

#[test]
fn every_command_is_shown_and_each_is_understood() {
    let shell = block(README, "sh");
    let lines = shell.lines().filter_map(|line| line.split('#').next());
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("runaway-guard")).collect();
    for line in &lines {
        Arguments::read(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    for command in Arguments::command().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        assert!(lines.iter().any(|line| line.split_whitespace().nth(1) == Some(name)), "{name} is missing");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (text, folder) in [(README, ""), (PROTOCOL, "src/protocol"), (TRACE, "src/trace")] {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("https://")) {
            let leads = match link.strip_prefix('#') {
                Some(place) => headings(text).any(|heading| heading == place),
                None => root.join(folder).join(link).exists(),
            };
            assert!(leads, "{folder}: {link}");
        }
    }
}

#[test]
fn the_config_of_the_readme_holds_the_defaults_and_one_rule() {
    let shown = parse::parse(&block(README, "toml")).unwrap();
    let rule = Rule {
        name: Some("builds".into()),
        pattern: "make".into(),
        match_type: RuleMatch::Name,
        max_runtime_minutes: Some(runaway_guard::config::bounded::Bounded::new(120)),
        ..Rule::default()
    };
    assert_eq!(shown, Config { rules: vec![rule], ..Config::default() });
}

#[test]
fn the_table_of_rules_has_every_key_with_its_values() {
    let rows = rows_after("| key | what it is | values |");
    let all = "match = 'a'\nname = 'a'\nmatch_type = 'user'\nmax_runtime_minutes = 1\ncpu_threshold_percent = 1\n\
               cpu_duration_seconds = 1\nhang_duration_seconds = 1\nmemory_growth_mb = 1\nmemory_window_minutes = 1\n\
               silence = ['hang']\nseverity = 'warning'";
    let all = serde_json::to_value(&parse::parse(&format!("[[rule]]\n{all}")).unwrap().rules[0]).unwrap();
    let keys: Vec<&str> = rows.iter().map(|[key, ..]| key.trim_matches('`')).collect();
    assert_eq!(keys, all.as_object().unwrap().keys().collect::<Vec<_>>());
    for [key, _, values] in rows {
        let key = key.trim_matches('`');
        let is_taken = |value: &str| {
            let said = if key == "max_runtime_minutes" { "" } else { "max_runtime_minutes = 1\n" };
            parse::parse(&format!("[[rule]]\nmatch = 'a'\n{said}{key} = {value}")).is_ok()
        };
        let words: Vec<&str> = values.split('`').skip(1).step_by(2).filter(|word| word.starts_with('"')).collect();
        for word in &words {
            assert!(is_taken(&if key == "silence" { format!("[{word}]") } else { (*word).to_owned() }), "{key} {word}");
        }
        if let Some((_, bounds)) = values.split_once(", ").filter(|_| words.is_empty()) {
            let (least, most) = bounds.split_once(" to ").unwrap();
            let (least, most): (u64, u64) = (least.parse().unwrap(), most.parse().unwrap());
            let taken = [least - 1, least, most, most + 1].map(|value| is_taken(&value.to_string()));
            assert_eq!(taken, [false, true, true, false], "{key}: {bounds}");
        }
    }
}

#[test]
fn the_trace_that_is_shown_is_replayed_and_gives_its_event() {
    use runaway_guard::trace::{Line, Process, Replay};
    let text = block(TRACE, "trace");
    let line: Line = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&line).unwrap(), text.trim(), "every key is shown, in its order");
    let written =
        serde_json::to_value(Process { swap_kb: Some(0), ..line.processes.clone().unwrap().remove(0) }).unwrap();
    for key in written.as_object().unwrap().keys() {
        assert!(TRACE.contains(&format!("`{key}`")), "{key} is not explained");
    }
    let mut replay = Replay::new(Config::default());
    let mut events = Vec::new();
    for second in (0_u32..=62).step_by(2) {
        let mut next = line.clone();
        let seconds = |from: f64| serde_json::Number::from_f64(((from + f64::from(second)) * 100.0).round() / 100.0);
        (next.at, next.awake) = (seconds(14_267.73), seconds(14_267.73));
        let process = &mut next.processes.as_mut().unwrap()[0];
        process.cpu_ns = process.cpu_ns.map(|before| before + u64::from(second) * 1_000_000_000);
        events.extend(replay.feed(next).unwrap());
    }
    let [event] = &events[..] else { panic!("one alert begins: {events:?}") };
    assert_eq!(serde_json::to_string(event).unwrap(), block(TRACE, "event").trim());
}

#[test]
fn the_group_that_is_shown_is_one_of_the_protocol() {
    let shown: Value = serde_json::from_str(&block(PROTOCOL, "group")).unwrap();
    let understood: runaway_guard::protocol::GroupStanding = serde_json::from_value(shown.clone()).unwrap();
    assert_eq!(serde_json::to_value(understood).unwrap(), shown);
}

#[test]
fn the_push_that_is_shown_is_one_of_the_protocol() {
    let shown = block(PROTOCOL, "push");
    let understood: runaway_guard::protocol::Push = serde_json::from_str(&shown).unwrap();
    assert_eq!(serde_json::to_string(&understood).unwrap(), shown.trim());
}

#[test]
fn the_python_that_is_shown_prints_processes() {
    if !requires(&["python3"]) {
        return;
    }
    let home = Home::new();
    let _applet = Applet::start(&home, &["--headless"]);
    let text = String::from_utf8(home.run("python3", &["-c", &block(PROTOCOL, "python")])).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn the_seeds_manual_tests_work_as_they_are_written() {
    if !requires(&["nc"]) {
        return;
    }
    let home = Home::new();
    let _applet = Applet::start(&home, &["--headless"]);
    let pong = r#"{"type":"pong"}"#;
    let expected = [pong, pong, r#""cmd":"list_processes""#, r#""cmd":"list_whitelist""#];
    let shown = block(README, "sh") + &block(PROTOCOL, "sh");
    let lines: Vec<&str> = shown.lines().filter(|line| line.contains("| nc ")).collect();
    assert_eq!(lines.len(), expected.len());
    for (line, expected) in lines.iter().zip(expected) {
        let line = line.replace("/run/user/$(id -u)/runaway-guard.sock", &home.socket().display().to_string());
        let output = home.command("timeout").args(["3", "sh", "-c", &line]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(expected), "{line}: {text}");
    }
}

/// Sends one line and gives its answer; pushes in between are passed over.
fn exchange(client: &mut Client, request: &str) -> Value {
    client.send(format!("{request}\n").as_bytes());
    loop {
        let line = client.read_line(Duration::from_secs(30)).unwrap_or_else(|| panic!("no answer to {request}"));
        let message: Value = serde_json::from_str(&line).unwrap();
        if ["response", "config", "error", "pong"].iter().any(|kind| message["type"] == *kind) {
            return message;
        }
    }
}

/// The headings, as links name them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with("##"));
    headings.map(|line| line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-"))
}

/// The fenced blocks of one language, one after another.
fn block(text: &str, language: &str) -> String {
    let mut blocks = String::new();
    let mut within = false;
    for line in text.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            within = !within && fence == language;
        } else if within {
            blocks += line;
            blocks.push('\n');
        }
    }
    assert!(!blocks.is_empty(), "there is no {language} block");
    blocks
}

/// The rows of the table with this head, cell by cell.
fn rows_after(head: &str) -> Vec<[&'static str; 3]> {
    let rows = README.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    rows.map(|row| cells(row).try_into().expect("a row has three cells")).collect()
}

/// Objects have the keys that are shown (an empty one stands for any), values their type; what tells messages apart is
/// equal.
fn assert_alike(expected: &Value, got: &Value, request: &str) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            if !expected.is_empty() {
                let keys = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(expected), keys(got), "{request}");
            }
            for (key, value) in expected {
                if ["type", "id", "cmd", "code", "success", "paused"].contains(&key.as_str()) {
                    assert_eq!(value, &got[key], "{request}: {key}");
                }
                assert_alike(value, &got[key], request);
            }
        }
        (Value::Array(expected), Value::Array(got)) => {
            if let (Some(expected), Some(got)) = (expected.first(), got.first()) {
                assert_alike(expected, got, request);
            }
            assert_eq!(expected.is_empty(), got.is_empty(), "{request}");
        }
        _ => {
            let kind = std::mem::discriminant;
            assert!(kind(expected) == kind(got) || expected.is_null() || got.is_null(), "{request}: {expected} {got}");
        }
    }
}
