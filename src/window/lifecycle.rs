//! The applet's life as the window sees it: it starts one where none runs, and stops doing so when it keeps crashing.

use crate::paths::UNIT;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// So many crashes …
const MOST_CRASHES: usize = 3;

/// … within this time are too many.
const WITHIN: Duration = Duration::from_mins(1);

/// How often the applet crashed lately.
#[derive(Debug, Default)]
pub struct Crashes {
    recent: VecDeque<Instant>,
}

impl Crashes {
    /// Notes that the applet vanished.
    pub fn note(&mut self, now: Instant) {
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|first| now.saturating_duration_since(*first) > WITHIN) {
            self.recent.pop_front();
        }
    }

    /// Tells whether it crashed so often that another start would be no help.
    #[must_use]
    pub fn are_too_many(&self) -> bool {
        self.recent.len() >= MOST_CRASHES
    }

    /// Forgets them: the user wants to try again.
    pub fn forget(&mut self) {
        self.recent.clear();
    }
}

/// Starts an applet that outlives the window. Where systemd has no unit of it, waits as long as both are there.
///
/// # Errors
/// Where it cannot be started, or ends with an error: what it said, or how it ended.
pub async fn start_applet() -> Result<(), String> {
    let program = std::env::current_exe().unwrap_or_default();
    if starts_by_unit("systemctl", &program).await { Ok(()) } else { start_child().await }
}

/// Has systemd start it, which starts it anew after a crash: where it runs the desktop, has this program as a unit, and nothing
/// keeps the unit from starting.
async fn starts_by_unit(systemctl: &str, program: &Path) -> bool {
    let ask = async |arguments: &[&str]| {
        let mut command = Command::new(systemctl);
        command.arg("--user").args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        command.output().await.ok().filter(|Output { status, .. }| status.success())
    };
    let is_active = async |unit| ask(&["is-active", "--quiet", unit]).await.is_some();
    let is_of_this_program = async || {
        let told = ask(&["show", "--property=ExecStart", "--value", UNIT]).await;
        told.is_some_and(|told| {
            String::from_utf8_lossy(&told.stdout).contains(&format!("path={} ;", program.display()))
        })
    };
    // To start a unit whose conditions are not met is no failure.
    is_active("graphical-session.target").await
        && is_of_this_program().await
        && ask(&["start", UNIT]).await.is_some()
        && is_active(UNIT).await
}

async fn start_child() -> Result<(), String> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0(crate::paths::NAME).arg("--background").process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = match command.spawn() {
        Ok(mut child) => child.wait().await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("RunawayGuard ended with {status}. {SEE_WHY}")),
        Err(error) => Err(cannot_start(&error)),
    }
}

fn cannot_start(error: &io::Error) -> String {
    format!("RunawayGuard could not be started: {error}. {SEE_WHY}")
}

/// Where the reason is to be found.
pub const SEE_WHY: &str = "To see why, run in a terminal: runaway-guard --background";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_crashes_within_a_minute_are_too_many() {
        let begin = Instant::now();
        let mut crashes = Crashes::default();
        for seconds in [0, 50, 70] {
            crashes.note(begin + Duration::from_secs(seconds));
            assert!(!crashes.are_too_many(), "{seconds}");
        }
        crashes.note(begin + Duration::from_secs(100));
        assert!(crashes.are_too_many());
        crashes.forget();
        assert!(!crashes.are_too_many());
    }

    /// What came of it with a systemctl that says how the desktop's target and the unit are (`true` or `false`, programs
    /// both), and of which program the unit is; and what that was asked. It stands in for systemd, which is not had here.
    async fn start([desktop, program, unit]: [&str; 3]) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let [text, systemctl, asked] = ["text", "systemctl", "asked"].map(|name| folder.path().join(name));
        let script = format!(
            "#!/bin/sh\necho \"$2\" >>{}\ncase \"$*\" in\n*graphical-session.target) {desktop} ;;\n*is-active*) {unit} ;;\n\
             *show*) echo '{{ path={program} ; argv[]={program} --background ; ignore_errors=no }}' ;;\nesac\n",
            asked.display()
        );
        std::fs::write(&text, script).unwrap();
        // A program of its own writes it: what this one has open for writing cannot be run where another test forks.
        let copied = Command::new("install").args([&text, &systemctl]).status().await.unwrap();
        assert!(copied.success());
        let is_up = starts_by_unit(systemctl.to_str().unwrap(), Path::new("/usr/bin/ours")).await;
        (is_up, std::fs::read_to_string(asked).unwrap().replace('\n', " "))
    }

    #[tokio::test]
    async fn systemd_starts_it_where_it_runs_the_desktop_and_has_it_as_a_unit() {
        let whole = "is-active show start is-active ";
        assert_eq!(start(["true", "/usr/bin/ours", "true"]).await, (true, whole.into()));
        assert_eq!(start(["true", "/usr/bin/ours", "false"]).await, (false, whole.into()), "a condition is not met");
        assert_eq!(start(["true", "/usr/bin/ours-too", "true"]).await, (false, "is-active show ".into()));
        assert_eq!(start(["false", "/usr/bin/ours", "true"]).await, (false, "is-active ".into()));
        assert!(!starts_by_unit("/nonexistent", Path::new("/usr/bin/ours")).await);
    }
}
