//! Why a process is told of, or is not.

use super::{cores, memory, seconds, shortened};
use crate::detect::Silence;
use std::time::Duration;

/// No rule limits how long it may run.
pub const NO_LIMIT: &str = "No rule limits how long it may run.";

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
    let reason = match silence {
        Silence::Kernel => "it is a thread of the kernel",
        Silence::Terminal => "it is the job that a terminal shows at work",
        Silence::LowPriority => "it runs at low priority and leaves the cores to others",
        Silence::VirtualMachine => "it is a virtual machine",
        Silence::SteadyLoad => "it has used as much all its life, and there are cores enough",
    };
    format!("It uses {} and is not told of: {reason}.", cores(percent))
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
pub fn stuck(lasted: Option<Duration>, duration: Duration) -> String {
    let duration = seconds(duration.as_secs());
    match lasted {
        None => "It runs, or waits where a signal reaches it.".to_owned(),
        Some(lasted) => {
            format!("It has waited in the kernel for {}; it is told of after {duration}.", seconds(lasted.as_secs()))
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
