//! The kernel's list of all processes.

use super::root::Root;
use super::table::Table;
use crate::process::Pid;
use rustix::io::Errno;
use std::mem::MaybeUninit;

/// What of the kernel's list a scan holds in memory at once.
const ENTRIES: usize = 8 * 1024;

/// The list with its buffers.
#[derive(Debug)]
pub(super) struct Listing {
    entries: Vec<MaybeUninit<u8>>,
    pids: Vec<Pid>,
}

impl Listing {
    pub(super) fn new() -> Self {
        Self { entries: vec![MaybeUninit::uninit(); ENTRIES], pids: Vec::new() }
    }

    /// Marks every process that is in the list as due, and every other as gone: the plain scan.
    pub(super) fn mark(&mut self, root: &Root, table: &mut Table) -> Result<(), Errno> {
        self.take(root)?;
        for process in table.iter_mut() {
            process.is_due = self.pids.binary_search(&process.pid()).is_ok();
            process.is_gone = !process.is_due;
        }
        self.mark_arrivals(table);
        Ok(())
    }

    /// Finds the processes that are not in the table.
    pub(super) fn find_arrivals(&mut self, root: &Root, table: &mut Table) -> Result<(), Errno> {
        self.take(root)?;
        self.mark_arrivals(table);
        Ok(())
    }

    fn take(&mut self, root: &Root) -> Result<(), Errno> {
        let Self { entries, pids } = self;
        pids.clear();
        root.list(entries, |folder| {
            pids.push(folder.pid);
            Ok::<_, Errno>(())
        })?;
        // The kernel lists them by their pid; other file systems, in tests, as they like.
        if !pids.is_sorted() {
            pids.sort_unstable();
        }
        Ok(())
    }

    fn mark_arrivals(&self, table: &mut Table) {
        for &pid in &self.pids {
            if table.get_mut(pid).is_none() {
                table.arrive(pid);
            }
        }
    }
}
