//! Traces: snapshots in a file, to be recorded on one machine and replayed through the very same core on any other.
//!
//! [`Line`] is the format's specification. [`Writer`] writes a file of them and [`Reader`] reads one, compressed or not.
//! [`Replay`] feeds a core with them, whose time is that of the lines, and gives what it told as [`Event`]s.

mod event;
mod format;
mod lenient;
mod reader;
mod replay;
mod snapshot;
mod writer;
mod zstd;

#[cfg(test)]
mod tests;

pub use event::{Event, What};
pub use format::{Line, Pressure, Process, VERSION, Wait};
pub use reader::Reader;
pub use replay::{Replay, run};
pub use snapshot::Fault;
pub use writer::Writer;

use std::io;
use std::path::PathBuf;

/// Why a trace could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there, or not for this user.
    #[error("{}: {error}. Check the path.", path.display())]
    Open {
        /// The trace.
        path: PathBuf,
        /// What the system answered.
        error: io::Error,
    },
    /// The file could not be read on.
    #[error("{}, after line {line}: {error}. Check the file, or record anew.", path.display())]
    Read {
        /// The trace.
        path: PathBuf,
        /// The last line that was read, counted from 1.
        line: usize,
        /// What the system or the decompressor answered.
        error: io::Error,
    },
    /// A line is not JSON, or not of this format.
    #[error("{}, line {line}: {what} Mend the line or take it out, and replay again.", path.display())]
    Line {
        /// The trace.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// A sentence.
        what: String,
    },
    /// Whoever takes the events could not.
    #[error(transparent)]
    Output(io::Error),
}
