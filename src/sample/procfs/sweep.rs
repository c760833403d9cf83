//! The sweep: it looks at the CPU clock of every process, and has only the stats read that may have changed.
//!
//! New processes are found by the pids that the kernel gave out since the scan before: `/proc/loadavg` tells the newest,
//! and those in between are asked for their clocks. Where they are too many, or began again at the first, and every now
//! and then, the kernel's list tells.

use super::clock;
use super::listing::Listing;
use super::pulse::{Pulse, Round};
use super::root::Root;
use super::table::Table;
use crate::process::Pid;
use crate::sample::Now;
use rustix::io::Errno;

/// The kernel's list is taken every so many scans, whatever the clocks tell.
const LISTED_EVERY: u32 = 30;

/// The kernel's list costs as much as asking for this many pids for each process in it.
const ASKED_FOR_EACH: usize = 3;

/// So many of the newest pids are asked for again in the next scan: the kernel gives out a pid a moment before there is a
/// process, and on a busy machine that moment may last.
const UNBORN: Pid = 16;

/// The sweep, from scan to scan.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    /// Pids that the last scan asked for, and that may have been too young.
    unborn: Option<GivenOut>,
    /// The newest pid as of the last scan; None where the next scan takes the kernel's list.
    newest: Option<Pid>,
    round: Round,
}

/// The pids that the kernel gave out between two scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GivenOut {
    after: Pid,
    upto: Pid,
}

impl Sweep {
    /// Marks who is due and who is gone, and finds who is new. The newest pid was read before: what begins from now on
    /// belongs to the next scan.
    pub(super) fn mark(
        &mut self,
        root: &Root,
        listing: &mut Listing,
        table: &mut Table,
        newest: Option<Pid>,
        now: Now,
    ) -> Result<(), Errno> {
        let before = self.newest.take();
        self.round = self.round.next(now);
        look_at_clocks(table, self.round);
        let given_out = before.zip(newest).map(|(after, upto)| GivenOut { after, upto });
        let unborn = std::mem::replace(&mut self.unborn, given_out.and_then(GivenOut::newest));
        match given_out {
            Some(given_out) if !self.round.is_each(LISTED_EVERY) && given_out.is_short(table.len()) => {
                if let Some(unborn) = unborn {
                    unborn.ask_again(table);
                }
                given_out.ask_for_each(table);
            }
            _ => {
                listing.find_arrivals(root, table)?;
                mark_given_out(given_out, table);
            }
        }
        self.newest = newest;
        Ok(())
    }

    /// Has the next scan take the kernel's list: this one failed halfway.
    pub(super) fn begin_anew(&mut self) {
        self.newest = None;
    }
}

fn look_at_clocks(table: &mut Table, round: Round) {
    for process in table.iter_mut() {
        let Some(time) = clock::cpu_time(process.pid()) else {
            process.is_gone = true;
            continue;
        };
        let pulse = process.pulse.get_or_insert(Pulse::new(time));
        pulse.beat(time);
        process.is_due = pulse.is_due(&process.sample, round) || process.is_unsettled();
        process.sample.cpu_time = time;
    }
}

/// A process whose pid was given out again may be another one: its stat tells.
fn mark_given_out(given_out: Option<GivenOut>, table: &mut Table) {
    for process in table.iter_mut() {
        process.is_due |= given_out.is_none_or(|given_out| given_out.holds(process.pid()));
    }
}

impl GivenOut {
    fn is_short(self, processes: usize) -> bool {
        self.upto.checked_sub(self.after).is_some_and(|count| count as usize <= ASKED_FOR_EACH * processes)
    }

    fn holds(self, pid: Pid) -> bool {
        if self.after <= self.upto {
            self.after < pid && pid <= self.upto
        } else {
            self.after < pid || pid <= self.upto
        }
    }

    fn ask_for_each(self, table: &mut Table) {
        for pid in self.after + 1..=self.upto {
            if let Some(process) = table.get_mut(pid) {
                process.is_due = true;
            } else {
                welcome(pid, table);
            }
        }
    }

    /// Gives the newest of them; None where there are none, or they began again at the first.
    fn newest(self) -> Option<Self> {
        let after = self.after.max(self.upto.saturating_sub(UNBORN));
        (after < self.upto).then_some(Self { after, ..self })
    }

    fn ask_again(self, table: &mut Table) {
        for pid in self.after + 1..=self.upto {
            if table.get_mut(pid).is_none() {
                welcome(pid, table);
            }
        }
    }
}

/// Takes note of a pid that is not in the table, where it is that of a process.
fn welcome(pid: Pid, table: &mut Table) {
    if clock::cpu_time(pid).is_some() && !clock::is_own_thread(pid) {
        table.arrive(pid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_pids_are_asked_for_again_once() {
        let newest = |after, upto| GivenOut { after, upto }.newest().map(|newest| (newest.after, newest.upto));
        assert_eq!(newest(100, 103), Some((100, 103)));
        assert_eq!(newest(100, 500), Some((484, 500)));
        assert_eq!((newest(100, 100), newest(100, 7)), (None, None), "there are none, or they began again");
    }
}
