//! Detection: snapshots in, verdicts out. One file an anomaly.
//!
//! A verdict is one scan's opinion of one process under one rule. What lasts over scans is in `History`; what people
//! are told of it is an alert, in [`crate::core`].

mod cpu_high;
mod hang;
mod history;
mod memory_leak;
mod timeout;

use crate::config::Config;
use crate::pattern::Pattern;
use crate::process::Id;
use crate::protocol::{Evidence, Reason, Severity};
use crate::sample::{Now, Sample, Snapshot};
use history::{History, Step, Usage};
use std::collections::HashMap;
use std::time::Duration;

/// A process younger than this has used too little time for a rate.
const YOUNGEST: Duration = Duration::from_millis(500);

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
    histories: HashMap<Id, History>,
    previous: Option<Now>,
    at: Duration,
    scans: u64,
}

impl Detector {
    /// Judges a snapshot.
    pub fn observe(&mut self, snapshot: &Snapshot, rules: &Rules) -> Observation {
        let step = self.step(snapshot.now);
        let mut observation = Observation { counts: step.elapsed.is_some(), ..Observation::default() };
        for (index, sample) in snapshot.samples.iter().enumerate() {
            let (history, usage) = self.advance(sample, step);
            observation.cpu_percent.push(usage.map_or_else(|| lifetime(sample), Usage::percent));
            if !sample.has_ended() {
                let process = Process { sample, usage, step, memory: snapshot.memory };
                judge(&process, history, rules, |reason, verdict| {
                    observation.findings.push(Finding { index, reason, verdict });
                });
            }
            history.cpu_time = sample.cpu_time;
            history.timeslices = sample.timeslices;
        }
        let scans = self.scans;
        self.histories.retain(|_, history| history.seen == scans);
        observation
    }

    /// Lets the time up to the next snapshot count for nothing.
    pub fn skip_interval(&mut self) {
        self.previous = None;
    }

    /// Forgets which rule limits which process: the rules changed.
    pub fn forget_limits(&mut self) {
        self.histories.values_mut().for_each(|history| history.limit = None);
    }

    fn step(&mut self, now: Now) -> Step {
        let elapsed = self.previous.replace(now).and_then(|previous| now.awake_since(previous));
        self.at += elapsed.unwrap_or_default();
        self.scans += 1;
        Step { now, elapsed, at: self.at }
    }

    /// Finds or begins the history of a process, and tells its use since the scan before.
    fn advance(&mut self, sample: &Sample, step: Step) -> (&mut History, Option<Usage>) {
        let known = self.histories.contains_key(&sample.id);
        let history = self.histories.entry(sample.id).or_insert_with(|| History::new(sample, step));
        history.seen = self.scans;
        let usage = match step.elapsed {
            Some(interval) if known => Some(Usage { interval, busy: sample.cpu_time.saturating_sub(history.cpu_time) }),
            Some(interval) if (YOUNGEST..=interval).contains(&sample.age) => {
                Some(Usage { interval: sample.age, busy: sample.cpu_time })
            }
            Some(_) | None => None,
        };
        (history, usage)
    }
}

/// One process as the detectors see it.
struct Process<'a> {
    sample: &'a Sample,
    /// Since the scan before; None where that interval counts for nothing.
    usage: Option<Usage>,
    step: Step,
    memory: crate::sample::Memory,
}

fn judge(process: &Process, history: &mut History, rules: &Rules, mut found: impl FnMut(Reason, Verdict)) {
    let detection = &rules.config.detection;
    let mut judged = |reason, verdict| {
        if verdict != Verdict::Calm {
            found(reason, verdict);
        }
    };
    if detection.cpu_high.enabled {
        judged(Reason::CpuHigh, cpu_high::judge(process, history, &detection.cpu_high));
    }
    if detection.hang.enabled {
        judged(Reason::Hang, hang::judge(process, history, &detection.hang));
    }
    if detection.memory_leak.enabled {
        judged(Reason::MemoryLeak, memory_leak::judge(process, history, &detection.memory_leak));
    }
    if !rules.limits.is_empty() {
        judged(Reason::Timeout, timeout::judge(process, history, &rules.limits));
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
