//! One process as the detectors see it, and what each of them says of it.

use super::group::Share;
use super::history::{History, Step, Usage};
use super::machine::Machine;
use super::past::Past;
use super::rules::{Rules, Special};
use super::silence::{self, Silence};
use super::{Verdict, cpu_high, hang, memory_leak, timeout};
use crate::config::Detection;
use crate::protocol::{Reason, Severity};
use crate::sample::{Memory, Sample, Snapshot};
use std::time::Duration;

/// One process as the detectors see it.
pub(super) struct Process<'a> {
    pub(super) sample: &'a Sample,
    /// Since the scan before; None where that interval counts for nothing.
    pub(super) usage: Option<Usage>,
    /// For how long it waited for a core since the scan before, where that is known.
    pub(super) waited: Option<Duration>,
    /// Whether its CPU time moved since the scan before; None where it was not there.
    pub(super) has_moved: Option<bool>,
    /// Whether that time is exact: where it has not moved, the process has not run.
    pub(super) is_exact: bool,
    /// Whether the process that started it has ended before it.
    pub(super) is_orphan: bool,
    /// Why its use of CPU is not told of.
    pub(super) silence: Option<Silence>,
    pub(super) step: Step,
    pub(super) machine: Machine,
    pub(super) memory: Memory,
}

impl<'a> Process<'a> {
    pub(super) fn new(
        sample: &'a Sample,
        past: &Past,
        usage: Option<Usage>,
        share: Share,
        step: Step,
        machine: Machine,
        snapshot: &Snapshot,
    ) -> Self {
        let silence = || silence::of(sample, past, share.percent, machine.is_saturated);
        Self {
            sample,
            usage,
            waited: past.waited(sample),
            has_moved: past.has_moved(sample),
            is_exact: snapshot.is_exact,
            is_orphan: past.is_orphan(),
            silence: share.is_of_weight().then(silence).flatten(),
            step,
            machine,
            memory: snapshot.memory,
        }
    }
}

/// Has each rule say what it finds of a process.
pub(super) fn judge(
    process: &Process,
    past: &mut Past,
    rules: &Rules,
    special: Option<&Special>,
    mut found: impl FnMut(Reason, Verdict),
) {
    let detection = special.map_or(rules.general(), |special| &special.detection);
    let mut judged = |reason, verdict| match verdict {
        Verdict::Calm => {}
        Verdict::Firing(severity, evidence) => {
            let severity = special.and_then(|special| special.severity).unwrap_or(severity);
            found(reason, Verdict::Firing(severity, evidence));
        }
        verdict @ (Verdict::Held | Verdict::Suspicious) => found(reason, verdict),
    };
    if past.is_at_rest(process.sample, process.usage) {
        judge_what_rests(process, detection, &mut judged);
    } else {
        judge_what_moves(process, past.history(), detection, &mut judged);
    }
    if let Some(special) = special {
        judged(Reason::Timeout, timeout::judge(process, past, special));
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

/// Tells how bad it is to have come so far: a warning once the limit is reached, critical at twice the limit; None before.
pub(super) fn past_limit(reached: f64, limit: f64) -> Option<Severity> {
    if reached >= 2.0 * limit {
        Some(Severity::Critical)
    } else if reached >= limit {
        Some(Severity::Warning)
    } else {
        None
    }
}
