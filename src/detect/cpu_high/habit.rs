//! Whether a process has the habit of being busy for a while: it was told of, and calmed down by itself each time.

use std::time::Duration;

/// One that passed so often has the habit.
const OFTEN: u8 = 2;

/// One with the habit is told of where it lasts so many times as long as ever.
const LONGER: f64 = 1.25;

/// How often it passed, and how long that lasted. Times are on the clock of [`super::Step::at`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Habit {
    times: u8,
    longest: Duration,
    calmed: Option<Calmed>,
}

/// When what was told of calmed down, and how long it had lasted.
#[derive(Clone, Copy, Debug)]
struct Calmed {
    at: Duration,
    lasted: Duration,
}

impl Habit {
    /// Gives the time after which it is told of, which is so long for those without the habit.
    pub(super) fn patience(self, usual: Duration) -> Duration {
        if self.times < OFTEN { usual } else { usual.max(self.longest.mul_f64(LONGER)) }
    }

    /// Takes note that it calmed down, and whether it was told of before.
    pub(super) fn calmed(&mut self, at: Duration, lasted: Duration, was_told: bool) {
        self.calmed = was_told.then_some(Calmed { at, lasted });
    }

    /// Takes note that it began again: had it been calm for so long, it had passed.
    pub(super) fn began(&mut self, at: Duration, calm: Duration) {
        if let Some(calmed) = self.calmed.take().filter(|calmed| at >= calmed.at + calm) {
            self.times = self.times.saturating_add(1);
            self.longest = self.longest.max(calmed.lasted);
        }
    }
}
