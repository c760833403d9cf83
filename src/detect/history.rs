//! What is remembered of one process between scans.

use super::cpu_high::Busy;
use crate::sample::Now;
use std::collections::VecDeque;
use std::time::Duration;

/// How many points a memory history has at the most: the window is told to within its 256th part.
const MEMORY_POINTS: u32 = 256;

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
    /// How often its main thread had been given a CPU, as of the last scan in state D.
    pub(super) timeslices: Option<u64>,
    /// Since when it keeps over the CPU threshold.
    pub(super) busy: Busy,
    /// For how long its threads had waited for a core, as of the last scan that told.
    pub(super) waited: Option<Duration>,
    /// Since when it is stuck in state D.
    pub(super) stuck: Streak,
    /// Its anonymous memory over the window.
    pub(super) memory: MemoryHistory,
}

impl History {
    /// Begins with the memory as it has been since then.
    pub(super) fn new(since: Duration, bytes: u64) -> Self {
        Self {
            timeslices: None,
            busy: Busy::default(),
            waited: None,
            stuck: Streak::default(),
            memory: MemoryHistory { points: VecDeque::from([(since, bytes)]), base: None },
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

    /// Ends the streak.
    pub(super) fn stop(&mut self) {
        self.since = None;
    }
}

/// Anonymous memory over a window: points only where it changed, oldest first.
#[derive(Debug, Default)]
pub(super) struct MemoryHistory {
    points: VecDeque<(Duration, u64)>,
    /// The memory from which a firing leak is measured.
    pub(super) base: Option<u64>,
}

impl MemoryHistory {
    /// Notes the memory at an instant; changes of less than `grain` bytes are passed over.
    pub(super) fn note(&mut self, at: Duration, bytes: u64, window: Duration, grain: u64) {
        let spacing = window / MEMORY_POINTS;
        let is_new = self.points.back().is_none_or(|&(last_at, last)| {
            at.saturating_sub(last_at) >= spacing && bytes.abs_diff(last) >= grain.max(1)
        });
        if is_new {
            self.points.push_back((at, bytes));
        }
        let start = at.saturating_sub(window);
        while self.points.get(1).is_some_and(|&(second, _)| second <= start) {
            self.points.pop_front();
        }
    }

    /// Gives the memory so long ago; None while the history does not reach back that far.
    pub(super) fn before(&self, at: Duration, ago: Duration) -> Option<u64> {
        let start = at.checked_sub(ago)?;
        let later = self.points.partition_point(|&(noted, _)| noted <= start);
        self.points.get(later.checked_sub(1)?).map(|&(_, bytes)| bytes)
    }
}
