//! Whether the cores suffice for all that want them.

use super::Process;
use super::history::{Step, Usage};
use crate::sample::Snapshot;

/// Cores that are busy for this part of the time suffice no longer.
const BUSY: f64 = 0.85;

/// Nor do they where some work waited for this part of the time, in percent.
const PRESSURE: f64 = 20.0;

/// A process that wants this much of a core is one of those that share the cores, in percent.
const WHOLE_CORE: f64 = 90.0;

/// The machine as the detectors see it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machine {
    /// Whether the cores do not suffice.
    pub(super) is_saturated: bool,
    /// What each of those that want a whole core would get, in percent of one core; 0 where that is not known.
    pub(super) fair_share: f64,
    /// Whether it runs on its battery.
    pub(super) on_battery: bool,
    /// What all cores give, in percent of one; 0 where that is not known.
    pub(super) capacity: f64,
    short: Shortage,
    busy_percent: f64,
    contenders: u32,
}

/// What tells that the cores do not suffice.
#[derive(Clone, Copy, Debug, Default)]
struct Shortage {
    /// Work waited for them of late.
    is_waited_for: bool,
    /// They were busy in the last interval.
    were_busy: bool,
}

impl Machine {
    /// Begins with what is known before the processes are looked at.
    pub(super) fn look_at(&mut self, snapshot: &Snapshot) {
        self.short.is_waited_for = snapshot.load.pressure.cpu_some.is_some_and(|some| some >= PRESSURE);
        self.is_saturated = self.is_short_of_cores();
        self.on_battery = snapshot.on_battery == Some(true);
    }

    /// Tells, after an interval, whether the cores sufficed for it.
    pub(super) fn is_short_of_cores(self) -> bool {
        self.short.were_busy || self.short.is_waited_for
    }

    /// Counts a process.
    pub(super) fn count(&mut self, process: &Process) {
        let Some(usage) = process.usage else { return };
        self.busy_percent += usage.percent();
        let wanted = Usage { busy: usage.busy + process.waited.unwrap_or_default(), ..usage };
        self.contenders += u32::from(wanted.percent() >= WHOLE_CORE);
    }

    /// Ends an interval: what all did in it is known for the next.
    pub(super) fn end_interval(&mut self, step: Step, cores: u32) {
        let capacity = 100.0 * f64::from(cores);
        self.capacity = capacity;
        let (busy, contenders) = (std::mem::take(&mut self.busy_percent), std::mem::take(&mut self.contenders));
        if step.elapsed.is_some() {
            self.short.were_busy = cores > 0 && busy >= BUSY * capacity;
            self.fair_share = if contenders > cores { capacity / f64::from(contenders) } else { 0.0 };
        }
    }
}
