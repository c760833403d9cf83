//! When the stat of a process is due, by its CPU clock alone.
//!
//! A process whose clock has not moved has not run, so that nothing has changed of what it changes itself. What others
//! change (its parent when that ends, its memory when the kernel takes it back) is found by other means.

use crate::process::Pid;
use crate::sample::{Now, Sample};
use std::time::Duration;

/// A process that used so much since its stat was read is read again.
const BUSY: Duration = Duration::from_millis(2);

/// A process that used less is read when it is its turn: in each scan a part of them, in so many scans all.
const OLD: u32 = 6;

/// A process that used nothing is read in turn too: once in so many seconds.
const ROTATION: u64 = 600;

/// Which scan it is, and the time that it covers: since the scan before, in seconds of `CLOCK_MONOTONIC`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Round {
    scan: u32,
    since: u64,
    upto: u64,
}

/// The CPU clock of a process from scan to scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    clock: Duration,
    /// What the clock showed before the stat was last read.
    at_reading: Duration,
    /// Whether the last scan found it moved.
    has_moved: bool,
}

impl Round {
    /// Gives the next one, which ends now.
    pub(super) fn next(self, now: Now) -> Self {
        Self { scan: self.scan.wrapping_add(1), since: self.upto, upto: now.monotonic.as_secs() }
    }

    /// Tells whether it is one of those in which something is done that is done every so many scans.
    pub(super) fn is_each(self, scans: u32) -> bool {
        self.scan.is_multiple_of(scans)
    }

    /// Tells whether the turn of this process came since the scan before: one pid follows the other as seconds pass.
    fn turns_to(self, pid: Pid) -> bool {
        (self.upto + u64::from(pid)) % ROTATION < self.upto.saturating_sub(self.since)
    }
}

impl Pulse {
    /// Begins with the first reading of the stat.
    pub(super) fn new(clock: Duration) -> Self {
        Self { clock, at_reading: clock, has_moved: true }
    }

    /// Gives the CPU time since the start of the process.
    pub(super) fn clock(&self) -> Duration {
        self.clock
    }

    /// Takes what the clock shows in another scan.
    pub(super) fn beat(&mut self, clock: Duration) {
        self.has_moved = clock != self.clock;
        self.clock = clock;
    }

    /// Takes note that the stat is being read.
    pub(super) fn note_reading(&mut self) {
        self.at_reading = self.clock;
    }

    /// Tells whether the stat is to be read. Others may change a process that has memory; a kernel thread changes little
    /// itself, and can wait for its turn.
    pub(super) fn is_due(&self, sample: &Sample, round: Round) -> bool {
        let Some(used) = self.clock.checked_sub(self.at_reading) else {
            // A clock that went backwards is that of another process.
            return true;
        };
        let pid = sample.id.pid;
        let is_unread = !used.is_zero() && (!self.has_moved || pid.wrapping_add(round.scan).is_multiple_of(OLD));
        let is_busy = used >= BUSY && !sample.kernel_thread;
        is_busy || is_unread || (sample.resident > 0 && round.turns_to(pid))
    }

    /// Tells whether it is one of those that are read again and again.
    pub(super) fn is_busy(&self) -> bool {
        self.clock.saturating_sub(self.at_reading) >= BUSY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Description, Id};

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    /// In which of the scans, ten seconds from each other, the stat is read, when the clock moves by so many microseconds.
    fn readings(moves: &[i64]) -> Vec<u32> {
        readings_of(&Sample::running(Id { pid: 0, start_time: 1 }, 1, Description::default()), moves)
    }

    fn readings_of(sample: &Sample, moves: &[i64]) -> Vec<u32> {
        let mut pulse = Pulse::new(micros(1000));
        let mut clock = 1000_u64;
        let mut read = Vec::new();
        for (&moved, round) in moves.iter().zip(rounds(10)) {
            clock = clock.checked_add_signed(moved).unwrap();
            pulse.beat(micros(clock));
            if pulse.is_due(sample, round) {
                pulse.note_reading();
                read.push(round.scan);
            }
        }
        read
    }

    /// Scans that are so many seconds from each other.
    fn rounds(seconds: u64) -> impl Iterator<Item = Round> {
        let at = move |scan: u64| Now { monotonic: Duration::from_secs(scan * seconds), ..Now::default() };
        (1..).scan(Round::default(), move |round, scan| {
            *round = round.next(at(scan));
            Some(*round)
        })
    }

    #[test]
    fn one_that_burns_is_read_in_every_scan() {
        assert_eq!(readings(&[2000, 5000, 2000]), [1, 2, 3]);
    }

    #[test]
    fn a_kernel_thread_that_burns_is_read_when_it_is_its_turn() {
        let running = Sample::running(Id { pid: 0, start_time: 1 }, 2, Description::default());
        let thread = Sample { kernel_thread: true, ..running };
        assert_eq!(readings_of(&thread, &[5000; 13]), [6, 12]);
        assert_eq!(readings_of(&thread, &[5000, 0, 0]), [2]);
    }

    #[test]
    fn one_that_moves_a_little_is_read_when_it_comes_together_or_is_its_turn() {
        assert_eq!(readings(&[1000, 1000, 1000, 1000]), [2, 4]);
        assert_eq!(readings(&[1; 13]), [6, 12]);
    }

    #[test]
    fn one_that_goes_quiet_is_read_once() {
        assert_eq!(readings(&[1, 0, 0, 0]), [2]);
        assert_eq!(readings(&[3000, 1, 0, 0, 0]), [1, 3]);
    }

    #[test]
    fn one_that_rests_is_read_in_the_rotation() {
        assert_eq!(readings(&[0; 130]), [60, 120]);
    }

    #[test]
    fn the_rotation_comes_round_in_ten_minutes_however_often_it_is_scanned() {
        for (seconds, scans) in [(1, 600), (2, 300), (7, 600), (60, 10), (900, 1)] {
            for pid in [1, 2, 599, 4_194_304] {
                let turns = rounds(seconds).skip(3).take(scans).filter(|round| round.turns_to(pid)).count() as u64;
                let expected = (scans as u64 * seconds / ROTATION).min(scans as u64);
                assert_eq!(turns, expected, "pid {pid}, each {seconds} s");
            }
        }
    }

    #[test]
    fn a_clock_that_went_backwards_is_read() {
        assert_eq!(readings(&[-1]), [1]);
    }
}
