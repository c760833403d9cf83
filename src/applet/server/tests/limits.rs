//! Hostile clients: slow, silent, endless, too many, and somebody else's.

use super::super::outgoing::MOST_PUSHES;
use super::super::{MOST_CLIENTS, MOST_REFUSALS, PUSH_BURST};
use super::*;
use crate::protocol::codec::MAX_LINE;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::sync::atomic::Ordering;

/// Set in the process that lowers its own limits.
const CHILD: &str = "RUNAWAY_GUARD_TEST_CHILD";

/// Lets the tasks of the server run until they wait.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// Pushes until the only client is closed, and gives the count of pushes.
async fn push_until_closed(guard: &Guard) -> usize {
    guard.clients(1).await;
    let mut pushed = 0;
    while guard.server.client_count() > 0 {
        guard.server.push(&status(pushed));
        pushed += 1;
        assert!(pushed < 100_000, "a client that never reads is kept");
        settle().await;
    }
    pushed
}

#[tokio::test]
async fn a_client_that_never_reads_is_told_so_and_closed() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    let pushed = push_until_closed(&guard).await;
    let rest = client.rest().await;
    let mut lines: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.pop().unwrap()["error"]["code"], "slow_reader");
    assert_eq!(lines.len(), pushed - MOST_PUSHES - 1);
    for (count, line) in lines.iter().enumerate() {
        assert_eq!(line["data"]["monitored_count"], count);
    }
}

#[tokio::test]
async fn a_burst_does_not_close_a_client_that_has_just_read() {
    let guard = Guard::start();
    let _silent = guard.connect().await;
    let nearly_full = push_until_closed(&guard).await - 5;
    let mut client = guard.connect().await;
    guard.clients(1).await;
    for count in 0..nearly_full {
        guard.server.push(&status(count));
        settle().await;
    }
    let reader = tokio::spawn(async move {
        for count in 0..nearly_full + 30 {
            assert_eq!(client.json().await["data"]["monitored_count"], count);
        }
    });
    for count in nearly_full..nearly_full + 30 {
        guard.server.push(&status(count));
    }
    within(reader).await.unwrap();
}

#[tokio::test]
async fn requests_wait_while_their_client_does_not_read() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client.send(&"{\"cmd\":\"list_processes\",\"params\":{\"limit\":500}}\n".repeat(50)).await;
    guard.connect().await.ping().await;
    settle().await;
    let asked = guard.asked.load(Ordering::Relaxed);
    assert!((2..10).contains(&asked), "the core was asked {asked} times");
    for _ in 0..50 {
        assert!(client.line().await.len() > 500_000);
    }
}

#[tokio::test]
async fn an_overflow_in_the_middle_of_a_large_answer_closes_at_once() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client.send("{\"cmd\":\"list_processes\",\"params\":{\"limit\":3000}}\n").await;
    within(client.stream.fill_buf()).await.unwrap();
    settle().await;
    for count in 0..MOST_PUSHES {
        guard.server.push(&status(count));
        settle().await;
    }
    assert_eq!(guard.server.client_count(), 1);
    guard.server.push(&status(MOST_PUSHES));
    guard.clients(0).await;
    let rest = client.rest().await;
    assert!(rest.starts_with("{\"type\":\"response\""));
    assert!(!rest.contains('\n') && !rest.contains("slow_reader"), "something was put into the middle of a line");
}

#[tokio::test]
async fn a_burst_of_more_than_fits_reaches_a_client_that_reads() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client.ping().await;
    let reader = tokio::spawn(async move {
        for count in 0..PUSH_BURST {
            assert_eq!(client.json().await["data"]["monitored_count"], count);
        }
    });
    for count in 0..PUSH_BURST {
        guard.server.push(&status(count));
    }
    within(reader).await.unwrap();
}

#[tokio::test]
async fn a_line_over_the_limit_is_refused_and_closed_after_the_answers_before_it() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    let endless = "x".repeat(8 * MAX_LINE);
    client.send(&format!("{{\"cmd\":\"ping\"}}\n{endless}\n{{\"cmd\":\"ping\"}}\n")).await;
    assert_eq!(client.line().await, "{\"type\":\"pong\"}\n");
    assert_eq!(
        client.line().await,
        concat!(
            "{\"type\":\"error\",\"id\":null,\"cmd\":null,\"error\":{\"code\":\"line_too_long\",\"message\":",
            "\"The line is longer than 1048576 bytes. Connect again and send shorter lines.\"}}\n"
        )
    );
    assert_eq!(client.line().await, "");
    drop(client);
    guard.clients(0).await;
}

#[tokio::test]
async fn a_line_at_the_limit_is_answered() {
    let guard = Guard::start();
    let mut client = guard.connect().await;
    let request = "{\"cmd\":\"ping\"}";
    client.send(&format!("{request}{}\r\n", " ".repeat(MAX_LINE - request.len()))).await;
    assert_eq!(client.line().await, "{\"type\":\"pong\"}\n");
}

#[tokio::test]
async fn a_flood_of_empty_lines_keeps_nobody_from_being_served() {
    let guard = Guard::start();
    let mut flooding = std::os::unix::net::UnixStream::connect(guard.path()).unwrap();
    let mut client = guard.connect().await;
    guard.clients(2).await;
    let flood = std::thread::spawn(move || while std::io::Write::write_all(&mut flooding, &[b'\n'; 16_384]).is_ok() {});
    for _ in 0..100 {
        client.ping().await;
    }
    assert_eq!(guard.server.client_count(), 2);
    guard.server.close();
    eventually(|| flood.is_finished()).await;
}

#[tokio::test]
async fn a_full_house_serves_its_readers_beside_a_silent_and_an_endless_client() {
    let guard = Guard::start();
    let mut silent = guard.connect().await;
    silent.send(&"{\"cmd\":\"list_processes\",\"params\":{\"limit\":500}}\n".repeat(8)).await;
    let endless = UnixStream::connect(guard.path()).await.unwrap();
    let endless = tokio::spawn(write_endlessly(endless));
    let mut readers = Vec::new();
    for _ in 2..MOST_CLIENTS {
        readers.push(guard.connect().await);
    }
    for round in 0..3 {
        guard.server.push(&status(round));
        for reader in &mut readers {
            reader.ping().await;
        }
    }
    let written = within(endless).await.unwrap();
    assert!(written > MAX_LINE, "the endless client was closed after {written} bytes");
    guard.clients(MOST_CLIENTS - 1).await;
}

/// Writes one line until the other end closes, and counts its bytes.
async fn write_endlessly(mut stream: UnixStream) -> usize {
    let mut written = 0;
    while let Ok(count) = stream.write(&[b'x'; 4096]).await {
        written += count;
    }
    written
}

#[tokio::test]
async fn one_client_too_many_is_told_busy_until_another_leaves() {
    let guard = Guard::start();
    let mut clients = Vec::new();
    for _ in 0..MOST_CLIENTS {
        clients.push(guard.connect().await);
    }
    guard.clients(MOST_CLIENTS).await;
    let mut extra = guard.connect().await;
    extra.send("{\"cmd\":\"ping\"}\n").await;
    assert_eq!(
        extra.rest().await,
        concat!(
            "{\"type\":\"error\",\"id\":null,\"cmd\":null,\"error\":{\"code\":\"busy\",\"message\":",
            "\"64 clients are connected, and no more can be. Close one and connect again.\"}}\n"
        )
    );
    clients[MOST_CLIENTS - 1].ping().await;
    drop(clients.pop());
    guard.clients(MOST_CLIENTS - 1).await;
    guard.connect().await.ping().await;
}

#[tokio::test]
async fn a_crowd_at_the_door_is_turned_away_without_a_wait() {
    let guard = Guard::start();
    let mut clients = Vec::new();
    for _ in 0..MOST_CLIENTS + MOST_REFUSALS + 8 {
        clients.push(guard.connect().await);
    }
    guard.clients(MOST_CLIENTS).await;
    let mut told = Vec::new();
    for client in &mut clients[MOST_CLIENTS..] {
        told.push(client.rest().await.contains("\"busy\""));
    }
    assert_eq!(told.iter().filter(|told| **told).count(), MOST_REFUSALS);
    assert!(told[..MOST_REFUSALS].iter().all(|told| *told));
    clients[0].ping().await;
}

#[tokio::test]
async fn out_of_descriptors_the_guard_serves_on_without_spinning() {
    if std::env::var_os(CHILD).is_none() {
        let name = "applet::server::tests::limits::out_of_descriptors_the_guard_serves_on_without_spinning";
        let child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(CHILD, "1")
            .kill_on_drop(true)
            .output();
        let output = within(child).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let guard = Guard::start();
    let mut client = guard.connect().await;
    client.ping().await;
    let late = tokio::net::UnixSocket::new_stream().unwrap();
    let files = use_up_descriptors();
    let mut late = Client { stream: BufReader::new(late.connect(guard.path()).await.unwrap()) };
    late.send("{\"cmd\":\"ping\"}\n").await;
    client.ping().await;
    // A paused clock goes on only where nobody has anything to do: never, where the guard spins.
    tokio::time::pause();
    sleep(Duration::from_secs(1)).await;
    tokio::time::resume();
    client.ping().await;
    assert_eq!(guard.server.client_count(), 1);
    drop(files);
    assert_eq!(late.line().await, "{\"type\":\"pong\"}\n");
}

fn use_up_descriptors() -> Vec<File> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: limit.maximum }).unwrap();
    let files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).take(64).collect();
    assert!(files.len() < 64, "the limit is not in force");
    files
}
