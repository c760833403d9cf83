//! The guard's own program started once more, for what needs a window: it runs beside the applet, and every one is reaped.

use crate::paths::SOCKET_VARIABLE;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// The program that is running, be its file replaced or gone.
///
/// Source: proc(5), `/proc/pid/exe`.
pub(super) const OWN: &str = "/proc/self/exe";

/// How much of what it says is kept, in bytes.
const TAIL: usize = 4096;

/// How long the last words of one that has ended are waited for: others may hold its standard error open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What is started, and for whom.
#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
    /// What comes before all other arguments; nothing but in tests.
    first: Vec<OsString>,
    socket: PathBuf,
    /// Whether it ends with who waits for its end.
    is_bound: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It did what it should.
    Well,
    /// A signal ended it: somebody wanted that, or it crashed.
    Killed,
    /// It gave up; the last line that it said, or else how it ended.
    Failed(String),
}

impl Program {
    /// The guard's own program, which is to talk to this socket.
    pub(super) fn own(socket: &Path) -> Self {
        Self { path: OWN.into(), first: Vec::new(), socket: socket.to_owned(), is_bound: false }
    }

    /// The same, which ends where nobody waits for its end any more.
    pub(super) fn bound(self) -> Self {
        Self { is_bound: true, ..self }
    }

    /// A shell that runs this script in the program's place.
    #[cfg(test)]
    pub(super) fn script(script: &str, socket: &Path) -> Self {
        let first = ["-c", script, "runaway-guard"].map(OsString::from).into();
        Self { path: "/bin/sh".into(), first, socket: socket.to_owned(), is_bound: false }
    }

    /// Starts it with these arguments, and waits for its end. Where nobody waits any more it goes on, unless it is bound.
    pub(super) async fn run(self, arguments: Vec<&'static str>) -> End {
        match self.command(&arguments).spawn() {
            Ok(child) => follow(child).await,
            Err(error) => End::Failed(error.to_string()),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.arg0(crate::paths::NAME).args(&self.first).args(arguments).env(SOCKET_VARIABLE, &self.socket);
        for variable in super::service::VARIABLES {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(self.is_bound);
        command
    }
}

async fn follow(mut child: Child) -> End {
    let mut said = Vec::new();
    let mut stderr = child.stderr.take();
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            more = hear(&mut stderr, &mut said), if stderr.is_some() => if !more {
                stderr = None;
            },
        }
    };
    // The time may run out: what was said until then is enough.
    let _ = timeout(LAST_WORDS, async { while hear(&mut stderr, &mut said).await {} }).await;
    match status {
        Ok(status) => end(status, &said),
        Err(error) => End::Failed(error.to_string()),
    }
}

/// Takes up a piece of what is said, and keeps the last of it; false at its end.
async fn hear(stderr: &mut Option<ChildStderr>, said: &mut Vec<u8>) -> bool {
    let Some(stderr) = stderr else { return false };
    let mut piece = [0; 1024];
    let count = stderr.read(&mut piece).await.unwrap_or(0);
    said.extend_from_slice(&piece[..count]);
    let surplus = said.len().saturating_sub(TAIL);
    said.drain(..surplus);
    count > 0
}

fn end(status: ExitStatus, said: &[u8]) -> End {
    match status.code() {
        None => End::Killed,
        Some(0) => End::Well,
        Some(code) => {
            let text = String::from_utf8_lossy(said);
            let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
            End::Failed(last.map_or_else(|| format!("It ended with exit code {code}."), str::to_owned))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(script: &str, arguments: Vec<&'static str>) -> End {
        let run = Program::script(script, Path::new("/run/guard.sock")).run(arguments);
        timeout(Duration::from_secs(30), run).await.expect("it ends in time")
    }

    #[tokio::test]
    async fn it_is_told_its_arguments_and_the_socket_and_nothing_on_standard_input() {
        let tell = "read line; echo \"$0 $* $RUNAWAY_GUARD_SOCKET [$line]\" >&2; exit 7";
        let told = run(tell, vec!["window", "--tab", "alerts"]).await;
        assert_eq!(told, End::Failed("runaway-guard window --tab alerts /run/guard.sock []".to_owned()));
    }

    #[test]
    fn it_cannot_speak_to_the_service_manager_in_the_applets_name() {
        let command = Program::own(Path::new("/run/guard.sock")).command(&["window"]);
        let removed: Vec<_> = command.as_std().get_envs().filter(|(_, value)| value.is_none()).collect();
        assert_eq!(removed.len(), crate::applet::service::VARIABLES.len());
    }

    #[tokio::test]
    async fn its_end_is_told_by_code_signal_and_last_line() {
        assert_eq!(run("echo so far so good >&2", vec![]).await, End::Well);
        for signal in ["TERM", "KILL", "SEGV"] {
            assert_eq!(run(&format!("ulimit -c 0; kill -{signal} $$"), vec![]).await, End::Killed);
        }
        assert_eq!(run("exit 3", vec![]).await, End::Failed("It ended with exit code 3.".to_owned()));
        let said = run("printf 'first\\n  no display \\n\\n' >&2; exit 1", vec![]).await;
        assert_eq!(said, End::Failed("no display".to_owned()));
    }

    #[tokio::test]
    async fn one_that_talks_without_end_is_heard_and_little_is_kept() {
        let End::Failed(last) =
            run("yes nonsense | head -c 1000000 >&2; echo >&2; echo the end >&2; exit 1", vec![]).await
        else {
            panic!("it failed")
        };
        assert_eq!(last, "the end");
    }

    #[tokio::test]
    async fn whoever_holds_its_standard_error_open_is_not_waited_for() {
        assert_eq!(run("sleep 5 & echo gone >&2; exit 1", vec![]).await, End::Failed("gone".to_owned()));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_fails() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = Program { path: folder.path().join("gone"), ..Program::own(Path::new("")) };
        assert!(matches!(nowhere.run(vec![]).await, End::Failed(why) if why.contains("No such file")));
    }
}
