//! Processes of other users: an administrator is asked whether one may be ended, and about each once at a time.

use super::effect::{Effect, Kill, KillOutcome, SignalRequest};
use super::{Core, announce};
use crate::process::Id;
use crate::protocol::{Outcome, Push, Reply};
use crate::words::{self, Subject};
use std::time::Duration;

/// A question that stands.
#[derive(Debug)]
pub(super) struct Asking {
    id: Id,
    alert: Option<i64>,
    subject: Subject,
}

impl Core {
    /// Takes a request that was refused because its process, which is this one, belongs to another user: whoever waits is
    /// answered that an administrator is asked, and told by a push what came of it.
    pub fn forbidden(&mut self, request: &SignalRequest, id: Id) -> Vec<Effect> {
        let kill = Kill { alert: None, id, grace: Duration::ZERO, origin: request.origin, asks: true };
        let question = (!self.is_asking(id)).then(|| self.ask(kill));
        let reply = request.ticket.map(|ticket| Effect::Reply(ticket, Reply::asking()));
        reply.into_iter().chain(question).collect()
    }

    /// Whether an administrator is being asked about a process.
    pub(super) fn is_asking(&self, id: Id) -> bool {
        self.asking.iter().any(|asking| asking.id == id)
    }

    pub(super) fn ask(&mut self, kill: Kill) -> Effect {
        let samples = self.latest.iter().flat_map(|latest| &latest.snapshot.samples);
        let subject = samples.into_iter().find(|sample| sample.id == kill.id).map_or_else(
            || Subject::named(kill.id.pid, "The process"),
            |sample| Subject::new(kill.id.pid, &sample.description),
        );
        self.asking.push(Asking { id: kill.id, alert: kill.alert, subject });
        Effect::Ask(kill)
    }

    /// Takes note that a question was answered; gives what it was about.
    pub(super) fn answered(&mut self, kill: Kill) -> Option<Subject> {
        let is_meant = |asking: &Asking| (asking.id, asking.alert) == (kill.id, kill.alert);
        let place = self.asking.iter().position(is_meant)?;
        Some(self.asking.remove(place).subject)
    }

    /// Takes what came of a question that a client raised.
    pub(super) fn process_killed(&mut self, subject: &Subject, kill: Kill, outcome: &KillOutcome) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(signal) = outcome.signal() {
            for episode in self.episodes.iter_mut().filter(|episode| episode.id == kill.id && episode.is_firing()) {
                episode.note_signal(signal, kill.origin);
                effects.extend(announce(episode));
            }
        }
        let words::Outcome { title, body } = outcome.words(subject, kill.grace);
        effects.push(Effect::Push(Push::Outcome(Outcome {
            pid: kill.id.pid,
            start_time: kill.id.start_time,
            ended: outcome.is_end(),
            message: format!("{title} {body}").trim_end().to_owned(),
        })));
        effects
    }
}
