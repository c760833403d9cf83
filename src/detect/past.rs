//! What is remembered of every process between scans: little, and a history for those that ever moved.

use super::group::{LEAST, Share};
use super::history::{History, Step, Usage};
use super::rules::{Rules, Special};
use crate::config::OfCpu;
use crate::process::{Description, Id, Pid, State};
use crate::sample::{Now, Sample};
use std::sync::Arc;
use std::time::Duration;

/// A process younger than this has used too little time for a rate.
pub(super) const YOUNGEST: Duration = Duration::from_millis(500);

/// A process that leaves its parent before this age is a daemon, and no orphan.
const BEGINNING: Duration = Duration::from_secs(5);

/// A process younger than this has not used enough for its rate to count in a group.
const LEAST_LIFE: Duration = Duration::from_millis(100);

/// Gives the use over the whole life of a process, in percent of one core; 0 for a young one.
pub(super) fn lifetime_percent(sample: &Sample) -> f64 {
    if sample.age < YOUNGEST { 0.0 } else { lifetime(sample).percent() }
}

fn lifetime(sample: &Sample) -> Usage {
    Usage { interval: sample.age, busy: sample.cpu_time }
}

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
    /// The pid of its parent at the last scan.
    parent: Pid,
    /// Whether the process that started it has ended, though it is none that begins so.
    is_orphan: bool,
    /// Its use over its life before it was first seen, in percent of one core.
    first_percent: f32,
    /// CPU time of its ended children at the last scan.
    child_time: Duration,
    /// Which rule holds for it, found once for each description.
    rule: Option<(Arc<Description>, Option<usize>)>,
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
            parent: sample.parent,
            is_orphan: false,
            first_percent: lifetime_percent(sample) as f32,
            child_time: sample.child_time,
            rule: None,
            history: None,
        }
    }

    /// Gives the rule that holds for it, if any does.
    pub(super) fn rule<'a>(&mut self, description: &Arc<Description>, rules: &'a Rules) -> Option<&'a Special> {
        if rules.are_for_all() {
            return None;
        }
        let known = self.rule.as_ref().filter(|(known, _)| Arc::ptr_eq(known, description)).map(|(_, found)| *found);
        let found = known.unwrap_or_else(|| {
            let found = rules.find(description);
            self.rule = Some((Arc::clone(description), found));
            found
        });
        rules.get(found?)
    }

    /// Forgets which rule holds for it.
    pub(super) fn forget_rule(&mut self) {
        self.rule = None;
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

    /// Gives its mean use before it was first seen, in percent of one core; None where it was younger than that then.
    pub(super) fn life_before(&self, age: Duration) -> Option<f64> {
        (self.first_seen.1 >= age).then(|| self.first_percent.into())
    }

    /// Tells whether the process that started it has ended before it, though it is none that begins so.
    pub(super) fn is_orphan(&self) -> bool {
        self.is_orphan
    }

    /// Looks who its parent is: another one than before tells that the first has ended. Daemons leave theirs as they begin.
    pub(super) fn look_for_parent(&mut self, sample: &Sample) {
        self.is_orphan |= sample.parent != self.parent && sample.age > BEGINNING;
        self.parent = sample.parent;
    }

    /// Gives what its children used that ended since the scan before.
    pub(super) fn ended_children(&self, sample: &Sample) -> Duration {
        sample.child_time.saturating_sub(self.child_time)
    }

    /// Gives its pid, that of its parent, and what that is credited with when it ends: all that it and its children used, as far
    /// as was seen.
    pub(super) fn legacy(&self) -> (Pid, Pid, Duration) {
        (self.id.pid, self.parent, self.cpu_time.unwrap_or_default() + self.child_time)
    }

    /// Weighs its share after it was judged: where it is over the threshold for what it wants, that counts. None where it
    /// counts for nothing.
    pub(super) fn weigh(&self, share: Share, of_cpu: OfCpu) -> Option<Share> {
        let over = self.history.as_ref().map(|history| history.busy).filter(|busy| busy.since().is_some());
        let percent = over.map_or(share.percent, |busy| busy.percent);
        let weighed = Share { percent, is_over: over.is_some(), of_cpu, ..share };
        let most = weighed.percent.max(weighed.unseen).max(weighed.newborn.unwrap_or(0.0));
        (most >= LEAST).then_some(weighed)
    }

    /// Gives its history, where it ever moved.
    pub(super) fn known_history(&self) -> Option<&History> {
        self.history.as_deref()
    }

    /// Tells for how long it waited for a core since the scan before; None where that is not known.
    pub(super) fn waited(&self, sample: &Sample) -> Option<Duration> {
        let before = self.history.as_ref()?.waited?;
        Some(sample.waited?.saturating_sub(before))
    }

    /// Tells at what rate it uses the processor, in percent of one core: since the scan before, or since it began.
    pub(super) fn rate(&self, sample: &Sample, step: Step) -> f64 {
        let young = self.is_newborn(sample, step) && sample.age >= LEAST_LIFE;
        self.usage(sample, step).or(young.then(|| lifetime(sample))).map_or(0.0, Usage::percent)
    }

    /// Tells what a process that began since the scan before used of the interval, with its ended children, in percent of
    /// one core; None for all others.
    pub(super) fn newborn_percent(&self, sample: &Sample, step: Step) -> Option<f64> {
        let interval = step.elapsed.filter(|_| self.is_newborn(sample, step))?;
        Some(Usage { interval, busy: sample.cpu_time + sample.child_time }.percent())
    }

    fn is_newborn(&self, sample: &Sample, step: Step) -> bool {
        self.cpu_time.is_none() && step.elapsed.is_some_and(|interval| sample.age <= interval)
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
        self.history.is_none() && rests && is_idle && sample.wait.is_none() && sample.anonymous == self.first_memory.1
    }

    /// Gives its history, begun now where it has rested until now.
    pub(super) fn history(&mut self) -> &mut History {
        let (at, bytes) = self.first_memory;
        self.history.get_or_insert_with(|| Box::new(History::new(at, bytes)))
    }

    /// Takes note of a scan that is not judged. One that moved has not been stuck throughout.
    pub(super) fn pass_over(&mut self, sample: &Sample) {
        let has_moved = self.has_moved(sample) == Some(true);
        if let Some(history) = self.history.as_mut().filter(|_| has_moved) {
            history.stuck.stop();
        }
        self.cpu_time = Some(sample.cpu_time);
        self.child_time = sample.child_time;
    }

    /// Takes note of a scan, after it was judged.
    pub(super) fn note(&mut self, sample: &Sample) {
        self.cpu_time = Some(sample.cpu_time);
        self.child_time = sample.child_time;
        if let Some(history) = &mut self.history {
            history.turns = sample.wait.as_ref().and_then(|wait| wait.turns());
            history.waited = sample.waited;
        }
    }
}
