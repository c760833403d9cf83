//! What identifies a process, and the words the kernel has for its state.

pub mod protection;
mod reach;

pub use reach::Reach;

use serde::{Deserialize, Serialize};

/// A process id as the kernel counts them: 1 and up.
pub type Pid = u32;

/// The largest pid there can be.
///
/// Source: proc(5), `/proc/sys/kernel/pid_max`.
pub const MAX_PID: Pid = 1 << 22;

/// The identity of a process: its pid may be used again, pid and start time together are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The process id.
    pub pid: Pid,
    /// Clock ticks between boot and the start of the process.
    ///
    /// Source: proc(5), `/proc/pid/stat`, field 22 `starttime`.
    pub start_time: u64,
}

/// The scheduler's state of a process, as one letter.
///
/// Source: proc(5), `/proc/pid/stat`, field 3 `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Running or ready to run.
    #[serde(rename = "R")]
    Running,
    /// Sleeping in a wait that a signal ends.
    #[serde(rename = "S")]
    Sleeping,
    /// Waiting in the kernel, where no signal reaches it.
    #[serde(rename = "D")]
    DiskSleep,
    /// Stopped by a signal.
    #[serde(rename = "T")]
    Stopped,
    /// Stopped by a debugger.
    #[serde(rename = "t")]
    Tracing,
    /// Ended, and not yet reaped by its parent.
    #[serde(rename = "Z")]
    Zombie,
    /// Being removed.
    #[serde(rename = "X")]
    Dead,
    /// An idle kernel thread, or a letter that this version does not know.
    #[serde(rename = "I")]
    Idle,
}

impl State {
    /// Reads the kernel's letter; one that is not known counts as idle.
    #[must_use]
    pub fn from_letter(letter: u8) -> Self {
        match letter {
            b'R' => Self::Running,
            b'S' => Self::Sleeping,
            b'D' => Self::DiskSleep,
            b'T' => Self::Stopped,
            b't' => Self::Tracing,
            b'Z' => Self::Zombie,
            b'X' | b'x' => Self::Dead,
            _ => Self::Idle,
        }
    }

    /// Gives the kernel's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Running => 'R',
            Self::Sleeping => 'S',
            Self::DiskSleep => 'D',
            Self::Stopped => 'T',
            Self::Tracing => 't',
            Self::Zombie => 'Z',
            Self::Dead => 'X',
            Self::Idle => 'I',
        }
    }

    /// Tells whether somebody stopped the process, with a signal or a debugger.
    #[must_use]
    pub fn is_stopped(self) -> bool {
        matches!(self, Self::Stopped | Self::Tracing)
    }
}

/// What a process is called and who owns it: everything about it that seldom changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The kernel's name of it (15 bytes), or the longer name of its executable where that begins alike.
    pub name: Box<str>,
    /// The command line, its arguments joined by spaces, with secrets masked; empty for kernel threads.
    pub command_line: Box<str>,
    /// The user id of its owner.
    pub uid: u32,
    /// The login name of its owner, or the number where there is none.
    pub user: std::sync::Arc<str>,
    /// The application it belongs to.
    pub application: Option<std::sync::Arc<Application>>,
    /// The path of its cgroup, one for all that are in it; empty where it is not known.
    pub cgroup: std::sync::Arc<str>,
    /// The path of its program, one for all that run it; empty where it may not be read.
    pub executable: std::sync::Arc<str>,
}

/// An application of the desktop, to which one or many processes belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The id of its desktop file, without `.desktop`.
    pub id: String,
    /// Its name for people.
    pub name: String,
}
