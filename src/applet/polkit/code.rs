//! What the helper says with its exit code, and how long it waits: all that it and the applet share.

use std::time::Duration;

/// How long the process may take to end by itself, and then to be ended.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// How the helper ended. None of the numbers is one of pkexec's (126, 127) or of a service manager's (1 to 7, from 200 on).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// The process ended on SIGTERM.
    Ended = 0,
    /// It ignored SIGTERM and ended on SIGKILL.
    Killed = 10,
    /// It is gone: there is no such process, or its pid has another one now.
    Gone = 11,
    /// It got SIGKILL and is still there.
    Stuck = 12,
    /// It is the first process, a thread of the kernel, or one from which the helper descends.
    Protected = 13,
    /// It belongs to the user who asks, who needs no root for it.
    Own = 14,
    /// The arguments are not a pid and a start time.
    Usage = 15,
    /// It was not pkexec that started the helper.
    Uninvited = 16,
    /// The kernel refused.
    Failed = 17,
}

impl TryFrom<i32> for Code {
    type Error = i32;

    fn try_from(number: i32) -> Result<Self, i32> {
        const ALL: [Code; 9] = [
            Code::Ended,
            Code::Killed,
            Code::Gone,
            Code::Stuck,
            Code::Protected,
            Code::Own,
            Code::Usage,
            Code::Uninvited,
            Code::Failed,
        ];
        ALL.into_iter().find(|code| *code as i32 == number).ok_or(number)
    }
}
