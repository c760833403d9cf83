//! What the service manager that started the applet is told: that it is ready, that its loop turns, that it ends.
//!
//! Where no service manager asks, nothing is said, and the loop is not woken for it.
//!
//! Source: `sd_notify(3)`, `sd_watchdog_enabled(3)`.

use sd_notify::NotifyState;
use std::time::{Duration, Instant};

/// The variables that are meant for this process alone.
pub(super) const VARIABLES: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// The manager's end of the applet.
#[derive(Debug)]
pub(super) struct Service {
    watchdog: Option<Watchdog>,
}

impl Service {
    /// Tells that the applet is ready, and begins to tell that it lives where that is asked for.
    pub(super) fn ready() -> Self {
        tell(&[NotifyState::Ready]);
        Self { watchdog: sd_notify::watchdog_enabled().map(|limit| Watchdog::new(limit, Instant::now())) }
    }

    /// Tells that the loop turns, where it is time; gives the instant of the next turn, which comes in `next` at the latest.
    pub(super) fn turn(&mut self, next: Option<Instant>) -> Option<Instant> {
        let Some(watchdog) = &mut self.watchdog else { return next };
        if watchdog.is_due(next, Instant::now()) {
            tell(&[NotifyState::Watchdog]);
        }
        Some(watchdog.at_the_latest(next))
    }
}

/// Tells that the applet ends.
pub(super) fn ends() {
    tell(&[NotifyState::Stopping]);
}

/// Tells that this start is no failure though it ends at once: another applet does the work.
pub fn superseded() {
    tell(&[NotifyState::Ready]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("the service manager cannot be told: {error}");
    }
}

/// When the manager is told that the loop turns: on a turn that comes anyway, where there is one in time.
#[derive(Debug)]
struct Watchdog {
    /// Half of the manager's patience.
    every: Duration,
    told: Instant,
}

impl Watchdog {
    fn new(limit: Duration, now: Instant) -> Self {
        Self { every: limit / 2, told: now }
    }

    /// Notes that it is told now, where this is the last turn in time.
    fn is_due(&mut self, next: Option<Instant>, now: Instant) -> bool {
        let due = self.told + self.every;
        let is_last = next.is_none_or(|next| next > due) && now >= self.told + self.every / 2;
        let is_due = is_last || now >= due;
        if is_due {
            self.told = now;
        }
        is_due
    }

    fn at_the_latest(&self, next: Option<Instant>) -> Instant {
        let due = self.told + self.every;
        next.map_or(due, |next| next.min(due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_rides_on_the_scans() {
        let begin = Instant::now();
        let mut watchdog = Watchdog::new(120 * SECOND, begin);
        let mut told = Vec::new();
        for scan in 0..20_u32 {
            let now = begin + scan * 10 * SECOND;
            let next = now + 10 * SECOND;
            if watchdog.is_due(Some(next), now) {
                told.push(scan * 10);
            }
            assert_eq!(watchdog.at_the_latest(Some(next)), next, "no turn of its own");
        }
        assert_eq!(told, [60, 120, 180]);
    }

    #[test]
    fn it_has_turns_of_its_own_where_scans_are_rare() {
        let begin = Instant::now();
        let mut watchdog = Watchdog::new(120 * SECOND, begin);
        for next in [None, Some(begin + 3600 * SECOND)] {
            assert!(!watchdog.is_due(next, watchdog.told));
            let turn = watchdog.at_the_latest(next);
            assert_eq!(turn, watchdog.told + 60 * SECOND);
            assert!(watchdog.is_due(next, turn));
        }
    }

    #[test]
    fn many_turns_tell_it_no_oftener_than_at_half_its_time() {
        let begin = Instant::now();
        let mut watchdog = Watchdog::new(120 * SECOND, begin);
        let told = (0..=120_u32).filter(|second| watchdog.is_due(None, begin + *second * SECOND));
        assert_eq!(told.collect::<Vec<_>>(), [30, 60, 90, 120]);
    }

    #[test]
    fn nothing_is_said_and_no_turn_is_added_without_a_watchdog() {
        let mut service = Service { watchdog: None };
        assert_eq!(service.turn(None), None);
        let next = Some(Instant::now());
        assert_eq!(service.turn(next), next);
    }
}
