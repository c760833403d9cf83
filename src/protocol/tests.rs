use super::*;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

mod requests;

/// The line of a value, which reads back as the value.
fn line<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let line = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&line).unwrap(), value);
    line
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
        title: Some("cc1plus is using 1.4 cores".to_owned()),
    }
}

#[test]
fn an_explanation_is_one_pinned_line() {
    let standing = |state, figure: &str| Standing {
        reason: Reason::CpuHigh,
        state,
        summary: "It is busy.".to_owned(),
        figures: [(figure.to_owned(), 10.5)].into(),
    };
    let explanation = Explanation {
        pid: 4242,
        start_time: 123,
        name: "cc1plus".to_owned(),
        whitelist: None,
        rule: Some("builds".to_owned()),
        reasons: vec![standing(StandingState::Calm, "cpu_percent")],
        groups: vec![GroupStanding {
            kind: GroupKind::Siblings,
            standing: standing(StandingState::Suspicious, "own_percent"),
        }],
    };
    let expected = concat!(
        r#"{"pid":4242,"start_time":123,"name":"cc1plus","whitelist":null,"rule":"builds","#,
        r#""reasons":[{"reason":"cpu_high","state":"calm","summary":"It is busy.","figures":{"cpu_percent":10.5}}],"#,
        r#""groups":[{"kind":"siblings","reason":"cpu_high","state":"suspicious","summary":"It is busy.","#,
        r#""figures":{"own_percent":10.5}}]}"#
    );
    assert_eq!(line(&explanation), expected);
    let older = expected.replace(r#""groups""#, r#""novelty""#);
    assert_eq!(serde_json::from_str::<Explanation>(&older).unwrap().groups, []);
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
        app_name: Some("Firefox".to_owned()),
    };
    assert_eq!(
        line(&process),
        concat!(
            r#"{"pid":1234,"name":"firefox","cmdline":"/usr/bin/firefox --private","cpu_percent":45.5,"#,
            r#""memory_mb":512.25,"runtime_seconds":3600,"state":"S","start_time":98765,"ppid":1,"uid":1000,"#,
            r#""user":"ann","threads":80,"app":"org.mozilla.firefox","app_name":"Firefox"}"#
        )
    );
}

#[test]
fn an_alert_is_pushed_as_one_pinned_line() {
    let evidence = Evidence::CpuHigh {
        cpu_percent: 140.5,
        threshold_percent: 90,
        seconds: 60,
        circumstances: Circumstances::default(),
    };
    let push = Push::Alert(Box::new(alert(Reason::CpuHigh, evidence)));
    let expected = concat!(
        r#"{"type":"alert","data":{"id":3,"pid":4242,"name":"cc1plus","reason":"cpu_high","severity":"warning","#,
        r#""timestamp":1700000000,"cmdline":"cc1plus -quiet","start_time":123456,"state":"firing","ended":null,"#,
        r#""action":null,"evidence":{"cpu_percent":140.5,"threshold_percent":90,"seconds":60},"#,
        r#""summary":"It is busy.","title":"cc1plus is using 1.4 cores"}}"#
    );
    assert_eq!(line(&push), expected);
    assert_eq!(codec::push(&push), format!("{expected}\n"));
}

#[test]
fn the_other_evidences_are_pinned() {
    let leak = |members| Evidence::MemoryLeak {
        grown_mb: 600.0,
        memory_mb: 900.5,
        window_minutes: 5,
        full_in_minutes: Some(40),
        members,
    };
    let tab = Grower { pid: 9, start_time: 7, name: "tab".to_owned(), grown_mb: 300.5 };
    let together = concat!(
        r#"{"grown_mb":600.0,"memory_mb":900.5,"window_minutes":5,"full_in_minutes":40,"#,
        r#""members":[{"pid":9,"start_time":7,"name":"tab","grown_mb":300.5}]}"#
    );
    let timeout = Evidence::Timeout { runtime_seconds: 3700, limit_seconds: 3600, rule: "backup".to_owned() };
    let waits_for = WaitsFor {
        thread: Some(8),
        file: Some("/n/f".to_owned()),
        mount: Some("/n".to_owned()),
        device: Some("nas:/n".to_owned()),
        others: vec![Waiter { pid: 9, start_time: 1, name: "ls".to_owned() }],
    };
    let on_a_server = Evidence::Hang { seconds: 30, wait_channel: None, waits_for };
    let server_line = r#"{"seconds":30,"wait_channel":null,"thread":8,"file":"/n/f","mount":"/n","device":"nas:/n","others":[{"pid":9,"start_time":1,"name":"ls"}]}"#;
    let hang =
        Evidence::Hang { seconds: 30, wait_channel: Some("io_schedule".to_owned()), waits_for: WaitsFor::default() };
    let cases = [
        (
            Reason::MemoryLeak,
            leak(Vec::new()),
            r#"{"grown_mb":600.0,"memory_mb":900.5,"window_minutes":5,"full_in_minutes":40}"#,
            r#""memory_leak""#,
        ),
        (Reason::MemoryLeak, leak(vec![tab]), together, r#""memory_leak""#),
        (Reason::Timeout, timeout, r#"{"runtime_seconds":3700,"limit_seconds":3600,"rule":"backup"}"#, r#""timeout""#),
        (Reason::Hang, hang, r#"{"seconds":30,"wait_channel":"io_schedule"}"#, r#""hang""#),
        (Reason::Hang, on_a_server, server_line, r#""hang""#),
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
        scanned: Some(1_700_000_000),
        cores: 8,
        cpu_percent: Some(31.5),
        memory_total_mb: Some(15_872.0),
        memory_used_mb: Some(6348.8),
        pressure: Pressure { cpu_some: Some(1.25), memory_some: Some(0.0), memory_full: Some(0.0), io_full: None },
        config_problem: None,
    };
    let push = Push::Status(status);
    let expected = concat!(
        r#"{"type":"status","data":{"monitored_count":500,"alert_count":2,"level":"yellow","paused":true,"#,
        r#""paused_until":1700000600,"interval_seconds":10,"scan_ms":12.5,"problems":["The database is full."],"#,
        r#""scanned":1700000000,"cores":8,"cpu_percent":31.5,"memory_total_mb":15872.0,"memory_used_mb":6348.8,"#,
        r#""pressure":{"cpu_some":1.25,"memory_some":0.0,"memory_full":0.0,"io_full":null},"config_problem":null}}"#
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
        pid: 900,
        config_path: "/home/ada/.config/runaway-guard/config.toml".to_owned(),
        history_path: "/home/ada/.local/share/runaway-guard/history.db".to_owned(),
        socket_path: "/run/user/1000/runaway-guard.sock".to_owned(),
        started: 1_700_000_000,
        ends_with_session: false,
    };
    let pinned = concat!(
        r#"{"name":"runaway-guard","version":"0.1.0","protocol":1,"capabilities":["ping"],"pid":900,"#,
        r#""config_path":"/home/ada/.config/runaway-guard/config.toml","#,
        r#""history_path":"/home/ada/.local/share/runaway-guard/history.db","#,
        r#""socket_path":"/run/user/1000/runaway-guard.sock","started":1700000000}"#
    );
    assert_eq!(line(&hello), pinned);
    let ends = pinned.replace('}', r#","ends_with_session":true}"#);
    assert_eq!(line(&Hello { ends_with_session: true, ..hello }), ends);
}

#[test]
fn notices_are_pushed_as_one_pinned_line() {
    let notice = Notice {
        alert: 3,
        title: "cc1plus is using 1.4 cores".to_owned(),
        body: "It is busy.".to_owned(),
        kind: NoticeKind::Critical,
        actions: vec![Action::Kill, Action::Pause, Action::Continue, Action::Whitelist, Action::Dismiss],
    };
    let expected = concat!(
        r#"{"type":"notices","data":[{"alert":3,"title":"cc1plus is using 1.4 cores","body":"It is busy.","#,
        r#""kind":"critical","actions":["kill","pause","continue","whitelist","dismiss"]}]}"#
    );
    assert_eq!(line(&Push::Notices(vec![notice])), expected);
    assert_eq!(line(&vec![NoticeKind::Warning, NoticeKind::Outcome]), r#"["warning","outcome"]"#);
}

#[test]
fn what_changed_is_pushed_as_one_pinned_line() {
    let changed = |what| line(&Push::Changed(Changed { what }));
    assert_eq!(changed(What::Config), r#"{"type":"changed","data":{"what":"config"}}"#);
    assert_eq!(changed(What::Whitelist), r#"{"type":"changed","data":{"what":"whitelist"}}"#);
}

#[test]
fn a_point_of_a_history_is_one_pinned_line() {
    let point = HistoryPoint { at: 1_700_000_000, cpu_percent: 99.5, memory_mb: 512.0 };
    assert_eq!(line(&point), r#"{"at":1700000000,"cpu_percent":99.5,"memory_mb":512.0}"#);
}

#[test]
fn what_an_older_applet_leaves_out_is_unknown() {
    let status = r#"{"monitored_count":5,"alert_count":0,"level":"green","paused":false,"paused_until":null,
        "interval_seconds":10,"scan_ms":1.0,"problems":[]}"#;
    let expected = Status { monitored_count: 5, interval_seconds: 10, scan_ms: 1.0, ..Status::default() };
    assert_eq!(serde_json::from_str::<Status>(status).unwrap(), expected);
    let hello = r#"{"name":"runaway-guard","version":"0.1.0","protocol":1,"capabilities":[]}"#;
    assert_eq!(serde_json::from_str::<Hello>(hello).unwrap().started, 0);
    let mut old = serde_json::to_value(alert(
        Reason::Hang,
        Evidence::Hang { seconds: 1, wait_channel: None, waits_for: WaitsFor::default() },
    ))
    .unwrap();
    old.as_object_mut().unwrap().remove("title");
    assert_eq!(serde_json::from_value::<Alert>(old).unwrap().title, None);
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
