//! Threads that are stuck in state D while the main thread of their process is not.
//!
//! The stat of a process tells of its main thread alone, and to read those of all threads costs too much. The load average
//! counts what is in state D: where it tells of more than the cores were busy with, somebody is, and threads are looked at, so
//! many in each scan. What is found is followed until it goes on.

use super::loadavg::Told;
use super::reader::{LINE, Reader};
use super::root::{Folder, Root};
use super::stat::Stat;
use super::table::Table;
use crate::process::{Pid, State};
use crate::sample::{Load, Now, Wait};
use rustix::io::Errno;
use std::mem::MaybeUninit;
use std::time::Duration;

/// How many threads are looked at in one scan; a process is looked at as a whole.
const MOST_THREADS: u32 = 256;

/// The load is compared with that of so long ago: the kernel brings it up to date each five seconds.
const APART: Duration = Duration::from_secs(10);

/// The load average forgets in this time, but for a part of 1/e.
const MEMORY: Duration = Duration::from_mins(1);

/// From so many stuck tasks on, on average, somebody is looked for: the load has two digits after the point.
const SOMEBODY: f64 = 0.4;

/// What of a list of threads is held in memory at once.
const ENTRIES: usize = 4 * 1024;

/// The search, from scan to scan.
#[derive(Debug, Default)]
pub(super) struct Search {
    before: Option<Busy>,
    is_on: bool,
    /// The pid at which it goes on.
    next: Pid,
    /// The processes of which a thread was found.
    found: Vec<Pid>,
}

/// How busy the machine was up to an instant.
#[derive(Clone, Copy, Debug)]
struct Busy {
    at: Duration,
    tasks: f64,
    idle: Duration,
}

impl Search {
    /// Goes on with a scan's share of the search.
    pub(super) fn go_on(&mut self, reader: &mut Reader, table: &mut Table, told: Option<Told>, load: &Load, now: Now) {
        self.follow(reader, table);
        self.decide(table, told, load, now);
        if self.is_on {
            self.look(reader, table);
        }
    }

    /// Looks again at those that were found.
    fn follow(&mut self, reader: &mut Reader, table: &mut Table) {
        self.found.retain(|pid| {
            let Some(process) = table.get_mut(*pid) else { return false };
            let Some(wait) = process.sample.wait.take_if(|wait| wait.thread != *pid) else { return false };
            process.sample.wait = look_at(reader, *pid, Some(*wait)).map(Box::new);
            process.sample.wait.is_some()
        });
    }

    /// Tells from the load whether somebody is stuck who is not known.
    fn decide(&mut self, table: &mut Table, told: Option<Told>, load: &Load, now: Now) {
        let (Some(told), Some(idle)) = (told, load.idle) else { return };
        let busy = Busy { at: now.monotonic, tasks: told.tasks, idle };
        let Some(before) = self.before else {
            self.before = Some(busy);
            return;
        };
        if busy.at.saturating_sub(before.at) >= APART {
            let stuck = busy.stuck_since(before, load.cores);
            let known = |table: &mut Table| table.iter_mut().filter(|process| process.sample.wait.is_some()).count();
            self.is_on = stuck >= SOMEBODY && stuck - known(table) as f64 >= SOMEBODY;
            self.before = Some(busy);
        }
    }

    fn look(&mut self, reader: &mut Reader, table: &mut Table) {
        let mut left = MOST_THREADS;
        let next = std::mem::take(&mut self.next);
        for process in table.iter_mut().skip_while(|process| process.pid() < next) {
            let sample = &mut process.sample;
            if sample.threads < 2 || sample.kernel_thread || sample.wait.is_some() {
                continue;
            }
            if left == 0 {
                self.next = sample.id.pid;
                break;
            }
            left = left.saturating_sub(sample.threads);
            sample.wait = look_at(reader, sample.id.pid, None).map(Box::new);
            self.found.extend(sample.wait.is_some().then_some(sample.id.pid));
        }
    }
}

impl Busy {
    /// Estimates how many tasks were stuck since then, on average: those that count as load and kept no core busy.
    ///
    /// Source: the kernel's `kernel/sched/loadavg.c`: `load = load * e + tasks * (1 - e)`.
    fn stuck_since(self, before: Self, cores: u32) -> f64 {
        let passed = self.at.saturating_sub(before.at).as_secs_f64();
        let kept = (-passed / MEMORY.as_secs_f64()).exp();
        let tasks = (self.tasks - before.tasks * kept) / (1.0 - kept);
        let idle = self.idle.saturating_sub(before.idle).as_secs_f64() / passed;
        tasks - (f64::from(cores) - idle).max(0.0)
    }
}

/// Looks for a thread of a process in state D: the one that was, or the first.
fn look_at(reader: &mut Reader, pid: Pid, before: Option<Wait>) -> Option<Wait> {
    let threads = reader.root.threads(&Folder::new(pid)).ok()?;
    let known = before.as_ref().map(|wait| Folder::new(wait.thread)).filter(|thread| is_stuck(&threads, thread));
    let thread = known.or_else(|| first_stuck(&threads, pid))?;
    Some(reader.waits.read(&threads, &thread, before))
}

fn first_stuck(threads: &Root, pid: Pid) -> Option<Folder> {
    let (mut found, mut left) = (None, MOST_THREADS);
    // An error ends the list.
    let _ = threads.list(&mut [MaybeUninit::uninit(); ENTRIES], |thread| {
        left = left.checked_sub(1).ok_or(Errno::CANCELED)?;
        found = Some(thread).filter(|thread| thread.pid != pid && is_stuck(threads, thread));
        found.map_or(Ok(()), |_| Err(Errno::CANCELED))
    });
    found
}

fn is_stuck(threads: &Root, thread: &Folder) -> bool {
    let mut line = [0; LINE];
    let stat = threads.read(thread, "stat", &mut line).ok().and_then(Stat::parse);
    stat.is_some_and(|stat| stat.state == State::DiskSleep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(seconds: u64, tasks: f64, idle: f64) -> Busy {
        Busy { at: Duration::from_secs(seconds), tasks, idle: Duration::from_secs_f64(idle) }
    }

    /// The load average after so many seconds with so many tasks.
    fn average(seconds: u64, tasks: f64) -> f64 {
        let updates = (0..seconds / 5).fold(0.0, |load, _| load * 0.92 + tasks * 0.08);
        (updates * 100.0_f64).round() / 100.0
    }

    #[test]
    fn the_load_tells_how_many_are_stuck() {
        let idle = busy(1000, 0.0, 4000.0);
        for stuck in [0.0, 1.0, 3.0] {
            let later = busy(1010, average(10, stuck), 4040.0);
            let found = later.stuck_since(idle, 4);
            assert!((found - stuck).abs() < 0.15 * stuck + 0.1, "{stuck}: {found}");
        }
        let working = busy(1010, average(10, 3.0), 4020.0);
        assert!((working.stuck_since(idle, 4) - 1.0).abs() < 0.5, "two of the three kept a core busy each");
        let after_work = busy(1010, 4.0 * (-10.0_f64 / 60.0).exp(), 4040.0);
        assert!(after_work.stuck_since(busy(1000, 4.0, 4000.0), 4).abs() < 0.1, "what was is not taken for what is");
    }
}
