//! Carrying out what the core asks for.

use super::Event;
use super::polkit::{self, unasked};
use super::resident::{PROC, Resident};
use super::signal;
use super::store;
use crate::core::{Effect, Kill, SignalRequest, Ticket, Write, WriteId};
use crate::protocol::request::GetAlerts;
use crate::protocol::{Error, Reply, Tab};
use crate::sample::Now;
use crate::words;
use serde::Serialize;
use std::collections::VecDeque;
use std::path::Path;
use tokio::sync::oneshot;

impl Resident {
    /// Carries out effects in their order, and those that come of them.
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            self.changed |= !matches!(effect, Effect::Reply(..) | Effect::QueryAlerts(..) | Effect::QueryHistory(..));
            match effect {
                Effect::Reply(ticket, reply) => self.reply(ticket, reply),
                Effect::Push(push) => self.server.iter().for_each(|server| server.push(&push)),
                Effect::Store(write, id) => self.write(write, id),
                Effect::QueryAlerts(ticket, query) => self.query(ticket, &query),
                Effect::QueryHistory(ticket, alert) => self.query_history(ticket, alert),
                Effect::EditConfig(ticket, patch) => self.edit_config(ticket, patch),
                Effect::Signal(request) => effects.extend(self.signal(&request)),
                Effect::Kill(kill) => self.kill(kill),
                Effect::Ask(kill) => self.ask(kill),
                Effect::OpenWindow(tab) => self.open_window(tab),
                Effect::Scan => self.scan_wanted = true,
                Effect::Quit => self.quits = true,
            }
        }
    }

    pub(super) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        if let Some(waiting) = self.tickets.remove(&ticket) {
            // A client that left before its answer is no error.
            let _ = waiting.send(reply);
        }
    }

    fn write(&self, write: Write, id: Option<WriteId>) {
        let stored = self.store.write(write);
        let Some(write) = id else { return };
        let events = self.events.clone();
        tokio::spawn(async move {
            let result = stored.await.unwrap_or(Err(store::Error::Closed)).map_err(Error::from);
            // The loop that ended asks for nothing any more.
            let _ = events.send(Event::Stored { write, result }).await;
        });
    }

    fn query(&mut self, ticket: Ticket, query: &GetAlerts) {
        if let Some(waiting) = self.tickets.remove(&ticket) {
            tokio::spawn(answer_with(self.store.query(query), waiting));
        }
    }

    fn query_history(&mut self, ticket: Ticket, alert: i64) {
        if let Some(waiting) = self.tickets.remove(&ticket) {
            tokio::spawn(answer_with(self.store.history(alert), waiting));
        }
    }

    fn signal(&mut self, request: &SignalRequest) -> Vec<Effect> {
        let owner = self.core.owner(request.target);
        let sent = signal::send(Path::new(PROC), request.target, request.signal, &self.protection, &owner);
        let foreign = match &sent {
            Err(signal::Error::Forbidden { id, .. }) if request.asks => Some(*id),
            Ok(_) | Err(_) => None,
        };
        let name = sent.as_ref().map_or_else(|_| String::new(), |sent| sent.identity.name.clone());
        let result = sent.map(|_| ()).map_err(Error::from);
        tracing::info!(
            pid = request.target.pid,
            name,
            signal = request.signal.name(),
            origin = request.origin.name(),
            result = result.as_ref().err().map_or("sent", |error| &error.message),
            "signal"
        );
        match foreign.map(|id| (id, self.polkit.missing())) {
            Some((id, None)) => self.core.forbidden(request, id),
            Some((_, Some(missing))) => {
                let unasked = |error: Error| Error::new(error.code, format!("{} {}", error.message, unasked(&missing)));
                self.core.signalled(request, result.map_err(unasked), Now::read())
            }
            None => self.core.signalled(request, result, Now::read()),
        }
    }

    fn open_window(&mut self, tab: Option<Tab>) {
        match (self.core.lacks_window(), &mut self.window) {
            (None, Some(window)) => window.open(tab),
            (why, _) => self.refuse_window(why.unwrap_or(words::HEADLESS)),
        }
    }

    /// Says why there is no window, unless that is being said.
    pub(super) fn refuse_window(&mut self, why: &str) {
        let now = Now::read();
        tracing::warn!("{}: {}", words::NO_WINDOW, words::harmless(why));
        if !self.core.is_telling(words::NO_WINDOW, now) {
            self.core.tell(words::no_window(why), now);
            self.changed = true;
        }
    }

    fn kill(&mut self, kill: Kill) {
        let (protection, owner) = (self.protection.clone(), self.core.owner(kill.id.into()));
        self.begun.spawn(async move {
            let outcome = signal::kill(Path::new(PROC), kill, &protection, &owner).await;
            tracing::info!(pid = kill.id.pid, ?outcome, "kill");
            Event::Killed { kill, outcome }
        });
    }

    fn ask(&self, kill: Kill) {
        let (events, polkit) = (self.events.clone(), self.polkit.clone());
        tokio::spawn(async move {
            let outcome = polkit.kill(kill.id).await;
            tracing::info!(pid = kill.id.pid, ?outcome, "an administrator was asked");
            let kill = Kill { grace: polkit::GRACE, ..kill };
            let _ = events.send(Event::Killed { kill, outcome }).await;
        });
    }
}

/// Answers a request with what the store found.
async fn answer_with<T: Serialize>(found: oneshot::Receiver<Result<T, Error>>, waiting: oneshot::Sender<Reply>) {
    let reply = match found.await {
        Ok(Ok(data)) => crate::core::answer(&data),
        Ok(Err(error)) => error.into(),
        Err(_) => Error::from(store::Error::Closed).into(),
    };
    // A client that left before its answer is no error.
    let _ = waiting.send(reply);
}
