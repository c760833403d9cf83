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
mod watched;

pub use key::Group;
pub(super) use standing::Asked;

use super::history::Step;
use super::machine::Machine;
use super::{Finding, cpu_high};
use crate::config::{CpuHigh, OfCpu};
use crate::process::{Id, Pid};
use crate::protocol::Member;
use crate::sample::Sample;
use key::{Key, Kind};
use std::time::Duration;
use watched::Watched;

/// What uses less is of no weight in a group, in percent of one core.
pub(super) const OF_WEIGHT: f64 = 1.0;

/// A group's worst members are named, up to so many.
pub const MOST_MEMBERS: usize = 20;

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
