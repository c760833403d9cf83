//! Other people's programs: netcat as users call it, and another user's.

use super::*;
use std::fs::{Permissions, set_permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use tokio::process::{Child, ChildStdout, Command};

fn shell(command: &str) -> Child {
    Command::new("timeout")
        .args(["30", "sh", "-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn output(command: &str) -> Output {
    within(shell(command).wait_with_output()).await.unwrap()
}

/// Runs a line that stays connected until the server closes, and gives its first line of output.
async fn first_line(guard: Guard, command: &str) -> String {
    let mut child =
        shell(&command.replace("/run/user/$(id -u)/runaway-guard.sock", &guard.path().display().to_string()));
    let mut stdout: BufReader<ChildStdout> = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    within(stdout.read_line(&mut line)).await.unwrap();
    guard.server.close();
    assert!(within(child.wait()).await.unwrap().success());
    line
}

#[tokio::test]
async fn the_manual_ping_prints_its_answer() {
    let command = r#"echo '{"cmd":"ping"}' | nc -U /run/user/$(id -u)/runaway-guard.sock"#;
    assert_eq!(first_line(Guard::start(), command).await, "{\"type\":\"pong\"}\n");
}

#[tokio::test]
async fn the_manual_list_of_processes_prints_its_answer() {
    let command = r#"echo '{"cmd":"list_processes"}' | nc -U /run/user/$(id -u)/runaway-guard.sock"#;
    let line = first_line(Guard::start(), command).await;
    assert!(line.starts_with(r#"{"type":"response","id":null,"cmd":"list_processes","data":["x"#), "{line}");
}

#[tokio::test]
async fn the_manual_list_of_the_whitelist_prints_its_answer() {
    let command = r#"echo '{"cmd":"list_whitelist"}' | nc -U /run/user/$(id -u)/runaway-guard.sock"#;
    let line = first_line(Guard::start(), command).await;
    assert_eq!(line, "{\"type\":\"response\",\"id\":null,\"cmd\":\"list_whitelist\",\"data\":[]}\n");
}

#[tokio::test]
async fn netcat_that_half_closes_gets_the_answer_and_ends() {
    let guard = Guard::start();
    for write in ["echo", "printf %s"] {
        let done = output(&format!("{write} '{{\"cmd\":\"ping\"}}' | nc -NU {}", guard.path().display())).await;
        assert!(done.status.success());
        assert_eq!(String::from_utf8(done.stdout).unwrap(), "{\"type\":\"pong\"}\n");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn another_user_is_closed_at_once_and_logged() {
    if !nix::unistd::geteuid().is_root() {
        println!("not tested: only root can become another user");
        return;
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let guard = Guard::start();
    set_permissions(guard.folder.path(), Permissions::from_mode(0o755)).unwrap();
    set_permissions(guard.path(), Permissions::from_mode(0o666)).unwrap();
    let ask =
        format!("echo '{{\"cmd\":\"ping\"}}' | setpriv --reuid UID --clear-groups nc -NU {}", guard.path().display());
    let own = output(&ask.replace("UID", "0")).await;
    assert_eq!(String::from_utf8_lossy(&own.stdout), "{\"type\":\"pong\"}\n");
    assert_eq!(log.text(), "");
    let other = output(&ask.replace("UID", "65534")).await;
    let complaint = String::from_utf8_lossy(&other.stderr);
    assert!(!complaint.contains("denied") && !complaint.contains("setpriv"), "it never reached the guard: {complaint}");
    assert_eq!(String::from_utf8_lossy(&other.stdout), "");
    assert!(log.text().contains("it belongs to user 65534"), "{}", log.text());
    assert_eq!(guard.server.client_count(), 0);
}
