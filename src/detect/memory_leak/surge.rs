//! Whether a process takes what is left of the machine's memory within a minute.
//!
//! One that is so fast leaves no time to look at its floor. What counts is how much it took without a pause, and whether the
//! machine's memory went with it: a heap that goes up and down takes nothing, and of what others hand back nothing is lost.
//! Where memory stays as scarce as it was, since what is in use is swapped out, much more must have been taken.

use super::MIB;
use super::floor::{kibibytes, tenths};
use crate::sample::Memory;
use std::time::Duration;

/// Where memory is full so soon nobody waits any longer, as long as most of it is in use already.
const AT_ONCE: f64 = 60.0;

/// Where it is full so soon it is looked at more often.
const SUSPECTED: f64 = 2.0 * AT_ONCE;

/// A step that is smaller, in KiB, is none.
const LITTLE: u32 = 1024;

/// It stands still while it grows by less than this part of what it grows by else.
const STANDS: f64 = 0.25;

/// Who stands still for longer has made a pause, in tenths of a second.
const PAUSE: u32 = 80;

/// Growth in fewer steps may be a single one.
const STEPS: u8 = 2;

/// What it held before counts for so long, and at most twice as long, in tenths of a second.
const REMEMBERED: u32 = 30 * 60 * 10;

/// What has not gone on for so long may be one large thing that is loaded.
const LASTS: Duration = Duration::from_secs(25);

/// What goes on for less must have taken so many times what is left, and so many times what a process that has just started
/// takes.
const TIMES: u64 = 2;
const TIMES_OF_A_START: u64 = 4;

/// A process must take this, and this part of the machine's memory; several together take a little of it all the time.
const LEAST: u64 = 100 * MIB;
const LEAST_PART: u64 = 20;
const LEAST_PART_OF_SEVERAL: u64 = 8;

/// Where memory stays as scarce as it was it must take this part of it.
const PART_OF_SWAPPED: u64 = 4;

/// The growth of one process since its last pause. Times are in tenths of a second, memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surge {
    began: Note,
    /// How much of the machine's memory was left then.
    left: u32,
    /// The most it has held since.
    top: Note,
    /// In how many steps.
    steps: u8,
    /// The most it held before it began: of late, and before that.
    heights: [u32; 2],
    /// Since when the first of them counts.
    since: u32,
    /// The last notes, oldest first.
    notes: [Note; 3],
}

/// What it held at an instant.
#[derive(Clone, Copy, Debug, Default)]
struct Note {
    at: u32,
    held: u32,
}

/// How one process grows without a pause, or several together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rise {
    /// By how much it grew, in bytes.
    pub(super) grown: u64,
    /// In how much time.
    pub(super) span: Duration,
    /// Of late, in bytes a second.
    pace: f64,
    /// How much less of the machine's memory is left than at its beginning, in bytes.
    fell: u64,
    steps: u8,
    is_start: bool,
    are_several: bool,
}

impl Surge {
    /// Begins with a process that holds so many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        Self { top: Note { at: 0, held: kibibytes(bytes) }, ..Self::default() }
    }

    /// Notes what the process holds so long after it was last looked at, with so much of the machine's memory left, in bytes.
    pub(super) fn note(&mut self, at: Duration, elapsed: Duration, bytes: u64, available: u64) {
        // 0 stands for never.
        let now = Note { at: tenths(at).max(1), held: kibibytes(bytes) };
        if self.top.at == 0 {
            // It has been at rest until now.
            self.top.at = now.at.saturating_sub(tenths(elapsed)).max(1);
            self.began = self.top;
            self.left = kibibytes(available).saturating_add(now.held.saturating_sub(self.top.held));
        }
        if self.grows(now) {
            (self.top, self.steps) = (now, self.steps.saturating_add(1));
        } else if self.steps == 0 || self.is_over(now) {
            self.heights[0] = self.heights[0].max(self.top.held);
            (self.began, self.left, self.top, self.steps) = (now, kibibytes(available), now, 0);
        }
        if now.at.saturating_sub(self.since) >= REMEMBERED {
            (self.heights, self.since) = ([0, self.heights[0]], now.at);
        }
        self.notes.rotate_left(1);
        self.notes[2] = now;
    }

    fn grows(&self, now: Note) -> bool {
        let taken = now.held.saturating_sub(self.top.held);
        taken >= LITTLE && f64::from(taken) >= STANDS * pace(self.began, self.top) * f64::from(self.rests(now))
    }

    /// For how long it has not grown.
    fn rests(&self, now: Note) -> u32 {
        now.at.saturating_sub(self.top.at)
    }

    /// Whether it makes a pause, or has handed back much of what it took.
    fn is_over(&self, now: Note) -> bool {
        let taken = self.top.held - self.began.held;
        self.rests(now) > PAUSE || now.held.saturating_add(taken / 4) < self.top.held
    }

    /// Tells how it grows; None where it does not, or where it has held as much of late.
    pub(super) fn rise(&self, available: u64, is_start: bool) -> Option<Rise> {
        let left = kibibytes(available);
        let is_known = self.top.held <= self.heights[0].max(self.heights[1]);
        let from = if self.notes[0].at < self.began.at { self.began } else { self.notes[0] };
        (self.steps > 0 && !is_known).then(|| Rise {
            grown: u64::from(self.top.held - self.began.held) * 1024,
            span: Duration::from_millis(100 * u64::from(self.top.at - self.began.at)),
            pace: pace(from, self.notes[2]) * 10.0 * 1024.0,
            fell: u64::from(self.left.saturating_sub(left)) * 1024,
            steps: self.steps,
            is_start,
            are_several: false,
        })
    }
}

impl Rise {
    /// Adds that of another process.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            grown: self.grown + other.grown,
            span: self.span.max(other.span),
            pace: self.pace + other.pace,
            fell: self.fell.max(other.fell),
            steps: self.steps.max(other.steps),
            is_start: self.is_start && other.is_start,
            are_several: true,
        }
    }

    /// Gives in how many seconds so many bytes are used up.
    pub(super) fn uses_up(&self, available: u64) -> f64 {
        available as f64 / self.pace
    }

    /// Tells whether it takes what is left within a minute.
    pub(super) fn takes_all(&self, memory: Memory) -> bool {
        let times = match self.is_start {
            true => TIMES_OF_A_START,
            false if self.span < LASTS => TIMES,
            false => 0,
        };
        self.is_real(memory)
            && self.steps >= STEPS
            && memory.available <= memory.total / 2
            && self.uses_up(memory.available) <= AT_ONCE
            && self.grown >= times * memory.available
    }

    /// Tells whether it may do so soon.
    pub(super) fn may_take_all(&self, memory: Memory) -> bool {
        self.is_real(memory) && self.uses_up(memory.available) <= SUSPECTED
    }

    /// Whether it is a fair share of the machine's memory that is taken from it.
    fn is_real(&self, memory: Memory) -> bool {
        let is_gone = self.fell >= self.grown / 2 || self.grown >= memory.total / PART_OF_SWAPPED;
        let part = if self.are_several { LEAST_PART_OF_SEVERAL } else { LEAST_PART };
        memory.total > 0 && self.grown >= LEAST.max(memory.total / part) && is_gone
    }
}

/// In KiB each tenth of a second.
fn pace(from: Note, to: Note) -> f64 {
    f64::from(to.held.saturating_sub(from.held)) / f64::from(to.at.saturating_sub(from.at).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOTAL: u64 = 16 << 30;

    /// When it first takes all, of what the function tells of in MiB, noted every so many seconds, and how much is left of
    /// the machine's memory then; it holds no more than it does at its start when nothing is told of.
    fn takes_all(every: u64, left: u64, seconds: u64, held: impl Fn(u64) -> u64) -> Option<u64> {
        let mut surge = Surge::new(held(0) * MIB);
        (every..=seconds).step_by(every as usize).find(|second| {
            let taken = (held(*second) - held(0)) * MIB;
            let available = (left * MIB).saturating_sub(taken);
            surge.note(Duration::from_secs(*second), Duration::from_secs(every), held(*second) * MIB, available);
            surge.rise(available, false).is_some_and(|rise| rise.takes_all(Memory { total: TOTAL, available }))
        })
    }

    #[test]
    fn who_takes_all_is_told_of_before_it_is_gone() {
        let eats = |pace: u64| move |at: u64| 300 + pace * at.saturating_sub(60);
        assert!(takes_all(2, 12_000, 84, eats(480)).is_some_and(|told| told <= 78));
        assert!(takes_all(10, 12_000, 300, eats(100)).is_some_and(|told| told <= 130));
        assert!(takes_all(2, 1000, 110, |at| 300 + 7 * at).is_none(), "it takes too little of 16 GiB");
    }

    #[test]
    fn who_grows_within_the_first_tenth_of_a_second_has_done_so_in_no_time() {
        let mut surge = Surge::new(0);
        let at = Duration::from_millis(40);
        surge.note(at, at, 2 * MIB, TOTAL);
        assert_eq!(surge.rise(TOTAL, false).unwrap().span, Duration::ZERO);
    }

    #[test]
    fn who_stops_in_between_is_not() {
        let loads = |at: u64| 300 + 400 * at.saturating_sub(60).min(10);
        assert_eq!(takes_all(2, 7000, 300, loads), None, "4 GiB of 7 in 10 s");
        let bursts = |at: u64| 300 + 60 * (at % 24);
        assert_eq!(takes_all(2, 4000, 3000, bursts), None, "a saw-tooth of 1.4 GiB");
        let steps = |at: u64| 300 + 300 * (at / 20);
        assert_eq!(takes_all(2, 12_000, 700, steps), None, "a pause after each step");
    }

    #[test]
    fn a_height_that_is_known_is_none_to_tell_of_for_half_an_hour() {
        let saw = |at: u64| 300 + 200 * (at % 32);
        assert!(takes_all(2, 7500, 3000, saw).is_some_and(|told| told < 32), "nobody knows the first tooth");
        let once = |from: u64| {
            move |at: u64| if at < 600 { 300 + 9 * at } else { 300 + 200 * at.saturating_sub(from).min(26) }
        };
        assert_eq!(takes_all(2, 7500, 2400, once(2000)), None);
        assert!(takes_all(2, 7500, 6000, once(5400)).is_some());
    }

    #[test]
    fn what_others_hand_back_is_not_lost() {
        let swaps = |seconds: u64, pace: u64| {
            let mut surge = Surge::new(200 * MIB);
            (0..seconds).step_by(2).any(|second| {
                let available = 150 * MIB;
                surge.note(
                    Duration::from_secs(1000 + second),
                    Duration::from_secs(2),
                    (200 + pace * second) * MIB,
                    available,
                );
                surge.rise(available, false).is_some_and(|rise| rise.takes_all(Memory { total: 4 << 30, available }))
            })
        };
        assert!(!swaps(32, 8), "a page is loaded, and others are swapped out for it");
        assert!(swaps(20, 190), "a quarter of all memory");
    }

    #[test]
    fn looks_that_follow_at_once_do_no_harm() {
        let mut surge = Surge::new(MIB);
        for millisecond in 1..400 {
            let at = Duration::from_millis(millisecond);
            surge.note(at, Duration::from_millis(1), millisecond * 30 * MIB, 16 << 30);
        }
        assert!(surge.rise(0, false).is_some_and(|rise| rise.grown > 0));
    }
}
