//! The one function that can signal a process.

use crate::core::{Kill, KillOutcome, Signal, Target};
use crate::process::protection::Guard;
use crate::process::{Id, State};
use crate::protocol::ErrorCode;
use crate::sample::procfs::{self, Identity};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;
use tokio::io::unix::AsyncFd;

/// How long SIGKILL may take before the process counts as stuck in the kernel.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Why a signal was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such process.
    #[error("It was already gone.")]
    Gone,
    /// The pid belongs to another process by now.
    #[error("Process {0} is another one by now. Look at the list again.")]
    Replaced(u32),
    /// It carries the machine, the session or the guard.
    #[error("{0} carries your session or is RunawayGuard itself, and is never signalled.")]
    Protected(String),
    /// It belongs to somebody else.
    #[error("Not allowed: it belongs to {0}.")]
    Forbidden(String),
    /// The kernel refused.
    #[error("The kernel refused the signal: {0}.")]
    Kernel(String),
}

impl Error {
    /// Its code on the socket.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Gone => ErrorCode::NotFound,
            Self::Replaced(_) => ErrorCode::IdentityMismatch,
            Self::Protected(_) => ErrorCode::Protected,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::Kernel(_) => ErrorCode::Internal,
        }
    }
}

/// Signals one process, and gives the descriptor that stands for it.
///
/// The descriptor is opened first and the start time read behind it: whoever had the pid at both moments, with the start
/// time that is asked for, had it in between too.
///
/// # Errors
/// [`Error`] says why nothing was sent.
pub fn send(target: Target, signal: Signal, guard: Guard) -> Result<OwnedFd, Error> {
    let pid = Pid::from_raw(target.pid.cast_signed()).ok_or(Error::Gone)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| kernel(error, None))?;
    let identity = procfs::identify(Path::new("/proc"), target.pid).ok_or(Error::Gone)?;
    if target.start_time.is_some_and(|start_time| start_time != identity.id.start_time) {
        return Err(Error::Replaced(target.pid));
    }
    if guard.protects(target.pid, &identity.name, identity.uid, identity.kernel_thread) {
        return Err(Error::Protected(format!("{} ({})", identity.name, target.pid)));
    }
    pidfd_send_signal(&process, number(signal)).map_err(|error| kernel(error, Some(&identity)))?;
    Ok(process)
}

/// Does what the Kill button asks: SIGTERM, and SIGKILL where the process has not ended after the grace time.
pub async fn kill(kill: Kill, guard: Guard) -> KillOutcome {
    let process = match send(kill.id.into(), Signal::Term, guard) {
        Ok(process) => process,
        Err(Error::Gone | Error::Replaced(_)) => return KillOutcome::Gone,
        Err(error) => return KillOutcome::Refused(error.to_string()),
    };
    if is_stopped(kill.id) {
        // A stopped process takes SIGTERM only once it goes on.
        let _ = pidfd_send_signal(&process, rustix::process::Signal::CONT);
    }
    let Ok(process) = watch(process) else { return KillOutcome::Stuck };
    if ends_within(&process, kill.grace).await {
        return KillOutcome::Ended;
    }
    match pidfd_send_signal(process.get_ref(), rustix::process::Signal::KILL) {
        Ok(()) if ends_within(&process, KILL_LIMIT).await => KillOutcome::Killed,
        Ok(()) => KillOutcome::Stuck,
        Err(Errno::SRCH) => KillOutcome::Ended,
        Err(error) => KillOutcome::Refused(kernel(error, None).to_string()),
    }
}

#[expect(deprecated, reason = "its successor is unsafe")]
fn watch(process: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(process)
}

/// A pidfd is readable once its process has ended.
async fn ends_within(process: &AsyncFd<OwnedFd>, limit: Duration) -> bool {
    tokio::time::timeout(limit, process.readable()).await.is_ok_and(|ready| ready.is_ok())
}

fn is_stopped(id: Id) -> bool {
    let found = procfs::identify(Path::new("/proc"), id.pid);
    found.is_some_and(|found| found.id == id && found.state == State::Stopped)
}

fn kernel(error: Errno, identity: Option<&Identity>) -> Error {
    match (error, identity) {
        (Errno::SRCH | Errno::INVAL, _) => Error::Gone,
        (Errno::PERM, Some(identity)) => Error::Forbidden(procfs::login_name(identity.uid)),
        (error, _) => Error::Kernel(error.to_string()),
    }
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
