//! Leaks: anonymous memory, swapped-out included, that grew by the threshold within the window.

use super::history::History;
use super::{Process, Verdict, severity};
use crate::config::MemoryLeak;
use crate::protocol::{Evidence, Severity};
use std::time::Duration;

const MIB: u64 = 1 << 20;

/// The history passes over changes below this part of the threshold.
const GRAINS: u64 = 64;

/// A leak has grown within this part of the window too: what grew and stopped is no leak.
const RECENT: u32 = 10;

/// Beyond this the machine's memory lasts long enough to say nothing of it.
const FAR_OFF: Duration = Duration::from_hours(24);

pub(super) fn judge(process: &Process, history: &mut History, rule: &MemoryLeak) -> Verdict {
    let (at, bytes) = (process.step.at, process.sample.anonymous);
    let window = Duration::from_secs(u64::from(rule.window_minutes.get()) * 60);
    let threshold = u64::from(rule.growth_threshold_mb.get()) * MIB;
    history.memory.note(at, bytes, window, threshold / GRAINS);
    if process.step.elapsed.is_none() {
        return Verdict::Held;
    }
    let Some(before) = history.memory.before(at, window) else { return Verdict::Calm };
    let grown = bytes.saturating_sub(before);
    if grown < threshold {
        history.memory.base = None;
        return if grown * 2 < threshold { Verdict::Calm } else { Verdict::Suspicious };
    }
    let recently = history.memory.before(at, window / RECENT).unwrap_or(before);
    if bytes < recently.saturating_add((threshold / GRAINS).max(1)) {
        return Verdict::Held;
    }
    let base = *history.memory.base.get_or_insert(before);
    let grown_in_all = bytes.saturating_sub(base).max(grown);
    let severity = severity(grown_in_all as f64, threshold as f64).unwrap_or(Severity::Warning);
    Verdict::Firing(
        severity,
        Evidence::MemoryLeak {
            grown_mb: mebibytes(grown),
            memory_mb: mebibytes(bytes),
            window_minutes: rule.window_minutes.get(),
            full_in_minutes: full_in(process.memory.available, grown, window),
        },
    )
}

fn full_in(available: u64, grown: u64, window: Duration) -> Option<u64> {
    let seconds = available as f64 / grown as f64 * window.as_secs_f64();
    (available > 0 && seconds < FAR_OFF.as_secs_f64()).then_some((seconds / 60.0).round() as u64)
}

fn mebibytes(bytes: u64) -> f64 {
    (bytes as f64 / MIB as f64 * 10.0).round() / 10.0
}
