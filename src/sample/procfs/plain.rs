//! The plain scan: the list of the root, then the stat of every process.

use super::root::{Folder, Root, Unreadable};
use super::stat::Stat;
use rustix::io::Errno;
use std::mem::MaybeUninit;

/// Longer than the longest line of `/proc/pid/stat`: 52 numbers of 20 digits and a name of 64 bytes.
const LINE: usize = 2048;

/// What of the kernel's list a scan holds in memory at once.
const ENTRIES: usize = 32 * 1024;

/// Processes that were listed and are not in the snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) vanished: u32,
    pub(super) hidden: u32,
}

/// The plain scan with its buffers.
#[derive(Debug)]
pub(super) struct Plain {
    entries: Vec<MaybeUninit<u8>>,
    line: Vec<u8>,
}

impl Plain {
    pub(super) fn new() -> Self {
        Self { entries: vec![MaybeUninit::uninit(); ENTRIES], line: vec![0; LINE] }
    }

    /// Calls `each` with every process whose stat can be read; `each` answers why it could not use it.
    pub(super) fn read(
        &mut self,
        root: &Root,
        mut each: impl FnMut(&Folder, &Stat<'_>) -> Result<(), Unreadable>,
    ) -> Result<Missed, Errno> {
        let Self { entries, line } = self;
        let mut missed = Missed::default();
        root.list(entries, |folder| {
            let stat = root.read(&folder, "stat", line).and_then(|line| Stat::parse(line).ok_or(Unreadable::Gone));
            match stat.and_then(|stat| each(&folder, &stat)) {
                Ok(()) => {}
                Err(Unreadable::Gone) => missed.vanished += 1,
                Err(Unreadable::Hidden) => missed.hidden += 1,
                Err(Unreadable::Failed(error)) => return Err(error),
            }
            Ok(())
        })?;
        Ok(missed)
    }
}
