//! For how long the threads of a process were ready to run and had no CPU: three system calls a thread, for suspects and
//! recordings.

use super::root::{Folder, Root};
use super::schedstat;
use super::table::Table;
use crate::process::Pid;
use std::mem::MaybeUninit;
use std::time::Duration;

/// How many threads are read of one process; of more, nothing is told.
const MOST_THREADS: u32 = 256;

/// What of a list of threads is held in memory at once.
const ENTRIES: usize = 4 * 1024;

/// Reads it for every process of the table; None where the kernel does not tell.
pub(super) fn read(root: &Root, table: &mut Table) {
    let mut entries = vec![MaybeUninit::uninit(); ENTRIES];
    for process in table.iter_mut() {
        process.sample.waited = of_threads(root, &Folder::new(process.pid()), u32::MAX, &mut entries);
    }
}

/// Reads it for these processes alone.
pub(super) fn read_suspects(root: &Root, table: &mut Table, suspects: &[Pid]) {
    let mut entries = vec![MaybeUninit::uninit(); ENTRIES];
    for pid in suspects {
        if let Some(process) = table.get_mut(*pid) {
            process.sample.waited = of_threads(root, &Folder::new(*pid), MOST_THREADS, &mut entries);
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
    use super::*;

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
}
