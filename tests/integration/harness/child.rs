//! A program that a test started.

use super::{Home, LIMIT, pause, wait_for};
use rustix::process::{Pid, PidfdFlags, Signal};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How much of a log is shown when its test failed.
const SHOWN_LINES: usize = 40;

/// How long a program has to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// A running program: ended by its pid and reaped when this is dropped. Where that is because the test failed, the end
/// of its log is shown.
pub(crate) struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a command that [`Home::command`] made, its standard output and error in a log of the home.
    pub(crate) fn start(home: &Home, name: &str, command: &mut Command) -> Self {
        let (log, file) = home.new_log(name);
        command.stdout(file.try_clone().unwrap());
        Self::spawn(name, command, log, file)
    }

    /// Starts it with its standard output in a pipe, for programs that say there where they listen.
    pub(crate) fn start_piped(home: &Home, name: &str, command: &mut Command) -> Self {
        let (log, file) = home.new_log(name);
        command.stdout(Stdio::piped());
        Self::spawn(name, command, log, file)
    }

    fn spawn(name: &str, command: &mut Command, log: PathBuf, file: File) -> Self {
        // A job that a terminal shows at work is not told of: where the tests run in one, this is none of theirs.
        let child = command.process_group(0).stdin(Stdio::null()).stderr(file).spawn();
        Self { name: name.to_owned(), child: child.unwrap_or_else(|error| panic!("{name}: {error}")), log }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The piped standard output; there once.
    pub(crate) fn take_stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().expect("started with start_piped, and not yet taken")
    }

    /// Whether it has not ended; reaps it where it has.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended by itself or by others, and reaps it.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let what = format!("the end of {} ({})", self.name, self.pid());
        wait_for(&what, LIMIT, || self.child.try_wait().unwrap())
    }

    /// Asks it to end with SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        send(&self.child, signal).unwrap();
    }

    /// Ends it with SIGKILL and reaps it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it has written so far to standard error, and to standard output where that is not piped.
    pub(crate) fn log(&self) -> String {
        read_lossy(&self.log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = end(&mut self.child);
        if std::thread::panicking() {
            let log = read_lossy(&self.log);
            let lines: Vec<&str> = log.lines().collect();
            let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
            eprintln!("--- {} ({}): {ended:?}\n{}", self.name, self.pid(), shown.join("\n"));
        }
    }
}

/// Asks a child to end, so that it can remove its sockets, and ends it where it does not.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    send(child, Signal::TERM)?;
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        pause();
    }
    child.kill()?;
    child.wait()
}

/// The child is not reaped yet, so the pid is its own.
fn send(child: &Child, signal: Signal) -> io::Result<()> {
    send_to(Pid::from_child(child), signal)
}

/// Ends the child of a child of the test.
pub(crate) fn kill(pid: u32) {
    send_to(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

fn send_to(pid: Pid, signal: Signal) -> io::Result<()> {
    let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    Ok(rustix::process::pidfd_send_signal(&handle, signal)?)
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
