//! One group of processes since it is over the threshold, and what of it lasts.

use super::cpu_high::{self, CALM_BELOW, MOST_COUNTED};
use super::key::{self, Key, Kind};
use super::part::{Lasting, Part, Parts};
use super::{MOST_MEMBERS, OF_WEIGHT, index_of, member};
use crate::config::CpuHigh;
use crate::detect::history::Step;
use crate::detect::machine::Machine;
use crate::detect::{Finding, Verdict};
use crate::figures::tenths;
use crate::protocol::{Circumstances, Evidence, Reason};
use crate::sample::Sample;
use std::time::Duration;

/// A member is named where it used at least this part of what the worst did.
const NAMED: f64 = 0.1;

/// A group that does little for longer is calm, however much it did before.
const LONGEST_REST: Duration = Duration::from_secs(8);

/// A group that was over the threshold goes on while it is given this part of it, where the cores do not suffice.
const SQUEEZED: f64 = 0.4;

/// One group since it is over the threshold.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) key: Key,
    pub(super) began: Duration,
    /// In this interval, in percent of one core.
    pub(super) percent: f64,
    /// Since when it does little.
    calm_since: Option<Duration>,
    /// Percent times seconds since it began, of each interval no more than a little over the threshold.
    counted: f64,
    /// Percent times seconds that it was given, and that it wanted, since it began.
    pub(super) given: f64,
    wanted: f64,
    /// Percent times seconds that children used which nobody saw alive.
    pub(super) unseen: f64,
    pub(super) parts: Parts,
}

/// What a group did so far.
pub(super) struct Summary<'a> {
    /// Mean use that lasts, in percent of one core.
    pub(super) percent: f64,
    /// How much of it processes used that live for a moment only.
    short_lived: f64,
    /// Who still lives, the worst first.
    pub(super) members: Vec<&'a Part>,
}

impl Watched {
    pub(super) fn new(key: Key, began: Duration) -> Self {
        Self {
            key,
            began,
            percent: 0.0,
            calm_since: None,
            counted: 0.0,
            given: 0.0,
            wanted: 0.0,
            unseen: 0.0,
            parts: Parts::default(),
        }
    }

    /// Ends the interval; tells whether the group is still over the threshold.
    pub(super) fn goes_on(&mut self, at: Duration, elapsed: Duration, threshold: f64, machine: Machine) -> bool {
        let given = std::mem::take(&mut self.percent);
        // How long the short-lived waited for a core nobody can tell: where others came between, it counts as going on.
        let is_squeezed = machine.is_saturated && self.counted > 0.0 && given >= SQUEEZED * threshold;
        let percent = if is_squeezed { given.max(threshold) } else { given };
        self.given += given * elapsed.as_secs_f64();
        self.wanted += percent * elapsed.as_secs_f64();
        self.counted += percent.min(MOST_COUNTED * threshold) * elapsed.as_secs_f64();
        let mean = self.counted / at.saturating_sub(self.began).as_secs_f64();
        let is_calm = percent < CALM_BELOW * threshold;
        let calm_since = is_calm.then(|| self.calm_since.unwrap_or(at.saturating_sub(elapsed)));
        // One look may fall just between the end of a process and the start of the next, and others may come between.
        let lasts =
            calm_since.is_none_or(|since| self.calm_since.is_none() || at.saturating_sub(since) <= LONGEST_REST);
        self.calm_since = calm_since;
        lasts && mean >= threshold
    }

    pub(super) fn held(&self) -> Finding {
        let group = Some(self.key.group);
        Finding { index: None, group, is_together: true, reason: Reason::CpuHigh, verdict: Verdict::Held }
    }

    pub(super) fn judge(&self, samples: &[Sample], step: Step, machine: Machine, rule: &CpuHigh) -> Option<Finding> {
        let lasted = step.at.saturating_sub(self.began);
        let patience = cpu_high::patience(false, machine.on_battery, rule);
        let Some(severity) = cpu_high::severity(lasted, patience, rule) else {
            return Some(Finding { verdict: Verdict::Suspicious, ..self.held() });
        };
        let slack = slack(rule, step.elapsed.unwrap_or_default());
        let summary = self.summary(step.at, lasted, slack).filter(|summary| self.is_over(summary, rule))?;
        let index = self.lead(samples, &summary.members)?;
        let evidence = summary.evidence(samples, lasted, rule);
        Some(Finding { index: Some(index), verdict: Verdict::Firing(severity, evidence), ..self.held() })
    }

    /// Tells whether what lasts is over the threshold by itself.
    pub(super) fn is_over(&self, summary: &Summary, rule: &CpuHigh) -> bool {
        let wanted = summary.percent * self.wanted / self.given.max(f64::EPSILON);
        wanted >= f64::from(rule.threshold_percent.get())
    }

    /// Sums up what lasts; None where it is one process that is told of by itself, or none at all.
    pub(super) fn summary(&self, at: Duration, lasted: Duration, slack: Duration) -> Option<Summary<'_>> {
        let Lasting { steady, again, is_diverse, mut members } =
            self.parts.lasting(self.began, at, slack, self.key.kind);
        let unseen = if is_diverse { 0.0 } else { self.unseen };
        let seconds = lasted.as_secs_f64();
        members.sort_by(|a, b| b.work.total_cmp(&a.work));
        let is_several = members.len() > 1 || again + unseen > 0.0;
        is_several.then(|| Summary {
            percent: (steady + again + unseen) / seconds,
            short_lived: (again + unseen) / seconds,
            members,
        })
    }

    /// Chooses the process that the group is told under: the one that is to end for all to end.
    pub(super) fn lead(&self, samples: &[Sample], members: &[&Part]) -> Option<usize> {
        let oldest = |is_in: &dyn Fn(&Sample) -> bool| {
            let of_group = samples.iter().enumerate().filter(|(_, sample)| !sample.has_ended() && is_in(sample));
            of_group.min_by_key(|(_, sample)| (sample.id.start_time, sample.id.pid)).map(|(index, _)| index)
        };
        let worst = || members.first().and_then(|part| index_of(samples, part.id));
        match self.key.kind {
            Kind::Application => oldest(&|sample| key::application(sample) == Some(self.key.group)),
            Kind::Unit => oldest(&|sample| key::unit(sample) == Some(self.key.group)),
            Kind::Siblings { .. } => worst(),
            Kind::Children { of } => index_of(samples, of),
        }
        .or_else(worst)
    }
}

impl Summary<'_> {
    fn evidence(&self, samples: &[Sample], lasted: Duration, rule: &CpuHigh) -> Evidence {
        let seconds = lasted.as_secs_f64();
        let worst = self.members.first().map_or(0.0, |part| part.work);
        let named = self.members.iter().filter(|part| part.work >= NAMED * worst).take(MOST_MEMBERS);
        let member = |part: &&Part| Some(member(&samples[index_of(samples, part.id)?], tenths(part.work / seconds)));
        Evidence::CpuHigh {
            cpu_percent: tenths(self.percent),
            threshold_percent: rule.threshold_percent.get(),
            seconds: lasted.as_secs(),
            circumstances: Circumstances {
                short_lived_percent: (self.short_lived >= OF_WEIGHT).then(|| tenths(self.short_lived)),
                members: named.filter_map(member).collect(),
                ..Circumstances::default()
            },
        }
    }
}

/// How much later than the group what lasts may begin, and how much earlier end.
pub(super) fn slack(rule: &CpuHigh, elapsed: Duration) -> Duration {
    (rule.duration_seconds.seconds() / 4).max(elapsed.mul_f64(1.5))
}
