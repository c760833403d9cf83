//! Actions on alerts, and what comes of what the core asked the outside to do.

use super::ask::TOO_MANY;
use super::effect::{Action, Effect, Kill, KillOutcome, Origin, Signal, SignalRequest, Ticket, Write, WriteId};
use super::episode::Handling;
use super::view::MORE;
use super::whitelist::pattern_for;
use super::{Core, announce};
use crate::protocol::{AlertState, Error, Push, Reply, What, WhitelistEntry};
use crate::sample::Now;
use crate::words;
use std::sync::Arc;

/// A change of the whitelist that the store has been asked to keep.
#[derive(Debug)]
pub(super) enum PendingWrite {
    /// An entry to add.
    Add {
        /// The entry.
        entry: WhitelistEntry,
        /// Who asked: a client, or the button of an alert.
        asked: Asked,
    },
    /// An entry to put in the place of the one with its id.
    Update {
        /// The entry as it is to be.
        entry: WhitelistEntry,
        /// Who asked.
        ticket: Ticket,
    },
    /// An entry to remove.
    Remove {
        /// Its id.
        id: i64,
        /// Who asked.
        ticket: Ticket,
    },
}

/// Who asked for an entry of the whitelist.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// A client.
    Client(Ticket),
    /// The Whitelist button of this alert.
    Button(i64, Origin),
}

impl PendingWrite {
    /// An entry that a client asked for.
    pub(super) fn reply_to(ticket: Ticket) -> impl FnOnce(WhitelistEntry) -> Self {
        move |entry| Self::Add { entry, asked: Asked::Client(ticket) }
    }

    /// Tells whether it gives this pattern to an entry with another id.
    pub(super) fn takes(&self, pattern: &str, id: i64) -> bool {
        match self {
            Self::Add { entry, .. } | Self::Update { entry, .. } => entry.pattern == pattern && entry.id != id,
            Self::Remove { .. } => false,
        }
    }
}

impl Core {
    /// Takes the press of a button or menu item of an alert; one whose alert has ended does nothing.
    pub fn act(&mut self, alert: i64, action: Action, origin: Origin, now: Now) -> Vec<Effect> {
        // Whoever pressed it is there to answer a question; who is behind the socket has to say so.
        self.act_on(alert, action, (origin, origin != Origin::Socket), now)
    }

    pub(super) fn act_on(
        &mut self,
        alert: i64,
        action: Action,
        (origin, asks): (Origin, bool),
        now: Now,
    ) -> Vec<Effect> {
        let grace = self.config.general.kill_grace_seconds.seconds();
        let Some(episode) = self.episode(alert).filter(|episode| episode.is_firing()) else { return Vec::new() };
        let id = episode.id;
        let signal = |signal| {
            let target = id.into();
            vec![Effect::Signal(SignalRequest { target, signal, origin, ticket: None, asks: false })]
        };
        match action {
            Action::Kill if episode.begin_kill() => {
                vec![Effect::Kill(Kill { alert: Some(alert), id, grace, origin, asks })]
            }
            Action::Kill => Vec::new(),
            Action::Pause => signal(Signal::Stop),
            Action::Continue => signal(Signal::Cont),
            Action::Whitelist => self.whitelist_alert(alert, origin, now),
            Action::Dismiss => {
                let mut effects = self.finish(alert, AlertState::Dismissed, now);
                effects.push(Effect::Push(Push::Status(self.status())));
                effects
            }
        }
    }

    /// Takes note that the user closed the notification of an alert: it stays closed.
    pub fn notice_closed(&mut self, alert: i64) {
        self.more_closed |= alert == MORE;
        self.outcomes.retain(|shown| shown.alert != alert);
        if let Some(episode) = self.episode(alert) {
            episode.keep_quiet();
        }
    }

    /// Takes what came of a signal.
    pub fn signalled(&mut self, request: &SignalRequest, result: Result<(), Error>, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut outcome = None;
        for episode in &mut self.episodes {
            let is_meant = request.target.start_time.is_none_or(|start| start == episode.id.start_time);
            if episode.id.pid != request.target.pid || !is_meant || !episode.is_firing() {
                continue;
            }
            match &result {
                Ok(()) => {
                    episode.note_signal(request.signal, request.origin);
                    effects.extend(announce(episode));
                    if request.signal == Signal::Stop && request.ticket.is_none() {
                        outcome = Some((episode.alert.id, words::paused(&episode.subject())));
                    }
                }
                Err(error) if request.ticket.is_none() => {
                    episode.keep_quiet();
                    outcome = Some((episode.alert.id, words::refused(&episode.subject(), &error.message)));
                }
                Err(_) => {}
            }
        }
        if let Some((alert, outcome)) = outcome {
            self.show_outcome(alert, outcome, now);
        }
        if let Some(ticket) = request.ticket {
            effects.push(Effect::Reply(ticket, result.map_or_else(Reply::Error, |()| Reply::success())));
        }
        effects
    }

    /// Takes what came of a Kill button, or of a question to an administrator.
    pub fn killed(&mut self, kill: Kill, outcome: &KillOutcome, now: Now) -> Vec<Effect> {
        let is_to_be_asked = kill.asks && matches!(outcome, KillOutcome::Forbidden(_));
        let is_enough = self.is_asking_enough(kill.id);
        if is_to_be_asked && !is_enough && !self.is_asking(kill.id) {
            return vec![self.ask(kill)];
        }
        let why = if is_enough { TOO_MANY } else { "An administrator is being asked about it already." };
        let unasked = KillOutcome::Refused(why.to_owned());
        let (outcome, asked) = if is_to_be_asked { (&unasked, None) } else { (outcome, self.answered(kill)) };
        let mut effects = kill.alert.map_or_else(Vec::new, |alert| self.alert_killed(alert, kill, outcome, now));
        effects.extend(asked.into_iter().flat_map(|asked| self.tell_answer(asked, kill, outcome, now)));
        effects
    }

    fn alert_killed(&mut self, alert: i64, kill: Kill, outcome: &KillOutcome, now: Now) -> Vec<Effect> {
        let Some(episode) = self.episode(alert) else { return Vec::new() };
        episode.handling = Handling::Quiet;
        let shown = outcome.words(&episode.subject(), kill.grace);
        if let Some(signal) = outcome.signal() {
            episode.note_signal(signal, kill.origin);
        }
        let mut effects = match outcome {
            // Clients were told of its end already: its record is all that changes.
            _ if !episode.is_firing() => {
                let is_over = outcome.is_end();
                let record = is_over.then(|| episode.write_over()).or(outcome.signal().map(|_| episode.write()));
                record.into_iter().map(|record| Effect::Store(record, None)).collect()
            }
            KillOutcome::Stuck => announce(episode).into(),
            KillOutcome::Ended
            | KillOutcome::Killed
            | KillOutcome::Gone
            | KillOutcome::Forbidden(_)
            | KillOutcome::Refused(_) => Vec::new(),
        };
        self.show_outcome(alert, shown, now);
        if outcome.is_end() {
            effects.extend(self.finish(alert, AlertState::Resolved, now));
            self.episodes.retain(|episode| episode.alert.id != alert);
            effects.push(Effect::Push(Push::Status(self.status())));
        }
        effects
    }

    /// Takes what came of a change that was to be stored: only what is kept takes effect.
    pub fn stored(&mut self, write: WriteId, result: Result<(), Error>, now: Now) -> Vec<Effect> {
        match (self.writes.remove(&write), result) {
            (None, _) => Vec::new(),
            (Some(pending), Ok(())) => {
                self.news.note(What::Whitelist);
                self.take_effect(pending, now)
            }
            (
                Some(
                    PendingWrite::Remove { ticket, .. }
                    | PendingWrite::Update { ticket, .. }
                    | PendingWrite::Add { asked: Asked::Client(ticket), .. },
                ),
                Err(error),
            ) => vec![Effect::Reply(ticket, error.into())],
            (Some(PendingWrite::Add { asked: Asked::Button(alert, _), .. }), Err(error)) => {
                self.refuse_whitelisting(alert, &error.message, now);
                Vec::new()
            }
        }
    }

    fn take_effect(&mut self, pending: PendingWrite, now: Now) -> Vec<Effect> {
        match pending {
            PendingWrite::Remove { id, ticket } => {
                self.whitelist.remove(id);
                vec![Effect::Reply(ticket, Reply::success())]
            }
            PendingWrite::Update { entry, ticket } => {
                // The pattern was compiled when the change was asked for.
                let _ = self.whitelist.update(entry);
                vec![Effect::Reply(ticket, Reply::success())]
            }
            PendingWrite::Add { entry, asked } => self.whitelisted(entry, asked, now),
        }
    }

    /// Asks the store to keep a change.
    pub(super) fn store(&mut self, write: Write, pending: PendingWrite) -> Effect {
        let id = WriteId(self.next_write);
        self.next_write += 1;
        self.writes.insert(id, pending);
        Effect::Store(write, Some(id))
    }

    fn whitelist_alert(&mut self, alert: i64, origin: Origin, now: Now) -> Vec<Effect> {
        let Some(episode) = self.episode(alert) else { return Vec::new() };
        let (description, title) = (Arc::clone(&episode.description), episode.title());
        let (pattern, match_type) = pattern_for(&description);
        // A second press: the entry is on its way, or holds from the next scan.
        if self.whitelist.find(&description).is_some() || self.is_being_stored(&pattern, 0) {
            return Vec::new();
        }
        let reason = Some(format!("from the {}: {}", origin.name(), title));
        let entry = WhitelistEntry { id: 0, pattern, match_type, reason, created: now.unix };
        let asked = Asked::Button(alert, origin);
        self.add_whitelist(entry, |entry| PendingWrite::Add { entry, asked }).unwrap_or_else(|error| {
            self.refuse_whitelisting(alert, &error.message, now);
            Vec::new()
        })
    }

    fn whitelisted(&mut self, entry: WhitelistEntry, asked: Asked, now: Now) -> Vec<Effect> {
        let reply = serde_json::json!({ "success": true, "id": entry.id });
        let outcome = words::whitelisted(&entry);
        // The pattern was compiled when the entry was asked for.
        let _ = self.whitelist.add(entry);
        match asked {
            Asked::Client(ticket) => vec![Effect::Reply(ticket, Reply::Response(reply))],
            Asked::Button(alert, origin) => {
                if let Some(episode) = self.episode(alert) {
                    episode.alert.action = Some(format!("whitelisted by {}", origin.name()));
                }
                self.show_outcome(alert, outcome, now);
                let mut effects = self.finish(alert, AlertState::Acted, now);
                self.episodes.retain(|episode| episode.alert.id != alert || episode.is_being_killed());
                effects.extend([Effect::Push(Push::Status(self.status())), Effect::Scan]);
                effects
            }
        }
    }

    fn refuse_whitelisting(&mut self, alert: i64, why: &str, now: Now) {
        let Some(episode) = self.episode(alert) else { return };
        episode.keep_quiet();
        let outcome = words::not_whitelisted(&episode.subject(), why);
        self.show_outcome(alert, outcome, now);
    }
}
