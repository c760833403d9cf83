//! What came of what took long enough to be told by a push.

use serde::{Deserialize, Serialize};

/// What came of a question to an administrator, whoever raised it: a `kill_process`, or the Kill of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The process id.
    pub pid: u32,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Whether the process is no more.
    pub ended: bool,
    /// One line for people.
    pub message: String,
}
