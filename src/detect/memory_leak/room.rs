//! Whether a process fills memory that it mapped long before, as the heap in which a collector of garbage lives.
//!
//! A collector may let such a heap fill for minutes before it comes for the first time, and nobody can tell that from a
//! leak. What it can take ends where the heap does: where the machine has memory for all of it, there is time to wait. Where
//! it comes, memory stands still meanwhile: what grows after that as before has not been garbage.

use std::time::Duration;

/// It goes on filling while what it mapped since is at most this part of what it took.
const MAPS_LITTLE: f64 = 0.25;

/// What it holds has to rise by so much to count as filling, in MiB.
const LITTLE: u32 = 32;

/// It stands still while it grows by less than this part of what it grows by else.
const STANDS: f64 = 0.125;

/// A pause in its growth lasts for so many seconds: it is not measured for each little step.
const PAUSE: u32 = 8;

/// With all of it in use there must be left at least this part of the machine's memory.
const SPARE: u64 = 8;

const MIB: u64 = 1 << 20;

/// What a process holds and has mapped, since it began to fill it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    began: State,
    now: State,
    /// When it grew last.
    grew: u32,
    /// When its growth last made a pause, and what it held then.
    pause: Option<State>,
}

/// At an instant, in seconds on the clock of [`super::super::history::Step::at`]; memory in MiB.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    at: u32,
    held: u32,
    mapped: u32,
}

impl Room {
    /// Begins anew: what it took until now was its start.
    pub(super) fn begin(&mut self, at: Duration, bytes: u64, mapped: u32) {
        let now = State { at: at.as_secs() as u32, held: (bytes / MIB) as u32, mapped };
        *self = Self { began: now, now, grew: now.at, pause: None };
    }

    /// Notes what it holds, in bytes, and what it has mapped, in MiB.
    pub(super) fn note(&mut self, at: Duration, bytes: u64, mapped: u32) {
        let before = *self;
        self.begin(at, bytes, mapped);
        if before.began.mapped == 0 {
            return;
        }
        if self.now.held <= before.began.held + LITTLE {
            self.began.held = before.began.held.min(self.now.held);
            return;
        }
        (self.began, self.pause) = (before.began, before.pause);
        let usual = before.pace() * f64::from(self.now.at - before.now.at);
        let grown = f64::from(self.now.held.saturating_sub(before.now.held));
        if grown <= STANDS * usual {
            self.grew = before.grew;
            self.pause = if self.now.at - before.grew >= PAUSE { Some(self.now) } else { before.pause };
        }
    }

    /// In MiB a second.
    fn pace(&self) -> f64 {
        f64::from(self.taken()) / f64::from((self.now.at - self.began.at).max(1))
    }

    fn taken(&self) -> u32 {
        self.now.held.saturating_sub(self.began.held)
    }

    /// Tells whether it has filled what it had mapped for less than the patience, and has not gone on after a pause of late,
    /// where so many bytes of the machine's memory are left.
    pub(super) fn is_filling(&self, available: u64, total: u64, patience: Duration) -> bool {
        let Self { began, now, .. } = self;
        let maps_little = f64::from(now.mapped.saturating_sub(began.mapped)) <= MAPS_LITTLE * f64::from(self.taken());
        let still_to_take = u64::from(now.mapped.saturating_sub(now.held)) * MIB;
        let is_room_for_all = still_to_take.saturating_add(total / SPARE) <= available;
        let is_within = |since: u32, time: Duration| u64::from(now.at - since) < time.as_secs();
        let has_gone_on = |pause: State| is_within(pause.at, patience / 8) && now.held > pause.held + LITTLE;
        began.mapped > 0
            && maps_little
            && is_room_for_all
            && is_within(began.at, patience)
            && !self.pause.is_some_and(has_gone_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const PATIENCE: Duration = Duration::from_mins(20);

    /// Whether it fills after so many seconds what the functions tell of, in MiB, noted every ten seconds.
    fn fills(seconds: u64, held: impl Fn(u64) -> u64, mapped: impl Fn(u64) -> u64, available: u64) -> bool {
        let mut room = Room::default();
        for second in (0..=seconds).step_by(10) {
            room.note(Duration::from_secs(1000 + second), held(second) * MIB, mapped(second) as u32);
        }
        room.is_filling(available, 16 * GIB, PATIENCE)
    }

    #[test]
    fn a_heap_that_was_mapped_before_is_filled_for_as_long_as_the_patience() {
        let heap = |seconds| fills(seconds, |at| 100 + 4 * at, |_| 6000, 10 * GIB);
        assert!(heap(300) && heap(1190) && !heap(1210));
        let late = |seconds| fills(seconds, |at| 100 + 4 * at.saturating_sub(3600), |_| 6000, 10 * GIB);
        assert!(late(4700) && !late(4900), "it counts from where it begins to grow");
        let saw = |seconds| fills(seconds, |at| 100 + 4 * (at % 540), |_| 6000, 10 * GIB);
        assert!(saw(5390), "each fall begins it anew");
    }

    #[test]
    fn what_grows_on_after_a_pause_is_no_garbage() {
        let leak = |at: u64| 100 + 150 * (at / 50) + 5 * (at % 50).min(30);
        assert!(!fills(280, leak, |_| 6000, 10 * GIB), "the collector comes each 50 s");
        assert!(fills(350, |at| 100 + 5 * at.min(330), |_| 6000, 10 * GIB), "it has just come for the first time");
        let late = |at: u64| 300 + 4 * at.saturating_sub(80);
        assert!(
            fills(400, |at| if at < 40 { 100 + 4 * at } else { late(at) }, |_| 6000, 10 * GIB),
            "it came at the start"
        );
    }

    #[test]
    fn what_maps_what_it_takes_fills_nothing() {
        assert!(!fills(300, |at| 100 + 4 * at, |at| 900 + 4 * at, 10 * GIB));
        assert!(!fills(300, |at| 100 + 4 * at, |at| 900 + 64 * (at / 16), 10 * GIB), "by 64 MiB at a time");
        assert!(fills(300, |at| 100 + 4 * at, |at| 6000 + 72 * (at / 200), 10 * GIB), "a thread now and then");
        assert!(!fills(300, |at| 100 + 4 * at, |_| 0, 10 * GIB), "it is not known");
    }

    #[test]
    fn a_heap_that_memory_does_not_suffice_for_is_none_to_wait_for() {
        assert!(!fills(300, |at| 100 + 4 * at, |_| 6000, 6 * GIB));
        assert!(!fills(300, |at| 100 + 4 * at, |_| 1_400_000, 15 * GIB));
    }
}
