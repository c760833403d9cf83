//! One process from scan to scan: what was read of it, and what seldom changes and is kept.

use super::pulse::Pulse;
use super::reader::Reader;
use super::root::{Folder, Unreadable};
use super::stat::Stat;
use super::text;
use crate::process::{Description, Id, Pid, State};
use crate::sample::{Now, Sample};
use std::os::fd::OwnedFd;
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

/// One process of the table.
#[derive(Debug)]
pub(super) struct Process {
    /// As it was when its stat was last read; with a pulse, its CPU time is that of this scan.
    pub(super) sample: Sample,
    /// Its CPU clock, where the scan goes by clocks.
    pub(super) pulse: Option<Pulse>,
    /// Whether this scan is to read its stat.
    pub(super) is_due: bool,
    /// Whether this scan found it gone.
    pub(super) is_gone: bool,
    /// Its stat, kept open while it is read again and again.
    pub(super) stat: Option<OwnedFd>,
    /// What of its description and its memory was read, and when.
    kept: Kept,
}

/// What is read less often than the stat.
#[derive(Debug)]
struct Kept {
    comm: Box<[u8]>,
    resident_at_measuring: u64,
    measured_at: Duration,
    unsettled: u8,
}

/// One stat as it was just read.
#[derive(Clone, Copy, Debug)]
struct Reading<'a> {
    folder: &'a Folder,
    stat: &'a Stat<'a>,
    resident: u64,
    age: Duration,
    now: Now,
}

impl Process {
    /// Describes a process that was not there before.
    pub(super) fn first_seen(
        reader: &mut Reader,
        folder: &Folder,
        stat: &Stat<'_>,
        pulse: Option<Pulse>,
        now: Now,
    ) -> Result<Self, Unreadable> {
        let reading = Reading::new(reader, folder, stat, now);
        let (description, anonymous) = describe(reader, &reading)?;
        let young = if reading.age < YOUNG { SETTLES_AFTER } else { 0 };
        let unread = u8::from(stat.state == State::DiskSleep);
        let kept = Kept {
            comm: stat.comm.into(),
            resident_at_measuring: reading.resident,
            measured_at: now.monotonic,
            unsettled: if stat.kernel_thread { 0 } else { young.max(unread) },
        };
        let sample = Sample {
            id: Id { pid: folder.pid, start_time: stat.start_time },
            parent: 0,
            state: stat.state,
            cpu_time: Duration::ZERO,
            child_time: Duration::ZERO,
            waited: None,
            resident: 0,
            anonymous,
            mapped: 0,
            threads: 0,
            terminal: 0,
            is_foreground: false,
            nice: 0,
            policy: 0,
            age: Duration::ZERO,
            kernel_thread: stat.kernel_thread,
            wait: None,
            description: Arc::new(description),
        };
        let mut process = Self { sample, pulse, is_due: false, is_gone: false, stat: None, kept };
        process.note(reader, &reading);
        Ok(process)
    }

    pub(super) fn pid(&self) -> Pid {
        self.sample.id.pid
    }

    /// Tells whether something of it is to be read again though it may not have run.
    pub(super) fn is_unsettled(&self) -> bool {
        // One that was woken and has not run yet is in state D no more.
        self.kept.unsettled > 0 || self.sample.state == State::DiskSleep
    }

    /// Brings up to date what is known of it.
    pub(super) fn update(&mut self, reader: &mut Reader, folder: &Folder, stat: &Stat<'_>, now: Now) {
        let reading = Reading::new(reader, folder, stat, now);
        self.refresh(reader, &reading);
        self.note(reader, &reading);
    }

    /// Takes what the stat tells.
    fn note(&mut self, reader: &mut Reader, reading: &Reading<'_>) {
        let stat = reading.stat;
        let sample = &mut self.sample;
        sample.parent = stat.parent;
        sample.state = stat.state;
        sample.resident = reading.resident;
        sample.mapped = u32::try_from(stat.mapped >> 20).unwrap_or(u32::MAX);
        sample.threads = stat.threads;
        sample.child_time = reader.units.time(stat.child_ticks);
        (sample.terminal, sample.is_foreground) = (stat.terminal, stat.is_foreground);
        (sample.nice, sample.policy) = (stat.nice, stat.policy);
        sample.kernel_thread = stat.kernel_thread;
        sample.cpu_time = self.pulse.map_or_else(|| reader.units.time(stat.cpu_ticks), |pulse| pulse.clock());
        if !sample.is_followed() {
            let before = sample.wait.take().map(|wait| *wait);
            let read = || Box::new(reader.waits.read(&reader.root, reading.folder, before));
            sample.wait = (stat.state == State::DiskSleep).then(read);
        }
    }

    fn refresh(&mut self, reader: &mut Reader, reading: &Reading<'_>) {
        let stat = reading.stat;
        let renamed = *self.kept.comm != *stat.comm;
        if matches!(stat.state, State::Zombie | State::Dead) {
            self.sample.anonymous = 0;
            if renamed {
                self.rename(stat.comm);
            }
            return;
        }
        let settling = self.kept.unsettled > 0 && stat.state != State::DiskSleep;
        if renamed || settling {
            self.describe_again(reader, reading);
            self.kept.unsettled = self.kept.unsettled.saturating_sub(settling.into());
        } else if self.memory_is_due(reading) {
            self.measure(reader, reading);
        }
        if renamed {
            self.kept.comm = stat.comm.into();
            // The name changes a moment before the command line does.
            self.kept.unsettled = if stat.kernel_thread { 0 } else { self.kept.unsettled.max(1) };
        }
    }

    /// Takes the last name of one that has ended: the rest of its description can be read no more.
    fn rename(&mut self, comm: &[u8]) {
        let description = Arc::make_mut(&mut self.sample.description);
        description.name = text::name(comm, [description.executable.as_bytes()]).into();
        self.kept.comm = comm.into();
    }

    fn memory_is_due(&self, reading: &Reading<'_>) -> bool {
        let Reading { resident, now, stat, .. } = *reading;
        let moved = resident.abs_diff(self.kept.resident_at_measuring) >= MOVED;
        let stale = resident >= LARGE && now.monotonic.saturating_sub(self.kept.measured_at) >= STALE;
        (moved || stale) && !stat.kernel_thread
    }

    fn measure(&mut self, reader: &mut Reader, reading: &Reading<'_>) {
        let Ok(status) = reader.describer.status(&reader.root, reading.folder) else { return };
        if status.uid == self.sample.description.uid {
            self.set_anonymous(status.anonymous, reading);
        } else {
            self.describe_again(reader, reading);
        }
    }

    fn describe_again(&mut self, reader: &mut Reader, reading: &Reading<'_>) {
        let Ok((description, anonymous)) = describe(reader, reading) else { return };
        self.set_anonymous(anonymous, reading);
        if description != *self.sample.description {
            self.sample.description = Arc::new(description);
        }
    }

    fn set_anonymous(&mut self, anonymous: u64, reading: &Reading<'_>) {
        self.sample.anonymous = anonymous;
        self.kept.resident_at_measuring = reading.resident;
        self.kept.measured_at = reading.now.monotonic;
    }
}

impl<'a> Reading<'a> {
    fn new(reader: &Reader, folder: &'a Folder, stat: &'a Stat<'a>, now: Now) -> Self {
        let resident = stat.resident_pages.saturating_mul(reader.units.page);
        Self { folder, stat, resident, age: reader.units.age(stat.start_time, now), now }
    }
}

fn describe(reader: &mut Reader, reading: &Reading<'_>) -> Result<(Description, u64), Unreadable> {
    let Reading { folder, stat, .. } = *reading;
    let Reader { root, describer, .. } = reader;
    if stat.kernel_thread {
        return Ok((describer.kernel_thread(stat), 0));
    }
    let status = describer.status(root, folder)?;
    Ok((describer.process(root, folder, stat, status.uid), status.anonymous))
}
