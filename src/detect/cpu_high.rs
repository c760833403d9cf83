//! Sustained CPU use: over the threshold throughout the duration.
//!
//! It begins at or over the threshold, and lasts while no sample is calm and the mean is not below it: one sample in
//! which others had the core ends nothing. Where the cores do not suffice for all, what counts is what a process wants
//! (what it used and how long it waited for a core), and not what it was given.

mod habit;

use super::history::{History, Step, Usage};
use super::silence::Silence;
use super::{LONGEST_CALM, Process, Verdict};
use crate::config::CpuHigh;
use crate::figures::tenths;
use crate::protocol::{Circumstances, Evidence, Severity};
use habit::Habit;
use std::time::Duration;

/// Below this part of the threshold a process is calm; between the two an alert neither begins nor ends.
pub(super) const CALM_BELOW: f64 = 0.8;

/// What is below this part of the threshold is below it, and not merely as good as at it.
pub(super) const WELL_BELOW: f64 = 0.95;

/// So much of the time it may be well below the threshold: what is so for longer only has spikes.
pub(super) const DIPS: f64 = 0.25;

/// A wait for a core is told where it is at least this part of what was used.
const WORTH_TELLING: f64 = 0.1;

/// Of one interval no more than so many times the threshold counts for the mean.
pub(super) const MOST_COUNTED: f64 = 1.15;

/// One that outlived the process that started it is told of after this part of the duration.
const ORPHANS: f64 = 1.0 / 3.0;

/// On battery a process is told of after this part of the duration.
const ON_BATTERY: f64 = 2.0 / 3.0;

/// One that wants a whole core gets at least this part of its fair share; one that gets less, and waits all the same,
/// runs only now and then.
const OF_ITS_SHARE: f64 = 0.5;

/// What was given little counts as busy for at most so many times the time in which it would have used as much undisturbed:
/// it did little harm, and honest work takes longer where many want the cores.
const SLOWED_DOWN: f64 = 2.0;

/// Since when a process is over the threshold, and what it used and wanted since.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Busy {
    span: Option<Span>,
    habit: Habit,
    /// What it used, or wanted where the cores did not suffice, in the last interval, in percent of one core.
    pub(super) percent: f64,
    /// Why it is not told of.
    pub(super) silence: Option<Silence>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    began: Duration,
    used: Duration,
    waited: Duration,
    /// Of each interval no more than a little over the threshold, so that one burst makes up for nothing.
    counted: Duration,
    /// For how long it was well below the threshold.
    below: Duration,
}

impl Span {
    fn new(began: Duration) -> Self {
        let none = Duration::ZERO;
        Self { began, used: none, waited: none, counted: none, below: none }
    }

    fn lasted(&self, at: Duration) -> Duration {
        at.saturating_sub(self.began)
    }

    /// Gives for how long it counts as busy.
    fn counts_for(&self, at: Duration, threshold: f64) -> Duration {
        let undisturbed = self.used.mul_f64(100.0 / threshold);
        self.lasted(at).min(undisturbed.mul_f64(SLOWED_DOWN))
    }

    fn mean(&self, at: Duration) -> f64 {
        Usage { interval: self.lasted(at), busy: self.counted }.percent()
    }
}

impl Busy {
    /// Since when it is over the threshold, on the clock of [`super::history::Step::at`].
    pub(super) fn since(&self) -> Option<Duration> {
        self.span.map(|span| span.began)
    }

    /// Gives for how long it counts as over the threshold, of the patience that there is with it.
    pub(super) fn counts_for(&self, at: Duration, rule: &CpuHigh) -> Duration {
        self.span.map_or(Duration::ZERO, |span| span.counts_for(at, threshold(rule)))
    }

    /// Ends what went on.
    pub(super) fn stop(&mut self) {
        self.span = None;
    }

    /// Gives the time after which it is told of.
    pub(super) fn patience(&self, is_orphan: bool, on_battery: bool, rule: &CpuHigh) -> Duration {
        let usual = patience(is_orphan, on_battery, rule);
        if is_orphan { usual } else { self.habit.patience(usual) }
    }

    /// Has the habit take note where a span ended or another began, which counts after a calm of so long.
    fn note(&mut self, before: Option<Span>, step: Step, patience: Duration, rule: &CpuHigh) {
        match (before, self.span) {
            (Some(span), None) => {
                let ended = step.at.saturating_sub(step.elapsed.unwrap_or_default());
                let counted = span.counts_for(ended, threshold(rule));
                self.habit.calmed(ended, counted, counted >= patience);
            }
            (None, Some(span)) => self.habit.began(span.began, rule.duration_seconds.seconds().min(LONGEST_CALM)),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// Takes an interval in; tells whether it is over the threshold, and was since it began.
    fn take(&mut self, usage: Usage, waited: Duration, at: Duration, threshold: f64) -> Option<Span> {
        let mut span = self.span.unwrap_or_else(|| Span::new(at.saturating_sub(usage.interval)));
        let most = usage.interval.mul_f64(MOST_COUNTED * threshold / 100.0);
        span.counted += (usage.busy + waited).min(most);
        span.used += usage.busy;
        span.waited += waited;
        span.below += if self.percent < WELL_BELOW * threshold { usage.interval } else { Duration::ZERO };
        let has_only_spikes = span.below > span.lasted(at).mul_f64(DIPS);
        let lasts = self.percent >= CALM_BELOW * threshold && span.mean(at) >= threshold && !has_only_spikes;
        self.span = lasts.then_some(span);
        self.span
    }
}

pub(super) fn judge(process: &Process, history: &mut History, rule: &CpuHigh) -> Verdict {
    let (sample, busy) = (process.sample, &mut history.busy);
    busy.silence = process.silence;
    if sample.state.is_stopped() {
        busy.stop();
        return Verdict::Held;
    }
    let Some(usage) = process.usage else { return Verdict::Held };
    let waited = waited(process, usage);
    busy.percent = Usage { busy: usage.busy + waited, ..usage }.percent();
    if process.silence.is_some() {
        busy.stop();
        return Verdict::Calm;
    }
    let patience = |busy: &Busy| busy.patience(process.is_orphan, process.machine.on_battery, rule);
    let (before, span) = (busy.span, busy.take(usage, waited, process.step.at, threshold(rule)));
    busy.note(before, process.step, patience(busy), rule);
    let Some(span) = span else {
        return if busy.percent < CALM_BELOW * threshold(rule) { Verdict::Calm } else { Verdict::Held };
    };
    verdict(process, &span, patience(busy), rule)
}

fn threshold(rule: &CpuHigh) -> f64 {
    rule.threshold_percent.get().into()
}

/// For how long it waited for a core, where that counts: the cores do not suffice, and it had its share of them.
fn waited(process: &Process, usage: Usage) -> Duration {
    let machine = process.machine;
    let counts = machine.is_saturated && usage.percent() >= OF_ITS_SHARE * machine.fair_share;
    process.waited.filter(|_| counts).unwrap_or_default()
}

fn verdict(process: &Process, span: &Span, patience: Duration, rule: &CpuHigh) -> Verdict {
    let lasted = span.lasted(process.step.at);
    let counted = span.counts_for(process.step.at, threshold(rule));
    let Some(severity) = severity(counted, patience, rule) else { return Verdict::Suspicious };
    let percent = |busy| tenths(Usage { interval: lasted, busy }.percent());
    Verdict::Firing(
        severity,
        Evidence::CpuHigh {
            cpu_percent: percent(span.used),
            threshold_percent: rule.threshold_percent.get(),
            seconds: lasted.as_secs(),
            circumstances: Circumstances {
                wanted_percent: wanted_worth_telling(percent(span.used), percent(span.used + span.waited)),
                orphan: process.is_orphan,
                ..Circumstances::default()
            },
        },
    )
}

/// Gives what was wanted, where it is worth telling beside what was used, each in percent of one core.
pub(super) fn wanted_worth_telling(used: f64, wanted: f64) -> Option<f64> {
    (wanted > used * (1.0 + WORTH_TELLING)).then(|| tenths(wanted))
}

/// Tells how bad it is that something is over the threshold for so long; None while it is not told of.
pub(super) fn severity(lasted: Duration, patience: Duration, rule: &CpuHigh) -> Option<Severity> {
    let is_critical = lasted >= 2 * rule.duration_seconds.seconds();
    (lasted >= patience).then_some(if is_critical { Severity::Critical } else { Severity::Warning })
}

/// Gives the time after which a process is told of, or a group, which is no orphan.
pub(super) fn patience(is_orphan: bool, on_battery: bool, rule: &CpuHigh) -> Duration {
    let usual = if on_battery { ON_BATTERY } else { 1.0 };
    let part = if is_orphan { usual.min(ORPHANS) } else { usual };
    rule.duration_seconds.seconds().mul_f64(part)
}
