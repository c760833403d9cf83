//! Requests as they are sent, understood and refused.

use crate::protocol::request::{
    ActOnAlert, AddWhitelist, ById, COMMANDS, CloseNotice, ExplainProcess, GetAlerts, GetHistory, KillProcess,
    ListProcesses, OpenWindow, PauseMonitoring, SignalName, Since, Sort, UpdateWhitelist,
};
use crate::protocol::{Action, Error, ErrorCode, MatchType, Reason, Request, Severity, Tab};
use serde_json::{Value, json};

fn request(cmd: &str, params: Value) -> Result<Request, Error> {
    Request::new(cmd, Some(params))
}

fn refusal(cmd: &str, params: Value) -> String {
    let error = request(cmd, params).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    error.message
}

/// A command with all its parameters as they are sent, and what is understood.
type Sent = (&'static str, Option<Value>, Request);

/// Every command, in the order of [`COMMANDS`].
fn requests() -> Vec<Sent> {
    [lists(), settings(), actions()].concat()
}

fn lists() -> Vec<Sent> {
    vec![
        ("ping", None, Request::Ping),
        (
            "list_processes",
            Some(json!({ "limit": 5, "sort": "memory", "filter": "fire" })),
            Request::ListProcesses(ListProcesses {
                limit: Some(5),
                sort: Some(Sort::Memory),
                filter: Some("fire".to_owned()),
            }),
        ),
        (
            "get_alerts",
            Some(json!({
                "limit": 5, "since": 1_700_000_000, "until": 1_700_000_600, "active": true, "before": 9,
                "severity": "critical", "reason": "hang", "text": "rsync",
            })),
            Request::GetAlerts(GetAlerts {
                limit: Some(5),
                since: Some(Since::Unix(1_700_000_000)),
                until: Some(Since::Unix(1_700_000_600)),
                active: Some(true),
                before: Some(9),
                severity: Some(Severity::Critical),
                reason: Some(Reason::Hang),
                text: Some("rsync".to_owned()),
            }),
        ),
        (
            "kill_process",
            Some(json!({ "pid": 4242, "signal": "SIGTERM", "start_time": 123 })),
            Request::KillProcess(KillProcess {
                pid: 4242,
                signal: SignalName::Name("SIGTERM".to_owned()),
                start_time: Some(123),
                ask: false,
            }),
        ),
        ("list_whitelist", None, Request::ListWhitelist),
        (
            "add_whitelist",
            Some(json!({ "pattern": "cc1", "match_type": "name", "reason": "It compiles." })),
            Request::AddWhitelist(AddWhitelist {
                pattern: "cc1".to_owned(),
                match_type: MatchType::Name,
                reason: Some("It compiles.".to_owned()),
            }),
        ),
    ]
}

fn settings() -> Vec<Sent> {
    vec![
        ("remove_whitelist", Some(json!({ "id": 1 })), Request::RemoveWhitelist(ById { id: 1 })),
        ("get_config", None, Request::GetConfig),
        (
            "update_config",
            Some(json!({ "cpu_high": { "threshold_percent": 80 } })),
            Request::UpdateConfig(json!({ "cpu_high": { "threshold_percent": 80 } }).as_object().unwrap().clone()),
        ),
        (
            "pause_monitoring",
            Some(json!({ "seconds": 60 })),
            Request::PauseMonitoring(PauseMonitoring { seconds: Some(60) }),
        ),
        ("resume_monitoring", None, Request::ResumeMonitoring),
        ("clear_alerts", None, Request::ClearAlerts),
        ("dismiss_alert", Some(json!({ "id": 3 })), Request::DismissAlert(ById { id: 3 })),
        ("get_status", None, Request::GetStatus),
        ("hello", None, Request::Hello),
        ("open_window", Some(json!({ "tab": "alerts" })), Request::OpenWindow(OpenWindow { tab: Some(Tab::Alerts) })),
    ]
}

fn actions() -> Vec<Sent> {
    vec![
        (
            "update_whitelist",
            Some(json!({ "id": 1, "pattern": "cc1", "match_type": "regex", "reason": "It compiles." })),
            Request::UpdateWhitelist(UpdateWhitelist {
                id: 1,
                pattern: "cc1".to_owned(),
                match_type: MatchType::Regex,
                reason: Some("It compiles.".to_owned()),
            }),
        ),
        (
            "get_history",
            Some(json!({ "pid": 4242, "start_time": 123 })),
            Request::GetHistory(GetHistory { pid: Some(4242), start_time: Some(123), alert: None }),
        ),
        (
            "act_on_alert",
            Some(json!({ "id": 3, "action": "kill" })),
            Request::ActOnAlert(ActOnAlert { id: 3, action: Action::Kill, ask: false }),
        ),
        ("get_notices", None, Request::GetNotices),
        ("close_notice", Some(json!({ "alert": 3 })), Request::CloseNotice(CloseNotice { alert: 3 })),
        (
            "explain_process",
            Some(json!({ "pid": 42, "start_time": 7 })),
            Request::ExplainProcess(ExplainProcess { pid: 42, start_time: Some(7) }),
        ),
        ("quit", None, Request::Quit),
    ]
}

#[test]
fn every_command_is_understood_and_written_as_it_was() {
    let names: Vec<&str> = requests().iter().map(|(cmd, ..)| *cmd).collect();
    assert_eq!(names, COMMANDS);
    for (cmd, params, expected) in requests() {
        assert_eq!(Request::new(cmd, params.clone()), Ok(expected.clone()));
        assert_eq!((expected.name(), expected.params()), (cmd, params));
    }
}

#[test]
fn params_may_be_left_out_where_all_of_it_is_optional() {
    let demanding = [
        "kill_process",
        "add_whitelist",
        "remove_whitelist",
        "dismiss_alert",
        "update_whitelist",
        "get_history",
        "act_on_alert",
        "close_notice",
        "explain_process",
    ];
    for cmd in COMMANDS {
        let optional = !demanding.contains(&cmd);
        for params in [None, Some(json!({})), Some(Value::Null)] {
            assert_eq!(Request::new(cmd, params).is_ok(), optional, "{cmd}");
        }
    }
    let default = Request::ListProcesses(ListProcesses::default());
    assert_eq!((Request::new("list_processes", None), default.params()), (Ok(default.clone()), None));
}

#[test]
fn every_command_names_the_key_it_does_not_know() {
    for (cmd, params, _) in requests() {
        if cmd != "update_config" {
            let mut params = params.unwrap_or_else(|| json!({}));
            params["colour"] = json!("red");
            let message = refusal(cmd, params);
            assert!(message.starts_with("params.colour: unknown field `colour`"), "{cmd}: {message}");
        }
    }
}

#[test]
fn a_refusal_names_the_parameter() {
    let cases = [
        ("kill_process", json!({ "pid": "x", "signal": 15 }), "params.pid: invalid type: string \"x\", expected i64."),
        ("kill_process", json!({ "pid": 1 }), "params: missing field `signal`."),
        ("kill_process", json!({ "signal": 15, "start_time": 1 }), "params: missing field `pid`."),
        (
            "kill_process",
            json!({ "pid": 1, "signal": [15] }),
            "params.signal: expected a signal such as \"SIGTERM\", \"TERM\" or 15.",
        ),
        (
            "get_alerts",
            json!({ "since": {} }),
            "params.since: expected Unix seconds (a whole number) or an RFC 3339 time (a string).",
        ),
        (
            "list_processes",
            json!({ "limit": 3, "sort": "colour" }),
            "params.sort: unknown variant `colour`, expected one of `cpu`, `memory`, `pid`, `name`, `runtime`.",
        ),
        ("list_processes", json!({ "limit": -1 }), "params.limit: invalid value: integer `-1`, expected usize."),
    ];
    for (cmd, params, message) in cases {
        assert_eq!(refusal(cmd, params), message);
    }
}

#[test]
fn a_pid_out_of_range_is_refused_or_kept_to_be_refused() {
    let pid = |pid: Value| request("kill_process", json!({ "pid": pid, "signal": "TERM" }));
    assert!(pid(json!(-1)).is_ok(), "the core refuses it with the range");
    for wrong in [json!(u64::MAX), json!(1e30), json!(1.5), json!(null)] {
        assert_eq!(pid(wrong).unwrap_err().code, ErrorCode::BadRequest);
    }
}

#[test]
fn signals_and_times_have_two_forms() {
    for (signal, expected) in [(json!(15), SignalName::Number(15)), (json!("15"), SignalName::Name("15".to_owned()))] {
        let Ok(Request::KillProcess(kill)) = request("kill_process", json!({ "pid": 9, "signal": signal })) else {
            panic!("the request is valid");
        };
        assert_eq!((kill.signal, kill.start_time), (expected, None));
    }
    let Ok(Request::GetAlerts(alerts)) = request("get_alerts", json!({ "since": "2026-05-01T12:00:00Z" })) else {
        panic!("the request is valid");
    };
    assert_eq!(alerts.since, Some(Since::Rfc3339("2026-05-01T12:00:00Z".to_owned())));
}

#[test]
fn a_tab_is_named_as_it_is_sent() {
    for tab in [Tab::Monitor, Tab::Alerts, Tab::Whitelist, Tab::Settings] {
        assert_eq!(json!(tab), json!(tab.name()));
    }
}

#[test]
fn a_history_is_of_a_process_or_of_an_alert() {
    assert!(request("get_history", json!({ "pid": 7 })).is_ok());
    assert!(request("get_history", json!({ "alert": 7 })).is_ok());
    let wrong = [
        json!({}),
        json!({ "start_time": 7 }),
        json!({ "pid": 7, "alert": 7 }),
        json!({ "alert": 7, "start_time": 7 }),
    ];
    for params in wrong {
        assert_eq!(refusal("get_history", params), "params: say either pid (and start_time), or alert.");
    }
}

#[test]
fn a_client_says_that_there_is_a_person_to_ask() {
    let kill = json!({ "pid": 4242, "signal": 9, "start_time": null, "ask": true });
    let Ok(Request::KillProcess(params)) = Request::new("kill_process", Some(kill.clone())) else { panic!("no kill") };
    assert!(params.ask);
    assert_eq!(serde_json::to_value(params).unwrap(), kill);
    let act = json!({ "id": 3, "action": "kill", "ask": true });
    let Ok(Request::ActOnAlert(params)) = Request::new("act_on_alert", Some(act.clone())) else { panic!("no action") };
    assert!(params.ask);
    assert_eq!(serde_json::to_value(params).unwrap(), act);
}
