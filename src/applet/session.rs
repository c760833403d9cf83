//! The login session that the applet was started in, where no service manager ends it with the session.
//!
//! A session whose user has logged out stays for as long as a program of it goes on, and the applet, which is no client of
//! the display, would go on.
//!
//! Source: `sd_pid_get_session(3)` and `sd_session_get_state(3)`, whose file is read as it is.

use super::signal::{has_ended, has_ended_after};
use crate::client::{self, Client};
use crate::config::watch::Watch;
use crate::protocol::Hello;
use procfs::process::Process;
use rustix::event::Timespec;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

/// Where logind tells of its sessions.
const SESSIONS: &str = "/run/systemd/sessions";

/// How long the applet that is left behind may take to end.
const LEFTOVER_ENDS: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// A session as logind knows it.
#[derive(Debug)]
pub(super) struct Session {
    state: PathBuf,
}

impl Session {
    /// Finds the session that this process is in. None where it is in none, or in one that its user has logged out of
    /// already, as within a terminal multiplexer that has outlived its session.
    pub(super) fn of_this_process() -> Option<Self> {
        let own = Process::myself().ok()?;
        Self::of(&own).filter(|session| !session.is_over())
    }

    fn of(process: &Process) -> Option<Self> {
        let groups = process.cgroups().ok()?;
        let id = groups.into_iter().find_map(|group| session_of(&group.pathname).map(str::to_owned))?;
        Some(Self { state: Path::new(SESSIONS).join(id) })
    }

    /// Watches what logind tells of it.
    ///
    /// # Errors
    /// What the kernel answered: mostly that the user has no watches left.
    pub(super) fn watch(&self) -> io::Result<Watch> {
        Watch::new(&self.state)
    }

    /// Tells whether the user has logged out of it. False where that is not known.
    pub(super) fn is_over(&self) -> bool {
        let told = std::fs::read_to_string(&self.state);
        told.is_ok_and(|told| told.lines().any(|line| line == "STATE=closing"))
    }
}

/// Has this applet end where it is to end with a session which its user has logged out of; tells whether it has ended, be it
/// by itself.
#[must_use]
pub fn end_leftover(mut other: Client) -> bool {
    let hello: Hello = match other.ask("hello", json!({})) {
        Ok(hello) => hello,
        Err(error) => return has_left(&error),
    };
    let Some(pid) = i32::try_from(hello.pid).ok().and_then(Pid::from_raw) else { return false };
    let pidfd = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(pidfd) => pidfd,
        Err(error) => return error == Errno::SRCH,
    };
    let session = Process::new(pid.as_raw_nonzero().get()).ok().and_then(|process| Session::of(&process));
    if !is_leftover(&hello, session.as_ref()) {
        return has_ended(&pidfd);
    }
    let quits = other.request("quit", json!({})).map_or_else(|error| has_left(&error), |_| true);
    quits && has_ended_after(&pidfd, LEFTOVER_ENDS)
}

fn is_leftover(hello: &Hello, session: Option<&Session>) -> bool {
    hello.ends_with_session && session.is_some_and(Session::is_over)
}

/// Tells whether who was asked has let go of the connection.
fn has_left(error: &client::Error) -> bool {
    match error {
        client::Error::Closed | client::Error::NotRunning | client::Error::Io(_) => true,
        client::Error::Connect { .. }
        | client::Error::Late(_)
        | client::Error::BadAnswer(_)
        | client::Error::Refused(_) => false,
    }
}

/// Gives the id of the session whose scope this cgroup is.
fn session_of(cgroup: &str) -> Option<&str> {
    cgroup.rsplit('/').next()?.strip_prefix("session-")?.strip_suffix(".scope")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;
    use std::time::Duration;

    /// Asks an applet that answers its first request with this, and then closes the connection; gives what it was asked next.
    fn end_one_that_answers(answer: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let client = Client::connect_within(&path, Duration::from_secs(20)).unwrap();
        let (stream, _) = listener.accept().unwrap();
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| {
                let mut lines = BufReader::new(&stream);
                lines.read_line(&mut String::new()).unwrap();
                (&stream).write_all(answer.as_bytes()).unwrap();
                let mut next = String::new();
                if !answer.is_empty() {
                    lines.read_line(&mut next).unwrap();
                }
                stream.shutdown(std::net::Shutdown::Both).unwrap();
                next
            });
            (end_leftover(client), asked.join().unwrap())
        })
    }

    fn hello(pid: u32, ends_with_session: bool) -> String {
        let hello = Hello { pid, ends_with_session, ..Hello::default() };
        format!("{}\n", json!({ "type": "response", "id": 1, "cmd": "hello", "data": hello }))
    }

    #[test]
    fn one_is_left_behind_that_was_to_end_with_a_session_which_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let session = |state: &str| {
            let file = folder.path().join(state);
            std::fs::write(&file, format!("UID=1000\nSTATE={state}\n")).unwrap();
            Session { state: file }
        };
        let ends = |ends_with_session| Hello { ends_with_session, ..Hello::default() };
        assert!(is_leftover(&ends(true), Some(&session("closing"))));
        assert!(!is_leftover(&ends(false), Some(&session("closing"))), "it was told to go on");
        assert!(!is_leftover(&ends(true), Some(&session("active"))));
        assert!(!is_leftover(&ends(true), None));
    }

    #[test]
    fn one_that_goes_on_is_left_alone() {
        assert_eq!(end_one_that_answers(&hello(std::process::id(), true)), (false, String::new()));
    }

    #[test]
    fn one_that_ends_before_it_has_answered_all_has_ended() {
        assert_eq!(end_one_that_answers(""), (true, String::new()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert_eq!(end_one_that_answers(&hello(pid, true)), (true, String::new()));
    }

    #[tokio::test]
    async fn another_file_in_the_place_of_a_sessions_is_news_once() {
        let folder = tempfile::tempdir().unwrap();
        let write = |word: &str| {
            std::fs::write(folder.path().join(".new"), word).unwrap();
            std::fs::rename(folder.path().join(".new"), folder.path().join("c4")).unwrap();
        };
        write("STATE=active\n");
        let session = Session { state: folder.path().join("c4") };
        let mut watch = session.watch().unwrap();
        assert!(!session.is_over());
        write("STATE=closing\n");
        tokio::time::timeout(Duration::from_secs(20), watch.changed()).await.unwrap();
        assert!(session.is_over());
        assert!(tokio::time::timeout(Duration::ZERO, watch.changed()).await.is_err(), "nothing came since");
    }

    #[test]
    fn what_is_in_a_sessions_scope_is_told_from_what_a_manager_has_started() {
        assert_eq!(session_of("/user.slice/user-1000.slice/session-c4.scope"), Some("c4"));
        for other in [
            "/user.slice/user-1000.slice/user@1000.service/app.slice/runaway-guard.service",
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-session-4.scope",
            "/system.slice/session-4.service",
            "/",
        ] {
            assert_eq!(session_of(other), None, "{other}");
        }
    }
}
