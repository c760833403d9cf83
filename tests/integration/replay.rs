//! Real processes are recorded by the real program, and what it recorded is replayed by it.

use crate::harness::{Burner, Home, LIMIT, Running, wait_until};
use rustix::process::Signal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

const PROGRAM: &str = env!("CARGO_BIN_EXE_runaway-guard");

const CONFIG: &str = "[detection.cpu_high]\nthreshold_percent = 10\nduration_seconds = 2\n";

const SECRET: &str = "hunter2-of-the-trace";

fn replay(home: &Home, arguments: &[&str]) -> Output {
    home.command(PROGRAM).arg("replay").args(arguments).output().unwrap()
}

fn events(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Field 22 of the stat.
fn start_time(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces").join(name)
}

fn path(home: &Home, name: &str) -> String {
    home.path(name).to_str().unwrap().to_owned()
}

#[test]
fn a_runaway_that_was_recorded_is_found_again_without_its_secrets() {
    let home = Home::new();
    std::fs::write(home.path("config.toml"), CONFIG).unwrap();
    let burner = Burner::start(&home, "burn-recorded");
    let script = "sleep 600; exit";
    let _secretive =
        Running::start(&home, "secretive", home.command("sh").args(["-c", script, "x", "--password", SECRET]));
    let file = path(&home, "trace.zst");
    home.run(PROGRAM, &["record", &file, "--seconds", "6", "--interval", "0.5"]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let arguments = [&file, "--config", &path(&home, "config.toml"), "--json"];
    let output = replay(&home, &arguments);
    assert_eq!(output.stdout, replay(&home, &arguments).stdout);
    let events = events(&output);
    let found = events.iter().find(|event| event["pid"] == burner.pid() && event["event"] == "begun");
    let found = found.unwrap_or_else(|| panic!("the burner is not among {events:?}"));
    assert_eq!(found["start_time"], start_time(burner.pid()));
    assert_eq!((&found["name"], &found["reason"]), (&"burn-recorded".into(), &"cpu_high".into()));
    let mut text = String::new();
    let mut trace = runaway_guard::trace::Reader::open(Path::new(&file)).unwrap();
    while let Some(line) = trace.next_line().unwrap() {
        let processes = line.processes.as_ref().unwrap();
        let burning = processes.iter().find(|process| process.pid == Some(burner.pid())).unwrap();
        assert!(burning.exe.as_ref().is_some_and(|exe| exe.ends_with("burn-recorded")), "{burning:?}");
        assert!(burning.wait_ns.is_some() && burning.rss_kb > Some(0), "{burning:?}");
        text += &serde_json::to_string(&line).unwrap();
    }
    assert!(text.contains("--password ***") && !text.contains(SECRET), "the secret is masked");
}

#[test]
fn an_interrupted_recording_is_whole() {
    let home = Home::new();
    for (name, signal) in [("a.jsonl", Signal::INT), ("a.gz", Signal::TERM), ("a.zst", Signal::INT)] {
        let file = path(&home, name);
        let mut recording =
            Running::start(&home, "record", home.command(PROGRAM).args(["record", &file, "--interval", "0.2"]));
        let has_begun = || std::fs::metadata(&file).is_ok_and(|metadata| metadata.len() > 1000);
        wait_until("something is recorded", LIMIT, has_begun);
        recording.signal(signal);
        recording.wait_for_end();
        let output = replay(&home, &[&file]);
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{name}: {output:?}");
    }
}

#[test]
fn what_is_wrong_with_a_trace_is_said() {
    let home = Home::new();
    let golden = std::fs::read_to_string(fixture("mixed.jsonl")).unwrap();
    let config = fixture("config.toml").display().to_string();
    let file = path(&home, "trace.jsonl");
    let replayed = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = replay(&home, &[&file, "--config", &config, "--json"]);
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), error)
    };
    let expected = std::fs::read_to_string(fixture("mixed.expected.jsonl")).unwrap();
    assert_eq!(replayed(&golden), (0, expected.clone(), String::new()));
    let last = golden.lines().count();
    let (code, out, error) = replayed(golden.trim_end().strip_suffix("}]}").unwrap());
    assert_eq!((code, &out), (0, &expected));
    assert!(error.contains(&format!("line {last}, the last, is cut off")), "{error}");
    let (code, out, error) = replayed(&format!("{golden}{{\"at\":9000,\"processes\":[{{\"pid\":5}}]}}\n"));
    assert_eq!((code, &out), (1, &expected));
    assert!(error.contains(&format!("line {}: the process 5 has no \"start_time\"", last + 1)), "{error}");
    let (code, out, error) = replayed(&format!("no JSON\n{golden}"));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.contains("line 1: this is no JSON"), "{error}");
}

#[test]
fn settings_and_files_that_are_wrong_are_named() {
    let home = Home::new();
    std::fs::write(home.path("wrong.toml"), "[detection.cpu_high]\nthreshold_percent = 0\n").unwrap();
    let trace = fixture("mixed.jsonl").display().to_string();
    let output = replay(&home, &[&trace, "--config", "wrong.toml"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && error.starts_with("wrong.toml: line 2, column "), "{error}");
    let output = replay(&home, &["absent.zst"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && error.starts_with("absent.zst: "), "{error}");
}

#[test]
fn people_see_an_aligned_timeline() {
    let home = Home::new();
    let [trace, config] = ["mixed.jsonl", "config.toml"].map(|name| fixture(name).display().to_string());
    let output = replay(&home, &[&trace, "--config", &config]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().trim_start().starts_with("AT  EVENT "), "{text}");
    assert!(lines.any(|line| line.contains("begun") && line.contains("spinner (4711) has kept 1 core busy")), "{text}");
}

#[test]
fn a_rule_of_the_settings_holds_in_a_replay() {
    let home = Home::new();
    let trace = fixture("mixed.jsonl").display().to_string();
    let general = std::fs::read_to_string(fixture("config.toml")).unwrap();
    let found = |rule: &str| {
        std::fs::write(home.path("rules.toml"), format!("{general}\n{rule}")).unwrap();
        let events = events(&replay(&home, &[&trace, "--config", "rules.toml", "--json"]));
        let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
        let told = events.iter().filter(|event| event["event"] != "ended");
        told.map(|event| ["event", "name", "severity"].map(|key| text(event, key)).join(" ")).collect::<Vec<_>>()
    };
    let [begun, worsened] = ["begun spinner warning", "worsened spinner critical"];
    let leaks = "begun leaker warning";
    assert_eq!(found(""), [begun, worsened, leaks]);
    let rule = "[[rule]]\nmatch = 'org.example.Spinner'\nmatch_type = 'application'\n";
    assert_eq!(found(&format!("{rule}silence = ['cpu_high']")), [leaks]);
    assert_eq!(found(&format!("{rule}severity = 'warning'")), [begun, leaks]);
    assert_eq!(found(&format!("{rule}cpu_duration_seconds = 35")), [begun, leaks, worsened]);
    assert_eq!(found("[[rule]]\nmatch = 'leaker'\nmemory_growth_mb = 4000"), [begun, worsened]);
}
