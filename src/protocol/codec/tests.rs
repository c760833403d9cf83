use super::*;
use crate::protocol::{Error, ErrorCode};
use proptest::prelude::*;
use serde_json::Value;

fn parsed(line: &str) -> Envelope {
    parse(line.as_bytes()).unwrap()
}

fn refused(line: impl AsRef<[u8]>) -> Refused {
    parse(line.as_ref()).unwrap_err()
}

/// Takes every line that there is, as text, and `None` for one that is too long.
fn take(lines: &mut Lines) -> Vec<Option<Vec<u8>>> {
    let mut taken = Vec::new();
    while let Some(line) = lines.next_line() {
        taken.push(line.ok().map(<[u8]>::to_vec));
    }
    taken
}

fn cut<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Option<Vec<u8>>> {
    let mut lines = Lines::new(limit);
    let mut taken = Vec::new();
    for piece in pieces {
        lines.feed(piece);
        taken.extend(take(&mut lines));
    }
    taken.extend(lines.last_line().map(|line| Some(line.to_vec())));
    taken
}

#[test]
fn lines_end_with_a_newline_and_a_carriage_return_before_it_is_dropped() {
    let taken = cut(10, [b"one\ntwo\r\n\r\n  \t\n\nthr\ree\nlast".as_slice()]);
    let expected = ["one", "two", "thr\ree", "last"].map(|line| Some(line.as_bytes().to_vec()));
    assert_eq!(taken, expected);
}

#[test]
fn a_line_at_the_limit_is_taken_and_one_byte_more_is_not() {
    let full = vec![b'x'; MAX_LINE];
    let with_end = |end: &[u8]| [&full, end].concat();
    assert_eq!(cut(MAX_LINE, [with_end(b"\n").as_slice()]), [Some(full.clone())]);
    assert_eq!(cut(MAX_LINE, [with_end(b"\r\n").as_slice()]), [Some(full.clone())]);
    assert_eq!(cut(MAX_LINE, [full.as_slice()]), [Some(full.clone())]);
    assert_eq!(cut(MAX_LINE, [with_end(b"x\n").as_slice()]), [None]);
    assert_eq!(cut(MAX_LINE, [with_end(b"x").as_slice()]), [None]);
    assert_eq!(cut(MAX_LINE, [with_end(b"\r\r\n").as_slice()]), [None]);
}

#[test]
fn lines_before_an_overlong_one_are_taken_and_none_after_it() {
    assert_eq!(cut(4, [b"ping\nendless\nping\n".as_slice(), b"ping\n"]), [Some(b"ping".to_vec()), None]);
}

#[test]
fn an_endless_line_is_given_up_without_being_held() {
    let chunk = [b'x'; 16 << 10];
    let mut lines = Lines::default();
    let mut told = 0;
    for _ in 0..256 {
        lines.feed(&chunk);
        assert!(lines.capacity() <= MAX_LINE + 1 + chunk.len());
        told += take(&mut lines).len();
    }
    assert_eq!(told, 1);
    assert_eq!(lines.capacity(), 0);
}

#[test]
fn the_room_for_a_large_line_is_given_back() {
    let mut lines = Lines::default();
    for chunk in format!("{}\n", "x".repeat(MAX_LINE - 1)).as_bytes().chunks(5000) {
        lines.feed(chunk);
        assert!(lines.capacity() <= MAX_LINE + 1 + 5000);
        take(&mut lines);
    }
    assert!(lines.capacity() <= 16 << 10, "{} bytes are kept", lines.capacity());
}

#[test]
fn a_request_has_a_command_parameters_and_an_id() {
    let envelope = parsed(r#"{"cmd":"dismiss_alert","params":{"id":3},"id":"a"}"#);
    assert_eq!(envelope.cmd, "dismiss_alert");
    assert_eq!(envelope.id, Some("a".into()));
    assert_eq!(envelope.request, Request::new("dismiss_alert", Some(json!({"id": 3}))).unwrap());
    assert_eq!(parsed(r#" { "id" : null , "cmd" : "ping" , "params" : null } "#).id, None);
}

#[test]
fn ids_come_back_as_they_were() {
    let ids = [
        "0",
        "-0",
        "7",
        "1e3",
        "1.5",
        "1.50",
        "-1E+400",
        "12345678901234567890",
        "340282366920938463463374607431768211455.25",
        r#""""#,
        r#""a b""#,
        r#""Größe\n\"""#,
    ];
    for id in ids {
        let envelope = parsed(&format!(r#"{{"cmd":"ping","id":{id}}}"#));
        let line = answer(envelope.id.as_ref(), Some("ping"), &Reply::Pong);
        assert_eq!(line, format!("{{\"type\":\"pong\",\"id\":{id}}}\n"));
    }
}

#[test]
fn what_is_no_json_object_is_bad_json() {
    let endless = format!("\"{}\"", "x".repeat(MAX_LINE - 2));
    let deep = "[".repeat(MAX_LINE);
    let lines: [&[u8]; 11] = [
        b"ping",
        b"5",
        b"null",
        b"[{\"cmd\":\"ping\"}]",
        b"{\"cmd\":\"ping\"",
        b"{\"cmd\":\"ping\"} {}",
        b"{'cmd':'ping'}",
        b"{\"cmd\":\"\xff\"}",
        b"\xef\xbb\xbf{\"cmd\":\"ping\"}",
        endless.as_bytes(),
        deep.as_bytes(),
    ];
    for line in lines {
        let refused = refused(line);
        assert_eq!(refused.error.code, ErrorCode::BadJson);
        assert_eq!((refused.id, refused.cmd), (None, None));
        assert!(refused.error.message.len() < 400, "{}", refused.error.message);
    }
}

#[test]
fn a_bad_request_names_what_is_wrong_and_gives_back_what_could_be_read() {
    let cases = [
        (r#"{"id":7}"#, Some("7"), None, "cmd is missing"),
        (r#"{"id":7,"cmd":null}"#, Some("7"), None, "cmd must be a string"),
        (r#"{"id":7,"cmd":["ping"]}"#, Some("7"), None, "cmd must be a string"),
        (r#"{"id":[7],"cmd":"ping"}"#, None, Some("ping"), "id must be a string or a number"),
        (r#"{"id":true,"cmd":"ping"}"#, None, Some("ping"), "id must be a string or a number"),
        (r#"{"id":7,"cmd":"ping","parms":{}}"#, Some("7"), Some("ping"), "\"parms\""),
        (r#"{"parms":{},"id":7,"cmd":"ping"}"#, Some("7"), Some("ping"), "\"parms\""),
        (r#"{"id":7,"cmd":"ping","cmd":"hello"}"#, Some("7"), Some("hello"), "cmd is there twice"),
        (r#"{"id":7,"cmd":"ping","params":[]}"#, Some("7"), Some("ping"), "params must be an object"),
        (r#"{"id":7,"cmd":"ping","params":{"a":1}}"#, Some("7"), Some("ping"), "unknown field `a`"),
        (r#"{"id":7,"cmd":"dismiss_alert"}"#, Some("7"), Some("dismiss_alert"), "missing field `id`"),
        (r#"{"id":7,"cmd":"dismiss_alert","params":{"id":"x"}}"#, Some("7"), Some("dismiss_alert"), "params.id: "),
        (r#"{"id":7,"cmd":"ping","params":{"a":"\ud800"}}"#, Some("7"), Some("ping"), "params cannot be read"),
    ];
    for (line, id, cmd, message) in cases {
        let refused = refused(line);
        assert_eq!(refused.error.code, ErrorCode::BadRequest, "{line}");
        assert_eq!(refused.id.map(|id| id.to_string()).as_deref(), id, "{line}");
        assert_eq!(refused.cmd.as_deref(), cmd, "{line}");
        assert!(refused.error.message.contains(message), "{line}: {}", refused.error.message);
    }
}

#[test]
fn an_unknown_command_is_told_the_known_ones() {
    let refused = refused(r#"{"cmd":"list_process","id":1}"#);
    assert_eq!(refused.error.code, ErrorCode::UnknownCommand);
    assert_eq!(refused.cmd.as_deref(), Some("list_process"));
    for cmd in crate::protocol::request::COMMANDS {
        assert!(refused.error.message.contains(cmd), "{cmd}");
    }
}

#[test]
fn deep_nesting_overflows_no_stack_and_keeps_the_id() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = MAX_LINE / 8;
        let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let params = refused(format!("{{\"params\":{nested},\"cmd\":\"update_config\",\"id\":9}}"));
        assert_eq!(params.id, Some(9.into()));
        assert_eq!(params.cmd.as_deref(), Some("update_config"));
        assert_eq!(params.error.code, ErrorCode::BadRequest);
        let id = refused(format!("{{\"id\":{nested},\"cmd\":\"ping\"}}"));
        assert_eq!((id.cmd.as_deref(), id.error.code), (Some("ping"), ErrorCode::BadRequest));
    }
}

#[test]
fn a_refusal_quotes_little_of_what_was_sent() {
    let long = "x".repeat(MAX_LINE / 2);
    let lines = [
        format!(r#"{{"cmd":"{long}"}}"#),
        format!(r#"{{"cmd":"ping","{long}":1}}"#),
        format!(r#"{{"cmd":"ping","params":{{"{long}":1}}}}"#),
        format!(r#"{{"cmd":"dismiss_alert","params":{{"id":"{long}"}}}}"#),
    ];
    for line in lines {
        assert!(refused(line).error.message.len() < 1000);
    }
}

#[test]
fn every_answer_is_one_pinned_line() {
    let id = RequestId::from(7);
    let list = Reply::Response(json!([]));
    let config = Reply::Config(json!({ "general": {} }));
    let error = Reply::Error(Error::new(ErrorCode::NotFound, "No \"x\".\nLook again."));
    let cases = [
        (None, Some("ping"), &Reply::Pong, r#"{"type":"pong"}"#),
        (Some(&id), Some("ping"), &Reply::Pong, r#"{"type":"pong","id":7}"#),
        (None, Some("get_alerts"), &list, r#"{"type":"response","id":null,"cmd":"get_alerts","data":[]}"#),
        (Some(&id), Some("get_alerts"), &list, r#"{"type":"response","id":7,"cmd":"get_alerts","data":[]}"#),
        (None, Some("get_config"), &config, r#"{"type":"config","id":null,"data":{"general":{}}}"#),
        (Some(&id), Some("get_config"), &config, r#"{"type":"config","id":7,"data":{"general":{}}}"#),
        (
            Some(&id),
            Some("dismiss_alert"),
            &error,
            r#"{"type":"error","id":7,"cmd":"dismiss_alert","error":{"code":"not_found","message":"No \"x\".\nLook again."}}"#,
        ),
        (
            None,
            None,
            &error,
            r#"{"type":"error","id":null,"cmd":null,"error":{"code":"not_found","message":"No \"x\".\nLook again."}}"#,
        ),
        (
            Some(&id),
            Some("clear_alerts"),
            &Reply::success(),
            r#"{"type":"response","id":7,"cmd":"clear_alerts","data":{"success":true}}"#,
        ),
    ];
    for (id, cmd, reply, line) in cases {
        assert_eq!(answer(id, cmd, reply), format!("{line}\n"));
    }
}

#[test]
fn a_request_that_is_written_names_only_what_is_given() {
    let kill = Request::new("kill_process", Some(json!({ "pid": 4242, "signal": "SIGTERM" }))).unwrap();
    assert_eq!(request(None, &Request::Ping), "{\"cmd\":\"ping\"}\n");
    assert_eq!(
        request(Some(&"a\n".into()), &kill),
        "{\"cmd\":\"kill_process\",\"params\":{\"pid\":4242,\"signal\":\"SIGTERM\"},\"id\":\"a\\n\"}\n"
    );
}

/// JSON values as clients send them.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|thousandths| Value::from(f64::from(thousandths) / 1000.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn some_id() -> impl Strategy<Value = Option<RequestId>> {
    let number = any::<u64>().prop_map(RequestId::from);
    let string = any::<String>().prop_map(RequestId::String);
    prop::option::of(prop_oneof![number, string])
}

fn some_request() -> impl Strategy<Value = Request> {
    let params = |cmd: &'static str, params: Value| Request::new(cmd, Some(params)).unwrap();
    prop_oneof![
        Just(Request::Ping),
        Just(Request::GetStatus),
        (any::<Option<u32>>(), any::<Option<String>>())
            .prop_map(move |(limit, filter)| params("list_processes", json!({ "limit": limit, "filter": filter }))),
        (any::<i64>(), any::<String>(), any::<Option<u64>>()).prop_map(move |(pid, signal, start)| {
            params("kill_process", json!({ "pid": pid, "signal": signal, "start_time": start }))
        }),
        (any::<String>(), any::<Option<String>>()).prop_map(move |(pattern, reason)| {
            params("add_whitelist", json!({ "pattern": pattern, "match_type": "regex", "reason": reason }))
        }),
        prop::collection::hash_map(any::<String>(), json_value(), 0..4)
            .prop_map(|map| Request::UpdateConfig(map.into_iter().collect())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_bytes_gives_the_same_lines(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b' '), Just(b'x')], 0..200),
        sizes in prop::collection::vec(1_usize..9, 1..20),
        limit in 0_usize..12,
    ) {
        let mut pieces = Vec::new();
        let mut rest = bytes.as_slice();
        for size in sizes.into_iter().cycle() {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(cut(limit, pieces), cut(limit, [bytes.as_slice()]));
    }

    #[test]
    fn any_bytes_are_parsed_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let known = parse(&bytes).is_ok();
        prop_assert!(!known, "random bytes were taken for a request");
    }

    #[test]
    fn any_object_is_parsed_without_a_panic_and_its_error_is_one_line(value in json_value(), cmd in 0_usize..16) {
        let cmd = crate::protocol::request::COMMANDS[cmd];
        let line = json!({ "cmd": cmd, "params": value, "id": 1 }).to_string();
        if let Err(refused) = parse(line.as_bytes()) {
            prop_assert_eq!(refused.id, Some(1.into()));
            prop_assert_eq!(refused.cmd.as_deref(), Some(cmd));
            let line = answer(None, None, &Reply::Error(refused.error));
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        }
    }

    #[test]
    fn a_request_that_is_written_is_read_as_it_was(id in some_id(), asked in some_request()) {
        let line = request(id.as_ref(), &asked);
        prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        let envelope = parse(line.trim_end_matches('\n').as_bytes());
        prop_assert_eq!(envelope, Ok(Envelope { id, cmd: asked.name().to_owned(), request: asked }));
    }

    #[test]
    fn an_answer_that_is_written_is_read_as_it_was(id in some_id(), data in json_value()) {
        let line = answer(id.as_ref(), Some("get_alerts"), &Reply::Response(data.clone()));
        prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
        let read: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(&read["data"].to_string(), &data.to_string());
        let read_id: Option<RequestId> = serde_json::from_value(read["id"].clone()).unwrap();
        prop_assert_eq!(read_id, id);
    }
}
