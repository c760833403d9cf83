//! The CPU clocks of other processes: one system call each, no descriptor, no privilege, all threads, in nanoseconds.

use crate::process::Pid;
use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Reads the CPU time of a process since it started; None where no process has this pid.
///
/// A zombie keeps its clock until its parent reaps it. The pid of a thread that leads no process is none.
///
/// Source: `clock_getcpuclockid(3)`; the layout of its clock ids is the kernel's `include/linux/posix-timers_types.h`.
pub(super) fn cpu_time(pid: Pid) -> Option<Duration> {
    clock_gettime(clock_of(pid)).ok().map(Duration::from)
}

/// The kernel's word for the scheduler's count, in nanoseconds: `CPUCLOCK_SCHED`.
const SCHEDULED: i32 = 2;

fn clock_of(pid: Pid) -> ClockId {
    ClockId::from_raw((!pid.cast_signed() << 3) | SCHEDULED)
}

/// Tells whether this system has such clocks.
pub(super) fn works() -> bool {
    cpu_time(std::process::id()).is_some_and(|time| !time.is_zero())
}

/// Tells whether the pid is the calling thread's own, for which the kernel answers with the clock of its process.
pub(super) fn is_own_thread(pid: Pid) -> bool {
    let own = nix::unistd::gettid().as_raw();
    own.cast_unsigned() == pid && pid != std::process::id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_that_of_the_c_library() {
        let own = nix::unistd::Pid::this();
        let told = nix::time::clock_getcpuclockid(own).unwrap();
        assert_eq!(told, clock_of(std::process::id()));
        assert!(works());
    }

    #[test]
    fn only_processes_have_one() {
        assert_eq!(cpu_time(crate::process::MAX_PID), None);
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let (end, wait) = std::sync::mpsc::sync_channel::<()>(0);
        let thread = std::thread::spawn(move || {
            let own = nix::unistd::gettid().as_raw().cast_unsigned();
            tell.send((own, is_own_thread(own))).unwrap();
            let _ = wait.recv();
        });
        let (tid, is_own) = told.recv().unwrap();
        assert!(is_own && !is_own_thread(tid) && !is_own_thread(std::process::id()));
        assert_eq!(cpu_time(tid), None);
        drop(end);
        thread.join().unwrap();
    }
}
