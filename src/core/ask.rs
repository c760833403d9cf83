//! Processes of other users: an administrator is asked whether one may be ended, and about each once at a time.

use super::effect::{Effect, Kill, KillOutcome, Record, SignalRequest, Write};
use super::episode::{self, Episode};
use super::{Core, announce};
use crate::process::Id;
use crate::protocol::{Alert, AlertState, Error, ErrorCode, Outcome, Push, Reply};
use crate::sample::Now;
use crate::words::Subject;
use std::time::Duration;

/// How many questions stand at once.
const MOST_QUESTIONS: usize = 4;

/// Why there is no further one.
pub(super) const TOO_MANY: &str = "An administrator is being asked about 4 processes already. \
                                   Answer or close one of these questions, then try again.";

/// A question that stands.
#[derive(Debug)]
pub(super) struct Asking {
    id: Id,
    alert: Option<i64>,
    subject: Subject,
    /// The alert, once it ended before the answer came.
    ended: Option<Alert>,
}

impl Core {
    /// Takes a request that was refused because its process, which is this one, belongs to another user: whoever waits is
    /// answered that an administrator is asked, and told by a push what came of it.
    pub fn forbidden(&mut self, request: &SignalRequest, id: Id) -> Vec<Effect> {
        if self.is_asking_enough(id) {
            let refusal = || Error::new(ErrorCode::Busy, TOO_MANY).into();
            return request.ticket.map(|ticket| Effect::Reply(ticket, refusal())).into_iter().collect();
        }
        let kill = Kill { alert: None, id, grace: Duration::ZERO, origin: request.origin, asks: true };
        let question = (!self.is_asking(id)).then(|| self.ask(kill));
        let reply = request.ticket.map(|ticket| Effect::Reply(ticket, Reply::asking()));
        reply.into_iter().chain(question).collect()
    }

    /// Whether an administrator is being asked about a process.
    pub(super) fn is_asking(&self, id: Id) -> bool {
        self.asking.iter().any(|asking| asking.id == id)
    }

    /// Whether a question about a process would be one too many.
    pub(super) fn is_asking_enough(&self, id: Id) -> bool {
        self.asking.len() >= MOST_QUESTIONS && !self.is_asking(id)
    }

    pub(super) fn ask(&mut self, kill: Kill) -> Effect {
        let samples = self.latest.iter().flat_map(|latest| &latest.snapshot.samples);
        let subject = samples.into_iter().find(|sample| sample.id == kill.id).map_or_else(
            || Subject::named(kill.id.pid, "The process"),
            |sample| Subject::new(kill.id.pid, &sample.description),
        );
        self.asking.push(Asking { id: kill.id, alert: kill.alert, subject, ended: None });
        Effect::Ask(kill)
    }

    /// Keeps an alert that ends while the question of its Kill stands: what comes of that belongs to its record.
    pub(super) fn keep_asked(&mut self, episode: &Episode) {
        if let Some(asking) = self.asking.iter_mut().find(|asking| asking.alert == Some(episode.alert.id)) {
            asking.ended = Some(episode.alert.clone());
        }
    }

    /// Takes note that a question was answered; gives what was kept of it.
    pub(super) fn answered(&mut self, kill: Kill) -> Option<Asking> {
        let is_meant = |asking: &Asking| (asking.id, asking.alert) == (kill.id, kill.alert);
        let place = self.asking.iter().position(is_meant)?;
        Some(self.asking.remove(place))
    }

    /// Tells everybody what came of a question, and notes it with the alerts of its process.
    pub(super) fn tell_answer(&mut self, asked: Asking, kill: Kill, outcome: &KillOutcome, now: Now) -> Vec<Effect> {
        let shown = outcome.words(&asked.subject, kill.grace);
        let mut effects = vec![Effect::Push(Push::Outcome(Outcome {
            pid: kill.id.pid,
            start_time: kill.id.start_time,
            ended: outcome.is_end(),
            message: format!("{} {}", shown.title, shown.body).trim_end().to_owned(),
        }))];
        if let Some(signal) = outcome.signal() {
            let is_other = |episode: &Episode| episode.id == kill.id && Some(episode.alert.id) != kill.alert;
            for episode in self.episodes.iter_mut().filter(|episode| is_other(episode) && episode.is_firing()) {
                episode.note_signal(signal, kill.origin);
                effects.extend(announce(episode));
            }
        }
        if let Some(alert) = asked.ended {
            self.show_outcome(alert.id, shown, now);
            effects.extend(recorded(alert, kill, outcome));
        }
        effects
    }
}

/// Has the record of an alert that had ended say what was done to its process; clients were told of its end.
fn recorded(mut alert: Alert, kill: Kill, outcome: &KillOutcome) -> Option<Effect> {
    alert.action = Some(episode::deed(outcome.signal()?, kill.origin));
    if alert.state == AlertState::Resolved {
        alert.state = AlertState::Acted;
    }
    Some(Effect::Store(Write::Alert(Box::new(Record { alert, lasts: None })), None))
}
