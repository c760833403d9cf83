use super::request::{
    AddWhitelist, ById, COMMANDS, GetAlerts, KillProcess, ListProcesses, OpenWindow, PauseMonitoring, SignalName,
    Since, Sort,
};
use super::*;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fmt::Debug;

/// The line of a value, which reads back as the value.
fn line<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let line = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&line).unwrap(), value);
    line
}

fn request(cmd: &str, params: Value) -> Result<Request, Error> {
    Request::new(cmd, Some(params))
}

fn refusal(cmd: &str, params: Value) -> String {
    let error = request(cmd, params).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    error.message
}

fn alert(reason: Reason, evidence: Evidence) -> Alert {
    Alert {
        id: 3,
        pid: 4242,
        name: "cc1plus".to_owned(),
        reason,
        severity: Severity::Warning,
        timestamp: 1_700_000_000,
        cmdline: "cc1plus -quiet".to_owned(),
        start_time: 123_456,
        state: AlertState::Firing,
        ended: None,
        action: None,
        evidence,
        summary: "It is busy.".to_owned(),
    }
}

#[test]
fn a_process_is_one_pinned_line() {
    let process = Process {
        pid: 1234,
        name: "firefox".to_owned(),
        cmdline: "/usr/bin/firefox --private".to_owned(),
        cpu_percent: 45.5,
        memory_mb: 512.25,
        runtime_seconds: 3600,
        state: State::Sleeping,
        start_time: 98_765,
        ppid: 1,
        uid: 1000,
        user: "ann".to_owned(),
        threads: 80,
        app: Some("org.mozilla.firefox".to_owned()),
    };
    assert_eq!(
        line(&process),
        concat!(
            r#"{"pid":1234,"name":"firefox","cmdline":"/usr/bin/firefox --private","cpu_percent":45.5,"#,
            r#""memory_mb":512.25,"runtime_seconds":3600,"state":"S","start_time":98765,"ppid":1,"uid":1000,"#,
            r#""user":"ann","threads":80,"app":"org.mozilla.firefox"}"#
        )
    );
}

#[test]
fn an_alert_is_pushed_as_one_pinned_line() {
    let evidence = Evidence::CpuHigh { cpu_percent: 140.5, threshold_percent: 90, seconds: 60 };
    let push = Push::Alert(Box::new(alert(Reason::CpuHigh, evidence)));
    let expected = concat!(
        r#"{"type":"alert","data":{"id":3,"pid":4242,"name":"cc1plus","reason":"cpu_high","severity":"warning","#,
        r#""timestamp":1700000000,"cmdline":"cc1plus -quiet","start_time":123456,"state":"firing","ended":null,"#,
        r#""action":null,"evidence":{"cpu_percent":140.5,"threshold_percent":90,"seconds":60},"#,
        r#""summary":"It is busy."}}"#
    );
    assert_eq!(line(&push), expected);
    assert_eq!(codec::push(&push), format!("{expected}\n"));
}

#[test]
fn the_other_evidences_are_pinned() {
    let leak = Evidence::MemoryLeak { grown_mb: 600.0, memory_mb: 900.5, window_minutes: 5, full_in_minutes: Some(40) };
    let timeout = Evidence::Timeout { runtime_seconds: 3700, limit_seconds: 3600, rule: "backup".to_owned() };
    let hang = Evidence::Hang { seconds: 30, wait_channel: Some("io_schedule".to_owned()) };
    let cases = [
        (
            Reason::MemoryLeak,
            leak,
            r#"{"grown_mb":600.0,"memory_mb":900.5,"window_minutes":5,"full_in_minutes":40}"#,
            r#""memory_leak""#,
        ),
        (Reason::Timeout, timeout, r#"{"runtime_seconds":3700,"limit_seconds":3600,"rule":"backup"}"#, r#""timeout""#),
        (Reason::Hang, hang, r#"{"seconds":30,"wait_channel":"io_schedule"}"#, r#""hang""#),
    ];
    for (reason, evidence, evidence_line, reason_line) in cases {
        assert_eq!(line(&evidence), evidence_line);
        assert_eq!(line(&reason), reason_line);
        line(&alert(reason, evidence));
    }
}

#[test]
fn the_words_of_alerts_are_pinned() {
    assert_eq!(
        line(&vec![AlertState::Firing, AlertState::Resolved, AlertState::Dismissed, AlertState::Acted]),
        r#"["firing","resolved","dismissed","acted"]"#
    );
    assert_eq!(line(&vec![Severity::Warning, Severity::Critical]), r#"["warning","critical"]"#);
    assert_eq!(line(&vec![Level::Green, Level::Yellow, Level::Red]), r#"["green","yellow","red"]"#);
    assert_eq!(line(&vec![MatchType::Name, MatchType::Cmdline, MatchType::Regex]), r#"["name","cmdline","regex"]"#);
}

#[test]
fn the_status_is_pushed_as_one_pinned_line() {
    let status = Status {
        monitored_count: 500,
        alert_count: 2,
        level: Level::Yellow,
        paused: true,
        paused_until: Some(1_700_000_600),
        interval_seconds: 10,
        scan_ms: 12.5,
        problems: vec!["The database is full.".to_owned()],
    };
    let push = Push::Status(status);
    let expected = concat!(
        r#"{"type":"status","data":{"monitored_count":500,"alert_count":2,"level":"yellow","paused":true,"#,
        r#""paused_until":1700000600,"interval_seconds":10,"scan_ms":12.5,"problems":["The database is full."]}}"#
    );
    assert_eq!(line(&push), expected);
    assert_eq!(codec::push(&push), format!("{expected}\n"));
}

#[test]
fn a_whitelist_entry_is_one_pinned_line() {
    let entry = WhitelistEntry {
        id: 1,
        pattern: "^cc1".to_owned(),
        match_type: MatchType::Regex,
        reason: None,
        created: 1_700_000_000,
    };
    assert_eq!(line(&entry), r#"{"id":1,"pattern":"^cc1","match_type":"regex","reason":null,"created":1700000000}"#);
}

#[test]
fn the_answer_of_hello_is_one_pinned_line() {
    let hello = Hello {
        name: "runaway-guard".to_owned(),
        version: "0.1.0".to_owned(),
        protocol: VERSION,
        capabilities: vec!["ping".to_owned()],
    };
    assert_eq!(line(&hello), r#"{"name":"runaway-guard","version":"0.1.0","protocol":1,"capabilities":["ping"]}"#);
}

#[test]
fn every_error_has_its_code_and_a_message() {
    let codes = [
        (ErrorCode::BadJson, "bad_json"),
        (ErrorCode::BadRequest, "bad_request"),
        (ErrorCode::UnknownCommand, "unknown_command"),
        (ErrorCode::LineTooLong, "line_too_long"),
        (ErrorCode::NotFound, "not_found"),
        (ErrorCode::IdentityMismatch, "identity_mismatch"),
        (ErrorCode::Forbidden, "forbidden"),
        (ErrorCode::Protected, "protected"),
        (ErrorCode::InvalidPattern, "invalid_pattern"),
        (ErrorCode::InvalidConfig, "invalid_config"),
        (ErrorCode::AlreadyExists, "already_exists"),
        (ErrorCode::Busy, "busy"),
        (ErrorCode::SlowReader, "slow_reader"),
        (ErrorCode::Internal, "internal"),
    ];
    for (code, name) in codes {
        assert_eq!(line(&Error::new(code, "Why.")), format!(r#"{{"code":"{name}","message":"Why."}}"#));
    }
}

/// Each command with all its parameters as they are sent, and what is understood.
fn requests() -> Vec<(&'static str, Option<Value>, Request)> {
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
            Some(json!({ "limit": 5, "since": 1_700_000_000, "active": true })),
            Request::GetAlerts(GetAlerts {
                limit: Some(5),
                since: Some(Since::Unix(1_700_000_000)),
                active: Some(true),
            }),
        ),
        (
            "kill_process",
            Some(json!({ "pid": 4242, "signal": "SIGTERM", "start_time": 123 })),
            Request::KillProcess(KillProcess {
                pid: 4242,
                signal: SignalName::Name("SIGTERM".to_owned()),
                start_time: Some(123),
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
    for cmd in COMMANDS {
        let optional = !["kill_process", "add_whitelist", "remove_whitelist", "dismiss_alert"].contains(&cmd);
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
fn an_id_is_a_string_or_a_number() {
    for text in ["7", "1e3", "-2.50", r#""a""#] {
        let id = RequestId::from_json(text).unwrap();
        assert_eq!((id.to_string().as_str(), serde_json::to_string(&id).unwrap().as_str()), (text, text));
    }
    for text in ["null", "true", "[1]", "{}", "", "-", "1 2", "\"\\ud800\""] {
        assert_eq!(RequestId::from_json(text), None, "{text}");
    }
    assert_eq!(serde_json::from_str::<RequestId>("-3").ok(), RequestId::from_json("-3"));
    assert_eq!(serde_json::from_str::<RequestId>("1.5").ok(), RequestId::from_json("1.5"));
    assert!(serde_json::from_str::<RequestId>("true").is_err());
}
