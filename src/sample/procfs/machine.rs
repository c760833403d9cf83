//! What the kernel tells of the whole machine: memory, idle time, pressure.

use super::root::{File, Root};
use crate::protocol::Pressure;
use crate::sample::{Load, Memory};
use std::time::Duration;

/// Longer than the longest of the files.
const LONGEST: usize = 4096;

/// The files that tell of the machine, opened once.
#[derive(Debug)]
pub(super) struct Machine {
    memory: File,
    uptime: File,
    cpu_pressure: File,
    memory_pressure: File,
    io_pressure: File,
    cores: File,
    /// For how much of the last ten seconds some task waited for a disk, in percent.
    io_some: Option<f64>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            memory: File::new(c"meminfo"),
            uptime: File::new(c"uptime"),
            cpu_pressure: File::new(c"pressure/cpu"),
            memory_pressure: File::new(c"pressure/memory"),
            io_pressure: File::new(c"pressure/io"),
            cores: File::new(c"/sys/devices/system/cpu/online"),
            io_some: None,
        }
    }
}

impl Machine {
    /// Reads the machine's memory, and how busy it is; zeros and None where the kernel does not tell.
    pub(super) fn read(&mut self, root: &Root) -> (Memory, Load) {
        let mut buffer = [0; LONGEST];
        let found = self.memory.text(root, &mut buffer).map(memory).unwrap_or_default();
        let idle = self.uptime.text(root, &mut buffer).and_then(idle);
        let cpu_some = self.cpu_pressure.text(root, &mut buffer).and_then(|text| average(text, "some"));
        let text = self.io_pressure.text(root, &mut buffer).unwrap_or_default();
        let io_full = average(text, "full");
        self.io_some = average(text, "some");
        let text = self.memory_pressure.text(root, &mut buffer).unwrap_or_default();
        let (memory_some, memory_full) = (average(text, "some"), average(text, "full"));
        let pressure = Pressure { cpu_some, memory_some, memory_full, io_full };
        let cores = self.cores.text(root, &mut buffer).and_then(online).unwrap_or_else(configured);
        (found, Load { cores, idle, pressure })
    }

    /// Tells for how much of the last ten seconds some task waited for a disk, in percent, as last read.
    pub(super) fn io_some(&self) -> Option<f64> {
        self.io_some
    }
}

/// Counts the cores that are at work.
///
/// Source: the kernel's `Documentation/admin-guide/cputopology.rst`, `online`: ranges as in `0-3,6`.
fn online(ranges: &str) -> Option<u32> {
    let count = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        last.parse::<u32>().ok()?.checked_sub(first.parse().ok()?)?.checked_add(1)
    };
    ranges.trim_ascii().split(',').try_fold(0_u32, |sum, range| sum.checked_add(count(range)?))
}

/// Counts the cores as the C library does; 0 where the system does not tell.
fn configured() -> u32 {
    use nix::unistd::{SysconfVar, sysconf};
    let found = sysconf(SysconfVar::_NPROCESSORS_ONLN).ok().flatten();
    found.and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

/// Source: proc(5), `/proc/meminfo`: `MemTotal:  16303212 kB`. Kernels before 3.14 do not tell what is available.
fn memory(meminfo: &str) -> Memory {
    let bytes = |key: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        line.split_ascii_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
    };
    let estimate = || Some(bytes("MemFree")? + bytes("Cached")?);
    Memory { total: bytes("MemTotal").unwrap_or(0), available: bytes("MemAvailable").or_else(estimate).unwrap_or(0) }
}

/// Source: proc(5), `/proc/uptime`, second field: seconds that the cores were idle, added up.
fn idle(uptime: &str) -> Option<Duration> {
    let seconds: f64 = uptime.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Source: the kernel's `Documentation/accounting/psi.rst`: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
fn average(pressure: &str, kind: &str) -> Option<f64> {
    let line = pressure.lines().find_map(|line| line.strip_prefix(kind))?;
    let average = line.split_ascii_whitespace().find_map(|word| word.strip_prefix("avg10="))?;
    average.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: &str =
        "some avg10=1.25 avg60=0.50 avg300=0.10 total=99\nfull avg10=0.75 avg60=0.1 avg300=0 total=9\n";

    fn write(folder: &tempfile::TempDir, file: &str, text: &str) {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(folder: &tempfile::TempDir) -> Load {
        Machine::default().read(&Root::open(folder.path()).unwrap()).1
    }

    #[test]
    fn idle_time_and_pressure_are_read() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, "uptime", "16030.11 20486.70\n");
        write(&folder, "pressure/cpu", "some avg10=2.64 avg60=1.01 avg300=0.70 total=114909193\n");
        write(&folder, "pressure/memory", MEMORY);
        let pressure =
            Pressure { cpu_some: Some(2.64), memory_some: Some(1.25), memory_full: Some(0.75), io_full: None };
        assert_eq!(
            read(&folder),
            Load { cores: configured(), idle: Some(Duration::from_millis(20_486_700)), pressure }
        );
    }

    #[test]
    fn what_the_kernel_does_not_tell_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder), Load { cores: configured(), ..Load::default() });
        write(&folder, "uptime", "16030.11 -1\n");
        write(&folder, "pressure/cpu", "some avg60=1.01\n");
        write(&folder, "pressure/io", "full avg10=nan avg60=0\n");
        assert_eq!(read(&folder), Load { cores: configured(), ..Load::default() });
    }

    #[test]
    fn cores_are_counted_in_ranges() {
        assert_eq!(["0\n", "0-3\n", "0-3,6,8-9\n"].map(online), [Some(1), Some(4), Some(7)]);
        assert_eq!(["", "\n", "3-0", "0-", "all", "0-4294967295"].map(online), [None; 6]);
    }

    #[test]
    fn this_machine_tells_its_idle_time() {
        let found = Machine::default().read(&Root::open(std::path::Path::new("/proc")).unwrap()).1;
        assert!(found.idle.is_some_and(|idle| idle > Duration::ZERO) && found.cores > 0, "{found:?}");
    }
}
