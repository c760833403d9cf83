//! Hangs: in state D the whole time.
//!
//! State D at a sample says little: a disk that works hard keeps its users in it. Only a process that was in D at every
//! sample and has not run in between has been stuck throughout.

use super::history::History;
use super::{Process, Verdict, severity};
use crate::config::Hang;
use crate::process::State;
use crate::protocol::Evidence;

pub(super) fn judge(process: &Process, history: &mut History, rule: &Hang) -> Verdict {
    let sample = process.sample;
    if sample.kernel_thread || sample.state != State::DiskSleep {
        history.stuck.stop();
        return Verdict::Calm;
    }
    let at = process.step.at;
    let has_run = process.has_moved != Some(false) || (!process.is_exact && sample.timeslices != history.timeslices);
    if has_run {
        history.stuck.stop();
    }
    // One whose clock is exact and stood still was in this state at the scan before already.
    let known_for = process.step.elapsed.filter(|_| process.is_exact && !has_run).unwrap_or_default();
    let since = at.saturating_sub(known_for);
    let began = history.stuck.go_on(since);
    let lasted = at.saturating_sub(began);
    if process.step.elapsed.is_none() {
        return Verdict::Held;
    }
    match severity(lasted.as_secs_f64(), rule.duration_seconds.seconds().as_secs_f64()) {
        Some(severity) => Verdict::Firing(
            severity,
            Evidence::Hang {
                seconds: lasted.as_secs(),
                wait_channel: sample.wait_channel.as_deref().map(str::to_owned),
            },
        ),
        None if lasted.is_zero() => Verdict::Held,
        None => Verdict::Suspicious,
    }
}
