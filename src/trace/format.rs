//! The format of a trace: these types are its specification; `README.md` beside it shows a line.
//!
//! A trace is text, one JSON object a line, a snapshot each. Each line stands alone: none refers to another. The name's
//! ending `.gz` or `.zst` tells that it is compressed. What a machine cannot tell is left out or null, and a reader skips
//! keys that it does not know. Lines are in the order of time; empty ones mean nothing. The last line of a recording that
//! was killed may be cut off.

use super::lenient::{count, text, whole};
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// The version of the format. It grows by keys alone; another number is a format that old readers must refuse.
pub const VERSION: u32 = 1;

/// One line: all processes of a machine at one instant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// [`VERSION`]; left out it is 1.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub v: Option<u32>,
    /// Seconds since the machine started, its sleep included (`CLOCK_BOOTTIME`). It must be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Number>,
    /// Seconds that it was awake since some moment (`CLOCK_MONOTONIC`); left out it is `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awake: Option<Number>,
    /// Unix seconds; left out it is `at`.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub wall: Option<i64>,
    /// How many cores are at work.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// All memory in KiB.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub mem_total_kb: Option<u64>,
    /// What a new program could have without swapping, in KiB.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub mem_available_kb: Option<u64>,
    /// For how long work waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Pressure>,
    /// Whether the machine runs on its battery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_battery: Option<bool>,
    /// The processes, in any order.
    pub processes: Option<Vec<Process>>,
}

/// The part of the last ten seconds in which work waited, in percent.
///
/// Source: the kernel's `Documentation/accounting/psi.rst`, `avg10`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pressure {
    /// Some task waited for a core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_some: Option<f64>,
    /// Some task waited for memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_some: Option<f64>,
    /// All tasks that had work waited for memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_full: Option<f64>,
    /// All tasks that had work waited for a disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_full: Option<f64>,
}

/// One process of a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// The process id. It must be there.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Clock ticks, a hundredth of a second each, between the machine's start and its own. It must be there.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<u64>,
    /// The pid of its parent; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub ppid: Option<u32>,
    /// The user id of its owner; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The kernel's name of it, or the longer name of its program; left out it is that of `exe`.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The command line, its arguments joined by spaces, with secrets masked. A list of arguments is read too.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub cmdline: Option<String>,
    /// The path of its program.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub exe: Option<String>,
    /// The kernel's letter: R S D T t Z X I; left out it is S.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// CPU time of all its threads since it started, in nanoseconds; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<u64>,
    /// For how long its threads were ready to run and had no CPU, in nanoseconds.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub wait_ns: Option<u64>,
    /// CPU time of its children that have ended and that it waited for, in nanoseconds; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub child_cpu_ns: Option<u64>,
    /// Resident memory in KiB; left out it is `anon_kb`.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub rss_kb: Option<u64>,
    /// Anonymous memory in KiB, what a leak grows; left out it is `rss_kb`. With `swap_kb` beside it, it is what is
    /// resident of that; without, it may hold both.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub anon_kb: Option<u64>,
    /// Memory that was swapped out, in KiB; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub swap_kb: Option<u64>,
    /// What it has mapped, used or not, in KiB; left out it is not known.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub vm_kb: Option<u64>,
    /// How many threads it has; left out it is 1.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// The path of its cgroup: `/user.slice/…`. The text of `/proc/pid/cgroup` is read too.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<String>,
    /// The device number of its terminal, 0 where it has none; left out it is 0.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub tty: Option<u32>,
    /// Whether it belongs to the job that its terminal shows at work; left out it does where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground: Option<bool>,
    /// How nice it is to others, -20 to 19; left out it is 0.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub nice: Option<i8>,
    /// The number of its scheduling policy, 3 for batch, 5 for idle (sched(7)); left out it is 0, the usual one.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub policy: Option<u8>,
    /// How its main thread waits in state D, or another one that was found so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
}

/// How a thread waits in state D.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wait {
    /// The thread; left out it is the main one.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub thread: Option<u32>,
    /// The kernel function that it waits in.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// How often it was given a CPU: while that stands still, so does the thread.
    #[serde(deserialize_with = "count", skip_serializing_if = "Option::is_none")]
    pub timeslices: Option<u64>,
    /// The path of the file that it reads or writes.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where the file system is mounted.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub mount: Option<String>,
    /// What is mounted there: a device, or the directory of a server.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}
