//! The only reader of /proc.
//!
//! A [`Collector`] scans it. The plain scan reads the stat of every process; the sweep looks at the CPU clock of every
//! process instead, and reads the stat of those that may have changed. What seldom changes (names, command line, owner,
//! application) is read once a process and kept. Everything is below the root that the collector was given, so that a
//! folder of files serves as well: clocks are then none, and the scan is plain.

mod clock;
mod describe;
mod identity;
mod listing;
mod loadavg;
mod machine;
mod process;
mod pulse;
mod reader;
mod root;
mod run_queue;
mod schedstat;
mod stat;
mod status;
mod stuck;
mod sweep;
mod table;
mod text;
mod wait;

#[cfg(test)]
mod tests;

pub use describe::login_name;
pub use identity::{Identity, identify};

use super::application::Applications;
use super::power;
use super::{Now, Sample, Snapshot};
use crate::process::Pid;
use describe::Describer;
use listing::Listing;
use loadavg::LoadAverage;
use machine::Machine;
use reader::{Reader, Units};
use root::{Folder, Root};
use std::io;
use std::path::Path;
use std::time::Instant;
use stuck::{Busy, Search};
use sweep::Sweep;
use table::Table;
use wait::Waits;

/// The inode of the first pid namespace.
///
/// Source: the kernel's `include/uapi/linux/nsfs.h`, `PID_NS_INIT_INO`.
const FIRST_PID_NAMESPACE: &[u8] = b"pid:[4026531836]";

/// Takes snapshots of all processes.
#[derive(Debug)]
pub struct Collector {
    reader: Reader,
    listing: Listing,
    /// None where the scan is plain.
    sweep: Option<Sweep>,
    table: Table,
    load: LoadAverage,
    search: Search,
    machine: Machine,
    hidden: u32,
    /// Whether it reads all that a recording holds.
    is_thorough: bool,
    /// The pids of those whose threads are asked for how long they waited.
    suspects: Vec<Pid>,
    spare: Vec<Sample>,
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
    /// Opens the root, which is `/proc` but for tests. It scans by sweeps where the root and the system allow.
    ///
    /// # Errors
    /// What the file system answered: the root must be a folder that can be read, so mount procfs there.
    pub fn new(root: impl AsRef<Path>) -> io::Result<Self> {
        Self::with_applications(root.as_ref(), Applications::from_environment())
    }

    /// As [`Collector::new`], for plain scans: the reference of tests and benches.
    ///
    /// # Errors
    /// As [`Collector::new`].
    pub fn plain(root: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { sweep: None, ..Self::new(root)? })
    }

    /// As [`Collector::new`], for recordings: in each scan it reads how long the threads of every process waited for a
    /// CPU, and whether the machine runs on its battery. That costs many system calls a process.
    ///
    /// # Errors
    /// As [`Collector::new`].
    pub fn thorough(root: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { is_thorough: true, ..Self::new(root)? })
    }

    fn with_applications(path: &Path, applications: Applications) -> io::Result<Self> {
        let root = Root::open(path)?;
        let sweep = (clock::works() && root.is_of_this_namespace()).then(Sweep::default);
        Ok(Self {
            reader: Reader {
                root,
                units: Units::of_the_system()?,
                describer: Describer::new(applications),
                waits: Waits::default(),
            },
            listing: Listing::new(),
            sweep,
            table: Table::default(),
            load: LoadAverage::default(),
            search: Search::default(),
            machine: Machine::default(),
            hidden: 0,
            is_thorough: false,
            suspects: Vec::new(),
            spare: Vec::new(),
        })
    }

    /// Looks at every process: one sample each, in the order of their pids.
    ///
    /// # Errors
    /// The root could not be listed, or the descriptors of the guard or the machine are used up; one process that
    /// cannot be read is never an error. The next scan may succeed.
    pub fn scan(&mut self, now: Now) -> io::Result<Snapshot> {
        let begun = Instant::now();
        let told = self.load.read(&self.reader.root);
        let newest = told.map(|told| told.newest);
        let vanished = self.look(newest, now).inspect_err(|_| self.sweep.iter_mut().for_each(Sweep::begin_anew))?;
        let (memory, load) = self.machine.read(&self.reader.root);
        let busy = Busy::new(told, &load, self.machine.io_some(), now);
        self.search.go_on(&mut self.reader, &mut self.table, busy);
        self.reader.waits.end_scan();
        if self.is_thorough {
            run_queue::read(&self.reader.root, &mut self.table);
        } else if !self.suspects.is_empty() {
            run_queue::read_suspects(&self.reader.root, &mut self.table, &self.suspects);
        }
        let mut samples = std::mem::take(&mut self.spare);
        self.table.write_to(&mut samples, self.reader.units, now);
        let is_exact = self.sweep.is_some();
        let on_battery = self.is_thorough.then(power::on_battery).flatten();
        Ok(Snapshot { now, samples, vanished, memory, load, is_exact, on_battery, took: begun.elapsed() })
    }

    /// From the next scan on, reads of these processes, and of no others, how long their threads waited for a CPU.
    pub fn suspect(&mut self, suspects: Vec<Pid>) {
        run_queue::forget(&mut self.table, &self.suspects);
        self.suspects = suspects;
    }

    /// Takes back a snapshot that nobody needs any more: its memory serves the next one.
    pub fn recycle(&mut self, spent: Snapshot) {
        self.spare = spent.samples;
    }

    /// Brings the table up to date; gives how many processes ended meanwhile.
    fn look(&mut self, newest: Option<Pid>, now: Now) -> io::Result<u32> {
        let Self { reader, listing, sweep, table, .. } = self;
        reader.waits.begin_scan();
        match sweep {
            Some(sweep) => sweep.mark(&reader.root, listing, table, newest, now)?,
            None => listing.mark(&reader.root, table)?,
        }
        let missed = table.read(reader, sweep.is_some(), now)?;
        // A sweep meets the hidden ones only when they are new.
        self.hidden = if sweep.is_some() { self.hidden.max(missed.hidden) } else { missed.hidden };
        Ok(missed.vanished)
    }

    /// Tells whether it asks for CPU clocks, and reads only what may have changed.
    #[must_use]
    pub fn sweeps(&self) -> bool {
        self.sweep.is_some()
    }

    /// Tells what keeps it from seeing every process.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let first_seen = self.reader.root.read(&Folder::new(1), "stat", &mut [0; 8]).is_ok();
        let namespace = self.reader.root.link_at(c"self/ns/pid");
        Limits {
            processes_hidden: self.hidden > 0 || !first_seen,
            in_pid_namespace: namespace.is_some_and(|namespace| namespace != FIRST_PID_NAMESPACE),
        }
    }
}
