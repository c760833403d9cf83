//! What the kernel tells of the whole machine: memory, idle time, pressure.

use super::root::Root;
use crate::protocol::Pressure;
use crate::sample::{Load, Memory};
use std::ffi::CStr;
use std::time::Duration;

/// Reads the machine's memory; zeros where the kernel does not tell.
pub(super) fn memory(root: &Root, buffer: &mut [u8]) -> Memory {
    use procfs::FromRead;
    let Ok(text) = root.read_at(c"meminfo", buffer) else { return Memory::default() };
    let Ok(found) = procfs::Meminfo::from_read(text) else { return Memory::default() };
    // Kernels before 3.14 do not tell what is available.
    let available = found.mem_available.unwrap_or(found.mem_free + found.cached);
    Memory { total: found.mem_total, available }
}

/// Counts the cores that are at work now; 0 where the system does not tell.
pub(super) fn cores() -> u32 {
    use nix::unistd::{SysconfVar, sysconf};
    let found = sysconf(SysconfVar::_NPROCESSORS_ONLN).ok().flatten();
    found.and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

/// Reads how busy the machine is.
pub(super) fn load(root: &Root, cores: u32, buffer: &mut [u8]) -> Load {
    let mut read = |path| text(root, path, buffer).map(str::to_owned);
    let (cpu, memory, io) = (read(c"pressure/cpu"), read(c"pressure/memory"), read(c"pressure/io"));
    let average = |file: &Option<String>, kind| file.as_deref().and_then(|text| average(text, kind));
    Load {
        cores,
        idle: read(c"uptime").and_then(|text| idle(&text)),
        pressure: Pressure {
            cpu_some: average(&cpu, "some"),
            memory_some: average(&memory, "some"),
            memory_full: average(&memory, "full"),
            io_full: average(&io, "full"),
        },
    }
}

fn text<'b>(root: &Root, path: &CStr, buffer: &'b mut [u8]) -> Option<&'b str> {
    str::from_utf8(root.read_at(path, buffer).ok()?).ok()
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
        load(&Root::open(folder.path()).unwrap(), 4, &mut [0; 4096])
    }

    #[test]
    fn idle_time_and_pressure_are_read() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, "uptime", "16030.11 20486.70\n");
        write(&folder, "pressure/cpu", "some avg10=2.64 avg60=1.01 avg300=0.70 total=114909193\n");
        write(&folder, "pressure/memory", MEMORY);
        let pressure =
            Pressure { cpu_some: Some(2.64), memory_some: Some(1.25), memory_full: Some(0.75), io_full: None };
        assert_eq!(read(&folder), Load { cores: 4, idle: Some(Duration::from_millis(20_486_700)), pressure });
    }

    #[test]
    fn what_the_kernel_does_not_tell_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder), Load { cores: 4, ..Load::default() });
        write(&folder, "uptime", "16030.11 -1\n");
        write(&folder, "pressure/cpu", "some avg60=1.01\n");
        write(&folder, "pressure/io", "full avg10=nan avg60=0\n");
        assert_eq!(read(&folder), Load { cores: 4, ..Load::default() });
    }

    #[test]
    fn this_machine_tells_its_idle_time() {
        let found = load(&Root::open(std::path::Path::new("/proc")).unwrap(), cores(), &mut [0; 4096]);
        assert!(found.idle.is_some_and(|idle| idle > Duration::ZERO) && found.cores > 0, "{found:?}");
    }
}
