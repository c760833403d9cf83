//! Hangs: in state D the whole time.
//!
//! State D at a sample says little: a disk that works hard keeps its users in it. Only a thread that was in D at every
//! sample and has not run in between has been stuck throughout.

use super::history::History;
use super::past::Past;
use super::process::past_limit;
use super::{Finding, Group, Process, Verdict};
use crate::config::Hang;
use crate::process::State;
use crate::protocol::{Evidence, MOST_NAMED, Reason, Waiter, WaitsFor};
use crate::sample::{Sample, Wait};

/// Where a process is that was frozen, as a container that is paused: it hangs in nothing.
const FROZEN: &str = "__refrigerator";

pub(super) fn judge(process: &Process, history: &mut History, rule: &Hang) -> Verdict {
    let sample = process.sample;
    let is_in_d = sample.state == State::DiskSleep || sample.wait.is_some();
    if sample.kernel_thread || !is_in_d || is_frozen(sample) {
        history.stuck.stop();
        return Verdict::Calm;
    }
    let has_run = has_run(process, history);
    if has_run {
        history.stuck.stop();
    }
    // One whose clock is exact and stood still was in this state at the scan before already.
    let known_for = process.step.elapsed.filter(|_| process.is_exact && !has_run).unwrap_or_default();
    let at = process.step.at;
    let lasted = at.saturating_sub(history.stuck.go_on(at.saturating_sub(known_for)));
    if process.step.elapsed.is_none() {
        return Verdict::Held;
    }
    match past_limit(lasted.as_secs_f64(), rule.duration_seconds.seconds().as_secs_f64()) {
        Some(severity) => {
            let (wait_channel, waits_for) = known(sample);
            Verdict::Firing(severity, Evidence::Hang { seconds: lasted.as_secs(), wait_channel, waits_for })
        }
        None if lasted.is_zero() => Verdict::Held,
        None => Verdict::Suspicious,
    }
}

fn is_frozen(sample: &Sample) -> bool {
    sample.wait.as_ref().is_some_and(|wait| wait.function.as_deref() == Some(FROZEN))
}

/// Gives the group of those that are stuck for one device or server, of which one alert is enough.
pub(super) fn group(evidence: &Evidence) -> Option<Group> {
    let Evidence::Hang { waits_for: WaitsFor { device: Some(device), .. }, .. } = evidence else { return None };
    Some(Group::of_device(device))
}

/// Has each hang that is told of name the others that are stuck for the same device.
pub(super) fn name_others(findings: &mut [Finding], samples: &[Sample], pasts: &[Past]) {
    for found in findings.iter_mut().filter(|found| found.reason == Reason::Hang && found.group.is_some()) {
        let Verdict::Firing(_, Evidence::Hang { waits_for, .. }) = &mut found.verdict else { continue };
        let index = found.index;
        let is_stuck = |(at, (sample, past)): &(usize, (&Sample, &Past))| {
            let is_another =
                index != Some(*at) && past.known_history().is_some_and(|known| known.stuck.since().is_some());
            is_another && device_of(sample) == waits_for.device.as_deref()
        };
        let waiters = samples.iter().zip(pasts).enumerate().filter(is_stuck).map(|(_, (sample, _))| waiter(sample));
        waits_for.others = waiters.take(MOST_NAMED).collect();
    }
}

fn device_of(sample: &Sample) -> Option<&str> {
    sample.wait.as_ref()?.object.as_ref()?.device.as_deref()
}

fn waiter(sample: &Sample) -> Waiter {
    Waiter { pid: sample.id.pid, start_time: sample.id.start_time, name: sample.description.name.to_string() }
}

/// Tells whether what waits has run since the scan before. Its own count tells; of the main thread alone also the CPU clock
/// of the process, which other threads move too.
fn has_run(process: &Process, history: &History) -> bool {
    let wait = process.sample.wait.as_deref();
    let turns = wait.and_then(Wait::turns);
    match (turns, history.turns) {
        (Some(now), Some(before)) => now != before,
        (Some((thread, _)), None) if thread != process.sample.id.pid => true,
        (Some(_), None) | (None, Some(_)) => !process.is_exact || process.has_moved != Some(false),
        (None, None) => process.has_moved != Some(false),
    }
}

/// Tells what is known of a wait: the function of the kernel, then who waits and for what.
pub(super) fn known(sample: &Sample) -> (Option<String>, WaitsFor) {
    let wait = sample.wait.as_deref();
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let object = wait.and_then(|wait| wait.object.as_ref());
    let waits_for = WaitsFor {
        thread: wait.map(|wait| wait.thread).filter(|thread| *thread != sample.id.pid),
        file: object.and_then(|object| text(&object.file)),
        mount: object.and_then(|object| text(&object.mount)),
        device: object.and_then(|object| text(&object.device)),
        others: Vec::new(),
    };
    (wait.and_then(|wait| text(&wait.function)), waits_for)
}
