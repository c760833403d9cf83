//! The connection against a socket of the test's own.

use super::*;
use crate::protocol::request::ListProcesses;
use crate::protocol::{ErrorCode, Request};
use iced::futures::StreamExt;
use serde_json::{Value, json};
use std::pin::Pin;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixListener;

/// What the answers of these tests become.
type Heard = Result<Value, Failure>;

struct Applet {
    listener: UnixListener,
    events: Pin<Box<dyn Stream<Item = Event<Heard>>>>,
    _folder: tempfile::TempDir,
}

impl Applet {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("guard.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        Self { listener, events: Box::pin(follow(socket)), _folder: folder }
    }

    /// Accepts a connection, and gives both of its ends.
    async fn accept(&mut self) -> (BufReader<UnixStream>, mpsc::Sender<Ask<Heard>>) {
        let (accepted, event) = tokio::join!(self.listener.accept(), self.events.next());
        let Some(Event::Connected(requests)) = event else { panic!("it does not connect") };
        (BufReader::new(accepted.unwrap().0), requests)
    }

    /// Waits for what is told, and lets the connection go on meanwhile.
    async fn told(&mut self) -> Event<Heard> {
        self.events.next().await.expect("it goes on")
    }

    async fn answered(&mut self) -> Heard {
        let Event::Answered(heard) = self.told().await else { panic!("no answer") };
        heard
    }
}

fn list() -> Ask<Heard> {
    Ask::new(Request::ListProcesses(ListProcesses::default()), |answer| answer)
}

async fn read(stream: &mut BufReader<UnixStream>) -> Value {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    serde_json::from_str(&line).unwrap()
}

async fn write(stream: &mut BufReader<UnixStream>, message: &Value) {
    stream.get_mut().write_all(format!("{message}\n").as_bytes()).await.unwrap();
}

#[tokio::test]
async fn answers_find_their_questions_in_any_order() {
    let mut applet = Applet::start();
    let (mut stream, requests) = applet.accept().await;
    requests.try_send(list()).unwrap();
    requests.try_send(list()).unwrap();
    let serve = async {
        let (first, second) = (read(&mut stream).await, read(&mut stream).await);
        assert_eq!(first, json!({"cmd": "list_processes", "id": 1}));
        let refusal = json!({"code": "busy", "message": "Later."});
        write(&mut stream, &json!({"type": "error", "id": second["id"], "cmd": null, "error": refusal})).await;
        write(&mut stream, &json!({"type": "response", "id": first["id"], "cmd": "list_processes", "data": [7]})).await;
    };
    let (refused, ()) = tokio::join!(applet.answered(), serve);
    assert_eq!(refused, Err(Failure { code: Some(ErrorCode::Busy), message: "Later.".into() }));
    assert_eq!(applet.answered().await, Ok(json!([7])));
}

#[tokio::test]
async fn what_is_not_understood_is_passed_over() {
    let mut applet = Applet::start();
    let (mut stream, _requests) = applet.accept().await;
    let status = json!({
        "monitored_count": 1, "alert_count": 0, "level": "green", "paused": false, "paused_until": null,
        "interval_seconds": 10, "scan_ms": 1.0, "problems": [], "of a newer version": 1
    });
    let serve = async {
        for text in ["no JSON", "{}", "[]", r#"{"type":"novelty","data":{}}"#, r#"{"type":"response","id":9,"data":1}"#]
        {
            stream.get_mut().write_all(format!("{text}\n").as_bytes()).await.unwrap();
        }
        write(&mut stream, &json!({"type": "status", "data": status})).await;
    };
    let (event, ()) = tokio::join!(applet.told(), serve);
    assert!(matches!(event, Event::Push(Push::Status(status)) if status.monitored_count == 1));
}

#[tokio::test]
async fn a_lost_connection_is_told_to_those_who_wait() {
    let mut applet = Applet::start();
    let (mut stream, requests) = applet.accept().await;
    requests.try_send(list()).unwrap();
    let serve = async {
        read(&mut stream).await;
        drop(stream);
    };
    let (heard, ()) = tokio::join!(applet.answered(), serve);
    assert!(heard.unwrap_err().message.starts_with("The connection to RunawayGuard was lost."));
    assert!(matches!(applet.told().await, Event::Missing(1, Missing::Lost)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_given_up() {
    let mut pending = Pending::default();
    pending.register(list());
    assert!(pending.late(Instant::now()).is_empty());
    tokio::time::advance(TIME_LIMIT).await;
    let late = pending.late(Instant::now());
    assert!(late[0].as_ref().unwrap_err().message.contains("did not answer in time"));
    assert_eq!(pending.answer(1, Ok(Box::default())), None, "it comes too late");
}

#[tokio::test(start_paused = true)]
async fn it_tries_ten_times_and_gives_up() {
    let folder = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    let events: Vec<Event<Heard>> = follow(folder.path().join("nobody.sock")).collect().await;
    let attempts = events.iter().filter(|event| matches!(event, Event::Missing(_, Missing::NotRunning))).count();
    assert_eq!(attempts, 10);
    assert!(matches!(events.last(), Some(Event::GaveUp)));
    assert_eq!(begin.elapsed(), 10 * PAUSE);
}
