//! Snapshots of all processes: what one scan of /proc gives.

use crate::process::{Description, Id, Pid, State};
use std::sync::Arc;
use std::time::Duration;

pub mod application;
pub mod power;
pub mod procfs;
pub mod secrets;

/// One instant on the three clocks. Time reaches the core as this value, never as a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Now {
    /// `CLOCK_MONOTONIC`: stands still while the machine sleeps; rates and durations use it.
    pub monotonic: Duration,
    /// `CLOCK_BOOTTIME`: the epoch of start times; ages use it.
    pub boottime: Duration,
    /// Seconds since 1970 on the wall clock: only stamps what people read.
    pub unix: i64,
}

impl Now {
    /// Reads the three clocks. The shell does so, never the core.
    #[must_use]
    pub fn read() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        let since_epoch = |clock| {
            let time = clock_gettime(clock);
            Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
        };
        Self {
            monotonic: since_epoch(ClockId::Monotonic),
            boottime: since_epoch(ClockId::Boottime),
            unix: clock_gettime(ClockId::Realtime).tv_sec,
        }
    }
}

/// How far the two clocks may part before the machine counts as having slept.
const SLEEP: Duration = Duration::from_millis(500);

impl Now {
    /// Gives the time since an earlier instant; None where the machine slept in between, or no time has passed.
    #[must_use]
    pub fn awake_since(self, before: Self) -> Option<Duration> {
        let elapsed = self.monotonic.checked_sub(before.monotonic)?;
        let real = self.boottime.checked_sub(before.boottime)?;
        (!elapsed.is_zero() && real < elapsed + SLEEP).then_some(elapsed)
    }
}

/// All processes at one instant.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When the scan began.
    pub now: Now,
    /// One sample a process, in the order of their pids.
    pub samples: Vec<Sample>,
    /// Processes that ended between being listed and being read.
    pub vanished: u32,
    /// The machine's memory at that instant.
    pub memory: Memory,
    /// How busy the machine was at that instant.
    pub load: Load,
    /// Whether CPU times are exact to the nanosecond: a process whose time has not moved has not run.
    pub is_exact: bool,
    /// Whether the machine runs on its battery; None where that was not asked or is not known.
    pub on_battery: Option<bool>,
    /// How long the scan took.
    pub took: Duration,
}

/// The machine's memory, in bytes.
///
/// Source: proc(5), `/proc/meminfo`, `MemTotal` and `MemAvailable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// All there is.
    pub total: u64,
    /// What a new program could still have without swapping.
    pub available: u64,
}

/// How busy the machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// How many cores are at work; 0 where that is not known.
    pub cores: u32,
    /// The time that the cores were idle since the machine started, added up; waiting for a disk is not idle.
    ///
    /// Source: proc(5), `/proc/uptime`, second field.
    pub idle: Option<Duration>,
    /// For how long work waited.
    pub pressure: crate::protocol::Pressure,
}

/// The policies of work that nobody waits for.
///
/// Source: the kernel's `include/uapi/linux/sched.h`, `SCHED_BATCH` and `SCHED_IDLE`.
const BATCH: u8 = 3;
const IDLE: u8 = 5;

/// The niceness that nice(1) gives. A browser gives less to the tabs that are out of sight.
const NICE: i8 = 10;

/// One process at the instant of a snapshot.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Pid and start time.
    pub id: Id,
    /// The pid of its parent, 0 for the first processes.
    pub parent: Pid,
    /// The scheduler's state.
    pub state: State,
    /// CPU time of all its threads since it started, user and system.
    pub cpu_time: Duration,
    /// CPU time of its children that have ended and that it waited for, and of theirs.
    ///
    /// Source: proc(5), `/proc/pid/stat`, fields 16 and 17, `cutime` and `cstime`.
    pub child_time: Duration,
    /// For how long its threads were ready to run and had no CPU, added up over those that live; None where that was
    /// not asked.
    ///
    /// Source: kernel documentation, `Documentation/scheduler/sched-stats.rst`, `/proc/pid/schedstat`, second field.
    pub waited: Option<Duration>,
    /// Resident memory in bytes.
    pub resident: u64,
    /// Anonymous memory in bytes, swapped-out included: what a leak grows.
    ///
    /// Source: proc(5), `/proc/pid/status`, `RssAnon` + `VmSwap`.
    pub anonymous: u64,
    /// How much memory it has mapped, in MiB, used or not; 0 where that is not known.
    ///
    /// Source: proc(5), `/proc/pid/stat`, field 23 `vsize`.
    pub mapped: u32,
    /// How many threads it has.
    pub threads: u32,
    /// The device number of its terminal; 0 where it has none.
    ///
    /// Source: proc(5), `/proc/pid/stat`, field 7 `tty_nr`.
    pub terminal: u32,
    /// Whether it belongs to the job that its terminal shows at work.
    ///
    /// Source: proc(5), `/proc/pid/stat`, fields 5 `pgrp` and 8 `tpgid`, which are the same then.
    pub is_foreground: bool,
    /// How nice it is to others: -20 to 19.
    ///
    /// Source: proc(5), `/proc/pid/stat`, field 19 `nice`.
    pub nice: i8,
    /// How the scheduler treats its main thread.
    ///
    /// Source: proc(5), `/proc/pid/stat`, field 41 `policy`; sched(7).
    pub policy: u8,
    /// Time since it started, sleep of the machine included.
    pub age: Duration,
    /// Whether it is a thread of the kernel.
    pub kernel_thread: bool,
    /// How its main thread waits in state D, or another one that was found so.
    pub wait: Option<Box<Wait>>,
    /// Its names and owner.
    pub description: Arc<Description>,
}

/// How a thread waits in state D, where no signal reaches it; a kill does in some places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// The thread; the main one bears the pid of its process.
    pub thread: Pid,
    /// The kernel function that it waits in, where that may be read.
    ///
    /// Source: proc(5), `/proc/pid/wchan`.
    pub function: Option<Box<str>>,
    /// How often it was given a CPU: while that stands still, so does the thread.
    ///
    /// Source: kernel documentation, `Documentation/scheduler/sched-stats.rst`, `/proc/pid/schedstat`, third field.
    pub timeslices: Option<u64>,
    /// What it waits for, as far as that can be told; None before it was asked, which is done of waits that last.
    pub object: Option<Object>,
}

impl Wait {
    /// Gives the thread and how often it was given a CPU, where that is known.
    #[must_use]
    pub fn turns(&self) -> Option<(Pid, u64)> {
        self.timeslices.map(|timeslices| (self.thread, timeslices))
    }
}

/// What a thread waits for. Paths are those that the process sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// The file that it reads or writes.
    pub file: Option<Box<str>>,
    /// Where the file system is mounted.
    pub mount: Option<Box<str>>,
    /// What is mounted there: a device, or the directory of a server.
    pub device: Option<Box<str>>,
}

impl Sample {
    /// Tells whether it is known for a thread beside the main one that is in state D.
    pub(crate) fn is_followed(&self) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.thread != self.id.pid)
    }

    /// Tells whether it has ended but for its entry: a zombie none of whose threads runs any more.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state == State::Dead || (self.state == State::Zombie && self.threads <= 1)
    }

    /// Tells whether it was put behind all others that want the cores: as nice(1) does it, or its policy is batch or idle.
    #[must_use]
    pub fn is_of_low_priority(&self) -> bool {
        self.nice >= NICE || matches!(self.policy, BATCH | IDLE)
    }
}

/// Finds a process among samples in the order of pids.
pub(crate) fn index_of(samples: &[Sample], id: Id) -> Option<usize> {
    index_of_pid(samples, id.pid).filter(|index| samples[*index].id == id)
}

/// Finds who has a pid among samples in the order of pids.
pub(crate) fn index_of_pid(samples: &[Sample], pid: Pid) -> Option<usize> {
    samples.binary_search_by_key(&pid, |sample| sample.id.pid).ok()
}

#[cfg(test)]
impl Sample {
    /// A process that runs and has not used anything yet.
    pub(crate) fn running(id: Id, parent: Pid, description: Description) -> Self {
        Self {
            id,
            parent,
            state: State::Running,
            cpu_time: Duration::ZERO,
            child_time: Duration::ZERO,
            waited: None,
            resident: 1 << 20,
            anonymous: 1 << 20,
            mapped: 0,
            threads: 1,
            terminal: 0,
            is_foreground: false,
            nice: 0,
            policy: 0,
            age: Duration::ZERO,
            kernel_thread: false,
            wait: None,
            description: Arc::new(description),
        }
    }
}
