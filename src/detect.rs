//! Detection: snapshots in, verdicts out. One file an anomaly.
//!
//! A verdict is one scan's opinion of one process under one rule. What lasts over scans is in `History`; what people
//! are told of it is an alert, in [`crate::core`].

mod cpu_high;
mod hang;
mod history;
mod memory_leak;
mod past;
mod timeout;

use crate::config::{Config, Detection};
use crate::pattern::Pattern;
use crate::protocol::{Evidence, Reason, Severity};
use crate::sample::{Now, Sample, Snapshot};
use history::{History, Step, Usage};
use past::{Past, YOUNGEST};
use std::time::Duration;

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
    /// The index of the process in the snapshot.
    pub index: usize,
    /// The rule.
    pub reason: Reason,
    /// The opinion.
    pub verdict: Verdict,
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

/// The rules in force: the config, with its patterns ready.
#[derive(Debug, Default)]
pub struct Rules {
    config: Config,
    limits: Vec<Limit>,
}

#[derive(Debug)]
struct Limit {
    pattern: Pattern,
    title: String,
    runtime: Duration,
}

impl Rules {
    /// Makes the rules of a config ready. A pattern that cannot be used was refused with the config; here it is passed
    /// over.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let limits = config.rules.iter().filter_map(|rule| {
            let pattern = Pattern::new(&rule.pattern, rule.match_type).ok()?;
            Some(Limit { pattern, title: rule.title().to_owned(), runtime: rule.limit() })
        });
        Self { limits: limits.collect(), config: config.clone() }
    }
}

/// Remembers every process, and judges each snapshot.
#[derive(Debug, Default)]
pub struct Detector {
    /// Of the processes of the last snapshot, in its order.
    pasts: Vec<Past>,
    previous: Option<Now>,
    at: Duration,
    spare_pasts: Vec<Past>,
    spare_percent: Vec<f64>,
}

impl Detector {
    /// Judges a snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot, rules: &Rules) -> Observation {
        let step = self.step(snapshot.now);
        self.align(&snapshot.samples, step);
        let cpu_percent = std::mem::take(&mut self.spare_percent);
        let mut observation = Observation { cpu_percent, counts: step.elapsed.is_some(), findings: Vec::new() };
        for (index, (sample, past)) in snapshot.samples.iter().zip(&mut self.pasts).enumerate() {
            let usage = past.usage(sample, step);
            observation.cpu_percent.push(usage.map_or_else(|| lifetime(sample), Usage::percent));
            if !sample.has_ended() {
                let (has_moved, is_exact) = (past.has_moved(sample), snapshot.is_exact);
                let process = Process { sample, usage, has_moved, is_exact, step, memory: snapshot.memory };
                judge(&process, past, rules, |reason, verdict| {
                    observation.findings.push(Finding { index, reason, verdict });
                });
            }
            past.note(sample);
        }
        observation
    }

    /// Takes back what was observed of a snapshot that nobody needs any more: its memory serves the next one.
    pub fn recycle(&mut self, mut cpu_percent: Vec<f64>) {
        cpu_percent.clear();
        self.spare_percent = cpu_percent;
    }

    /// Brings what is remembered into the order of the samples: the ended are forgotten, the new begun.
    fn align(&mut self, samples: &[Sample], step: Step) {
        let ids = samples.iter().map(|sample| sample.id);
        if ids.eq(self.pasts.iter().map(|past| past.id)) {
            return;
        }
        let mut next = std::mem::take(&mut self.spare_pasts);
        let mut before = self.pasts.drain(..).peekable();
        for sample in samples {
            while before.next_if(|past| past.id.pid < sample.id.pid).is_some() {}
            let past = before.next_if(|past| past.id == sample.id);
            next.push(past.unwrap_or_else(|| Past::new(sample, step)));
        }
        drop(before);
        self.spare_pasts = std::mem::replace(&mut self.pasts, next);
    }

    /// Lets the time up to the next snapshot count for nothing.
    pub fn skip_interval(&mut self) {
        self.previous = None;
    }

    /// Forgets which rule limits which process: the rules changed.
    pub fn forget_limits(&mut self) {
        self.pasts.iter_mut().for_each(|past| past.limit = None);
    }

    fn step(&mut self, now: Now) -> Step {
        let elapsed = self.previous.replace(now).and_then(|previous| now.awake_since(previous));
        self.at += elapsed.unwrap_or_default();
        Step { now, elapsed, at: self.at }
    }
}

/// One process as the detectors see it.
struct Process<'a> {
    sample: &'a Sample,
    /// Since the scan before; None where that interval counts for nothing.
    usage: Option<Usage>,
    /// Whether its CPU time moved since the scan before; None where it was not there.
    has_moved: Option<bool>,
    /// Whether that time is exact: where it has not moved, the process has not run.
    is_exact: bool,
    step: Step,
    memory: crate::sample::Memory,
}

fn judge(process: &Process, past: &mut Past, rules: &Rules, mut found: impl FnMut(Reason, Verdict)) {
    let detection = &rules.config.detection;
    let mut judged = |reason, verdict| {
        if verdict != Verdict::Calm {
            found(reason, verdict);
        }
    };
    if past.is_at_rest(process.sample, process.usage) {
        judge_what_rests(process, detection, &mut judged);
    } else {
        judge_what_moves(process, past.history(), detection, &mut judged);
    }
    if !rules.limits.is_empty() {
        judged(Reason::Timeout, timeout::judge(process, past, &rules.limits));
    }
}

/// Judges a process without a history: it is calm, or its interval counts for nothing.
fn judge_what_rests(process: &Process, detection: &Detection, mut judged: impl FnMut(Reason, Verdict)) {
    if detection.cpu_high.enabled && process.usage.is_none() {
        judged(Reason::CpuHigh, Verdict::Held);
    }
    if detection.memory_leak.enabled && process.step.elapsed.is_none() {
        judged(Reason::MemoryLeak, Verdict::Held);
    }
}

fn judge_what_moves(
    process: &Process,
    history: &mut History,
    detection: &Detection,
    mut judged: impl FnMut(Reason, Verdict),
) {
    if detection.cpu_high.enabled {
        judged(Reason::CpuHigh, cpu_high::judge(process, history, &detection.cpu_high));
    }
    if detection.hang.enabled {
        judged(Reason::Hang, hang::judge(process, history, &detection.hang));
    }
    if detection.memory_leak.enabled {
        judged(Reason::MemoryLeak, memory_leak::judge(process, history, &detection.memory_leak));
    }
}

/// Gives the use over the whole life of a process, in percent of one core.
fn lifetime(sample: &Sample) -> f64 {
    if sample.age < YOUNGEST {
        return 0.0;
    }
    Usage { interval: sample.age, busy: sample.cpu_time }.percent()
}

/// Warning once the limit is reached, critical at twice the limit; None before.
fn severity(reached: f64, limit: f64) -> Option<Severity> {
    if reached >= 2.0 * limit {
        Some(Severity::Critical)
    } else if reached >= limit {
        Some(Severity::Warning)
    } else {
        None
    }
}
