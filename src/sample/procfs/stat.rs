//! Reads the line of `/proc/pid/stat`. It is the hot path: no allocation, no UTF-8, one pass.

use crate::process::{Pid, State};

/// Marks a thread of the kernel.
///
/// Source: proc(5), `/proc/pid/stat`, field 9 `flags`; `PF_KTHREAD` of the kernel's `include/linux/sched.h`.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What a scan takes from the line of one process.
///
/// Source: proc(5), `/proc/pid/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat<'a> {
    /// Field 2: the kernel's name, which may hold any byte but NUL.
    pub(super) comm: &'a [u8],
    /// Field 3.
    pub(super) state: State,
    /// Field 4 `ppid`.
    pub(super) parent: Pid,
    /// Field 7 `tty_nr`.
    pub(super) terminal: u32,
    /// Whether field 5 `pgrp` and field 8 `tpgid` are the same.
    pub(super) is_foreground: bool,
    /// From field 9 `flags`.
    pub(super) kernel_thread: bool,
    /// Fields 14 and 15, `utime` and `stime`, in clock ticks.
    pub(super) cpu_ticks: u64,
    /// Fields 16 and 17, `cutime` and `cstime`, in clock ticks.
    pub(super) child_ticks: u64,
    /// Field 19.
    pub(super) nice: i8,
    /// Field 20 `num_threads`.
    pub(super) threads: u32,
    /// Field 22 `starttime`, in clock ticks since boot.
    pub(super) start_time: u64,
    /// Field 23 `vsize`, in bytes.
    pub(super) mapped: u64,
    /// Field 24 `rss`.
    pub(super) resident_pages: u64,
    /// Field 41 `policy`; 0 where the line ends before it.
    pub(super) policy: u8,
}

impl<'a> Stat<'a> {
    /// Reads the line; None where it is no such line.
    ///
    /// The name ends at the last parenthesis: all fields after it are numbers, while the name may hold parentheses.
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        let open = line.iter().position(|&byte| byte == b'(')?;
        let close = line.iter().rposition(|&byte| byte == b')').filter(|&close| close > open)?;
        let rest = line.get(close + 1..)?;
        let [b' ', state, b' ', rest @ ..] = rest else { return None };
        let mut numbers = Numbers(rest);
        let parent = numbers.next()?;
        let group = numbers.next()?;
        let terminal = numbers.skip(1)?;
        let in_foreground = numbers.next()?;
        let flags = numbers.next()?;
        let user_ticks = numbers.skip(4)?;
        let system_ticks = numbers.next()?;
        let (child_user_ticks, child_system_ticks) = (numbers.next()?, numbers.next()?);
        numbers.pass()?;
        let nice = numbers.signed()?;
        let threads = numbers.next()?;
        let start_time = numbers.skip(1)?;
        let (mapped, resident_pages) = (numbers.next()?, numbers.next()?);
        Some(Self {
            comm: line.get(open + 1..close)?,
            state: State::from_letter(*state),
            parent: Pid::try_from(parent).ok()?,
            terminal: u32::try_from(terminal).unwrap_or(0),
            is_foreground: terminal != 0 && group == in_foreground,
            kernel_thread: flags & KERNEL_THREAD != 0,
            cpu_ticks: user_ticks.wrapping_add(system_ticks),
            child_ticks: child_user_ticks.wrapping_add(child_system_ticks),
            nice,
            threads: u32::try_from(threads).ok()?,
            start_time,
            mapped,
            resident_pages,
            policy: numbers.skip(16).and_then(|policy| u8::try_from(policy).ok()).unwrap_or(0),
        })
    }
}

/// Numbers with one space between them; a negative one reads as 0 but where it is asked for with its sign.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        let mut length = 0;
        while let Some(digit) = self.0.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            length += 1;
        }
        match self.0.get(length) {
            Some(b' ' | b'\n') | None if length > 0 => {}
            Some(b'-') if length == 0 => return self.pass().map(|()| 0),
            _ => return None,
        }
        self.0 = self.0.get(length + 1..).unwrap_or_default();
        Some(value)
    }

    fn signed(&mut self) -> Option<i8> {
        let digits = self.0.strip_prefix(b"-");
        self.0 = digits.unwrap_or(self.0);
        let value = i8::try_from(self.next()?).ok()?;
        Some(if digits.is_some() { -value } else { value })
    }

    fn skip(&mut self, count: usize) -> Option<u64> {
        for _ in 0..count {
            self.pass()?;
        }
        self.next()
    }

    fn pass(&mut self) -> Option<()> {
        let space = self.0.iter().position(|&byte| byte == b' ')?;
        self.0 = self.0.get(space + 1..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(comm: &[u8]) -> Vec<u8> {
        let rest = b") S 812 4711 4711 34816 4711 4194304 5 6 7 8 120 30 9 9 20 0 17 0 987654 1000000 2560 \
            18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 3 0 0 0 1 1 1 1 1 1 1 0\n";
        [b"4711 (", comm, rest].concat()
    }

    #[test]
    fn every_field_is_taken_from_its_place() {
        let line = line(b"node");
        let expected = Stat {
            comm: b"node",
            state: State::Sleeping,
            parent: 812,
            terminal: 34_816,
            is_foreground: true,
            kernel_thread: false,
            cpu_ticks: 150,
            child_ticks: 18,
            nice: 0,
            threads: 17,
            start_time: 987_654,
            mapped: 1_000_000,
            resident_pages: 2560,
            policy: 3,
        };
        assert_eq!(Stat::parse(&line), Some(expected));
    }

    #[test]
    fn hostile_names_do_not_shift_the_fields() {
        for name in [b"a) R (b\n".as_slice(), b"", b") Z 1 2 (", b"))))", b"\xff\xfe 7 8", b" ", b"((", b"tab\there"] {
            let line = line(name);
            let stat = Stat::parse(&line).expect("a whole line");
            assert_eq!((stat.comm, stat.parent, stat.start_time), (name, 812, 987_654));
        }
    }

    #[test]
    fn a_kernel_thread_is_known_by_its_flag() {
        let line = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 4 0 0 18446744073709551615 0 0\n";
        let stat = Stat::parse(line).expect("a whole line");
        assert!(stat.kernel_thread);
        assert_eq!((stat.parent, stat.cpu_ticks, stat.threads, stat.start_time), (0, 3, 1, 4));
    }

    #[test]
    fn a_cut_line_is_no_line() {
        let whole = line(b"node");
        let after_resident = whole.windows(6).position(|window| window == b"184467").expect("the next field");
        assert!(Stat::parse(&whole[..after_resident - 5]).is_none());
        assert!(Stat::parse(b"").is_none());
        assert!(Stat::parse(b"1 (x").is_none());
        assert!(Stat::parse(b"1 )x( S").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Stat::parse(&bytes);
        }

        #[test]
        fn random_changes_of_a_real_line_never_panic(at in 0_usize..90, byte in any::<u8>(), cut in 0_usize..120) {
            let mut line = line(b"node");
            line[at] = byte;
            line.truncate(cut);
            let _ = Stat::parse(&line);
        }

        #[test]
        fn a_generated_line_comes_back(
            comm in proptest::collection::vec(1_u8..=255, 0..16),
            letter in proptest::sample::select(b"RSDTtZXI".to_vec()),
            parent in 0_u32..4_194_304,
            kernel_thread in any::<bool>(),
            terminal in 0_u32..1 << 20,
            in_foreground in 1_u32..3,
            ticks in (0_u64..1 << 40, 0_u64..1 << 40),
            child_ticks in 0_u64..1 << 40,
            threads in 1_u32..100_000,
            start_time in any::<u64>(),
            mapped in any::<u64>(),
            resident_pages in 0_u64..1 << 40,
            nice in -20_i8..20,
            policy in 0_u8..8,
        ) {
            let flags = if kernel_thread { KERNEL_THREAD | 0x40 } else { 0x0040_0000 };
            let rest = format!(
                ") {} {parent} 1 1 {terminal} {in_foreground} {flags} 1 2 3 4 {} {} {child_ticks} 7 20 {nice} {threads} 0 {start_time} {mapped} {resident_pages} {} {policy} 0 0\n",
                char::from(letter), ticks.0, ticks.1, "7 ".repeat(16).trim_end(),
            );
            let line = [b"77 (", comm.as_slice(), rest.as_bytes()].concat();
            let expected = Stat {
                comm: &comm,
                state: State::from_letter(letter),
                parent,
                terminal,
                is_foreground: terminal != 0 && in_foreground == 1,
                kernel_thread,
                cpu_ticks: ticks.0 + ticks.1,
                child_ticks: child_ticks + 7,
                nice,
                threads,
                start_time,
                mapped,
                resident_pages,
                policy,
            };
            prop_assert_eq!(Stat::parse(&line), Some(expected));
        }
    }
}
