//! What is remembered of every process between scans: little, and a history for those that ever moved.

use super::history::{History, Step, Usage};
use crate::process::{Description, Id, State};
use crate::sample::{Now, Sample};
use std::sync::Arc;
use std::time::Duration;

/// A process younger than this has used too little time for a rate.
pub(super) const YOUNGEST: Duration = Duration::from_millis(500);

/// What is remembered of one process.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) id: Id,
    /// CPU time at the last scan; None before the first that was judged.
    cpu_time: Option<Duration>,
    /// `CLOCK_MONOTONIC` and its age when it was first seen: its age without the machine's sleep follows.
    first_seen: (Duration, Duration),
    /// Its anonymous memory when it was first seen, and when that was on the clock of [`Step::at`].
    first_memory: (Duration, u64),
    /// Which rule limits its run time, found once for each description.
    pub(super) limit: Option<(Arc<Description>, Option<usize>)>,
    history: Option<Box<History>>,
}

impl Past {
    /// Begins with the first sample of a process.
    pub(super) fn new(sample: &Sample, step: Step) -> Self {
        Self {
            id: sample.id,
            cpu_time: None,
            first_seen: (step.now.monotonic, sample.age),
            first_memory: (step.at, sample.anonymous),
            limit: None,
            history: None,
        }
    }

    /// Gives for how long the process has run, without the time that the machine slept since it was first seen.
    pub(super) fn awake_age(&self, now: Now) -> Duration {
        let (first_monotonic, first_age) = self.first_seen;
        first_age + now.monotonic.saturating_sub(first_monotonic)
    }

    /// Tells what it used since the scan before; None where that is not known.
    pub(super) fn usage(&self, sample: &Sample, step: Step) -> Option<Usage> {
        let interval = step.elapsed?;
        match self.cpu_time {
            Some(before) => Some(Usage { interval, busy: sample.cpu_time.saturating_sub(before) }),
            None if (YOUNGEST..=interval).contains(&sample.age) => {
                Some(Usage { interval: sample.age, busy: sample.cpu_time })
            }
            None => None,
        }
    }

    /// Tells whether its CPU clock moved since the scan before; None where it was not there then.
    pub(super) fn has_moved(&self, sample: &Sample) -> Option<bool> {
        self.cpu_time.map(|before| sample.cpu_time != before)
    }

    /// Tells whether it has been at rest since it was first seen, as far as is known: no rule but that of run time can
    /// find anything.
    pub(super) fn is_at_rest(&self, sample: &Sample, usage: Option<Usage>) -> bool {
        let rests = matches!(sample.state, State::Sleeping | State::Idle);
        let is_idle = usage.is_none_or(|usage| usage.busy.is_zero());
        self.history.is_none() && rests && is_idle && sample.anonymous == self.first_memory.1
    }

    /// Gives its history, begun now where it has rested until now.
    pub(super) fn history(&mut self) -> &mut History {
        let (at, bytes) = self.first_memory;
        self.history.get_or_insert_with(|| Box::new(History::new(at, bytes)))
    }

    /// Takes note of a scan, after it was judged.
    pub(super) fn note(&mut self, sample: &Sample) {
        self.cpu_time = Some(sample.cpu_time);
        if let Some(history) = &mut self.history {
            history.timeslices = sample.timeslices;
        }
    }
}
