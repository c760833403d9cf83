//! What it takes to read any process: the root, the kernel's units, and buffers.

use super::describe::Describer;
use super::process::Process;
use super::pulse::Pulse;
use super::root::{Folder, Root, Unreadable, read_again};
use super::stat::Stat;
use super::wait::Waits;
use crate::process::Id;
use crate::sample::Now;
use std::io;
use std::time::Duration;

/// Longer than the longest line of `/proc/pid/stat`: 52 numbers of 20 digits and a name of 64 bytes.
pub(super) const LINE: usize = 2048;

/// The reader of processes.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) root: Root,
    pub(super) units: Units,
    pub(super) describer: Describer,
    pub(super) waits: Waits,
}

impl Reader {
    /// Reads a process that was not there before.
    pub(super) fn read_new(&mut self, folder: &Folder, pulse: Option<Pulse>, now: Now) -> Result<Process, Unreadable> {
        let mut line = [0; LINE];
        let stat = parse(self.root.read(folder, "stat", &mut line))?;
        Process::first_seen(self, folder, &stat, pulse, now)
    }

    /// Reads the stat of a process that is known, and what else has become due. A pid that is another process by now
    /// is begun anew.
    pub(super) fn read(&mut self, process: &mut Process, now: Now, keep_open: bool) -> Result<(), Unreadable> {
        let folder = Folder::new(process.pid());
        let mut line = [0; LINE];
        if process.stat.is_none() && keep_open {
            process.stat = Some(self.root.open_file(&folder, "stat")?);
        }
        let stat = parse(match &process.stat {
            Some(file) => read_again(file, &mut line),
            None => self.root.read(&folder, "stat", &mut line),
        })?;
        if process.sample.id == (Id { pid: folder.pid, start_time: stat.start_time }) {
            if let Some(pulse) = &mut process.pulse {
                pulse.note_reading();
            }
            process.update(self, &folder, &stat, now);
        } else {
            let pulse = process.pulse.map(|pulse| Pulse::new(pulse.clock()));
            *process = Process::first_seen(self, &folder, &stat, pulse, now)?;
        }
        Ok(())
    }
}

fn parse(line: Result<&[u8], Unreadable>) -> Result<Stat<'_>, Unreadable> {
    Stat::parse(line?).ok_or(Unreadable::Gone)
}

/// The kernel's units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    tick: Duration,
    pub(super) page: u64,
}

impl Units {
    pub(super) fn of_the_system() -> io::Result<Self> {
        let ticks = system(nix::unistd::SysconfVar::CLK_TCK)?;
        let page = system(nix::unistd::SysconfVar::PAGE_SIZE)?;
        Ok(Self { tick: Duration::from_secs(1) / ticks, page: page.into() })
    }

    pub(super) fn time(self, ticks: u64) -> Duration {
        Duration::from_nanos(ticks.saturating_mul(u64::from(self.tick.subsec_nanos())))
    }

    pub(super) fn age(self, start_time: u64, now: Now) -> Duration {
        now.boottime.saturating_sub(self.time(start_time))
    }
}

fn system(variable: nix::unistd::SysconfVar) -> io::Result<u32> {
    let found = nix::unistd::sysconf(variable)?.and_then(|value| u32::try_from(value).ok());
    found.filter(|value| *value > 1).ok_or_else(|| io::Error::other(format!("sysconf gives no {variable:?}")))
}
