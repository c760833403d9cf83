//! How a thread waits in state D: in which function of the kernel, and for what.

mod object;

use super::root::{Folder, Root};
use super::text;
use crate::sample::Wait;

/// So many waits are looked into in one scan, to tell what for.
const MOST_ASKED: u32 = 8;

/// The reader of waits.
#[derive(Debug, Default)]
pub(super) struct Waits {
    asked: u32,
}

impl Waits {
    /// Begins another scan.
    pub(super) fn begin_scan(&mut self) {
        self.asked = 0;
    }

    /// Reads how a thread of this folder waits. One that has not run since it was read before is looked into, once.
    pub(super) fn read(&mut self, root: &Root, thread: &Folder, before: Option<Wait>) -> Wait {
        let (function, timeslices) = (function(root, thread), timeslices(root, thread));
        let is_same = |before: &Wait| before.thread == thread.pid && before.timeslices == timeslices;
        let Some(mut wait) = before.filter(is_same) else {
            return Wait { thread: thread.pid, function, timeslices, object: None };
        };
        wait.function = function;
        if wait.object.is_none() && self.asked < MOST_ASKED {
            self.asked += 1;
            wait.object = Some(object::find(root, thread, wait.function.as_deref()));
        }
        wait
    }
}

/// Source: the kernel's `Documentation/scheduler/sched-stats.rst`, `/proc/pid/schedstat`, third field.
fn timeslices(root: &Root, thread: &Folder) -> Option<u64> {
    let mut buffer = [0; 128];
    let line = root.read(thread, "schedstat", &mut buffer).ok()?;
    str::from_utf8(line).ok()?.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// Source: proc(5), `/proc/pid/wchan`: `0` where it may not be read or the thread does not wait.
fn function(root: &Root, thread: &Folder) -> Option<Box<str>> {
    let mut buffer = [0; 128];
    let name = text::clean(root.read(thread, "wchan", &mut buffer).ok()?.trim_ascii());
    Some(name).filter(|name| !name.is_empty() && name != "0").map(Into::into)
}
