//! What is remembered of one process between scans.

use super::cpu_high::Busy;
use super::memory_leak::Memory;
use crate::process::Pid;
use crate::sample::Now;
use std::time::Duration;

/// The time between two scans, as the detectors see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The instant of the scan.
    pub(super) now: Now,
    /// Time since the scan before on `CLOCK_MONOTONIC`; None where that interval counts for nothing: there was no scan
    /// before, the machine slept, or monitoring was paused.
    pub(super) elapsed: Option<Duration>,
    /// All intervals that counted, added up: the clock of streaks and histories.
    pub(super) at: Duration,
}

/// CPU use between two samples of the same process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage {
    /// Wall time between the two.
    pub(super) interval: Duration,
    /// CPU time used in it, of all threads.
    pub(super) busy: Duration,
}

impl Usage {
    /// Gives the use in percent of one core.
    pub(super) fn percent(self) -> f64 {
        100.0 * self.busy.as_secs_f64() / self.interval.as_secs_f64()
    }
}

/// What is remembered of a process that ever moved.
#[derive(Debug)]
pub(super) struct History {
    /// The thread that was in state D at the last scan, and how often it had been given a CPU.
    pub(super) turns: Option<(Pid, u64)>,
    /// Since when it keeps over the CPU threshold.
    pub(super) busy: Busy,
    /// For how long its threads had waited for a core, as of the last scan that told.
    pub(super) waited: Option<Duration>,
    /// Since when it is stuck in state D.
    pub(super) stuck: Streak,
    /// Its anonymous memory over time.
    pub(super) memory: Memory,
}

impl History {
    /// Begins with the memory as it has been since then.
    pub(super) fn new(since: Duration, bytes: u64) -> Self {
        Self {
            turns: None,
            busy: Busy::default(),
            waited: None,
            stuck: Streak::default(),
            memory: Memory::new(since, bytes),
        }
    }
}

/// A condition that has held without a break.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Streak {
    /// On the clock of [`Step::at`].
    since: Option<Duration>,
}

impl Streak {
    /// Begins the streak at that time, or goes on with the one there is, and gives its beginning.
    pub(super) fn go_on(&mut self, at: Duration) -> Duration {
        *self.since.get_or_insert(at)
    }

    /// Since when it holds, on the clock of [`Step::at`].
    pub(super) fn since(&self) -> Option<Duration> {
        self.since
    }

    /// Ends the streak.
    pub(super) fn stop(&mut self) {
        self.since = None;
    }
}
