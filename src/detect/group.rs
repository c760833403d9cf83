//! Processes that are over the CPU threshold together: an application's helpers, the workers of one parent, or children
//! that come and go so fast that their parent is the one to tell of.
//!
//! What counts is what lasts. A helper that works all the time does, and so does a program that is started again and again
//! with the same command line. A build, whose compilers come and go with another command line each, does not.
//!
//! A process whose `[[rule]]` has a CPU limit of its own counts while it is below it; once it is over, its own alert
//! tells of it. One that may use more than others, or what it likes, counts for nothing, and is only seen: that a parent
//! starts many different programs stays true, whoever is told of them.

mod key;
mod part;
mod standing;

pub use key::Group;
pub(super) use standing::Asked;

use super::cpu_high::{self, CALM_BELOW, MOST_COUNTED};
use super::history::Step;
use super::machine::Machine;
use super::{Finding, Verdict};
use crate::config::{CpuHigh, OfCpu};
use crate::figures::tenths;
use crate::process::{Id, Pid};
use crate::protocol::{Circumstances, Evidence, Member, Reason};
use crate::sample::Sample;
use key::{Key, Kind};
use part::{Lasting, Part, Parts};
use std::time::Duration;

/// What uses less is of no weight in a group, in percent of one core.
pub(super) const OF_WEIGHT: f64 = 1.0;

/// A group's worst members are named, up to so many.
pub const MOST_MEMBERS: usize = 20;

/// A member is named where it used at least this part of what the worst did.
const NAMED: f64 = 0.1;

/// A group that does little for longer is calm, however much it did before.
const LONGEST_REST: Duration = Duration::from_secs(8);

/// A group that was over the threshold goes on while it is given this part of it, where the cores do not suffice.
const SQUEEZED: f64 = 0.4;

/// How many groups are watched at once.
const MOST_GROUPS: usize = 64;

/// What one process brings to the groups that it is in, in one interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// The index of the process in the snapshot.
    pub(super) index: usize,
    /// What it used, in percent of one core.
    pub(super) percent: f64,
    /// What it used of the interval with its ended children, where it began in it, in percent of one core.
    pub(super) newborn: Option<f64>,
    /// What its children used that nobody saw alive, in percent of one core.
    pub(super) unseen: f64,
    /// Whether it is over the threshold by itself.
    pub(super) is_over: bool,
    /// What its rule says of it; one on the whitelist is as silent as one by a rule.
    pub(super) of_cpu: OfCpu,
}

/// The groups that keep the processor busy.
#[derive(Debug, Default)]
pub(super) struct Groups {
    watched: Vec<Watched>,
    /// The last interval that counted.
    elapsed: Duration,
}

/// One group since it is over the threshold.
#[derive(Debug)]
struct Watched {
    key: Key,
    began: Duration,
    /// In this interval, in percent of one core.
    percent: f64,
    /// Since when it does little.
    calm_since: Option<Duration>,
    /// Percent times seconds since it began, of each interval no more than a little over the threshold.
    counted: f64,
    /// Percent times seconds that it was given, and that it wanted, since it began.
    given: f64,
    wanted: f64,
    /// Percent times seconds that children used which nobody saw alive.
    unseen: f64,
    parts: Parts,
}

/// What a group did so far.
struct Summary<'a> {
    /// Mean use that lasts, in percent of one core.
    percent: f64,
    /// How much of it processes used that live for a moment only.
    short_lived: f64,
    /// Who still lives, the worst first.
    members: Vec<&'a Part>,
}

impl Groups {
    /// Tells whether no group is over the threshold.
    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// Gives the groups that are watched.
    #[cfg(test)]
    pub(super) fn watched_groups(&self) -> Vec<Group> {
        self.watched.iter().map(|watched| watched.key.group).collect()
    }

    /// Takes the shares of an interval, and adds what is found of the groups.
    pub(super) fn observe(
        &mut self,
        samples: &[Sample],
        shares: &[Share],
        step: Step,
        machine: Machine,
        rule: &CpuHigh,
        findings: &mut Vec<Finding>,
    ) {
        let threshold = f64::from(rule.threshold_percent.get());
        let Some(elapsed) = step.elapsed else {
            findings.extend(self.watched.iter().map(Watched::held));
            return;
        };
        self.elapsed = elapsed;
        if rule.enabled {
            for share in shares {
                self.add(samples, share, step, elapsed);
            }
        }
        self.watched.retain_mut(|watched| watched.goes_on(step.at, elapsed, threshold, machine));
        for watched in &self.watched {
            let judged = watched.judge(samples, step, machine, rule);
            let has_own = findings.iter().any(|found| found.group == Some(watched.key.group) && found.is_firing());
            findings.extend(judged.filter(|_| !has_own));
        }
    }

    fn add(&mut self, samples: &[Sample], share: &Share, step: Step, elapsed: Duration) {
        let sample = &samples[share.index];
        let parent = parent_of(samples, sample);
        // A parent is credited with what its children used, so that of a young one no more counts than it used. Where
        // nobody is credited, the rate at which it goes on tells of those before it.
        let is_credited = parent.and_then(key::of_children).is_some();
        let percent = share.newborn.filter(|_| is_credited).unwrap_or(share.percent);
        let share = &Share { percent, ..*share };
        if share.percent >= OF_WEIGHT {
            let [whole, children] = key::of(sample, parent);
            for key in [whole, children].into_iter().flatten() {
                let restarts = children.is_none_or(|children| children == key);
                if let Some(watched) = self.watch(key, share.of_cpu, step, elapsed) {
                    watched.percent += if share.of_cpu.counts_for_groups() { share.percent } else { 0.0 };
                    watched.parts.add(sample, share, restarts, step.at, elapsed);
                }
            }
        }
        if share.unseen >= OF_WEIGHT && share.of_cpu.counts_for_groups() {
            self.add_unseen(sample, share, step, elapsed);
        }
    }

    fn add_unseen(&mut self, sample: &Sample, share: &Share, step: Step, elapsed: Duration) {
        let key = key::of_children(sample);
        let Some(watched) = key.and_then(|key| self.watch(key, share.of_cpu, step, elapsed)) else { return };
        // What it costs to start them is part of it.
        let own =
            if share.is_over || watched.key.kind == Kind::Application { 0.0 } else { share.percent.min(share.unseen) };
        watched.percent += share.unseen + own;
        watched.unseen += (share.unseen + own) * elapsed.as_secs_f64();
    }

    /// Gives a group, watched from now on where what counts for it begins it.
    fn watch(&mut self, key: Key, of_cpu: OfCpu, step: Step, elapsed: Duration) -> Option<&mut Watched> {
        let found = self.watched.iter().position(|watched| watched.key.group == key.group);
        let index = match found {
            Some(index) => index,
            None if of_cpu.counts_for_groups() && self.watched.len() < MOST_GROUPS => {
                self.watched.push(Watched::new(key, step.at.saturating_sub(elapsed)));
                self.watched.len() - 1
            }
            None => return None,
        };
        Some(&mut self.watched[index])
    }
}

impl Watched {
    fn new(key: Key, began: Duration) -> Self {
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
    fn goes_on(&mut self, at: Duration, elapsed: Duration, threshold: f64, machine: Machine) -> bool {
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

    fn held(&self) -> Finding {
        let group = Some(self.key.group);
        Finding { index: None, group, is_together: true, reason: Reason::CpuHigh, verdict: Verdict::Held }
    }

    fn judge(&self, samples: &[Sample], step: Step, machine: Machine, rule: &CpuHigh) -> Option<Finding> {
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
    fn is_over(&self, summary: &Summary, rule: &CpuHigh) -> bool {
        let wanted = summary.percent * self.wanted / self.given.max(f64::EPSILON);
        wanted >= f64::from(rule.threshold_percent.get())
    }

    /// Sums up what lasts; None where it is one process that is told of by itself, or none at all.
    fn summary(&self, at: Duration, lasted: Duration, slack: Duration) -> Option<Summary<'_>> {
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
    fn lead(&self, samples: &[Sample], members: &[&Part]) -> Option<usize> {
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
fn slack(rule: &CpuHigh, elapsed: Duration) -> Duration {
    (rule.duration_seconds.seconds() / 4).max(elapsed.mul_f64(1.5))
}

/// Names a process among those that are at it together.
#[must_use]
pub fn member(sample: &Sample, cpu_percent: f64) -> Member {
    let Id { pid, start_time } = sample.id;
    Member { pid, start_time, name: sample.description.name.to_string(), cpu_percent }
}

/// Finds the group of a process that is told of by itself: its application, of which one alert is enough.
pub(super) fn of_application(sample: &Sample) -> Option<Group> {
    key::application(sample)
}

fn parent_of<'a>(samples: &'a [Sample], sample: &Sample) -> Option<&'a Sample> {
    find(samples, sample.parent).map(|index| &samples[index])
}

fn index_of(samples: &[Sample], id: Id) -> Option<usize> {
    find(samples, id.pid).filter(|index| samples[*index].id == id)
}

fn find(samples: &[Sample], pid: Pid) -> Option<usize> {
    samples.binary_search_by_key(&pid, |sample| sample.id.pid).ok()
}
