//! What the kernel tells of the load: how many tasks ran or were stuck, and which pid it gave out last.

use super::root::{File, Root};
use crate::process::Pid;

/// The file, opened once.
#[derive(Debug)]
pub(super) struct LoadAverage(File);

/// What it tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Told {
    /// How many tasks ran, wanted to run or were in state D, on average over the last minute.
    pub(super) tasks: f64,
    /// How many tasks run or want to run at this instant, the reader among them.
    pub(super) running: u32,
    /// The pid that was given out last, to a process or to a thread.
    pub(super) newest: Pid,
}

impl Default for LoadAverage {
    fn default() -> Self {
        Self(File::new(c"loadavg"))
    }
}

impl LoadAverage {
    /// Reads it; None where the kernel does not tell.
    ///
    /// Source: proc(5), `/proc/loadavg`, the first field and the last two.
    pub(super) fn read(&mut self, root: &Root) -> Option<Told> {
        let mut buffer = [0; 128];
        let mut words = self.0.text(root, &mut buffer)?.split_ascii_whitespace();
        let tasks = words.next()?.parse().ok()?;
        let (running, _) = words.nth(2)?.split_once('/')?;
        Some(Told { tasks, running: running.parse().ok()?, newest: words.next()?.parse().ok()? })
    }
}
