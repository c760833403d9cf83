//! For how long the threads of a process were ready to run and had no CPU: three system calls a thread, for suspects and
//! recordings.

use super::root::{Folder, Root};
use super::schedstat;
use super::table::Table;
use crate::process::Pid;
use std::mem::MaybeUninit;
use std::time::Duration;

/// How many threads are read of one process; of one with more, nothing is told.
const MOST_THREADS: u32 = 256;

/// How many threads are read of all suspects in one scan; whom this leaves out is judged by its CPU time alone.
const MOST_IN_ALL: u32 = 1024;

/// What of a list of threads is held in memory at once.
const ENTRIES: usize = 4 * 1024;

/// Reads it for every process of the table; None where the kernel does not tell.
pub(super) fn read(root: &Root, table: &mut Table) {
    let mut entries = vec![MaybeUninit::uninit(); ENTRIES];
    for process in table.iter_mut() {
        process.sample.waited = of_threads(root, &Folder::new(process.pid()), u32::MAX, &mut entries);
    }
}

/// Reads it for these processes alone, as far as their threads are not too many.
pub(super) fn read_suspects(root: &Root, table: &mut Table, suspects: &[Pid]) {
    let mut entries = vec![MaybeUninit::uninit(); ENTRIES];
    let mut left = MOST_IN_ALL;
    for pid in suspects {
        let Some(process) = table.get_mut(*pid) else { continue };
        let (threads, most) = (process.sample.threads, MOST_THREADS.min(left));
        process.sample.waited = None;
        if threads <= most {
            left -= threads;
            process.sample.waited = of_threads(root, &Folder::new(*pid), most, &mut entries);
        }
    }
}

/// Forgets what was read of these.
pub(super) fn forget(table: &mut Table, suspects: &[Pid]) {
    for pid in suspects {
        if let Some(process) = table.get_mut(*pid) {
            process.sample.waited = None;
        }
    }
}

fn of_threads(root: &Root, process: &Folder, most: u32, entries: &mut [MaybeUninit<u8>]) -> Option<Duration> {
    let threads = root.threads(process).ok()?;
    let (mut sum, mut count) = (None, 0_u32);
    let listed = threads.list(entries, |thread| {
        count += 1;
        if count > most {
            return Err(rustix::io::Errno::TOOBIG);
        }
        if let Some(counts) = schedstat::read(&threads, &thread) {
            sum = Some(sum.unwrap_or(Duration::ZERO) + counts.waited);
        }
        Ok(())
    });
    listed.ok().and(sum)
}

#[cfg(test)]
mod tests {
    use super::super::Collector;
    use super::*;
    use crate::sample::Now;

    #[test]
    fn the_threads_of_a_process_are_added_up() {
        let folder = tempfile::tempdir().unwrap();
        for (thread, line) in [("7", "100 20 3\n"), ("9", "100 22 3\n"), ("11", "")] {
            std::fs::create_dir_all(folder.path().join("7/task").join(thread)).unwrap();
            std::fs::write(folder.path().join("7/task").join(thread).join("schedstat"), line).unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        let waited = |pid, most| of_threads(&root, &Folder::new(pid), most, &mut [MaybeUninit::uninit(); ENTRIES]);
        assert_eq!((waited(7, 3), waited(8, 3)), (Some(Duration::from_nanos(42)), None));
        assert_eq!(waited(7, 2), None, "a part of the threads says nothing of the whole");
    }

    #[test]
    fn the_threads_of_all_suspects_have_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let pids: Vec<Pid> = (11..17).collect();
        for pid in &pids {
            let thread = folder.path().join(format!("{pid}/task/{pid}"));
            std::fs::create_dir_all(&thread).unwrap();
            let stat = format!("{pid} (busy) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 200 0 500 0 0{}\n", " 0".repeat(28));
            std::fs::write(folder.path().join(pid.to_string()).join("stat"), stat).unwrap();
            std::fs::write(folder.path().join(pid.to_string()).join("status"), "Uid:\t1\t1\t1\t1\n").unwrap();
            std::fs::write(thread.join("schedstat"), "100 20 3\n").unwrap();
        }
        std::fs::write(folder.path().join("meminfo"), "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n").unwrap();
        let mut collector = Collector::new(folder.path()).unwrap();
        collector.suspect(pids.clone());
        let snapshot = collector.scan(Now::read()).unwrap();
        let read: Vec<bool> = snapshot.samples.iter().map(|sample| sample.waited.is_some()).collect();
        assert_eq!(read, [true, true, true, true, true, false], "of 1,200 threads no more than 1,024 are read");
    }
}
