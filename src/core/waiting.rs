//! Clients that wait for a scan: until there is one, or it takes too long.

use super::Core;
use super::effect::{Effect, Ticket};
use crate::protocol::request::ListProcesses;
use crate::protocol::{Error, ErrorCode};
use crate::sample::Now;
use std::time::Duration;

/// How long a client waits for a scan: half of what it waits for an answer itself.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A client that waits for a scan.
#[derive(Debug)]
pub(super) struct Waiting {
    ticket: Ticket,
    params: ListProcesses,
    /// How long it waits, on `CLOCK_MONOTONIC`.
    until: Duration,
}

impl Waiting {
    /// Begins now.
    pub(super) fn new(ticket: Ticket, params: ListProcesses, now: Now) -> Self {
        Self { ticket, params, until: now.monotonic + LONGEST_WAIT }
    }
}

impl Core {
    /// Answers those who waited for the scan that there is now.
    pub(super) fn answer_the_waiting(&mut self) -> Vec<Effect> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting.map(|Waiting { ticket, params, .. }| Effect::Reply(ticket, self.processes(&params))).collect()
    }

    /// Takes note that a scan failed: who waited for it is told why.
    pub fn scan_failed(&mut self, why: &str) -> Vec<Effect> {
        refuse(std::mem::take(&mut self.waiting), why)
    }

    /// Gives when the first of those who wait for a scan has waited long enough, on `CLOCK_MONOTONIC`.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        self.waiting.iter().map(|waiting| waiting.until).min()
    }

    /// Answers those who have waited long enough for a scan that it takes too long.
    pub fn give_up(&mut self, now: Now) -> Vec<Effect> {
        const TAKES_LONG: &str = "Reading /proc takes too long. Try again later; get_status says what is wrong.";
        refuse(self.waiting.extract_if(.., |waiting| waiting.until <= now.monotonic).collect(), TAKES_LONG)
    }
}

fn refuse(waiting: Vec<Waiting>, why: &str) -> Vec<Effect> {
    let error = Error::new(ErrorCode::Internal, why);
    waiting.into_iter().map(|waiting| Effect::Reply(waiting.ticket, error.clone().into())).collect()
}
