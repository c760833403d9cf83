//! Looks at one process: what the signal function needs.

use super::root::{Folder, Root, Unreadable};
use super::stat::Stat;
use super::status::Status;
use super::text;
use crate::process::{Id, Pid, State};
use std::path::Path;

/// Who stands behind a pid at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Pid and start time.
    pub id: Id,
    /// The kernel's name, 15 bytes at the most for a process of a program.
    pub name: String,
    /// The real user id.
    pub uid: u32,
    /// Whether it is a thread of the kernel.
    pub kernel_thread: bool,
    /// The scheduler's state.
    pub state: State,
}

/// Reads who stands behind a pid; None where nobody does, or nobody that may be seen.
#[must_use]
pub fn identify(root: &Path, pid: Pid) -> Option<Identity> {
    let root = Root::open(root).ok()?;
    let folder = Folder::new(pid);
    read(&root, &folder).ok()
}

fn read(root: &Root, folder: &Folder) -> Result<Identity, Unreadable> {
    let mut line = [0; 2048];
    let stat = Stat::parse(root.read(folder, "stat", &mut line)?).ok_or(Unreadable::Gone)?;
    let mut text = [0; 4096];
    let status = Status::parse(root.read(folder, "status", &mut text)?).ok_or(Unreadable::Gone)?;
    Ok(Identity {
        id: Id { pid: folder.pid, start_time: stat.start_time },
        name: text::clean(stat.comm),
        uid: status.uid,
        kernel_thread: stat.kernel_thread,
        state: stat.state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_first_thread_and_this_process_are_known() {
        let own = identify(Path::new("/proc"), std::process::id()).expect("this process");
        assert_eq!((own.uid, own.kernel_thread), (nix::unistd::getuid().as_raw(), false));
        assert!(own.id.start_time > 0);
        assert_eq!(identify(Path::new("/proc"), Pid::MAX), None);
        assert_eq!(identify(Path::new("/nonexistent"), 1), None);
    }
}
