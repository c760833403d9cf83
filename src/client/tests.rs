use super::*;
use crate::protocol::ErrorCode;
use serde_json::json;
use std::os::unix::net::UnixListener;
use std::thread::JoinHandle;

/// An applet that takes one connection and gives it to `serve`.
fn applet(serve: impl FnOnce(UnixStream) + Send + 'static) -> (tempfile::TempDir, PathBuf, JoinHandle<()>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("applet.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let served = std::thread::spawn(move || serve(listener.accept().unwrap().0));
    (folder, path, served)
}

fn line(stream: &UnixStream) -> Value {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn say(mut stream: &UnixStream, message: &Value) {
    stream.write_all(format!("{message}\n").as_bytes()).unwrap();
}

fn client(path: &Path) -> Client {
    Client::connect_within(path, Duration::from_secs(10)).unwrap()
}

#[test]
fn the_answer_is_found_among_pushes_and_older_answers() {
    let (_folder, path, applet) = applet(|stream| {
        assert_eq!(line(&stream), json!({"cmd":"get_alerts","params":{"limit":1},"id":1}));
        say(&stream, &json!({"type":"status","data":{}}));
        say(&stream, &json!({"type":"response","id":0,"cmd":"get_alerts","data":"older"}));
        say(&stream, &json!({"type":"novelty","data":1}));
        say(&stream, &json!({"type":"response","id":1,"cmd":"get_alerts","data":["mine"]}));
        assert_eq!(line(&stream)["id"], 2);
        say(&stream, &json!({"type":"pong","id":2}));
        assert_eq!(line(&stream)["id"], 3);
        say(&stream, &json!({"type":"config","id":3,"data":{"general":{}}}));
    });
    let mut client = client(&path);
    assert_eq!(client.request("get_alerts", json!({"limit":1})).unwrap(), json!(["mine"]));
    assert_eq!(client.request("ping", json!({})).unwrap(), Value::Null);
    assert_eq!(client.request("get_config", json!({})).unwrap(), json!({"general":{}}));
    applet.join().unwrap();
}

#[test]
fn a_refusal_keeps_its_code_and_sentence() {
    let (_folder, path, applet) = applet(|stream| {
        line(&stream);
        say(&stream, &json!({"type":"error","id":1,"cmd":"x","error":{"code":"not_found","message":"No such."}}));
    });
    let error = client(&path).request("x", json!({})).unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal) if refusal.code == ErrorCode::NotFound), "{error:?}");
    assert_eq!(error.to_string(), "No such.");
    applet.join().unwrap();
}

#[test]
fn an_applet_that_turns_the_client_away_is_heard() {
    let (_folder, path, applet) = applet(|stream| {
        say(&stream, &json!({"type":"error","id":null,"cmd":null,"error":{"code":"busy","message":"Full."}}));
    });
    let mut client = client(&path);
    applet.join().unwrap();
    let error = client.request("ping", json!({})).unwrap_err();
    assert!(matches!(&error, Error::Refused(refusal) if refusal.code == ErrorCode::Busy), "{error:?}");
}

#[test]
fn nobody_at_the_socket_means_not_running() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("applet.sock");
    let missing = Client::connect_within(&path, TIME_LIMIT).unwrap_err();
    assert!(matches!(missing, Error::NotRunning), "{missing:?}");
    drop(UnixListener::bind(&path).unwrap());
    let stale = Client::connect_within(&path, TIME_LIMIT).unwrap_err();
    assert_eq!(stale.to_string(), "No applet is running. Start it with: runaway-guard --background");
}

#[test]
fn a_path_that_is_no_socket_names_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x".repeat(200));
    let error = Client::connect_within(&path, TIME_LIMIT).unwrap_err();
    assert!(matches!(&error, Error::Connect { .. }) && error.to_string().contains("xxx"), "{error:?}");
}

#[test]
fn an_applet_that_pushes_and_never_answers_is_given_up() {
    let limit = Duration::from_millis(200);
    let (_folder, path, applet) = applet(|mut stream| while stream.write_all(b"{\"type\":\"status\"}\n").is_ok() {});
    let begun = Instant::now();
    let error = Client::connect_within(&path, limit).unwrap().request("ping", json!({})).unwrap_err();
    assert!(matches!(error, Error::Late(_)), "{error:?}");
    assert!(begun.elapsed() >= limit);
    applet.join().unwrap();
}

#[test]
fn an_applet_that_is_silent_or_accepts_nobody_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("applet.sock");
    let _listener = UnixListener::bind(&path).unwrap();
    let limit = Duration::from_millis(20);
    let mut kept = Vec::new();
    let full = loop {
        match Client::connect_within(&path, limit) {
            Ok(client) => kept.push(client),
            Err(error) => break error,
        }
        assert!(kept.len() < 20_000, "the backlog never fills");
    };
    assert!(matches!(full, Error::Late(_)), "{full:?}");
    let silent = kept[0].request("ping", json!({})).unwrap_err();
    assert!(matches!(silent, Error::Late(_)), "{silent:?}");
}

#[test]
fn an_applet_that_ends_and_one_that_talks_nonsense_are_told_apart() {
    let (_folder, path, ended) = applet(|stream| drop(line(&stream)));
    assert!(matches!(client(&path).request("ping", json!({})), Err(Error::Closed)));
    ended.join().unwrap();
    let (_folder, path, nonsense) = applet(|mut stream| {
        line(&stream);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap();
    });
    assert!(matches!(client(&path).request("ping", json!({})), Err(Error::BadAnswer(_))));
    nonsense.join().unwrap();
}

#[test]
fn an_endless_line_is_given_up() {
    let (_folder, path, applet) = applet(|mut stream| while stream.write_all(&vec![b'x'; 65_536]).is_ok() {});
    let error = Client::connect_within(&path, Duration::from_mins(2)).unwrap().request("ping", json!({})).unwrap_err();
    assert!(error.to_string().contains("a line of more than"), "{error}");
    applet.join().unwrap();
}

#[test]
fn pushes_come_without_the_answers_until_the_applet_ends() {
    let (_folder, path, applet) = applet(|stream| {
        say(&stream, &json!({"type":"response","id":1,"cmd":"x","data":1}));
        say(&stream, &json!({"type":"status","data":1}));
        say(&stream, &json!({"type":"novelty","data":2}));
    });
    let mut client = client(&path);
    let mut pushes = client.pushes();
    assert_eq!(pushes.next().unwrap().unwrap()["type"], "status");
    assert_eq!(pushes.next().unwrap().unwrap()["type"], "novelty");
    assert!(matches!(pushes.next(), Some(Err(Error::Closed))));
    applet.join().unwrap();
}
