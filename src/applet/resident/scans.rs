//! When the loop scans, and what it does with what a scan gave.

use super::Resident;
use crate::applet::event::Part;
use crate::applet::memory;
use crate::applet::sampler::{Request, Scanned};
use crate::protocol::Push;
use crate::sample::Now;
use std::time::{Duration, Instant};

/// A scan that takes longer than this hangs on something.
const LONGEST_SCAN: Duration = Duration::from_secs(30);

/// A scan that comes after so long may come a moment sooner or later.
const UNHURRIED: Duration = Duration::from_secs(5);

/// After the scan with this number the start is over, and its memory is given back.
const MEMORY_FIRST: u32 = 2;

/// Memory is given back again after so many scans.
const MEMORY_EVERY: u32 = 30;

const SCAN_HANGS: &str =
    "Reading /proc hangs, so nothing is watched. It goes on when the kernel answers; else restart the machine.";

/// Where the scans stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scan {
    /// The last one began then, and is over.
    Over(Instant),
    /// One is under way since then.
    UnderWay(Instant),
}

impl Resident {
    /// When the next scan is due, or the pause, the patience with a scan or what is shown for a while ends; None while paused
    /// until resumed.
    pub(super) fn next_turn(&self) -> Option<Instant> {
        let ends = self.core.patience().into_iter().chain(self.core.outcomes_end()).min().map(instant);
        self.deadline().into_iter().chain(self.lookout.latest()).chain(ends).min()
    }

    fn deadline(&self) -> Option<Instant> {
        let now = Now::read();
        match self.scan {
            Scan::UnderWay(_) if self.core.has_problem(Part::Scan) => None,
            Scan::UnderWay(since) => Some(since + LONGEST_SCAN),
            Scan::Over(_) if self.core.is_paused() => self.core.interval(now).map(|left| Instant::now() + left),
            Scan::Over(since) => self.core.interval(now).map(|interval| {
                let due = since + interval;
                if interval < UNHURRIED { due } else { self.timer.nearest_second(due) }
            }),
        }
    }

    /// Begins a scan where one is due or wanted and none is under way.
    pub(super) fn scan_if_due(&mut self) {
        if self.core.end_due_pause(Now::read()) {
            (self.scan_wanted, self.changed) = (true, true);
        }
        self.changed |= self.core.end_due_outcomes(Now::read());
        let Scan::Over(_) = self.scan else { return };
        let is_due = !self.core.is_paused() && self.deadline().is_some_and(|deadline| deadline <= Instant::now());
        if is_due || self.scan_wanted {
            self.scan_wanted = false;
            self.scan = Scan::UnderWay(Instant::now());
            let (spent, suspects) = (self.core.take_spent(), self.core.suspects());
            self.sampler.request(Request { spent, suspects });
        }
    }

    /// Takes note that a scan takes long.
    pub(super) fn overdue(&mut self) {
        let refusals = self.core.give_up(Now::read());
        self.carry_out(refusals);
        if matches!(self.scan, Scan::UnderWay(since) if since.elapsed() >= LONGEST_SCAN) {
            self.note(Part::Scan, Some(SCAN_HANGS.to_owned()));
        }
    }

    /// Takes what a scan gave.
    pub(super) fn scanned(&mut self, result: Scanned) {
        let (Scan::Over(began) | Scan::UnderWay(began)) = self.scan;
        self.scan = Scan::Over(began);
        let has_news = result.is_ok();
        let effects = match result {
            Ok(snapshot) => {
                self.note(Part::Scan, None);
                self.core.tick(snapshot)
            }
            Err(why) => {
                self.note(Part::Scan, Some(why.clone()));
                self.core.scan_failed(&why)
            }
        };
        self.changed = true;
        self.carry_out(effects);
        if has_news {
            self.push_status();
        }
        self.bind();
        if let Some(desktop) = &mut self.desktop {
            desktop.retry();
        }
        self.say_once_that_there_is_no_icon();
        self.scans = self.scans.wrapping_add(1);
        if self.scans % MEMORY_EVERY == MEMORY_FIRST {
            memory::give_back();
        }
    }

    fn push_status(&self) {
        if let Some(server) = self.server.as_ref().filter(|server| server.client_count() > 0) {
            server.push(&Push::Status(self.core.status()));
        }
    }
}

/// A time on `CLOCK_MONOTONIC` as the timer takes it.
fn instant(time: Duration) -> Instant {
    Instant::now() + time.saturating_sub(Now::read().monotonic)
}
