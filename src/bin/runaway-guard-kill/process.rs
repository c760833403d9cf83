//! One process: held by a pidfd, and what /proc tells of it.

use crate::code::Code;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::ffi::OsString;
use std::fs::read;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// The largest pid there can be.
///
/// Source: proc(5), `/proc/sys/kernel/pid_max`.
const MAX_PID: i32 = 1 << 22;

/// Marks a thread of the kernel.
///
/// Source: `PF_KTHREAD` of the kernel's `include/linux/sched.h`.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// The process that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pid: Pid,
    start_time: u64,
}

impl Target {
    /// Reads pid and start time; None where there is anything else.
    pub(super) fn parse(arguments: &[OsString]) -> Option<Self> {
        let [pid, start_time] = arguments else { return None };
        let pid = i32::try_from(number(pid.to_str()?)?).ok().filter(|pid| *pid <= MAX_PID)?;
        Some(Self { pid: Pid::from_raw(pid)?, start_time: number(start_time.to_str()?)? })
    }
}

/// Reads a number as this program writes them: digits alone, and none too many.
pub(super) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_plain.then(|| text.parse().ok()).flatten()
}

/// A process that cannot be mistaken any more.
pub(super) struct Process {
    pid: Pid,
    pidfd: OwnedFd,
    stat: Stat,
}

impl Process {
    /// Takes hold of the process that is meant. What /proc tells afterwards is about the same one, or about a later one;
    /// in that case the signals reach nobody.
    pub(super) fn open(target: Target) -> Result<Self, Code> {
        let Target { pid, start_time } = target;
        let pidfd = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| match error {
            // EINVAL and ENOENT are the answers for the number of a thread that is no process.
            Errno::SRCH | Errno::INVAL | Errno::NOENT => Code::Gone,
            _ => Code::Failed,
        })?;
        let stat = Stat::of(pid).ok_or(Code::Gone)?;
        let process = Self { pid, pidfd, stat };
        let is_meant = process.stat.start_time == start_time && !process.ends_within(Duration::ZERO);
        if is_meant { Ok(process) } else { Err(Code::Gone) }
    }

    /// Tells whether the system or the helper itself stands on it.
    pub(super) fn carries_system(&self) -> Result<bool, Code> {
        if self.pid == Pid::INIT || self.stat.flags & KERNEL_THREAD != 0 {
            return Ok(true);
        }
        let parent = |pid| Stat::of(pid).map(|stat| Pid::from_raw(stat.parent));
        descends(rustix::process::getpid(), self.pid, parent).ok_or(Code::Failed)
    }

    /// The real user id, which kill(2) goes by.
    pub(super) fn owner(&self) -> Result<u32, Code> {
        let status = read(format!("/proc/{}/status", self.pid)).map_err(|_| Code::Gone)?;
        // The kernel escapes newlines in the name.
        let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Uid:\t"));
        let uid = line.and_then(|line| line.split(|byte| *byte == b'\t').next());
        uid.and_then(|uid| std::str::from_utf8(uid).ok()?.parse().ok()).ok_or(Code::Failed)
    }

    /// Tells whether a signal had stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        self.stat.state == b'T'
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), Errno> {
        pidfd_send_signal(&self.pidfd, signal)
    }

    /// Waits until all its threads have ended, and no longer than this.
    pub(super) fn ends_within(&self, time: Duration) -> bool {
        let end = Instant::now() + time;
        loop {
            let mut polled = [PollFd::new(&self.pidfd, PollFlags::IN)];
            let left = Timespec::try_from(end.saturating_duration_since(Instant::now())).ok();
            match rustix::event::poll(&mut polled, left.as_ref()) {
                Err(Errno::INTR) => {}
                ready => return ready.is_ok_and(|count| count > 0),
            }
        }
    }
}

/// Tells whether a process is another one or descends from it; None where its line cannot be followed. Where an ancestor
/// ends meanwhile, its children have another parent, so the walk begins again.
fn descends(from: Pid, ancestor: Pid, parent: impl Fn(Pid) -> Option<Option<Pid>>) -> Option<bool> {
    const WALKS: usize = 5;
    let walk = |_| {
        let mut next = Some(from);
        while let Some(pid) = next.filter(|pid| *pid != Pid::INIT) {
            if pid == ancestor {
                return Some(true);
            }
            next = parent(pid)?;
        }
        Some(false)
    };
    (0..WALKS).find_map(walk)
}

/// What is taken from `/proc/pid/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    state: u8,
    parent: i32,
    flags: u64,
    start_time: u64,
}

impl Stat {
    fn of(pid: Pid) -> Option<Self> {
        Self::parse(&read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads the line; None where it is no such line. The name may hold any byte: it ends at the last parenthesis.
    fn parse(line: &[u8]) -> Option<Self> {
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let fields = std::str::from_utf8(line.get(close + 1..)?).ok()?;
        // Source: proc(5), fields 3, 4, 9 and 22.
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            state: *field(3)?.as_bytes().first()?,
            parent: field(4)?.parse().ok()?,
            flags: field(9)?.parse().ok()?,
            start_time: field(22)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Option<Target> {
        Target::parse(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_pid_and_a_start_time_are_understood_and_nothing_else() {
        let target = Target { pid: Pid::from_raw(4711).unwrap(), start_time: 98765 };
        assert_eq!(parsed(&["4711", "98765"]), Some(target));
        assert!(parsed(&["4194304", "18446744073709551615"]).is_some());
        let wrong: [&[&str]; 20] = [
            &[],
            &["4711"],
            &["4711", "1", "9"],
            &["4711", "1", ""],
            &["0", "1"],
            &["-1", "1"],
            &["+4711", "1"],
            &["04711", "1"],
            &[" 4711", "1"],
            &["4711 ", "1"],
            &["4711\n", "1"],
            &["4194305", "1"],
            &["4294967297", "1"],
            &["", "1"],
            &["0x10", "1"],
            &["\u{0664}", "1"],
            &["4711", ""],
            &["4711", "-1"],
            &["4711", "1.0"],
            &["4711", "18446744073709551616"],
        ];
        for words in wrong {
            assert_eq!(parsed(words), None, "{words:?}");
        }
    }

    #[test]
    fn words_that_are_no_text_are_refused() {
        use std::os::unix::ffi::OsStringExt;
        assert_eq!(Target::parse(&[OsString::from_vec(vec![b'1', 0xff]), "1".into()]), None);
    }

    #[test]
    fn the_line_is_read_behind_a_hostile_name() {
        let line = b"4711 (a) R 1 (\xff) T 812 1 1 0 -1 4194304 5 6 7 8 120 30 9 9 20 0 17 0 987654 1000000 2560\n";
        let stat = Stat { state: b'T', parent: 812, flags: 4_194_304, start_time: 987_654 };
        assert_eq!(Stat::parse(line), Some(stat));
        for line in [&b""[..], b"4711 (a) R", b"4711 (a", b"4711 (a) R x 1 1 0 -1 4194304"] {
            assert_eq!(Stat::parse(line), None);
        }
    }

    #[test]
    fn an_ancestor_that_ends_meanwhile_has_the_walk_begin_again() {
        let pid = |number| Pid::from_raw(number).unwrap();
        // On so many walks 30 is still a child of 20, which then has ended; afterwards it is a child of 10.
        let walked = |ends: u32, ancestor| {
            let walks = std::cell::Cell::new(0);
            let parent = |of: Pid| match of.as_raw_nonzero().get() {
                30 => {
                    walks.set(walks.get() + 1);
                    Some(Some(pid(if walks.get() <= ends { 20 } else { 10 })))
                }
                10 => Some(Some(Pid::INIT)),
                _ => None,
            };
            descends(pid(30), pid(ancestor), parent)
        };
        for ends in 0..5 {
            assert_eq!(walked(ends, 10), Some(true));
            assert_eq!(walked(ends, 99), Some(false));
        }
        assert_eq!(walked(5, 10), None);
    }

    #[test]
    fn this_process_is_what_it_stands_on() {
        let own = rustix::process::getpid();
        let start_time = Stat::of(own).unwrap().start_time;
        let process = Process::open(Target { pid: own, start_time }).ok().unwrap();
        assert_eq!(process.carries_system().ok(), Some(true));
        assert_eq!(process.owner().ok(), Some(rustix::process::getuid().as_raw()));
        let later = Process::open(Target { pid: own, start_time: start_time + 1 });
        assert_eq!(later.err(), Some(Code::Gone));
    }
}
