//! Real sockets in folders of their own, and a small core that answers.

mod limits;
mod place;
mod shell;

use super::Server;
use crate::applet::Event;
use crate::protocol::request::ListProcesses;
use crate::protocol::{Level, Push, Reply, Request, Status};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// How long a condition may take before the test fails.
const LIMIT: Duration = Duration::from_secs(30);

/// A server in a folder of its own, with a core that answers.
struct Guard {
    folder: TempDir,
    server: Server,
    /// How often the core was asked.
    asked: Arc<AtomicUsize>,
    /// The requests that the core keeps unanswered.
    held: mpsc::Receiver<oneshot::Sender<Reply>>,
}

impl Guard {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (events, requests) = mpsc::channel(4);
        let (keep, held) = mpsc::channel(4);
        let server = Server::bind(&folder.path().join("guard.sock"), events).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        tokio::spawn(answer_requests(requests, keep, asked.clone()));
        Self { folder, server, asked, held }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("guard.sock")
    }

    async fn connect(&self) -> Client {
        Client { stream: BufReader::new(UnixStream::connect(self.path()).await.unwrap()) }
    }

    /// Waits until there are so many clients.
    async fn clients(&self, count: usize) {
        eventually(|| self.server.client_count() == count).await;
    }
}

/// Answers as the core would, but `resume_monitoring` is dropped, and `hello` is kept for the test.
#[expect(clippy::wildcard_enum_match_arm, reason = "the tests ask little")]
async fn answer_requests(
    mut requests: mpsc::Receiver<Event>,
    keep: mpsc::Sender<oneshot::Sender<Reply>>,
    asked: Arc<AtomicUsize>,
) {
    while let Some(Event::Client { request, reply }) = requests.recv().await {
        asked.fetch_add(1, Ordering::Relaxed);
        let answer = match request {
            Request::Ping => Reply::Pong,
            Request::ListProcesses(ListProcesses { limit, .. }) => {
                Reply::Response(json!(vec!["x".repeat(1000); limit.unwrap_or(1)]))
            }
            Request::ListWhitelist => Reply::Response(json!([])),
            Request::GetConfig => Reply::Config(json!({ "general": {} })),
            Request::ResumeMonitoring => continue,
            Request::Hello => {
                keep.send(reply).await.unwrap();
                continue;
            }
            other => panic!("the tests do not ask {other:?}"),
        };
        // The client may be gone.
        let _ = reply.send(answer);
    }
}

struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    async fn send(&mut self, text: &str) {
        within(self.stream.write_all(text.as_bytes())).await.unwrap();
    }

    /// Reads one line, with its end; empty at the end of the stream.
    async fn line(&mut self) -> String {
        let mut line = String::new();
        within(self.stream.read_line(&mut line)).await.unwrap();
        line
    }

    async fn json(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Reads until the server closes.
    async fn rest(&mut self) -> String {
        let mut rest = String::new();
        within(self.stream.read_to_string(&mut rest)).await.unwrap();
        rest
    }

    async fn ping(&mut self) {
        self.send("{\"cmd\":\"ping\"}\n").await;
        while self.line().await != "{\"type\":\"pong\"}\n" {}
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.expect("it takes too long")
}

async fn eventually(condition: impl Fn() -> bool) {
    within(async {
        while !condition() {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

fn status(count: usize) -> Push {
    Push::Status(Status {
        monitored_count: count,
        alert_count: 0,
        level: Level::Green,
        paused: false,
        paused_until: None,
        interval_seconds: 10,
        scan_ms: 1.0,
        problems: Vec::new(),
        ..Status::default()
    })
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests_with_their_ids() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client
        .send(concat!(
            "{\"cmd\":\"list_whitelist\",\"id\":1e3}\r\n",
            "\n",
            "{\"cmd\":\"ping\",\"id\":\"a\"}\n",
            "nonsense\n",
            "{\"cmd\":\"dance\",\"id\":3}\n",
            "{\"cmd\":\"get_config\"}\n",
            "{\"cmd\":\"ping\"}\n",
        ))
        .await;
    assert_eq!(client.line().await, "{\"type\":\"response\",\"id\":1e3,\"cmd\":\"list_whitelist\",\"data\":[]}\n");
    assert_eq!(client.line().await, "{\"type\":\"pong\",\"id\":\"a\"}\n");
    let bad = client.json().await;
    assert_eq!((&bad["id"], &bad["cmd"], &bad["error"]["code"]), (&json!(null), &json!(null), &json!("bad_json")));
    let unknown = client.json().await;
    assert_eq!(
        (&unknown["id"], &unknown["cmd"], &unknown["error"]["code"]),
        (&json!(3), &json!("dance"), &json!("unknown_command"))
    );
    assert_eq!(client.line().await, "{\"type\":\"config\",\"id\":null,\"data\":{\"general\":{}}}\n");
    assert_eq!(client.line().await, "{\"type\":\"pong\"}\n");
}

#[tokio::test]
async fn a_request_in_pieces_is_answered_once_it_is_whole() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    for piece in ["{\"cm", "d\":\"pi", "ng\"", "}", "\r", "\n"] {
        client.send(piece).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.line().await, "{\"type\":\"pong\"}\n");
}

#[tokio::test]
async fn a_half_closed_client_gets_all_answers_and_then_the_end() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client
        .send("{\"cmd\":\"ping\"}\n{\"cmd\":\"list_processes\",\"params\":{\"limit\":3000}}\n{\"cmd\":\"ping\"}")
        .await;
    client.stream.shutdown().await.unwrap();
    let rest = client.rest().await;
    let lines: Vec<&str> = rest.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0], lines[2]), ("{\"type\":\"pong\"}", "{\"type\":\"pong\"}"));
    assert!(lines[1].len() > 3_000_000);
    guard.clients(0).await;
}

#[tokio::test]
async fn ten_thousand_requests_in_one_write_are_all_answered() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    let requests: Vec<String> = (0..10_000).map(|id| format!("{{\"cmd\":\"ping\",\"id\":{id}}}\n")).collect();
    client.send(&requests.concat()).await;
    for id in 0..10_000 {
        assert_eq!(client.line().await, format!("{{\"type\":\"pong\",\"id\":{id}}}\n"));
    }
}

#[tokio::test]
async fn pushes_reach_every_client_between_answers() {
    let guard = Guard::start();
    let mut clients = [guard.connect().await, guard.connect().await];
    guard.clients(2).await;
    clients[0].ping().await;
    guard.server.push(&status(7));
    for client in &mut clients {
        assert_eq!(client.json().await["data"]["monitored_count"], 7);
        client.ping().await;
    }
}

#[tokio::test]
async fn a_push_comes_while_an_answer_is_awaited() {
    let mut guard = Guard::start();
    let mut client = guard.connect().await;
    client.send("{\"cmd\":\"hello\"}\n{\"cmd\":\"ping\"}\n").await;
    let reply = within(guard.held.recv()).await.unwrap();
    guard.server.push(&status(7));
    assert_eq!(client.json().await["type"], "status");
    reply.send(Reply::success()).unwrap();
    assert_eq!(client.json().await["data"]["success"], true);
    assert_eq!(client.json().await["type"], "pong");
}

#[tokio::test]
async fn a_request_that_the_core_drops_is_answered_with_internal() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client.send("{\"cmd\":\"resume_monitoring\",\"id\":1}\n").await;
    let answer = client.json().await;
    assert_eq!((&answer["id"], &answer["cmd"]), (&json!(1), &json!("resume_monitoring")));
    assert_eq!(answer["error"]["code"], "internal");
    client.ping().await;
}

#[tokio::test]
async fn a_request_after_the_loop_has_ended_is_answered_with_internal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guard.sock");
    let (events, requests) = mpsc::channel(1);
    drop(requests);
    let _server = Server::bind(&path, events).unwrap();
    let mut client = Client { stream: BufReader::new(UnixStream::connect(&path).await.unwrap()) };
    client.send("{\"cmd\":\"ping\"}\n").await;
    assert_eq!(client.json().await["error"]["code"], "internal");
}

#[tokio::test]
async fn a_client_that_vanishes_costs_nothing() {
    let mut guard = Guard::start();
    let mut waiting = guard.connect().await;
    waiting.send("{\"cmd\":\"hello\"}\n").await;
    let reply = within(guard.held.recv()).await.unwrap();
    drop(waiting);
    let mut flooding = guard.connect().await;
    flooding.send(&"{\"cmd\":\"list_processes\"}\n".repeat(2000)).await;
    drop(flooding);
    guard.server.push(&status(1));
    // The answer has nowhere to go, whether its receiver is gone already or not.
    let _ = reply.send(Reply::success());
    guard.clients(0).await;
    guard.connect().await.ping().await;
}

#[tokio::test]
async fn closing_ends_every_client() {
    let guard = Guard::start();
    let path = guard.path();
    let mut clients = [guard.connect().await, guard.connect().await];
    clients[0].ping().await;
    guard.server.close();
    for client in &mut clients {
        assert_eq!(client.rest().await, "");
    }
    assert!(!path.exists());
}
