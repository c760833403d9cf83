//! One group of processes since it is over the threshold, and what of it lasts.

use super::cpu_high::{self, CALM_BELOW, DIPS, MOST_COUNTED, WELL_BELOW};
use super::key::{self, Key, Kind};
use super::part::{Lasting, Part, Parts, Period};
use super::{NAMED, NEARLY_ALL, OF_WEIGHT, member};
use crate::config::CpuHigh;
use crate::detect::history::Step;
use crate::detect::machine::Machine;
use crate::detect::{Finding, Verdict};
use crate::figures::tenths;
use crate::protocol::{Circumstances, Evidence, MOST_NAMED, Reason, Unit};
use crate::sample::{Sample, index_of};
use std::time::Duration;

/// For this part of the time all of its processes may be between an end and the next start.
const BETWEEN: f64 = 0.1;

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
    /// For how long it was well below the threshold.
    below: Duration,
    /// For how long none of its processes was seen, and it was taken to go on: in all, and of late.
    between: Duration,
    gap: Duration,
    /// Percent times seconds that it was given, and that it wanted, since it began.
    pub(super) given: f64,
    wanted: f64,
    /// Percent times seconds that children used which nobody saw alive.
    pub(super) unseen: f64,
    pub(super) parts: Parts,
    /// Whether it was told of at the last scan.
    pub(super) is_told: bool,
}

/// What of a group lasts.
pub(super) struct Summary<'a> {
    pub(super) at: Duration,
    /// For how long.
    pub(super) lasted: Duration,
    /// What it uses, or wants where the cores do not suffice, on average, in percent of one core.
    pub(super) percent: f64,
    /// What it uses of that.
    used: f64,
    /// How much of it processes used that live for a moment only.
    short_lived: f64,
    /// Who is at it, the worst first.
    pub(super) members: Vec<&'a Part>,
    /// The one that does nearly all of it, all the time, where there is such a one.
    nearly_all: Option<&'a Part>,
}

impl Watched {
    pub(super) fn new(key: Key, began: Duration) -> Self {
        Self {
            key,
            began,
            percent: 0.0,
            calm_since: None,
            counted: 0.0,
            below: Duration::ZERO,
            between: Duration::ZERO,
            gap: Duration::ZERO,
            given: 0.0,
            wanted: 0.0,
            unseen: 0.0,
            parts: Parts::default(),
            is_told: false,
        }
    }

    /// Ends the interval; tells whether the group is still over the threshold.
    pub(super) fn goes_on(&mut self, at: Duration, elapsed: Duration, threshold: f64, machine: Machine) -> bool {
        let given = std::mem::take(&mut self.percent);
        // How long the short-lived waited for a core nobody can tell: where others came between, it counts as going on.
        let is_squeezed = machine.is_saturated && self.counted > 0.0 && given >= SQUEEZED * threshold;
        // Who had ended at this look and was not yet started again may have worked until then.
        let most_between = self.lasted(at).mul_f64(BETWEEN).max(elapsed);
        self.gap = if self.parts.have_all_ended() { self.gap + elapsed } else { Duration::ZERO };
        let is_short = self.gap <= LONGEST_REST.max(elapsed);
        let is_between = !self.gap.is_zero() && is_short && self.between + elapsed <= most_between;
        self.between += if is_between { elapsed } else { Duration::ZERO };
        let percent = if is_squeezed || is_between { given.max(threshold) } else { given };
        self.given += given * elapsed.as_secs_f64();
        self.wanted += percent * elapsed.as_secs_f64();
        self.counted += percent.min(MOST_COUNTED * threshold) * elapsed.as_secs_f64();
        let mean = self.counted / self.lasted(at).as_secs_f64();
        self.below += if percent < WELL_BELOW * threshold { elapsed } else { Duration::ZERO };
        let has_only_spikes = self.below > self.lasted(at).mul_f64(DIPS);
        let is_calm = percent < CALM_BELOW * threshold;
        let calm_since = is_calm.then(|| self.calm_since.unwrap_or(at.saturating_sub(elapsed)));
        // One look may fall just between the end of a process and the start of the next, and others may come between.
        let lasts =
            calm_since.is_none_or(|since| self.calm_since.is_none() || at.saturating_sub(since) <= LONGEST_REST);
        self.calm_since = calm_since;
        lasts && mean >= threshold && !has_only_spikes
    }

    pub(super) fn held(&self) -> Finding {
        let group = Some(self.key.group);
        Finding { index: None, group, is_together: true, reason: Reason::CpuHigh, verdict: Verdict::Held }
    }

    pub(super) fn judge(&self, samples: &[Sample], step: Step, machine: Machine, rule: &CpuHigh) -> Option<Finding> {
        let patience = cpu_high::patience(false, machine.on_battery, rule);
        let period = self.period(step.at, step.elapsed.unwrap_or_default(), patience, rule);
        if cpu_high::severity(self.lasted(step.at), patience, rule).is_none() {
            return Some(Finding { verdict: Verdict::Suspicious, ..self.held() });
        }
        let summary = self.summary(period).filter(|summary| self.is_over(summary, rule) && !summary.is_of_one())?;
        let severity = cpu_high::severity(summary.lasted, patience, rule)?;
        let index = self.lead(samples, &summary)?;
        let summary = summary.within(machine.capacity);
        let unit = self.restarted_unit(&summary, samples, &samples[index]);
        let evidence = summary.evidence(samples, unit, rule);
        Some(Finding { index: Some(index), verdict: Verdict::Firing(severity, evidence), ..self.held() })
    }

    /// Tells whether a finding is about a process of the group, which has run away by itself.
    pub(super) fn is_about(&self, found: &Finding) -> bool {
        found.group == Some(self.key.group)
    }

    /// Has the findings about processes that are over the threshold by themselves tell of all of these: whichever becomes the
    /// alert, it names them.
    pub(super) fn name_all<'a>(
        &self,
        samples: &[Sample],
        step: Step,
        rule: &CpuHigh,
        findings: impl Iterator<Item = &'a mut Finding>,
    ) {
        let period = self.period(step.at, step.elapsed.unwrap_or_default(), rule.duration_seconds.seconds(), rule);
        let Some(summary) = self.summary(period).and_then(Summary::of_those_told_of) else { return };
        for found in findings {
            let Verdict::Firing(_, Evidence::CpuHigh { cpu_percent, circumstances, .. }) = &mut found.verdict else {
                continue;
            };
            let orphan = circumstances.orphan;
            *cpu_percent = tenths(summary.used);
            *circumstances = Circumstances { orphan, ..summary.circumstances(samples, None) };
        }
    }

    /// Gives the unit that ends and is started again and again, of which this is a process.
    fn restarted_unit(&self, summary: &Summary, samples: &[Sample], lead: &Sample) -> Option<Unit> {
        let is_restarted = self.key.kind == Kind::Unit && summary.percent - summary.short_lived < OF_WEIGHT;
        key::service_of_a_manager(samples, lead).filter(|_| is_restarted)
    }

    /// For how long it is over the threshold.
    pub(super) fn lasted(&self, at: Duration) -> Duration {
        at.saturating_sub(self.began)
    }

    /// Gives the time since it began, as its parts are looked at.
    pub(super) fn period(&self, at: Duration, elapsed: Duration, patience: Duration, rule: &CpuHigh) -> Period {
        Period { began: self.began, at, slack: slack(rule, elapsed), patience }
    }

    /// Tells whether what lasts is over the threshold by itself.
    pub(super) fn is_over(&self, summary: &Summary, rule: &CpuHigh) -> bool {
        let wanted = summary.percent * self.wanted / self.given.max(f64::EPSILON);
        wanted >= f64::from(rule.threshold_percent.get())
    }

    /// Sums up what lasts; None where it is one process, or none at all.
    pub(super) fn summary(&self, period: Period) -> Option<Summary<'_>> {
        let Lasting { steady, again, started, is_diverse } = self.parts.lasting(period, self.key.kind);
        let (at, whole) = (period.at, self.lasted(period.at));
        let unseen = if is_diverse { 0.0 } else { self.unseen };
        let short_lived = (again + unseen) / whole.as_secs_f64();
        let sum = |percent: fn(&Part, Duration) -> f64| -> f64 { steady.iter().map(|part| percent(part, at)).sum() };
        let (percent, used) = (sum(Part::percent) + short_lived, sum(Part::used_percent) + short_lived);
        let longest = steady.iter().map(|part| part.lasted(at)).max().unwrap_or_default();
        let lasted = if short_lived > 0.0 { whole } else { longest.min(whole) };
        let worst = steady.iter().copied().max_by(|a, b| a.percent(at).total_cmp(&b.percent(at)));
        let nearly_all = worst.filter(|worst| worst.percent(at) >= NEARLY_ALL * percent);
        let mut members = steady;
        members.extend(started);
        members.sort_by(|a, b| b.percent(at).total_cmp(&a.percent(at)));
        let is_several = members.len() > 1 || short_lived > 0.0;
        is_several.then_some(Summary { at, lasted, percent, used, short_lived, members, nearly_all })
    }

    /// Chooses the process that the group is told under: the one that is to end for all to end.
    pub(super) fn lead(&self, samples: &[Sample], summary: &Summary) -> Option<usize> {
        let oldest = |is_in: &dyn Fn(&Sample) -> bool| {
            let of_group = samples.iter().enumerate().filter(|(_, sample)| !sample.has_ended() && is_in(sample));
            of_group.min_by_key(|(_, sample)| (sample.id.start_time, sample.id.pid)).map(|(index, _)| index)
        };
        let worst = || summary.members.first().and_then(|part| index_of(samples, part.id));
        if let Some(part) = summary.nearly_all {
            return index_of(samples, part.id);
        }
        match self.key.kind {
            Kind::Application => oldest(&|sample| key::application(sample) == Some(self.key.group)),
            Kind::Unit => summary.oldest().and_then(|part| index_of(samples, part.id)),
            Kind::Siblings { .. } => worst(),
            Kind::Children { of } => index_of(samples, of),
        }
        .or_else(worst)
    }
}

impl Summary<'_> {
    /// Leaves those that are over the threshold by themselves; None where that is one, or none.
    fn of_those_told_of(mut self) -> Option<Self> {
        self.members.retain(|part| part.is_told_of());
        let sum = |percent: fn(&Part, Duration) -> f64| self.members.iter().map(|part| percent(part, self.at)).sum();
        (self.percent, self.used, self.short_lived) = (sum(Part::percent), sum(Part::used_percent), 0.0);
        (self.members.len() > 1).then_some(self)
    }

    /// Holds it to what all cores give, where that is known: what children used is told as they end, and may be of before.
    fn within(self, capacity: f64) -> Self {
        let most = if capacity > 0.0 { capacity } else { f64::INFINITY };
        let used = self.used.min(most);
        let percent = self.percent - (self.used - used);
        Self { used, percent, short_lived: self.short_lived.min(most), ..self }
    }

    fn oldest(&self) -> Option<&Part> {
        self.members.iter().copied().min_by_key(|part| (part.id.start_time, part.id.pid))
    }

    /// Tells whether one does nearly all of it, of which an alert of its own tells, or will.
    pub(super) fn is_of_one(&self) -> bool {
        self.nearly_all.is_some_and(Part::is_told_of)
    }

    fn evidence(&self, samples: &[Sample], unit: Option<Unit>, rule: &CpuHigh) -> Evidence {
        Evidence::CpuHigh {
            cpu_percent: tenths(self.used),
            threshold_percent: rule.threshold_percent.get(),
            seconds: self.lasted.as_secs(),
            circumstances: self.circumstances(samples, unit),
        }
    }

    fn circumstances(&self, samples: &[Sample], unit: Option<Unit>) -> Circumstances {
        let worst = self.members.first().map_or(0.0, |part| part.percent(self.at));
        let at_it: Vec<_> = self.members.iter().filter(|part| part.percent(self.at) >= NAMED * worst).collect();
        let member =
            |part: &&&Part| Some(member(&samples[index_of(samples, part.id)?], tenths(part.used_percent(self.at))));
        Circumstances {
            wanted_percent: cpu_high::wanted_worth_telling(self.used, self.percent),
            short_lived_percent: (self.short_lived >= OF_WEIGHT).then(|| tenths(self.short_lived)),
            unit,
            members: at_it.iter().filter_map(member).take(MOST_NAMED).collect(),
            member_count: (at_it.len() > MOST_NAMED).then_some(at_it.len() as u32),
            ..Circumstances::default()
        }
    }
}

/// How much later than the group what lasts may begin, and how much earlier end.
pub(super) fn slack(rule: &CpuHigh, elapsed: Duration) -> Duration {
    (rule.duration_seconds.seconds() / 4).max(elapsed.mul_f64(1.5))
}
