//! Whether somebody may be stuck who is not known: by the load average, which counts what is in state D, and by the pressure
//! on disks, since a core that waits for one does not count as idle.

use super::super::loadavg::Told;
use crate::sample::{Load, Now};
use std::time::Duration;

/// The load is compared with that of so long ago.
const APART: Duration = Duration::from_secs(10);

/// So often it is compared: the kernel brings it up to date each five seconds.
const OFTEN: Duration = Duration::from_secs(5);

/// After so long the load tells nothing of what was in between.
const TOO_LONG: Duration = Duration::from_mins(2);

/// The load average forgets in this time, but for a part of 1/e.
const MEMORY: Duration = Duration::from_mins(1);

/// So many stuck tasks more, on average, are somebody: the load has two digits after the point.
const SOMEBODY: f64 = 0.4;

/// Where tasks waited for disks for so much of the time, in percent, one may be stuck there.
const STALLED: f64 = 90.0;

/// While disks stall, it is looked again after so long.
const AGAIN: Duration = Duration::from_mins(1);

/// How busy the machine was up to an instant.
#[derive(Clone, Copy, Debug)]
pub(in crate::sample::procfs) struct Busy {
    at: Duration,
    load: Told,
    cores: f64,
    idle: Duration,
    io_some: f64,
}

/// What was estimated before.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    /// The last two that were compared, or kept for that: the later one first.
    before: [Option<Busy>; 2],
    /// So many stuck tasks were looked for already.
    looked_for: f64,
    stalled_at: Option<Duration>,
}

impl Busy {
    /// Takes what the machine tells; None where it does not tell enough.
    pub(in crate::sample::procfs) fn new(
        load: Option<Told>,
        machine: &Load,
        io_some: Option<f64>,
        now: Now,
    ) -> Option<Self> {
        let (at, cores) = (now.monotonic, machine.cores.into());
        Some(Self { at, load: load?, cores, idle: machine.idle?, io_some: io_some.unwrap_or(0.0) })
    }

    /// Estimates how many tasks were stuck since then, on average: those that count as load and neither kept a core busy nor
    /// wait for one.
    ///
    /// Source: the kernel's `kernel/sched/loadavg.c`: `load = load * e + tasks * (1 - e)`.
    fn stuck_since(self, before: Self) -> f64 {
        let passed = self.at.saturating_sub(before.at).as_secs_f64();
        let kept = (-passed / MEMORY.as_secs_f64()).exp();
        let tasks = (self.load.tasks - before.load.tasks * kept) / (1.0 - kept);
        let busy = self.cores - self.idle.saturating_sub(before.idle).as_secs_f64() / passed;
        let others = f64::from(self.load.running.saturating_sub(1));
        (tasks - busy.max(others)).max(0.0)
    }
}

impl Estimate {
    /// Tells whether there is reason to look at all threads once.
    pub(super) fn calls_for_a_round(&mut self, now: Busy) -> bool {
        let is_ago = |before: &Busy, time: Duration| now.at.saturating_sub(before.at) >= time;
        if self.before[0].is_some_and(|last| !is_ago(&last, OFTEN)) {
            return false;
        }
        let before = self.before.into_iter().flatten().find(|before| is_ago(before, APART));
        self.before = [Some(now), self.before[0]];
        let Some(before) = before else { return false };
        let apart = now.at.saturating_sub(before.at);
        let stuck = if apart > TOO_LONG { 0.0 } else { now.stuck_since(before) };
        let are_more = stuck >= self.looked_for + SOMEBODY;
        // One that is stuck since the middle of that time counts as half; it is looked for once.
        self.looked_for = if are_more { (stuck + 1.0 - SOMEBODY).floor() } else { self.looked_for.min(stuck) };
        are_more | self.disks_stall(now)
    }

    fn disks_stall(&mut self, now: Busy) -> bool {
        let is_due = self.stalled_at.is_none_or(|at| now.at.saturating_sub(at) >= AGAIN);
        let stalls = now.io_some >= STALLED && is_due;
        if stalls {
            self.stalled_at = Some(now.at);
        }
        stalls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(seconds: u64, tasks: f64, idle: f64) -> Busy {
        let load = Told { tasks, running: 1, newest: 9 };
        Busy { at: Duration::from_secs(seconds), load, cores: 4.0, idle: Duration::from_secs_f64(idle), io_some: 0.0 }
    }

    /// The load average after so many seconds with so many tasks.
    fn average(seconds: u64, tasks: f64) -> f64 {
        let load = (0..seconds / 5).fold(0.0, |load, _| load * 0.92 + tasks * 0.08);
        (load * 100.0_f64).round() / 100.0
    }

    #[test]
    fn the_load_tells_how_many_are_stuck() {
        let idle = busy(1000, 0.0, 4000.0);
        for stuck in [0.0, 1.0, 3.0] {
            let found = busy(1010, average(10, stuck), 4040.0).stuck_since(idle);
            assert!((found - stuck).abs() < 0.15 * stuck + 0.1, "{stuck}: {found}");
        }
        let working = busy(1010, average(10, 3.0), 4020.0).stuck_since(idle);
        assert!((working - 1.0).abs() < 0.5, "two of the three kept a core busy each: {working}");
        let build = busy(1010, average(10, 12.0), 4000.0);
        let build = Busy { load: Told { running: 13, ..build.load }, ..build };
        assert!(build.stuck_since(idle) < SOMEBODY, "what waits for a core is not stuck");
        let after_work = busy(1010, 4.0 * (-10.0_f64 / 60.0).exp(), 4040.0);
        assert!(after_work.stuck_since(busy(1000, 4.0, 4000.0)) < 0.1, "what was is not taken for what is");
    }

    #[test]
    fn a_round_is_called_for_once_for_each_that_is_stuck() {
        let mut estimate = Estimate::default();
        let mut load = 0.0;
        let mut calls = |stuck: f64, seconds: u64| {
            load = load * 0.92 * 0.92 + stuck * 0.08 * 1.92;
            estimate.calls_for_a_round(busy(seconds, load, 4.0 * seconds as f64))
        };
        assert!(!calls(0.0, 1000) && !calls(0.0, 1010));
        assert!(calls(1.0, 1020) && !calls(1.0, 1030) && !calls(1.0, 1040), "the one is looked for once");
        assert!(calls(2.0, 1050) && !calls(2.0, 1060), "and so is another");
        assert!(!calls(0.0, 1070) && calls(1.0, 1080), "and one that comes after they went on");
        assert!(!calls(5.0, 1400), "so long apart they tell nothing");
    }

    #[test]
    fn it_is_compared_each_five_seconds_and_looked_for_once() {
        let mut estimate = Estimate::default();
        let mut load = 0.0;
        // Stuck since the 1012th second; the kernel counts in those that are divided by five.
        let mut calls = |seconds: u64| {
            if seconds.is_multiple_of(5) {
                load = load * 0.92 + if seconds > 1012 { 0.08 } else { 0.0 };
            }
            estimate.calls_for_a_round(busy(seconds, load, 4.0 * seconds as f64))
        };
        let called: Vec<u64> = (1000..1100).filter(|seconds| calls(*seconds)).collect();
        assert_eq!(called, [1015]);
    }

    #[test]
    fn a_core_that_waits_for_a_disk_hides_one_that_the_pressure_tells_of() {
        let mut estimate = Estimate::default();
        let stalled = |seconds: u64| Busy { io_some: 99.0, ..busy(seconds, 0.3, 3.0 * seconds as f64) };
        let calls: Vec<bool> = (0..13).map(|scan| estimate.calls_for_a_round(stalled(1000 + 10 * scan))).collect();
        let rounds: Vec<usize> = (0..13).filter(|scan| calls[*scan]).collect();
        assert_eq!(rounds, [1, 7], "at once, and again in a minute");
    }
}
