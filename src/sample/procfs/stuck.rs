//! Threads that are stuck in state D beside the main thread of their process.
//!
//! The stat of a process tells of its main thread alone, and to read those of all threads costs too much. So the threads of
//! all processes are looked at once, so many in each scan, when the machine tells that somebody may be stuck. What is found is
//! followed until it goes on.

mod estimate;

pub(super) use estimate::Busy;

use super::reader::{LINE, Reader};
use super::root::{Folder, Root};
use super::schedstat;
use super::stat::Stat;
use super::table::Table;
use crate::process::{Pid, State};
use crate::sample::Wait;
use estimate::Estimate;
use rustix::io::Errno;
use std::mem::MaybeUninit;

/// How many threads are looked at in one scan, or a few more: a process is looked at as a whole where it has not too many.
const MOST_THREADS: u32 = 256;

/// How many threads are looked at of one process in one scan.
const MOST_OF_ONE: u32 = 1024;

/// What of a list of threads is held in memory at once.
const ENTRIES: usize = 4 * 1024;

/// The search, from scan to scan.
#[derive(Debug, Default)]
pub(super) struct Search {
    estimate: Estimate,
    /// Where the round goes on that is under way.
    round: Option<Place>,
    found: Vec<Found>,
}

/// A process, and how many of its threads are passed over.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    pid: Pid,
    behind: u32,
}

/// A process of which a thread was found.
#[derive(Debug)]
struct Found {
    place: Place,
    /// Its threads that were in state D when all were last looked at, and how often each had been given a CPU.
    seen: Vec<(Pid, Option<u64>)>,
}

impl Search {
    /// Goes on with a scan's share of the search.
    pub(super) fn go_on(&mut self, reader: &mut Reader, table: &mut Table, busy: Option<Busy>) {
        self.follow(reader, table);
        if busy.is_some_and(|busy| self.estimate.calls_for_a_round(busy)) {
            self.round.get_or_insert_default();
        }
        self.look(reader, table);
    }

    /// Looks again at those that were found.
    fn follow(&mut self, reader: &mut Reader, table: &mut Table) {
        let Self { round, found, .. } = self;
        found.retain_mut(|found| {
            let Some(process) = table.get_mut(found.place.pid) else { return false };
            let sample = &mut process.sample;
            let Some(wait) = sample.wait.take_if(|wait| wait.thread != found.place.pid) else { return false };
            sample.wait = found.look_again(reader, *wait).map(Box::new);
            if sample.wait.is_none() {
                *round = round.or(found.place.next(sample.threads));
            }
            sample.wait.is_some()
        });
    }

    /// Looks at the next processes, where a round is under way.
    fn look(&mut self, reader: &mut Reader, table: &mut Table) {
        let Some(next) = self.round.take() else { return };
        let (mut left, own) = (MOST_THREADS, std::process::id());
        for process in table.iter_mut().skip_while(|process| process.pid() < next.pid) {
            let sample = &mut process.sample;
            let pid = sample.id.pid;
            if sample.threads < 2 || sample.kernel_thread || pid == own || sample.is_followed() {
                continue;
            }
            let place = Some(next).filter(|next| next.pid == pid).unwrap_or(Place { pid, behind: 0 });
            if left == 0 {
                self.round = Some(place);
                break;
            }
            left = left.saturating_sub(sample.threads - place.behind.min(sample.threads));
            let Ok(threads) = reader.root.threads(&Folder::new(pid)) else { continue };
            let mut found = Found { place, seen: Vec::new() };
            if let Some(wait) = found.look(reader, &threads) {
                sample.wait = Some(Box::new(wait));
                self.found.push(found);
            } else if let Some(rest) = place.next(sample.threads) {
                self.round = Some(rest);
                break;
            }
        }
    }
}

impl Place {
    /// Gives where the process goes on, where it has more threads than are looked at in one scan.
    fn next(self, threads: u32) -> Option<Self> {
        let behind = self.behind + MOST_OF_ONE;
        (threads > behind).then_some(Self { behind, ..self })
    }
}

impl Found {
    /// Looks at the thread that waited, and at all others where it has run since.
    fn look_again(&mut self, reader: &mut Reader, before: Wait) -> Option<Wait> {
        let threads = reader.root.threads(&Folder::new(self.place.pid)).ok()?;
        let (thread, turns) = (Folder::new(before.thread), before.turns());
        let stuck = is_stuck(&threads, &thread).then(|| reader.waits.read(&threads, &thread, Some(before)));
        let still = stuck.filter(|wait| turns.is_some() && wait.turns() == turns);
        still.or_else(|| self.look(reader, &threads))
    }

    /// Looks for a thread that stands still since the last look, or else for any in state D.
    fn look(&mut self, reader: &mut Reader, threads: &Root) -> Option<Wait> {
        let now = all_stuck(threads, self.place);
        let still = now.iter().find(|(thread, turns)| turns.is_some() && self.seen.contains(&(*thread, *turns)));
        let chosen = still.or_else(|| now.first()).map(|(thread, _)| Folder::new(*thread));
        self.seen = now;
        Some(reader.waits.read(threads, &chosen?, None))
    }
}

/// Lists the threads in state D but the main one.
fn all_stuck(threads: &Root, Place { pid, behind }: Place) -> Vec<(Pid, Option<u64>)> {
    let (mut found, mut passed) = (Vec::new(), 0);
    // An error ends the list.
    let _ = threads.list(&mut [MaybeUninit::uninit(); ENTRIES], |thread| {
        passed += 1;
        if passed > behind + MOST_OF_ONE {
            return Err(Errno::CANCELED);
        }
        if passed > behind && thread.pid != pid && is_stuck(threads, &thread) {
            let counts = schedstat::read(threads, &thread);
            found.push((thread.pid, counts.map(|counts| counts.timeslices)));
        }
        Ok(())
    });
    found
}

fn is_stuck(threads: &Root, thread: &Folder) -> bool {
    let mut line = [0; LINE];
    let stat = threads.read(thread, "stat", &mut line).ok().and_then(Stat::parse);
    stat.is_some_and(|stat| stat.state == State::DiskSleep)
}
