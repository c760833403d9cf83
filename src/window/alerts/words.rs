//! How an alert reads: its reason, its state, its figures.

use crate::figures;
use crate::protocol::{Alert, AlertState, Circumstances, Evidence, Grower, Member, Reason, Severity, Waiter, WaitsFor};
use crate::words;

/// Every reason, in the order of the filter.
pub(super) const REASONS: [Reason; 4] = [Reason::CpuHigh, Reason::MemoryLeak, Reason::Hang, Reason::Timeout];

/// Names a reason.
pub(in crate::window) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::CpuHigh => "High CPU",
        Reason::MemoryLeak => "Memory leak",
        Reason::Hang => "Stuck",
        Reason::Timeout => "Over its limit",
    }
}

/// Names a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "Warning",
        Severity::Critical => "Critical",
    }
}

/// Says in a word where an alert is in its life, or what ended it.
pub(super) fn state(alert: &Alert) -> &'static str {
    let done = alert.action.as_deref().and_then(|action| Some(deed(action.split_once(" by ")?.0)?.0));
    match alert.state {
        AlertState::Firing => done.filter(|done| *done == "Paused").unwrap_or("Firing"),
        AlertState::Resolved => "Ended",
        AlertState::Dismissed => "Dismissed",
        AlertState::Acted => done.unwrap_or("Ended"),
    }
}

/// What was done, in a word and in a sentence.
fn deed(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "SIGTERM" => ("Terminated", "Asked to end"),
        "SIGKILL" => ("Killed", "Killed"),
        "SIGSTOP" => ("Paused", "Paused"),
        "SIGCONT" => ("Continued", "Continued"),
        "whitelisted" => ("Whitelisted", "Put on the whitelist"),
        _ => return None,
    })
}

/// Says what was done and from where: `Asked to end, from the tray`.
pub(super) fn action(action: &str) -> String {
    let Some((done, from)) = action.split_once(" by ") else { return figures::harmless(action) };
    let from = match from {
        "socket" => "the window or a command",
        "tray" => "the tray",
        "notification" => "a notification",
        other => other,
    };
    figures::harmless(&format!("{}, from {from}", deed(done).map_or(done, |(_, sentence)| sentence)))
}

/// Says how long an alert lasted, or has lasted.
pub(super) fn lasted(alert: &Alert, now: i64) -> String {
    figures::age(alert.timestamp, alert.ended.unwrap_or(now))
}

/// Gives the figures of a verdict, each with its label.
pub(super) fn evidence(evidence: &Evidence) -> Vec<(&'static str, String)> {
    match evidence {
        Evidence::CpuHigh { cpu_percent, threshold_percent, seconds, circumstances } => vec![
            ("CPU", format!("{cpu_percent:.0} % of a core")),
            ("Limit", format!("{threshold_percent} %")),
            ("Busy for", words::seconds(*seconds)),
        ]
        .into_iter()
        .chain(circumstances_of(circumstances))
        .collect(),
        Evidence::MemoryLeak { grown_mb, memory_mb, window_minutes, full_in_minutes, members } => {
            let full = full_in_minutes.map(|left| ("Memory full", format!("in about {}", words::seconds(left * 60))));
            let grown = format!("{} in {window_minutes} min", words::memory(*grown_mb));
            let worst = members.iter().take(NAMED).map(grower);
            [("Grew by", grown), ("Held", words::memory(*memory_mb))].into_iter().chain(full).chain(worst).collect()
        }
        Evidence::Timeout { runtime_seconds, limit_seconds, rule } => vec![
            ("Ran for", words::seconds(*runtime_seconds)),
            ("Limit", words::seconds(*limit_seconds)),
            ("Rule", figures::harmless(rule)),
        ],
        Evidence::Hang { seconds, wait_channel, waits_for } => {
            let place = wait_channel.as_deref().map(|place| ("Waits in", figures::harmless(place)));
            let lasted = ("Stuck for", words::seconds(*seconds));
            [lasted].into_iter().chain(place).chain(waited_for(waits_for)).collect()
        }
    }
}

/// Gives who waits and for what, as far as it is known.
fn waited_for(waits_for: &WaitsFor) -> impl Iterator<Item = (&'static str, String)> {
    let WaitsFor { thread, file, mount, device, others } = waits_for;
    let text = |label, text: &Option<String>| text.as_deref().map(|text| (label, figures::harmless(text)));
    let thread = thread.map(|thread| ("Thread", thread.to_string()));
    let with = |waiter: &Waiter| ("With", format!("{} ({})", figures::harmless(&waiter.name), waiter.pid));
    let place = [thread, text("File", file), text("Mounted at", mount), text("Device", device)];
    place.into_iter().flatten().chain(others.iter().take(NAMED).map(with))
}

/// How many processes of a group are named.
const NAMED: usize = 5;

/// Gives what else there is to a use of CPU, each figure with its label.
fn circumstances_of(circumstances: &Circumstances) -> Vec<(&'static str, String)> {
    let Circumstances { wanted_percent, orphan, short_lived_percent, unit, members, member_count } = circumstances;
    let wanted = wanted_percent.map(|percent| ("Wanted", format!("{percent:.0} % of a core")));
    let short = short_lived_percent.map(|percent| ("Short-lived", format!("{percent:.0} % of a core")));
    let parent = orphan.then(|| ("Parent", "has ended".to_owned()));
    let worst = |member: &Member| {
        let Member { pid, name, cpu_percent, .. } = member;
        ("With", format!("{} ({pid}), {cpu_percent:.0} %", figures::harmless(name)))
    };
    let count = member_count.map(|count| ("Processes", count.to_string()));
    let unit = unit.as_ref().map(|unit| ("Unit", figures::harmless(&unit.name)));
    [wanted, short, unit, parent, count].into_iter().flatten().chain(members.iter().take(NAMED).map(worst)).collect()
}

/// Names one of several processes that grow together.
fn grower(grower: &Grower) -> (&'static str, String) {
    let Grower { pid, name, grown_mb, .. } = grower;
    ("With", format!("{} ({pid}), {}", figures::harmless(name), words::memory(*grown_mb)))
}

/// Names a process: `node (2210)`.
pub(super) fn process(alert: &Alert) -> String {
    format!("{} ({})", figures::harmless(&alert.name), alert.pid)
}
