//! Why a process is told of, or is not.

use super::{Subject, cores, memory, place, seconds, shortened};
use crate::detect::Silence;
use crate::protocol::{StandingState, WaitsFor};
use std::time::Duration;

/// No rule limits how long it may run.
pub const NO_LIMIT: &str = "No rule limits how long it may run.";

/// Why a group is not told of in which single processes are over the limit.
pub const OF_ONE: &str = "what is over the limit alone is told of by itself";

/// Why a group is not told of whose processes come and go.
pub const PASSING: &str = "too little of it lasts";

/// Why a group is not told of whose first process is not to be told of.
pub const UNDER_SILENCED: &str = "the process that they would be told under is on the whitelist, or silenced by a rule";

/// Why what is on the whitelist counts for no group.
pub const ON_THE_WHITELIST: &str = "it is on the whitelist";

/// Names a state.
#[must_use]
pub fn state(state: StandingState) -> &'static str {
    match state {
        StandingState::Off => "off",
        StandingState::Silent => "silent",
        StandingState::Calm => "calm",
        StandingState::Suspicious => "suspicious",
        StandingState::Firing => "firing",
    }
}

/// It falls under an entry of the whitelist.
#[must_use]
pub fn whitelisted(pattern: &str) -> String {
    format!("It is on the whitelist (\"{}\"): nothing is told of it.", shortened(pattern))
}

/// A rule of the config holds for it.
#[must_use]
pub fn ruled(title: &str) -> String {
    format!("The rule \"{}\" holds for it.", shortened(title))
}

/// It is not looked at, be it by a rule.
#[must_use]
pub fn off(rule: Option<&str>) -> String {
    match rule {
        Some(rule) => format!("The rule \"{}\" or the settings have switched this off.", shortened(rule)),
        None => "The settings have switched this off.".to_owned(),
    }
}

/// It is honest work.
#[must_use]
pub fn silent(silence: Silence, percent: f64) -> String {
    format!("It uses {} and is not told of: {}.", cores(percent), honest(silence))
}

/// Why it is honest work.
#[must_use]
pub fn honest(silence: Silence) -> &'static str {
    match silence {
        Silence::Kernel => "it is a thread of the kernel",
        Silence::Terminal => "it is the job that a terminal shows at work",
        Silence::LowPriority => "it runs at low priority and leaves the cores to others",
        Silence::VirtualMachine => "it is a virtual machine",
        Silence::SteadyLoad => "it has used as much all its life, and there are cores enough",
    }
}

/// It uses less than the limit.
#[must_use]
pub fn calm(percent: f64, threshold: f64) -> String {
    format!("It uses {}; the limit is {}.", cores(percent), cores(threshold))
}

/// It is over the limit.
#[must_use]
pub fn busy(percent: f64, lasted: Duration, patience: Duration) -> String {
    let (lasted, patience) = (seconds(lasted.as_secs()), seconds(patience.as_secs()));
    format!("It has kept {} busy for {lasted}; it is told of after {patience}.", cores(percent))
}

/// How long it has been stuck, if it is.
#[must_use]
pub fn stuck(lasted: Option<Duration>, duration: Duration, function: Option<&str>, waits_for: &WaitsFor) -> String {
    let duration = seconds(duration.as_secs());
    match lasted {
        None => "It runs, or waits where a signal reaches it.".to_owned(),
        Some(lasted) => {
            let who = waits_for.thread.map_or("It".to_owned(), |thread| format!("Its thread {thread}"));
            let (place, lasted) = (place(function, waits_for), seconds(lasted.as_secs()));
            format!("{who} has waited in the kernel{place}, {lasted} by now; it is told of after {duration}.")
        }
    }
}

/// How long it has run, and may.
#[must_use]
pub fn runs(runtime: Duration, limit: Duration, rule: &str) -> String {
    let (runtime, limit) = (seconds(runtime.as_secs()), seconds(limit.as_secs()));
    format!("It has run for {runtime}; the rule \"{}\" allows {limit}.", shortened(rule))
}

/// What its memory did.
#[must_use]
pub fn grew(bytes: u64, span: Duration, verdict: &str) -> String {
    let grown = memory(bytes as f64 / (1024.0 * 1024.0));
    format!("The least that it holds rose by {grown} in {}: {verdict}.", seconds(span.as_secs()))
}

/// What the memory of several processes did together, and how much of it this one's.
#[must_use]
pub fn grew_together(who: &str, bytes: u64, own: u64) -> String {
    let mebibytes = |bytes: u64| memory(bytes as f64 / (1024.0 * 1024.0));
    format!("The {who} have grown by {} together, {} of it by this one.", mebibytes(bytes), mebibytes(own))
}

/// The processes of an application.
#[must_use]
pub fn of_application(name: &str) -> String {
    format!("processes of {}", shortened(name))
}

/// The processes of one name in a unit.
#[must_use]
pub fn of_unit(name: &str, unit: &str) -> String {
    format!("processes named {} in {}", shortened(name), shortened(unit))
}

/// The processes of one name that a process started.
#[must_use]
pub fn of_parent(name: &str, parent: Option<&Subject>) -> String {
    format!("processes named {} that {} started", shortened(name), who(parent))
}

/// The processes that a process starts: the one that is explained, where it is not named.
#[must_use]
pub fn started_by(parent: Option<&Subject>) -> String {
    format!("processes that {} starts", who(parent))
}

fn who(named: Option<&Subject>) -> String {
    named.map_or_else(|| "it".to_owned(), Subject::with_pid)
}

/// They use less than the limit together.
#[must_use]
pub fn calm_together(who: &str, threshold: f64) -> String {
    format!("The {who} are not over the limit of {} together.", cores(threshold))
}

/// They are over the limit together.
#[must_use]
pub fn busy_together(who: &str, percent: f64, own: f64, lasted: Duration, patience: Duration) -> String {
    let (kept, patience) = (kept_together(who, percent, own, lasted), seconds(patience.as_secs()));
    format!("{kept}; they are told of after {patience}.")
}

/// They are over the limit together, and are not told of.
#[must_use]
pub fn silent_together(who: &str, percent: f64, own: f64, lasted: Duration, reason: &str) -> String {
    format!("{}; they are not told of together: {reason}.", kept_together(who, percent, own, lasted))
}

fn kept_together(who: &str, percent: f64, own: f64, lasted: Duration) -> String {
    let own = if own < 1.0 { String::new() } else { format!(", {} of it by this one", cores(own)) };
    format!("The {who} have kept {} busy together for {}{own}", cores(percent), seconds(lasted.as_secs()))
}

/// It does not count for a group.
#[must_use]
pub fn apart(who: &str, reason: &str) -> String {
    format!("It does not count among the {who}: {reason}.")
}

/// Why a process counts for no group that a rule is about.
#[must_use]
pub fn by_rule(title: &str) -> String {
    format!("the rule \"{}\" is about its use of CPU", shortened(title))
}
