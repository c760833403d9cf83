//! Processes of other users: polkit asks an administrator, and a helper that runs as root then ends the one process.
//!
//! The applet itself never has more rights than its user. What it may ask for is in the policy that a package installs, what
//! the helper does is in `src/bin/runaway-guard-kill`. Only what a person pressed gets here, see [`crate::core`].

mod code;
#[cfg(test)]
mod tests;

use super::autostart;
use crate::core::KillOutcome;
use crate::paths::is_roots_alone;
use crate::process::{Id, Pid};
use crate::words::harmless;
use code::Code;
pub(super) use code::GRACE;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use tokio::process::Command;

/// Where a package puts the helper; the policy names this path.
pub const HELPER: &str = "/usr/libexec/runaway-guard-kill";

/// Where a package puts the policy.
pub const POLICY: &str = "/usr/share/polkit-1/actions/io.github.runawayguard.applet.policy";

/// What pkexec hands on to the helper, which needs none of it: where it finds a value odd, it refuses.
///
/// Source: pkexec(1), "SECURITY NOTES".
const HANDED_ON: [&str; 15] = [
    "SHELL",
    "LANG",
    "LINGUAS",
    "LANGUAGE",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_ALL",
    "TERM",
    "COLORTERM",
    "DISPLAY",
    "XAUTHORITY",
];

/// The way to an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polkit {
    pkexec: PathBuf,
    helper: PathBuf,
    policy: PathBuf,
}

/// Why there is no way to an administrator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The helper is not there, or is not root's.
    #[error("{} is not installed. A package of RunawayGuard brings it; a program alone does not.", .0.display())]
    Helper(PathBuf),
    /// Nothing says who may start the helper.
    #[error("{} is not installed. Install the package of RunawayGuard again.", .0.display())]
    Policy(PathBuf),
    /// There is no pkexec.
    #[error("pkexec is not installed. Install it: sudo apt install pkexec, or polkit. Then start RunawayGuard again.")]
    Pkexec,
}

/// Why nothing came of the question, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("The question was closed, so nothing was done.")]
    Dismissed,
    #[error("It was not allowed, so nothing was done.")]
    NotAuthorized,
    #[error("Nobody could be asked: this session has no polkit agent. Start your desktop's, or run: sudo kill {0}")]
    NoAgent(Pid),
    #[error("Not allowed: the system stands on it.")]
    Protected,
    #[error("Nobody was to be asked: it belongs to you, and something of the system's guards it.")]
    Own,
    #[error("The kernel refused. Run: sudo kill {0}")]
    Kernel(Pid),
    #[error("An administrator could not be asked: {1}. Run: sudo kill {0}")]
    Failed(Pid, String),
}

impl Polkit {
    /// The way through what a package installs.
    #[must_use]
    pub fn find() -> Self {
        let pkexec = autostart::find("pkexec").unwrap_or_default();
        Self { pkexec, helper: HELPER.into(), policy: POLICY.into() }
    }

    /// Tells what it lacks; None where nothing is missing.
    #[must_use]
    pub fn missing(&self) -> Option<Missing> {
        // polkit goes by the path: it would ask for any other program there too.
        if !std::fs::metadata(&self.helper).is_ok_and(|file| is_roots_alone(&file)) {
            Some(Missing::Helper(self.helper.clone()))
        } else if !self.policy.is_file() {
            Some(Missing::Policy(self.policy.clone()))
        } else if !self.pkexec.is_file() {
            Some(Missing::Pkexec)
        } else {
            None
        }
    }

    /// Has an administrator asked, and the process ended where one agrees. It takes as long as the question stands.
    pub async fn kill(&self, id: Id) -> KillOutcome {
        if let Some(missing) = self.missing() {
            return KillOutcome::Refused(unasked(&missing));
        }
        match self.command(id, has_no_new_privileges()).output().await {
            Ok(output) => outcome(id.pid, &output),
            Err(error) => refused(&Refusal::Failed(id.pid, error.to_string())),
        }
    }

    /// Where this process can gain no rights, which pkexec has to, the user's service manager starts it in its place.
    fn command(&self, id: Id, is_confined: bool) -> Command {
        const OUTSIDE: [&str; 7] =
            ["systemd-run", "--user", "--quiet", "--collect", "--pipe", "--wait", "--description=Ends a process"];
        // The environment there is the service manager's.
        let unset = format!("--property=UnsetEnvironment={}", HANDED_ON.join(" "));
        let outside = OUTSIDE.into_iter().chain([unset.as_str()]).map(AsRef::as_ref);
        let words = outside.filter(|_| is_confined).chain([self.pkexec.as_os_str()]);
        let [pid, start_time] = [id.pid.to_string(), id.start_time.to_string()];
        let mut words = words.chain(["--disable-internal-agent".as_ref(), self.helper.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args([pid, start_time]);
        for variable in super::service::VARIABLES.into_iter().chain(HANDED_ON) {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

/// Says that nobody can be asked, and why.
pub(super) fn unasked(missing: &Missing) -> String {
    format!("An administrator cannot be asked: {missing}")
}

/// Source: prctl(2), `PR_GET_NO_NEW_PRIVS`. A unit's hardening sets it.
fn has_no_new_privileges() -> bool {
    nix::sys::prctl::get_no_new_privs().unwrap_or(false)
}

/// What the exit code means.
///
/// Source: pkexec(1), "RETURN VALUE".
fn outcome(pid: Pid, Output { status, stderr, .. }: &Output) -> KillOutcome {
    let said = String::from_utf8_lossy(stderr);
    let first = || said.lines().map(str::trim).find(|line| !line.is_empty());
    tracing::debug!(%status, %said, "pkexec");
    match status.code().map(Code::try_from) {
        Some(Ok(Code::Ended)) => KillOutcome::Ended,
        Some(Ok(Code::Killed)) => KillOutcome::Killed,
        Some(Ok(Code::Gone)) => KillOutcome::Gone,
        Some(Ok(Code::Stuck)) => KillOutcome::Stuck,
        Some(Ok(Code::Protected)) => refused(&Refusal::Protected),
        Some(Ok(Code::Own)) => refused(&Refusal::Own),
        Some(Ok(Code::Failed)) => refused(&Refusal::Kernel(pid)),
        Some(Err(126)) => refused(&Refusal::Dismissed),
        Some(Err(127)) if said.contains("No authentication agent") => refused(&Refusal::NoAgent(pid)),
        Some(Err(127)) if said.contains("Not authorized") => refused(&Refusal::NotAuthorized),
        Some(Ok(Code::Usage | Code::Uninvited) | Err(_)) | None => {
            let why = first().map_or_else(|| status.to_string(), |line| harmless(line.trim_end_matches('.')));
            refused(&Refusal::Failed(pid, why))
        }
    }
}

fn refused(why: &Refusal) -> KillOutcome {
    KillOutcome::Refused(why.to_string())
}
