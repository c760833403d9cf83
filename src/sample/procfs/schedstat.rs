//! What the scheduler counts of one thread.

use super::root::{Folder, Root};
use std::time::Duration;

/// The counts of a thread, or of the main thread where the folder is that of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SchedStat {
    /// For how long it was ready to run and had no CPU.
    pub(super) waited: Duration,
    /// How often it was given a CPU.
    pub(super) timeslices: u64,
}

/// Reads them; None where the kernel does not count, or the thread is gone.
///
/// Source: the kernel's `Documentation/scheduler/sched-stats.rst`, `/proc/pid/schedstat`, the second field, in nanoseconds, and
/// the third.
pub(super) fn read(root: &Root, thread: &Folder) -> Option<SchedStat> {
    let mut buffer = [0; 128];
    let line = root.read(thread, "schedstat", &mut buffer).ok()?;
    let mut words = str::from_utf8(line).ok()?.split_ascii_whitespace().skip(1);
    let waited = Duration::from_nanos(words.next()?.parse().ok()?);
    Some(SchedStat { waited, timeslices: words.next()?.parse().ok()? })
}
