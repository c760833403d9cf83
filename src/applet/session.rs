//! The login session that the applet was started in, where no service manager ends it with the session.
//!
//! A session whose user has logged out stays for as long as a program of it goes on, and the applet, which is no client of
//! the display, would go on.
//!
//! Source: `sd_pid_get_session(3)` and `sd_session_get_state(3)`, whose file is read as it is.

use procfs::process::Process;
use std::path::Path;

/// Where logind tells of its sessions.
const SESSIONS: &str = "/run/systemd/sessions";

/// Tells whether the user has logged out of the session that this process is in. False where it is in none, or that is not
/// known.
pub(super) fn is_over() -> bool {
    own().is_some_and(|id| {
        let told = std::fs::read_to_string(Path::new(SESSIONS).join(id));
        told.is_ok_and(|told| told.lines().any(|line| line == "STATE=closing"))
    })
}

fn own() -> Option<String> {
    let groups = Process::myself().and_then(|own| own.cgroups()).ok()?;
    groups.into_iter().find_map(|group| session_of(&group.pathname).map(str::to_owned))
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
