//! All processes of the last scan, in the order of their pids.
//!
//! A scan has two steps. First its way of scanning marks who is due, who is gone and which pids are new; then the table
//! reads the ones that are due and the new ones, and forgets the others.

use super::clock;
use super::process::Process;
use super::pulse::Pulse;
use super::reader::{Reader, Units};
use super::root::{Folder, Unreadable};
use crate::process::Pid;
use crate::sample::{Now, Sample};
use rustix::io::Errno;
use std::sync::Arc;

/// How many stats are kept open at the most.
const MOST_OPEN: usize = 64;

/// The processes.
#[derive(Debug, Default)]
pub(super) struct Table {
    processes: Vec<Process>,
    /// Pids that are new in this scan.
    arrivals: Vec<Pid>,
    /// The pids of those that this scan found gone or ended: their children have other parents now.
    ended: Vec<Pid>,
    /// The pids of the parents of those that are gone: they are credited with what those used.
    heirs: Vec<Pid>,
    open: usize,
}

/// Processes that were there and are not in the snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) vanished: u32,
    pub(super) hidden: u32,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.processes.len()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Process> {
        self.processes.iter_mut()
    }

    pub(super) fn get_mut(&mut self, pid: Pid) -> Option<&mut Process> {
        let at = self.processes.binary_search_by_key(&pid, Process::pid).ok()?;
        self.processes.get_mut(at)
    }

    /// Takes note of a pid that is not in the table.
    pub(super) fn arrive(&mut self, pid: Pid) {
        self.arrivals.push(pid);
    }

    /// Reads who is due, and who is new.
    pub(super) fn read(&mut self, reader: &mut Reader, by_clock: bool, now: Now) -> Result<Missed, Errno> {
        let mut missed = Missed::default();
        self.read_due(reader, now, &mut missed)?;
        if by_clock && self.mark_kin_of_ended() {
            self.read_due(reader, now, &mut missed)?;
        }
        self.forget_gone();
        self.read_arrivals(reader, by_clock, now, &mut missed)?;
        Ok(missed)
    }

    fn read_due(&mut self, reader: &mut Reader, now: Now, missed: &mut Missed) -> Result<(), Errno> {
        for process in &mut self.processes {
            if process.is_gone || !std::mem::take(&mut process.is_due) {
                continue;
            }
            let had_ended = process.sample.has_ended();
            let was_open = process.stat.is_some();
            let is_busy = process.pulse.is_some_and(|pulse| pulse.is_busy());
            if was_open && !is_busy {
                process.stat = None;
            }
            let keep_open = is_busy && (was_open || self.open < MOST_OPEN);
            let result = reader.read(process, now, keep_open);
            self.open = self.open + usize::from(process.stat.is_some()) - usize::from(was_open);
            if let Err(why) = result {
                process.is_gone = true;
                missed.note(why)?;
            }
            if process.sample.has_ended() && !had_ended {
                self.ended.push(process.pid());
            }
        }
        Ok(())
    }

    /// Marks the children and the parents of those that ended; tells whether there are any.
    fn mark_kin_of_ended(&mut self) -> bool {
        for process in self.processes.iter().filter(|process| process.is_gone) {
            self.ended.push(process.pid());
            self.heirs.push(process.sample.parent);
        }
        self.ended.sort_unstable();
        self.heirs.sort_unstable();
        let is_orphan = |process: &Process| self.ended.binary_search(&process.sample.parent).is_ok();
        let is_heir = |process: &Process| self.heirs.binary_search(&process.pid()).is_ok();
        let mut any = false;
        if !self.ended.is_empty() {
            for process in &mut self.processes {
                process.is_due = !process.is_gone && (is_orphan(process) || is_heir(process));
                any |= process.is_due;
            }
        }
        self.ended.clear();
        self.heirs.clear();
        any
    }

    fn forget_gone(&mut self) {
        let open = &mut self.open;
        self.processes.retain(|process| {
            *open -= usize::from(process.is_gone && process.stat.is_some());
            !process.is_gone
        });
    }

    fn read_arrivals(
        &mut self,
        reader: &mut Reader,
        by_clock: bool,
        now: Now,
        missed: &mut Missed,
    ) -> Result<(), Errno> {
        let Some(first) = self.arrivals.first() else { return Ok(()) };
        let is_sorted = self.arrivals.is_sorted() && self.processes.last().is_none_or(|last| last.pid() < *first);
        for pid in self.arrivals.drain(..) {
            let pulse = by_clock.then(|| clock::cpu_time(pid).map(Pulse::new));
            let process = match pulse {
                Some(None) => Err(Unreadable::Gone),
                Some(pulse) => reader.read_new(&Folder::new(pid), pulse, now),
                None => reader.read_new(&Folder::new(pid), None, now),
            };
            match process {
                Ok(process) => self.processes.push(process),
                Err(why) => missed.note(why)?,
            }
        }
        if !is_sorted {
            self.processes.sort_by_key(Process::pid);
        }
        Ok(())
    }

    /// Makes these the samples of all processes. Where they are those of an earlier scan, little has to be written.
    pub(super) fn write_to(&self, samples: &mut Vec<Sample>, units: Units, now: Now) {
        samples.truncate(self.processes.len());
        for (at, Process { sample, .. }) in self.processes.iter().enumerate() {
            match samples.get_mut(at) {
                Some(earlier) => copy(sample, earlier),
                None => samples.push(sample.clone()),
            }
            samples[at].age = units.age(sample.id.start_time, now);
        }
    }
}

/// Copies a sample over another. A description that is the same is not touched: it lies elsewhere in memory.
fn copy(from: &Sample, to: &mut Sample) {
    let unchanged = Arc::ptr_eq(&from.description, &to.description) && from.wait.is_none();
    if !unchanged {
        to.clone_from(from);
        return;
    }
    let Sample { id, parent, state, cpu_time, resident, anonymous, threads, kernel_thread, .. } = *from;
    let Sample { mapped, child_time, waited, terminal, is_foreground, nice, policy, .. } = *from;
    (to.child_time, to.waited, to.nice, to.policy) = (child_time, waited, nice, policy);
    (to.terminal, to.is_foreground) = (terminal, is_foreground);
    (to.id, to.parent, to.state, to.cpu_time) = (id, parent, state, cpu_time);
    (to.resident, to.anonymous, to.mapped, to.threads) = (resident, anonymous, mapped, threads);
    (to.kernel_thread, to.wait) = (kernel_thread, None);
}

impl Missed {
    fn note(&mut self, why: Unreadable) -> Result<(), Errno> {
        match why {
            Unreadable::Gone => self.vanished += 1,
            Unreadable::Hidden => self.hidden += 1,
            Unreadable::Failed(error) => return Err(error),
        }
        Ok(())
    }
}
