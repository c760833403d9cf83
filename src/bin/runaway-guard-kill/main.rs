//! Ends a process of another user: what polkit lets run as root once an administrator has agreed.
//!
//! `runaway-guard-kill PID START_TIME`: SIGTERM and, where the process has not ended after 5 seconds, SIGKILL. It takes
//! nothing else and does nothing else; all that it says is its exit code, see [`Code`].
//!
//! Nothing of the rest of the program is linked into it: what runs as root is in this folder. It takes neither a signal
//! nor a time, so that there is nothing to choose for whoever calls it. To stop and continue is not among what it does:
//! with that, processes of root could be held at any moment of somebody's choice.

#[path = "../../applet/polkit/code.rs"]
mod code;
mod process;

use code::{Code, GRACE};
use process::{Process, Target};
use rustix::io::Errno;
use rustix::process::Signal;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let code = run().unwrap_or_else(|refusal| refusal);
    if matches!(code, Code::Usage | Code::Uninvited) {
        // Where standard error is closed, the exit code says it.
        let _ =
            writeln!(std::io::stderr(), "RunawayGuard starts this through polkit: runaway-guard-kill PID START_TIME");
    }
    ExitCode::from(code as u8)
}

fn run() -> Result<Code, Code> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let target = Target::parse(&arguments).ok_or(Code::Usage)?;
    let asker = std::env::var("PKEXEC_UID").ok().and_then(|uid| process::number(&uid));
    let asker = asker.and_then(|uid| u32::try_from(uid).ok()).ok_or(Code::Uninvited)?;
    if !rustix::process::geteuid().is_root() {
        return Err(Code::Uninvited);
    }
    let process = Process::open(target)?;
    if process.carries_system()? {
        return Err(Code::Protected);
    }
    if process.owner()? == asker {
        return Err(Code::Own);
    }
    end(&process)
}

/// Asks the process to end, and ends it where it does not.
fn end(process: &Process) -> Result<Code, Code> {
    let refused = |error| if error == Errno::SRCH { Code::Gone } else { Code::Failed };
    process.signal(Signal::TERM).map_err(refused)?;
    if process.is_stopped() {
        // What is stopped gets no SIGTERM before it goes on; where this fails, SIGKILL follows.
        let _ = process.signal(Signal::CONT);
    }
    if process.ends_within(GRACE) {
        return Ok(Code::Ended);
    }
    match process.signal(Signal::KILL) {
        Err(Errno::SRCH) => Ok(Code::Ended),
        Err(_) => Err(Code::Failed),
        Ok(()) if process.ends_within(GRACE) => Ok(Code::Killed),
        Ok(()) => Ok(Code::Stuck),
    }
}
