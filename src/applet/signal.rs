//! The one function that signals with the user's own hand, and the Kill button that is made of it.

#[cfg(test)]
mod tests;

use crate::core::{Kill, KillOutcome, Signal, Target};
use crate::process::protection::Protection;
use crate::process::{Id, Pid, State};
use crate::protocol::{self, ErrorCode};
use crate::sample::procfs::{Identity, identify};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How long Kill waits after SIGKILL.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A signal that was sent.
#[derive(Debug)]
pub struct Sent {
    /// The process: it goes on meaning the same one, and is readable once that ended.
    pub pidfd: OwnedFd,
    /// Who got the signal.
    pub identity: Identity,
}

/// Why a signal was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such process, or it has ended and its parent has not taken note.
    #[error("Process {0} is gone.")]
    NotFound(Pid),
    /// The pid has another process now.
    #[error("Process {0} is gone: its number belongs to another process now. List the processes again.")]
    IdentityMismatch(Pid),
    /// It carries the session, or is the kernel's or the guard's own.
    #[error("Not allowed: {name} ({pid}) carries the system or this session and is never signalled.")]
    Protected {
        /// Its pid.
        pid: Pid,
        /// Its name.
        name: String,
    },
    /// It belongs to another user.
    #[error("Not allowed: it belongs to {owner}. Run: sudo kill -{} {}", signal.name().trim_start_matches("SIG"), id.pid)]
    Forbidden {
        /// Which process.
        id: Id,
        /// Whose it is: a login name, where that is known.
        owner: String,
        /// What it was to be sent.
        signal: Signal,
    },
    /// Something else failed.
    #[error("Process {pid} could not be signalled: {error}.")]
    Failed {
        /// Its pid.
        pid: Pid,
        /// What the kernel answered.
        error: String,
    },
}

impl Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::IdentityMismatch(_) => ErrorCode::IdentityMismatch,
            Self::Protected { .. } => ErrorCode::Protected,
            Self::Forbidden { .. } => ErrorCode::Forbidden,
            Self::Failed { .. } => ErrorCode::Internal,
        }
    }
}

impl From<Error> for protocol::Error {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Sends a signal to the process that is meant, and to no other.
///
/// The pidfd is opened first. Whatever /proc tells of the pid afterwards is about the same process, or about a later
/// one; in that case the process of the pidfd is gone, and the signal reaches nobody. `owner` is whose the process is said to
/// be where that matters: to ask for a name may take as long as a server of names takes.
///
/// # Errors
/// See [`Error`]; nothing was signalled then.
pub fn send(proc_root: &Path, target: Target, signal: Signal, guard: &Protection, owner: &str) -> Result<Sent, Error> {
    let (pidfd, identity) = open(proc_root, target)?;
    if guard.is_protected(&identity) {
        return Err(Error::Protected { pid: target.pid, name: identity.name });
    }
    if has_ended(&pidfd) {
        return Err(Error::NotFound(target.pid));
    }
    deliver(&pidfd, &identity, signal, owner)?;
    Ok(Sent { pidfd, identity })
}

fn open(proc_root: &Path, target: Target) -> Result<(OwnedFd, Identity), Error> {
    let pid = target.pid;
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw).ok_or(Error::NotFound(pid))?;
    let pidfd = pidfd_open(raw, PidfdFlags::empty()).map_err(|error| refused_to_open(pid, error))?;
    let Some(identity) = identify(proc_root, pid) else {
        let hidden = Error::Failed { pid, error: format!("{} does not show it", proc_root.display()) };
        return Err(if has_ended(&pidfd) { Error::NotFound(pid) } else { hidden });
    };
    if target.start_time.is_some_and(|start_time| start_time != identity.id.start_time) {
        return Err(Error::IdentityMismatch(pid));
    }
    Ok((pidfd, identity))
}

/// `EINVAL` is the answer for the number of a thread that is no process.
fn refused_to_open(pid: Pid, error: Errno) -> Error {
    if matches!(error, Errno::SRCH | Errno::INVAL | Errno::NOENT) {
        Error::NotFound(pid)
    } else {
        Error::Failed { pid, error: error.to_string() }
    }
}

fn deliver(pidfd: &OwnedFd, identity: &Identity, signal: Signal, owner: &str) -> Result<(), Error> {
    let pid = identity.id.pid;
    pidfd_send_signal(pidfd, number(signal)).map_err(|error| match error {
        Errno::SRCH => Error::NotFound(pid),
        Errno::PERM => Error::Forbidden { id: identity.id, owner: owner.to_owned(), signal },
        error => Error::Failed { pid, error: error.to_string() },
    })
}

fn number(signal: Signal) -> rustix::process::Signal {
    match signal {
        Signal::Term => rustix::process::Signal::TERM,
        Signal::Kill => rustix::process::Signal::KILL,
        Signal::Stop => rustix::process::Signal::STOP,
        Signal::Cont => rustix::process::Signal::CONT,
        Signal::Int => rustix::process::Signal::INT,
        Signal::Hup => rustix::process::Signal::HUP,
        Signal::Usr1 => rustix::process::Signal::USR1,
        Signal::Usr2 => rustix::process::Signal::USR2,
    }
}

/// Tells whether the process of a pidfd has ended.
pub(super) fn has_ended(pidfd: &OwnedFd) -> bool {
    has_ended_after(pidfd, Timespec { tv_sec: 0, tv_nsec: 0 })
}

/// Tells whether the process of a pidfd has ended, or does so within this time. It is readable once all its threads have ended.
pub(super) fn has_ended_after(pidfd: &OwnedFd, time: Timespec) -> bool {
    let mut polled = [PollFd::new(pidfd, PollFlags::IN)];
    rustix::event::poll(&mut polled, Some(&time)).is_ok_and(|ready| ready > 0)
}

/// Does what the Kill button says: SIGTERM, and after the grace time SIGKILL through the same pidfd.
///
/// It ends within the grace time and five seconds, and needs no thread of its own.
pub async fn kill(proc_root: &Path, kill: Kill, guard: &Protection, owner: &str) -> KillOutcome {
    let Sent { pidfd, identity } = match send(proc_root, kill.id.into(), Signal::Term, guard, owner) {
        Ok(sent) => sent,
        Err(Error::NotFound(_) | Error::IdentityMismatch(_)) => return KillOutcome::Gone,
        Err(error @ Error::Forbidden { .. }) => return KillOutcome::Forbidden(error.to_string()),
        Err(error) => return KillOutcome::Refused(error.to_string()),
    };
    if identity.state == State::Stopped {
        // What is stopped gets no SIGTERM before it goes on; where this fails, SIGKILL follows.
        let _ = deliver(&pidfd, &identity, Signal::Cont, owner);
    }
    let process = match watch(pidfd) {
        Ok(process) => process,
        Err(error) => return KillOutcome::Refused(format!("It was asked to end, and cannot be watched: {error}.")),
    };
    if ends_within(&process, kill.grace).await {
        return KillOutcome::Ended;
    }
    match deliver(process.get_ref(), &identity, Signal::Kill, owner) {
        Ok(()) if ends_within(&process, AFTER_KILL).await => KillOutcome::Killed,
        Ok(()) => KillOutcome::Stuck,
        Err(Error::NotFound(_)) => KillOutcome::Ended,
        Err(error) => KillOutcome::Refused(error.to_string()),
    }
}

#[expect(deprecated, reason = "its successor is unsafe for the sake of descriptors that nobody owns; ours is owned")]
fn watch(pidfd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(pidfd, Interest::READABLE)
}

async fn ends_within(process: &AsyncFd<OwnedFd>, time: Duration) -> bool {
    let ended = tokio::time::timeout(time, process.readable()).await;
    ended.is_ok_and(|ready| ready.is_ok()) || has_ended(process.get_ref())
}
