//! The loop's one timer.
//!
//! The runtime's own timers wake the thread in between, to move them through their wheel. The kernel's do not.

use crate::sample::Now;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A timer that goes off once for each time it is set.
#[derive(Debug)]
pub struct Timer {
    descriptor: AsyncFd<OwnedFd>,
    set_for: Option<Instant>,
    /// A whole second of `CLOCK_MONOTONIC`.
    second: Instant,
}

impl Timer {
    /// Makes a timer that is not set.
    ///
    /// # Errors
    /// The system has no descriptor to give. Close other programs.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fraction = Duration::from_nanos(Now::read().monotonic.subsec_nanos().into());
        let second = Instant::now().checked_sub(fraction).unwrap_or_else(Instant::now);
        let descriptor = watch(timerfd_create(TimerfdClockId::Monotonic, flags)?)?;
        Ok(Self { descriptor, set_for: None, second })
    }

    /// Gives the whole second of `CLOCK_MONOTONIC` that is nearest: work that does not hurry is done then, the kernel's too,
    /// and the machine wakes once for all of it.
    #[must_use]
    pub fn nearest_second(&self, instant: Instant) -> Instant {
        const HALF: Duration = Duration::from_millis(500);
        let seconds = (instant.saturating_duration_since(self.second) + HALF).as_secs();
        self.second + Duration::from_secs(seconds)
    }

    /// Sets it for this instant, or not at all; one that is past goes off at once.
    pub fn set(&mut self, instant: Option<Instant>) {
        if self.set_for == instant {
            return;
        }
        // No time at all would stop the timer.
        let left =
            instant.map(|instant| instant.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1)));
        let new = Itimerspec { it_interval: Timespec::default(), it_value: timespec(left.unwrap_or_default()) };
        match timerfd_settime(self.descriptor.get_ref(), TimerfdTimerFlags::empty(), &new) {
            Ok(_) => self.set_for = instant,
            Err(error) => tracing::error!("the timer cannot be set: {error}"),
        }
    }

    /// Waits until it goes off. It may be dropped at any time, and the next call waits for the same.
    pub async fn went_off(&mut self) {
        loop {
            let Ok(mut ready) = self.descriptor.readable().await else { return std::future::pending().await };
            ready.clear_ready();
            // There is nothing to read where it went off unheard, and was set anew since.
            if rustix::io::read(self.descriptor.get_ref(), &mut [0; 8]).is_ok() {
                break;
            }
        }
        self.set_for = None;
    }
}

#[expect(deprecated, reason = "its successor is unsafe for the sake of descriptors that nobody owns; ours is owned")]
fn watch(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_does_not_hurry_is_due_on_a_whole_second() {
        let timer = Timer::new().unwrap();
        let now = Instant::now();
        let second = timer.nearest_second(now + Duration::from_secs(10));
        let off = second.duration_since(now).abs_diff(Duration::from_secs(10));
        assert!(off <= Duration::from_millis(500), "{off:?}");
        assert_eq!(timer.nearest_second(second + Duration::from_millis(400)), second);
        assert_eq!(timer.nearest_second(second + Duration::from_millis(600)), second + Duration::from_secs(1));
        let fraction = (Now::read().monotonic + second.saturating_duration_since(Instant::now())).subsec_millis();
        assert!(!(20..=980).contains(&fraction), "{fraction} ms");
    }

    #[tokio::test]
    async fn it_goes_off_once_when_it_is_due_and_not_when_unset() {
        let mut timer = Timer::new().unwrap();
        let due = Instant::now() + Duration::from_millis(30);
        timer.set(Some(due));
        timer.went_off().await;
        assert!(Instant::now() >= due);
        timer.set(Some(due));
        timer.went_off().await;
        timer.set(Some(Instant::now()));
        timer.set(None);
        let nothing = tokio::time::timeout(Duration::from_millis(50), timer.went_off()).await;
        assert!(nothing.is_err(), "an unset timer stays silent");
    }
    #[tokio::test]
    async fn one_that_went_off_unheard_and_was_set_anew_is_not_heard_before_its_time() {
        let (mut timer, mut other) = (Timer::new().unwrap(), Timer::new().unwrap());
        timer.set(Some(Instant::now()));
        other.set(Some(Instant::now() + Duration::from_millis(20)));
        other.went_off().await;
        timer.set(Some(Instant::now() + Duration::from_hours(1)));
        let nothing = tokio::time::timeout(Duration::from_millis(50), timer.went_off()).await;
        assert!(nothing.is_err(), "it is set for later");
    }
}
