//! The applet's life as the window sees it: it starts one where none runs, and stops doing so when it keeps crashing.

use std::collections::VecDeque;
use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};

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

/// Starts an applet that outlives the window, and waits as long as both are there.
///
/// # Errors
/// Where it cannot be started, or ends with an error: what it said, or how it ended.
pub async fn start_applet() -> Result<(), String> {
    let mut command = tokio::process::Command::new("/proc/self/exe");
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
}
