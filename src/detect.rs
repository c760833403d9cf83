//! Detection: snapshots in, verdicts out. One file an anomaly.
//!
//! A verdict is one scan's opinion of one process under one rule. What lasts over scans is in `History`; what people
//! are told of it is an alert, in [`crate::core`].

mod cpu_high;
mod explain;
mod group;
mod hang;
mod history;
mod machine;
mod memory_leak;
mod past;
mod process;
mod rules;
mod silence;
mod timeout;

pub use group::Group;
pub use rules::Rules;
pub use silence::Silence;

use crate::config::OfCpu;
use crate::process::{Description, Pid};
use crate::protocol::{Evidence, Reason, Severity};
use crate::sample::{Now, Sample, Snapshot};
use group::{Groups, Share};
use history::{Step, Usage};
use machine::Machine;
use memory_leak::{Leaks, Scan};
use past::{Past, lifetime_percent};
use process::{Process, judge};
use rules::Special;
use std::time::Duration;

/// How many processes are looked at more closely at once.
const MOST_SUSPECTS: usize = 24;

/// An alert ends once all was calm for its rule's duration, but at most for this long.
pub const LONGEST_CALM: Duration = Duration::from_secs(30);

/// One that uses less of a core gets no look, in percent.
const SUSPECT: f64 = 4.0;

/// One scan's opinion of one process under one rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing is the matter.
    Calm,
    /// Neither calm nor bad, or not to be told this time: what fires goes on firing.
    Held,
    /// It would fire if it went on.
    Suspicious,
    /// The rule's limit is reached.
    Firing(Severity, Evidence),
}

/// A verdict other than calm.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The index in the snapshot of the process that it is told under; None where a group was not judged this time.
    pub index: Option<usize>,
    /// The group of which one alert is enough; None where the process stands for itself, as one does that has a CPU
    /// limit of its own.
    pub group: Option<Group>,
    /// Whether it is about the group as a whole, and not about one process of it.
    pub is_together: bool,
    /// The rule.
    pub reason: Reason,
    /// The opinion.
    pub verdict: Verdict,
}

impl Finding {
    /// Tells whether the rule's limit is reached.
    #[must_use]
    pub fn is_firing(&self) -> bool {
        matches!(self.verdict, Verdict::Firing(..))
    }
}

/// What one snapshot showed.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// CPU use of each process of the snapshot in percent of one core, in its order.
    pub cpu_percent: Vec<f64>,
    /// Whether the interval since the snapshot before counts; where it does not, the use is that of whole lives.
    pub counts: bool,
    /// Verdicts other than calm, in the order of the snapshot.
    pub findings: Vec<Finding>,
}

/// Remembers every process, and judges each snapshot.
#[derive(Debug, Default)]
pub struct Detector {
    /// Of the processes of the last snapshot, in its order.
    pasts: Vec<Past>,
    previous: Option<Now>,
    at: Duration,
    machine: Machine,
    groups: Groups,
    /// What those that ended since the scan before had used: their pid, their parent's, in the order of pids.
    gone: Vec<(Pid, Pid, Duration)>,
    shares: Vec<Share>,
    suspects: Vec<Pid>,
    leaks: Leaks,
    spare_percent: Vec<f64>,
}

impl Detector {
    /// Judges a snapshot. What is excused counts for no group.
    pub fn observe(
        &mut self,
        snapshot: &Snapshot,
        rules: &Rules,
        is_excused: impl Fn(&Description) -> bool,
    ) -> Observation {
        let step = self.step(snapshot.now);
        self.align(&snapshot.samples, step);
        self.machine.look_at(snapshot);
        let cpu_percent = std::mem::take(&mut self.spare_percent);
        let mut observation = Observation { cpu_percent, counts: step.elapsed.is_some(), findings: Vec::new() };
        for (index, (sample, past)) in snapshot.samples.iter().zip(&mut self.pasts).enumerate() {
            let usage = past.usage(sample, step);
            observation.cpu_percent.push(usage.map_or_else(|| lifetime_percent(sample), Usage::percent));
            if !sample.has_ended() {
                past.look_for_parent(sample);
                let special = past.rule(&sample.description, rules);
                let of_cpu = special.map(|special| special.of_cpu).unwrap_or_default();
                let share = share(index, sample, past, step, &self.gone);
                let process = Process::new(sample, past, usage, share, step, self.machine, snapshot);
                self.machine.count(&process);
                judge(&process, past, rules, special, |reason, verdict| {
                    observation.findings.push(Finding {
                        index: Some(index),
                        group: group_of(&snapshot.samples, sample, &verdict, special, rules),
                        is_together: false,
                        reason,
                        verdict,
                    });
                });
                if step.elapsed.is_some() && leaks_with_others(special, rules) {
                    self.leaks.look_at(index, sample, past, snapshot.memory, &rules.general().memory_leak);
                }
                self.shares.extend(past.weigh(share, of_cpu).filter(|_| process.silence.is_none()));
            }
            past.note(sample);
        }
        hang::name_others(&mut observation.findings, &snapshot.samples, &self.pasts);
        self.machine.end_interval(step, snapshot.load.cores);
        if self.machine.is_short_of_cores() || self.groups_may_be_over(rules) {
            for share in self.shares.iter_mut().filter(|share| is_excused(&snapshot.samples[share.index].description)) {
                share.of_cpu = OfCpu::Silent;
            }
            self.suspect(&snapshot.samples);
            self.leave_out_honest_work(&snapshot.samples);
            self.judge_groups(snapshot, step, rules, &mut observation.findings);
        } else {
            self.suspects.clear();
        }
        self.shares.clear();
        let scan = Scan { snapshot, pasts: &self.pasts, step, rules, is_excused: &is_excused };
        self.leaks.judge(&scan, &mut observation.findings);
        observation
    }

    /// Takes a snapshot without judging it: only what each process uses is told, and the time counts for nothing.
    pub fn pass_over(&mut self, snapshot: &Snapshot) -> Observation {
        let elapsed = self.previous.replace(snapshot.now).and_then(|previous| snapshot.now.awake_since(previous));
        let step = Step { now: snapshot.now, elapsed, at: self.at };
        self.align(&snapshot.samples, step);
        let mut cpu_percent = std::mem::take(&mut self.spare_percent);
        for (sample, past) in snapshot.samples.iter().zip(&mut self.pasts) {
            cpu_percent.push(past.usage(sample, step).map_or_else(|| lifetime_percent(sample), Usage::percent));
            past.pass_over(sample);
        }
        Observation { cpu_percent, counts: elapsed.is_some(), findings: Vec::new() }
    }

    /// Gives the processes whose wait for a core counts: those that use the most, where the cores do not suffice.
    #[must_use]
    pub fn suspects(&self) -> &[Pid] {
        &self.suspects
    }

    fn suspect(&mut self, samples: &[Sample]) {
        self.suspects.clear();
        if self.machine.is_short_of_cores() {
            self.shares.sort_unstable_by(|a, b| b.percent.total_cmp(&a.percent));
            let told_of = self.shares.iter().filter(|share| share.of_cpu != OfCpu::Silent);
            let worst = told_of.take_while(|share| share.percent >= SUSPECT).take(MOST_SUSPECTS);
            self.suspects.extend(worst.map(|share| samples[share.index].id.pid));
            // Groups take them in the order of pids, in which they know theirs.
            self.shares.sort_unstable_by_key(|share| share.index);
        }
    }

    /// Drops what is of no weight by itself and honest: what is of weight was asked for that when it was judged.
    fn leave_out_honest_work(&mut self, samples: &[Sample]) {
        let Self { shares, pasts, machine, .. } = self;
        shares.retain(|share| {
            let (sample, past) = (&samples[share.index], &pasts[share.index]);
            share.is_of_weight() || silence::of(sample, past, share.percent, machine.is_saturated).is_none()
        });
    }

    /// Tells whether all that processes did could be too much together: mostly it is not, and no group is looked at.
    fn groups_may_be_over(&self, rules: &Rules) -> bool {
        let shares = self.shares.iter().filter(|share| share.of_cpu.counts_for_groups());
        let together: f64 = shares.map(|share| share.percent + share.unseen).sum();
        !self.groups.is_empty() || together >= f64::from(rules.general().cpu_high.threshold_percent.get())
    }

    fn judge_groups(&mut self, snapshot: &Snapshot, step: Step, rules: &Rules, findings: &mut Vec<Finding>) {
        let rule = &rules.general().cpu_high;
        self.groups.observe(&snapshot.samples, &self.shares, step, self.machine, rule, findings);
        findings.retain_mut(|found| {
            let lead = found.index.filter(|_| found.is_together);
            let (Some(index), Verdict::Firing(severity, _)) = (lead, &mut found.verdict) else { return true };
            let special = self.pasts[index].rule(&snapshot.samples[index].description, rules);
            *severity = special.and_then(|special| special.severity).unwrap_or(*severity);
            special.is_none_or(|special| special.of_cpu != OfCpu::Silent)
        });
    }

    /// Takes back what was observed of a snapshot that nobody needs any more: its memory serves the next one.
    pub fn recycle(&mut self, mut cpu_percent: Vec<f64>) {
        cpu_percent.clear();
        self.spare_percent = cpu_percent;
    }

    /// Brings what is remembered into the order of the samples: the ended are forgotten, the new begun.
    fn align(&mut self, samples: &[Sample], step: Step) {
        self.gone.clear();
        let ids = samples.iter().map(|sample| sample.id);
        if ids.eq(self.pasts.iter().map(|past| past.id)) {
            return;
        }
        let mut present = samples.iter().map(|sample| sample.id).peekable();
        self.pasts.retain(|past| {
            while present.next_if(|id| *id < past.id).is_some() {}
            let stays = present.next_if_eq(&past.id).is_some();
            self.gone.extend((!stays).then(|| past.legacy()));
            stays
        });
        let known = self.pasts.len();
        let mut next = 0;
        for sample in samples {
            if next < known && self.pasts[next].id == sample.id {
                next += 1;
            } else {
                self.pasts.push(Past::new(sample, step));
            }
        }
        if !self.pasts.is_sorted_by_key(|past| past.id) {
            self.pasts.sort_unstable_by_key(|past| past.id);
        }
    }

    /// Lets the time up to the next snapshot count for nothing.
    pub fn skip_interval(&mut self) {
        self.previous = None;
    }

    /// Forgets which rule holds for which process: the rules changed.
    pub fn forget_rules(&mut self) {
        self.pasts.iter_mut().for_each(Past::forget_rule);
    }

    fn step(&mut self, now: Now) -> Step {
        let elapsed = self.previous.replace(now).and_then(|previous| now.awake_since(previous));
        self.at += elapsed.unwrap_or_default();
        Step { now, elapsed, at: self.at }
    }
}

/// Tells what a process and its ended children used since the scan before.
fn share(index: usize, sample: &Sample, past: &Past, step: Step, gone: &[(Pid, Pid, Duration)]) -> Share {
    let ended = past.ended_children(sample);
    let unseen = step.elapsed.filter(|_| !ended.is_zero()).map_or(0.0, |interval| {
        Usage { interval, busy: ended.saturating_sub(legacy_to(sample.id.pid, gone)) }.percent()
    });
    let newborn = past.newborn_percent(sample, step);
    let percent = past.rate(sample, step);
    Share { index, percent, used: percent, newborn, unseen, is_over: false, of_cpu: OfCpu::Nothing }
}

/// Finds the group whose one alert is enough for what a process is told of.
fn group_of(
    samples: &[Sample],
    sample: &Sample,
    verdict: &Verdict,
    special: Option<&Special>,
    rules: &Rules,
) -> Option<Group> {
    let Verdict::Firing(_, evidence) = verdict else { return None };
    match evidence {
        Evidence::CpuHigh { .. } if special.is_some_and(|special| special.of_cpu.has_limit()) => None,
        Evidence::CpuHigh { .. } => group::of(samples, sample),
        Evidence::MemoryLeak { .. } if leaks_with_others(special, rules) => group::of_application(sample),
        Evidence::Hang { .. } => hang::group(evidence),
        Evidence::MemoryLeak { .. } | Evidence::Timeout { .. } => None,
    }
}

/// Tells whether what a process takes counts for its application: it has no limit of its own.
fn leaks_with_others(special: Option<&Special>, rules: &Rules) -> bool {
    special.is_none_or(|special| special.detection.memory_leak == rules.general().memory_leak)
}

/// Adds up what those had used that ended and left it to this process, be it through others that ended.
fn legacy_to(pid: Pid, gone: &[(Pid, Pid, Duration)]) -> Duration {
    const MOST_GENERATIONS: usize = 16;
    let parent_of = |pid: &Pid| {
        let index = gone.binary_search_by_key(pid, |(pid, ..)| *pid).ok()?;
        Some(gone[index].1)
    };
    let is_heir = |parent: Pid| {
        std::iter::successors(Some(parent), parent_of).take(MOST_GENERATIONS).any(|ancestor| ancestor == pid)
    };
    gone.iter().filter(|(_, parent, _)| is_heir(*parent)).map(|(.., used)| *used).sum()
}

#[cfg(test)]
mod tests;
