//! The only reader of /proc.
//!
//! A [`Collector`] scans it: the plain scan reads the stat of every process, and what seldom changes (names, command
//! line, owner, application) is read once a process and kept. Everything is below the root that the collector was
//! given, so that a folder of files serves as well. How the stats are come by is the affair of `procfs/plain.rs` alone.

mod describe;
mod identity;
mod known;
mod machine;
mod plain;
mod root;
mod stat;
mod status;
mod text;

#[cfg(test)]
mod tests;

pub use describe::login_name;
pub use identity::{Identity, identify};

use super::application::Applications;
use super::{Now, Sample, Snapshot};
use crate::process::{Id, State};
use describe::Describer;
use known::{Known, Reading};
use plain::Plain;
use root::{Folder, Root, Unreadable};
use stat::Stat;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// The inode of the first pid namespace.
///
/// Source: the kernel's `include/uapi/linux/nsfs.h`, `PID_NS_INIT_INO`.
const FIRST_PID_NAMESPACE: &[u8] = b"pid:[4026531836]";

/// Takes snapshots of all processes.
#[derive(Debug)]
pub struct Collector {
    root: Root,
    units: Units,
    plain: Plain,
    known: Known,
    hidden: u32,
    expected: usize,
    buffer: Vec<u8>,
}

/// What keeps the guard from seeing every process of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The processes of other users are hidden: /proc is mounted with `hidepid`.
    pub processes_hidden: bool,
    /// The guard is in a pid namespace, as in a container, and sees no process outside it.
    pub in_pid_namespace: bool,
}

impl Collector {
    /// Opens the root, which is `/proc` but for tests.
    ///
    /// # Errors
    /// What the file system answered: the root must be a folder that can be read, so mount procfs there.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        Self::with_applications(root.as_ref(), Applications::from_environment())
    }

    fn with_applications(path: &Path, applications: Applications) -> io::Result<Self> {
        Ok(Self {
            root: Root::open(path)?,
            units: Units::read()?,
            plain: Plain::new(),
            known: Known::new(Describer::new(applications)),
            hidden: 0,
            expected: 0,
            buffer: vec![0; 4096],
        })
    }

    /// Reads every process: one sample each, in the order of the kernel's list.
    ///
    /// # Errors
    /// The root could not be listed, or the descriptors of the guard or the machine are used up; one process that
    /// cannot be read is never an error. The next scan may succeed.
    pub fn scan(&mut self, now: Now) -> io::Result<Snapshot> {
        let begun = Instant::now();
        let mut samples = Vec::with_capacity(self.expected + self.expected / 8);
        let Self { root, units, plain, known, .. } = self;
        let missed = plain.read(root, |folder, stat| {
            samples.push(sample(root, *units, known, folder, stat, now)?);
            Ok(())
        })?;
        known.forget_unseen(samples.len());
        self.hidden = missed.hidden;
        self.expected = samples.len();
        let memory = machine::memory(&self.root, &mut self.buffer);
        let load = machine::load(&self.root, machine::cores(), &mut self.buffer);
        Ok(Snapshot { now, samples, vanished: missed.vanished, memory, load, took: begun.elapsed() })
    }

    /// Tells what keeps it from seeing every process.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let first_seen = self.root.read(&Folder::new(1), "stat", &mut [0; 8]).is_ok();
        let namespace = self.root.link_at(c"self/ns/pid");
        Limits {
            processes_hidden: self.hidden > 0 || !first_seen,
            in_pid_namespace: namespace.is_some_and(|namespace| namespace != FIRST_PID_NAMESPACE),
        }
    }
}

/// The kernel's units.
#[derive(Clone, Copy, Debug)]
struct Units {
    tick: Duration,
    page: u64,
}

impl Units {
    fn read() -> io::Result<Self> {
        let ticks = system(nix::unistd::SysconfVar::CLK_TCK)?;
        let page = system(nix::unistd::SysconfVar::PAGE_SIZE)?;
        Ok(Self { tick: Duration::from_secs(1) / ticks, page: page.into() })
    }

    fn time(self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(u64::from(self.tick.subsec_nanos())))
    }
}

fn system(variable: nix::unistd::SysconfVar) -> io::Result<u32> {
    let found = nix::unistd::sysconf(variable)?.and_then(|value| u32::try_from(value).ok());
    found.filter(|value| *value > 1).ok_or_else(|| io::Error::other(format!("sysconf gives no {variable:?}")))
}

fn sample(
    root: &Root,
    units: Units,
    known: &mut Known,
    folder: &Folder,
    stat: &Stat<'_>,
    now: Now,
) -> Result<Sample, Unreadable> {
    let id = Id { pid: folder.pid, start_time: stat.start_time };
    let resident = stat.resident_pages.saturating_mul(units.page);
    let age = now.boottime.saturating_sub(units.time(stat.start_time));
    let process = known.update(id, &Reading { root, folder, stat, resident, age, now })?;
    Ok(Sample {
        id,
        parent: stat.parent,
        state: stat.state,
        cpu_time: units.time(stat.cpu_ticks),
        resident,
        anonymous: process.anonymous,
        threads: stat.threads,
        age,
        kernel_thread: stat.kernel_thread,
        wait_channel: if stat.state == State::DiskSleep { wait_channel(root, folder) } else { None },
        timeslices: if stat.state == State::DiskSleep { timeslices(root, folder) } else { None },
        description: process.description.clone(),
    })
}

/// Source: the kernel's `Documentation/scheduler/sched-stats.rst`, `/proc/pid/schedstat`, third field.
fn timeslices(root: &Root, folder: &Folder) -> Option<u64> {
    let mut buffer = [0; 128];
    let line = root.read(folder, "schedstat", &mut buffer).ok()?;
    str::from_utf8(line).ok()?.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// Source: proc(5), `/proc/pid/wchan`: `0` where it may not be read or the process does not wait.
fn wait_channel(root: &Root, folder: &Folder) -> Option<Box<str>> {
    let mut buffer = [0; 128];
    let name = text::clean(root.read(folder, "wchan", &mut buffer).ok()?.trim_ascii());
    Some(name).filter(|name| !name.is_empty() && name != "0").map(Into::into)
}
