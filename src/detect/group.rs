//! Processes that are over the CPU threshold together: an application's helpers, the workers of one parent, or children
//! that come and go so fast that their parent is the one to tell of.
//!
//! What counts is what lasts. A helper that works all the time does, and so does a program that is started again and again
//! with the same command line. A build, whose compilers come and go with another command line each, does not.
//!
//! A process whose `[[rule]]` has a CPU limit of its own counts while it is below it; once it is over, its own alert
//! tells of it. One that may use more than others, or what it likes, counts for nothing, and is only seen: that a parent
//! starts many different programs stays true, whoever is told of them.

mod brought;
mod claim;
mod key;
mod part;
mod standing;
mod watched;

pub use key::Group;
pub(super) use standing::Asked;

use super::history::Step;
use super::machine::Machine;
use super::{Finding, cpu_high};
use crate::config::{CpuHigh, OfCpu};
use crate::process::Id;
use crate::protocol::Member;
use crate::sample::{Sample, index_of, index_of_pid};
use brought::{Brought, What};
use claim::Claim;
use key::Key;
use std::collections::HashMap;
use std::time::Duration;
use watched::Watched;

/// What uses less is of no weight by itself, in percent of one core; many of them together may be.
const OF_WEIGHT: f64 = 1.0;

/// What uses less counts for no group, in percent of one core.
pub(super) const LEAST: f64 = 0.02;

/// Where one process does this part of something, it does nearly all of it.
pub(super) const NEARLY_ALL: f64 = 0.8;

/// A member is named where it did at least this part of what the worst did.
pub(super) const NAMED: f64 = 0.1;

/// How many groups are watched at once.
const MOST_GROUPS: usize = 64;

/// What one process brings to the groups that it is in, in one interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// The index of the process in the snapshot.
    pub(super) index: usize,
    /// What it used, or wanted where it is over the threshold and the cores did not suffice, in percent of one core.
    pub(super) percent: f64,
    /// What it used of that.
    pub(super) used: f64,
    /// What it used of the interval with its ended children, where it began in it, in percent of one core.
    pub(super) newborn: Option<f64>,
    /// What its children used that nobody saw alive, in percent of one core.
    pub(super) unseen: f64,
    /// Whether it is over the threshold by itself.
    pub(super) is_over: bool,
    /// What its rule says of it; one on the whitelist is as silent as one by a rule.
    pub(super) of_cpu: OfCpu,
}

impl Share {
    /// Tells whether it is of weight by itself.
    pub(super) fn is_of_weight(&self) -> bool {
        self.percent >= OF_WEIGHT || self.unseen >= OF_WEIGHT
    }
}

/// The groups that keep the processor busy.
#[derive(Debug, Default)]
pub(super) struct Groups {
    watched: Vec<Watched>,
    /// The last interval that counted.
    elapsed: Duration,
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
            self.take(samples, shares, step.at, elapsed, threshold);
        }
        self.watched.retain_mut(|watched| {
            watched.parts.bury(step.at, |id| index_of(samples, id).is_some());
            watched.goes_on(step.at, elapsed, threshold, machine)
        });
        self.judge(samples, step, machine, rule, findings);
    }

    /// Judges each group; one that is told with another is not told of.
    fn judge(&mut self, samples: &[Sample], step: Step, machine: Machine, rule: &CpuHigh, findings: &mut Vec<Finding>) {
        let mut judged = Vec::new();
        for (index, watched) in self.watched.iter().enumerate() {
            let mut own = findings.iter_mut().filter(|found| watched.is_about(found) && found.is_firing()).peekable();
            if own.peek().is_some() {
                watched.name_all(samples, step, rule, own);
            } else {
                judged.extend(watched.judge(samples, step, machine, rule).map(|found| (index, found)));
            }
        }
        let claims: Vec<Option<Claim>> =
            judged.iter().map(|(index, found)| Claim::of(&self.watched[*index], found)).collect();
        let is_covered = |claim: &Claim| claims.iter().flatten().any(|other| other.covers(claim, samples));
        self.watched.iter_mut().for_each(|watched| watched.is_told = false);
        for ((index, found), claim) in judged.into_iter().zip(&claims) {
            if claim.as_ref().is_some_and(is_covered) {
                continue;
            }
            self.watched[index].is_told = claim.is_some();
            findings.push(found);
        }
    }

    /// Adds the shares to the groups that are watched, and to those that are over the threshold in this interval.
    fn take(&mut self, samples: &[Sample], shares: &[Share], at: Duration, elapsed: Duration, threshold: f64) {
        let brought: Vec<Brought> = shares.iter().flat_map(|share| brought::by(samples, share)).collect();
        let mut sums: HashMap<Group, f64> = HashMap::new();
        for brought in brought.iter().filter(|brought| brought.share.of_cpu.counts_for_groups()) {
            *sums.entry(brought.key.group).or_default() += brought.percent();
        }
        for brought in &brought {
            let sum = sums.get(&brought.key.group).copied().unwrap_or_default();
            let Some(watched) = self.watch(brought.key, sum >= threshold, at, elapsed) else { continue };
            if brought.share.of_cpu.counts_for_groups() {
                watched.percent += brought.percent();
            }
            match brought.what {
                What::Own { restarts } => watched.parts.add(brought.sample, &brought.share, restarts, at, elapsed),
                What::Descendant => watched.parts.add(brought.sample, &brought.share, false, at, elapsed),
                What::Unseen(percent) => watched.unseen += percent * elapsed.as_secs_f64(),
            }
        }
    }

    /// Gives a group, watched from now on where it is over the threshold.
    fn watch(&mut self, key: Key, is_over: bool, at: Duration, elapsed: Duration) -> Option<&mut Watched> {
        let found = self.watched.iter().position(|watched| watched.key.group == key.group);
        let index = match found {
            Some(index) => index,
            None if is_over && self.watched.len() < MOST_GROUPS => {
                self.watched.push(Watched::new(key, at.saturating_sub(elapsed)));
                self.watched.len() - 1
            }
            None => return None,
        };
        Some(&mut self.watched[index])
    }
}

/// Names a process among those that are at it together.
fn member(sample: &Sample, cpu_percent: f64) -> Member {
    let Id { pid, start_time } = sample.id;
    Member { pid, start_time, name: sample.description.name.to_string(), cpu_percent }
}

/// Finds the group of a process that is told of by itself, of which one alert is enough: its application, the processes of
/// its name in its unit, or those of its parent.
pub(super) fn of(samples: &[Sample], sample: &Sample) -> Option<Group> {
    key::whole(samples, sample).map(|key| key.group)
}

/// Finds the application of a process.
pub(super) fn of_application(sample: &Sample) -> Option<Group> {
    key::application(sample)
}

fn parent_of<'a>(samples: &'a [Sample], sample: &Sample) -> Option<&'a Sample> {
    index_of_pid(samples, sample.parent).map(|index| &samples[index])
}
