//! Honest work: what keeps the cores busy with good reason, and is not told of. It holds for CPU use alone.

use super::past::Past;
use crate::process::Description;
use crate::sample::Sample;
use std::time::Duration;

/// Why nobody is told of a process that keeps the processor busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It is a thread of the kernel: nobody can do anything about it but wait.
    Kernel,
    /// It is the job that a terminal shows at work: somebody waits for it.
    Terminal,
    /// It leaves the cores to all others that want them.
    LowPriority,
    /// It is a virtual machine, whose work is its guest's.
    VirtualMachine,
    /// It has used as much all its life, and nobody else wants the cores.
    SteadyLoad,
}

/// So old must a process be for its whole life to tell what is usual for it.
const OLD: Duration = Duration::from_hours(1);

/// What it uses is usual where that is at most so many times the mean of its life.
const USUAL: f64 = 1.5;

/// So near to whole cores, in percent of one, is the use of what never pauses.
const PAUSELESS: f64 = 3.0;

/// Finds the reason not to tell of a process that uses so many percent of a core; None where it is to be told of.
pub(super) fn of(sample: &Sample, past: &Past, percent: f64, is_saturated: bool) -> Option<Silence> {
    if sample.kernel_thread {
        Some(Silence::Kernel)
    } else if sample.is_of_low_priority() || is_in_slice(&sample.description, "background.slice") {
        Some(Silence::LowPriority)
    } else if is_in_slice(&sample.description, "machine.slice") {
        Some(Silence::VirtualMachine)
    } else if past.is_orphan() {
        None
    } else if sample.is_foreground {
        Some(Silence::Terminal)
    } else if !is_saturated && is_usual(past, percent) && !is_a_loop(percent) {
        Some(Silence::SteadyLoad)
    } else {
        None
    }
}

fn is_usual(past: &Past, percent: f64) -> bool {
    past.life_before(OLD).is_some_and(|mean| percent <= USUAL * mean)
}

/// Whether it keeps cores busy without the least pause, as a loop does and work seldom: such a one is told of, however
/// long it has gone on.
fn is_a_loop(percent: f64) -> bool {
    let cores = (percent / 100.0).round();
    cores >= 1.0 && (percent - 100.0 * cores).abs() <= PAUSELESS
}

/// Source: systemd.special(7), `machine.slice` and `background.slice`.
fn is_in_slice(process: &Description, slice: &str) -> bool {
    process.cgroup.split('/').any(|part| part == slice)
}
