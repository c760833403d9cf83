//! What is known of each process from scan to scan, so that only what moves is read again.

use super::describe::Describer;
use super::root::{Folder, Root, Unreadable};
use super::stat::Stat;
use crate::process::{Description, Id, State};
use crate::sample::Now;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

/// A process younger than this at first sight may be a fork that has yet to become its program.
const YOUNG: Duration = Duration::from_secs(20);

/// In how many scans after the first the description of a young process is read again.
const SETTLES_AFTER: u8 = 2;

/// Anonymous memory is read again when resident memory moved by this much.
const MOVED: u64 = 4 << 20;

/// Anonymous memory of a process with this much resident memory is read again when the last reading is [`STALE`].
const LARGE: u64 = 16 << 20;

/// See [`LARGE`].
const STALE: Duration = Duration::from_secs(30);

/// One process's reading at this moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) root: &'a Root,
    pub(super) folder: &'a Folder,
    pub(super) stat: &'a Stat<'a>,
    pub(super) resident: u64,
    pub(super) age: Duration,
    pub(super) now: Now,
}

/// All processes of the last scan.
#[derive(Debug)]
pub(super) struct Known {
    describer: Describer,
    processes: HashMap<Id, Process>,
    scan: u32,
}

/// What is known of one process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) description: Arc<Description>,
    pub(super) anonymous: u64,
    comm: Box<[u8]>,
    resident_at_reading: u64,
    read_at: Duration,
    unsettled: u8,
    scan: u32,
}

impl Known {
    pub(super) fn new(describer: Describer) -> Self {
        Self { describer, processes: HashMap::new(), scan: 0 }
    }

    /// Brings up to date what is known of a process.
    pub(super) fn update(&mut self, id: Id, reading: &Reading<'_>) -> Result<&Process, Unreadable> {
        let Self { describer, processes, scan } = self;
        let process = match processes.entry(id) {
            Entry::Occupied(entry) => {
                let process = entry.into_mut();
                process.refresh(describer, reading);
                process
            }
            Entry::Vacant(entry) => entry.insert(Process::first_seen(describer, reading)?),
        };
        process.scan = *scan;
        Ok(process)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.processes.len()
    }

    /// Ends a scan that saw this many processes: the others are forgotten.
    pub(super) fn forget_unseen(&mut self, seen: usize) {
        if self.processes.len() > seen {
            self.processes.retain(|_, process| process.scan == self.scan);
        }
        self.scan = self.scan.wrapping_add(1);
    }
}

impl Process {
    fn first_seen(describer: &mut Describer, reading: &Reading<'_>) -> Result<Self, Unreadable> {
        let Reading { stat, resident, age, now, .. } = *reading;
        let (description, anonymous) = describe(describer, reading)?;
        let young = if age < YOUNG { SETTLES_AFTER } else { 0 };
        let unread = u8::from(stat.state == State::DiskSleep);
        Ok(Self {
            description: Arc::new(description),
            anonymous,
            comm: stat.comm.into(),
            resident_at_reading: resident,
            read_at: now.monotonic,
            unsettled: if stat.kernel_thread { 0 } else { young.max(unread) },
            scan: 0,
        })
    }

    fn refresh(&mut self, describer: &mut Describer, reading: &Reading<'_>) {
        let stat = reading.stat;
        if matches!(stat.state, State::Zombie | State::Dead) {
            self.anonymous = 0;
            return;
        }
        let renamed = *self.comm != *stat.comm;
        let settling = self.unsettled > 0 && stat.state != State::DiskSleep;
        if renamed || settling {
            self.describe_again(describer, reading);
            self.unsettled = self.unsettled.saturating_sub(settling.into());
        } else if self.memory_is_due(reading) {
            self.measure(describer, reading);
        }
        if renamed {
            self.comm = stat.comm.into();
            // The name changes a moment before the command line does.
            self.unsettled = if stat.kernel_thread { 0 } else { self.unsettled.max(1) };
        }
    }

    fn memory_is_due(&self, reading: &Reading<'_>) -> bool {
        let Reading { resident, now, stat, .. } = *reading;
        let moved = resident.abs_diff(self.resident_at_reading) >= MOVED;
        let stale = resident >= LARGE && now.monotonic.saturating_sub(self.read_at) >= STALE;
        (moved || stale) && !stat.kernel_thread
    }

    fn measure(&mut self, describer: &mut Describer, reading: &Reading<'_>) {
        let Ok(status) = describer.status(reading.root, reading.folder) else { return };
        if status.uid == self.description.uid {
            self.set_anonymous(status.anonymous, reading);
        } else {
            self.describe_again(describer, reading);
        }
    }

    fn describe_again(&mut self, describer: &mut Describer, reading: &Reading<'_>) {
        let Ok((description, anonymous)) = describe(describer, reading) else { return };
        self.set_anonymous(anonymous, reading);
        if description != *self.description {
            self.description = Arc::new(description);
        }
    }

    fn set_anonymous(&mut self, anonymous: u64, reading: &Reading<'_>) {
        self.anonymous = anonymous;
        self.resident_at_reading = reading.resident;
        self.read_at = reading.now.monotonic;
    }
}

fn describe(describer: &mut Describer, reading: &Reading<'_>) -> Result<(Description, u64), Unreadable> {
    let Reading { root, folder, stat, .. } = *reading;
    if stat.kernel_thread {
        return Ok((describer.kernel_thread(stat), 0));
    }
    let status = describer.status(root, folder)?;
    Ok((describer.process(root, folder, stat, status.uid), status.anonymous))
}
