//! The requests that wait for an answer.

use super::TIME_LIMIT;
use crate::protocol::RequestId;
use crate::protocol::codec;
use crate::window::ask::{Answer, Ask, Failure};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The requests that were sent and not answered yet, oldest first.
pub(super) struct Pending<M> {
    waiting: BTreeMap<u64, Waiting<M>>,
    last: u64,
}

struct Waiting<M> {
    until: Instant,
    then: Box<dyn FnOnce(Answer) -> M + Send>,
}

impl<M> Default for Pending<M> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), last: 0 }
    }
}

impl<M> Pending<M> {
    /// Notes a request, and gives the line to send.
    pub(super) fn register(&mut self, ask: Ask<M>) -> String {
        self.last += 1;
        self.waiting.insert(self.last, Waiting { until: Instant::now() + TIME_LIMIT, then: ask.then });
        codec::request(Some(&RequestId::from(self.last)), &ask.request)
    }

    /// Makes the message of an answer; None where nobody waits for it any more.
    pub(super) fn answer(&mut self, id: u64, answer: Answer) -> Option<M> {
        self.waiting.remove(&id).map(|waiting| (waiting.then)(answer))
    }

    /// When the oldest one will have waited too long.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.waiting.values().next().map(|waiting| waiting.until)
    }

    /// Gives up those that have waited too long.
    pub(super) fn late(&mut self, now: Instant) -> Vec<M> {
        let late = self.waiting.extract_if(.., |_, waiting| waiting.until <= now);
        let failure = || Failure::unanswered("RunawayGuard did not answer in time. Try again, or restart it.");
        late.map(|(_, waiting)| (waiting.then)(Err(failure()))).collect()
    }

    /// Gives up all of them.
    pub(super) fn lost(&mut self) -> Vec<M> {
        let failure =
            || Failure::unanswered("The connection to RunawayGuard was lost. Nothing is known of the outcome.");
        std::mem::take(&mut self.waiting).into_values().map(|waiting| (waiting.then)(Err(failure()))).collect()
    }
}
