//! Processes that are never signalled: what carries the machine, the session, or the guard.

use super::Pid;

/// The guard itself and its user, from which follows what carries their session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// The pid of the applet.
    pub pid: Pid,
    /// The user it runs as.
    pub uid: u32,
}

impl Guard {
    /// Tells whether a process is never signalled.
    #[must_use]
    pub fn protects(self, pid: Pid, name: &str, uid: u32, kernel_thread: bool) -> bool {
        let _ = (name, uid);
        pid <= 1 || pid == self.pid || kernel_thread
    }
}
