//! The login session that the applet was started in, where no service manager ends it with the session.
//!
//! A session whose user has logged out stays for as long as a program of it goes on, and the applet, which is no client of
//! the display, would go on.
//!
//! Source: `sd_pid_get_session(3)` and `sd_session_get_state(3)`, whose file is read as it is.

use super::signal::has_ended_after;
use crate::client::Client;
use crate::protocol::Hello;
use procfs::process::Process;
use rustix::event::Timespec;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::json;
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

    /// Tells whether the user has logged out of it. False where that is not known.
    pub(super) fn is_over(&self) -> bool {
        let told = std::fs::read_to_string(&self.state);
        told.is_ok_and(|told| told.lines().any(|line| line == "STATE=closing"))
    }
}

/// Has this applet end where it goes on in a session which its user has logged out of; tells whether it has ended.
#[must_use]
pub fn end_leftover(mut other: Client) -> bool {
    let Ok(Hello { pid, .. }) = other.ask("hello", json!({})) else { return false };
    let Ok(pid) = i32::try_from(pid) else { return false };
    let Some(Ok(pidfd)) = Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty())) else { return false };
    let session = Process::new(pid).ok().and_then(|process| Session::of(&process));
    let is_leftover = session.is_some_and(|session| session.is_over());
    is_leftover && other.request("quit", json!({})).is_ok() && has_ended_after(&pidfd, LEFTOVER_ENDS)
}

/// Gives the id of the session whose scope this cgroup is.
fn session_of(cgroup: &str) -> Option<&str> {
    cgroup.rsplit('/').next()?.strip_prefix("session-")?.strip_suffix(".scope")
}

#[cfg(test)]
mod tests {
    use super::*;

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
