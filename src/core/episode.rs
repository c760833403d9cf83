//! Episodes: what an alert goes through from its first verdict until it ends.

use super::effect::{Effect, Origin, Record, Scope, Signal, Write};
use super::recording::{Point, Track};
use super::view::{Notice, NoticeKind};
use crate::detect::{Finding, Verdict};
use crate::figures::mebibytes;
use crate::process::{Description, Id, Reach};
use crate::protocol::{Alert, AlertState, Evidence, HistoryPoint};
use crate::sample::{Now, Sample};
use crate::words::{self, Subject};
use std::sync::Arc;
use std::time::Duration;

/// An alert, with what decides how it goes on.
#[derive(Debug)]
pub(super) struct Episode {
    /// What clients and the store are told.
    pub(super) alert: Alert,
    /// Its process.
    pub(super) id: Id,
    /// What it is about, beside its process.
    pub(super) scope: Scope,
    /// The names of its process.
    pub(super) description: Arc<Description>,
    /// Whether its process is stopped.
    pub(super) stopped: bool,
    /// What the user may do to its process.
    pub(super) reach: Reach,
    /// What the user did about it.
    pub(super) handling: Handling,
    /// What its process used, before it began and since.
    track: Track,
    /// Since when nothing is the matter any more, on `CLOCK_MONOTONIC`.
    calm_since: Option<Duration>,
    /// Of one from before this start, until when its rule cannot tell that nothing is the matter, on `CLOCK_MONOTONIC`.
    blind_until: Duration,
}

/// What the user did about an episode that fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handling {
    /// Nothing: its notification is open.
    None,
    /// Closed its notification, or acted on it: it stays closed.
    Quiet,
    /// Pressed Kill, which is at work: what comes of that ends the episode.
    Killing {
        /// Whether its notification was closed before.
        quiet: bool,
    },
}

/// What one scan did to an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing that anybody is told.
    None,
    /// It became critical.
    Worsened,
    /// It ended.
    Ended,
}

impl Episode {
    /// Begins an episode with its first finding; None where that does not fire.
    pub(super) fn new(id: i64, sample: &Sample, found: Finding, track: Track, now: Now) -> Option<Self> {
        let Finding { group, is_together, reason, verdict, .. } = found;
        let Verdict::Firing(severity, evidence) = verdict else { return None };
        let process = &sample.description;
        let subject = Subject::new(sample.id.pid, process);
        let (title, summary) = (words::title(&subject, &evidence), words::body(&subject, &evidence));
        let alert = Alert {
            id,
            pid: sample.id.pid,
            name: process.name.to_string(),
            reason,
            severity,
            timestamp: now.unix,
            cmdline: process.command_line.to_string(),
            start_time: sample.id.start_time,
            state: AlertState::Firing,
            ended: None,
            action: None,
            evidence,
            summary,
            title: Some(title),
        };
        Some(Self {
            alert,
            id: sample.id,
            scope: Scope { group, is_together },
            description: Arc::clone(process),
            stopped: sample.state.is_stopped(),
            reach: Reach::Protected,
            handling: Handling::None,
            track,
            calm_since: None,
            blind_until: Duration::ZERO,
        })
    }

    /// Goes on with an alert whose cause lasted when the guard last ended. Its notification has been shown.
    pub(super) fn resumed(track: Track, record: Record, now: Now) -> Self {
        let Record { alert, lasts } = record;
        let description = Description {
            name: alert.name.as_str().into(),
            command_line: alert.cmdline.as_str().into(),
            ..Description::default()
        };
        Self {
            id: Id { pid: alert.pid, start_time: alert.start_time },
            scope: lasts.unwrap_or_default(),
            description: Arc::new(description),
            stopped: false,
            reach: Reach::Protected,
            handling: Handling::Quiet,
            track,
            calm_since: None,
            blind_until: now.monotonic + blindness(&alert.evidence),
            alert,
        }
    }

    /// Whether a finding of its rule, about the process with this id, is its next verdict.
    pub(super) fn is_judged_by(&self, id: Option<Id>, found: &Finding) -> bool {
        let Scope { group, is_together } = self.scope;
        let is_about = if found.is_together { group == found.group } else { id == Some(self.id) };
        is_together == found.is_together && is_about
    }

    /// Whether it tells of another process of its group as well. What the user waved away was the application, or what ran then:
    /// not whatever else bears that name.
    pub(super) fn tells_of(&self, sample: Option<&Sample>) -> bool {
        let is_alike = |sample: &Sample| sample.description.command_line == self.description.command_line;
        self.is_firing() || self.description.application.is_some() || sample.is_none_or(is_alike)
    }

    /// Whether it lasts, and the user has not waved it away.
    pub(super) fn is_firing(&self) -> bool {
        self.alert.state == AlertState::Firing
    }

    /// Takes the names that the last scan saw.
    pub(super) fn refresh(&mut self, sample: &Sample, reach: Reach) {
        self.stopped = sample.state.is_stopped();
        self.reach = reach;
        if !self.scope.is_together && has_handed_back(&self.alert.evidence, sample.anonymous) {
            self.blind_until = Duration::ZERO;
        }
        if !Arc::ptr_eq(&self.description, &sample.description) {
            self.description = Arc::clone(&sample.description);
        }
    }

    /// Notes what its process used up to a scan; once it has ended, no more.
    pub(super) fn record(&mut self, point: Point) {
        if self.is_firing() {
            self.track.note(point);
        }
    }

    /// What its process used, oldest first.
    pub(super) fn history(&self, now: Now) -> Vec<HistoryPoint> {
        self.track.wire(now)
    }

    /// What the store is to hold of it: while it fires, and when the user has waved it away, its cause lasts.
    pub(super) fn write(&self) -> Write {
        let lasts = match self.alert.state {
            AlertState::Firing | AlertState::Dismissed => Some(self.scope),
            AlertState::Resolved | AlertState::Acted => None,
        };
        Write::Alert(Box::new(Record { alert: self.alert.clone(), lasts }))
    }

    /// What the store is to hold of it once its cause is over.
    pub(super) fn write_over(&self) -> Write {
        Write::Alert(Box::new(Record { alert: self.alert.clone(), lasts: None }))
    }

    /// Asks the store to keep its history.
    pub(super) fn keep_history(&self, now: Now) -> Effect {
        Effect::Store(Write::History { alert: self.alert.id, points: self.history(now) }, None)
    }

    /// Takes one scan's verdict. It ends once all was calm for as long as `calm_for`.
    pub(super) fn judge(&mut self, verdict: Verdict, calm_for: Duration, now: Now) -> Change {
        match verdict {
            Verdict::Calm if now.monotonic < self.blind_until => Change::None,
            Verdict::Calm => {
                let since = *self.calm_since.get_or_insert(now.monotonic);
                if now.monotonic.saturating_sub(since) < calm_for {
                    return Change::None;
                }
                self.end(AlertState::Resolved, now);
                Change::Ended
            }
            Verdict::Held | Verdict::Suspicious => {
                self.calm_since = None;
                Change::None
            }
            Verdict::Firing(severity, evidence) => {
                self.calm_since = None;
                if severity <= self.alert.severity {
                    return Change::None;
                }
                self.alert.severity = severity;
                let subject = self.subject();
                self.alert.summary = words::body(&subject, &evidence);
                self.alert.title = Some(words::title(&subject, &evidence));
                self.alert.evidence = evidence;
                Change::Worsened
            }
        }
    }

    /// Ends it; one that the user waved away has ended already.
    pub(super) fn end(&mut self, state: AlertState, now: Now) {
        if !self.is_firing() {
            return;
        }
        let acted = state == AlertState::Resolved && self.alert.action.is_some();
        self.alert.state = if acted { AlertState::Acted } else { state };
        self.alert.ended = Some(now.unix);
    }

    /// Notes what was done to its process.
    pub(super) fn note_signal(&mut self, signal: Signal, origin: Origin) {
        self.alert.action = Some(deed(signal, origin));
        self.keep_quiet();
        match signal {
            Signal::Stop => self.stopped = true,
            Signal::Cont => self.stopped = false,
            Signal::Term | Signal::Kill | Signal::Int | Signal::Hup | Signal::Usr1 | Signal::Usr2 => {}
        }
    }

    /// Notes that Kill is at work; false where it was already.
    pub(super) fn begin_kill(&mut self) -> bool {
        if self.is_being_killed() {
            return false;
        }
        self.handling = Handling::Killing { quiet: self.handling == Handling::Quiet };
        true
    }

    /// Whether a Kill is at work.
    pub(super) fn is_being_killed(&self) -> bool {
        matches!(self.handling, Handling::Killing { .. })
    }

    /// Keeps its notification closed from now on.
    pub(super) fn keep_quiet(&mut self) {
        self.handling = match self.handling {
            Handling::None | Handling::Quiet => Handling::Quiet,
            Handling::Killing { .. } => Handling::Killing { quiet: true },
        };
    }

    /// Its process as sentences name it.
    pub(super) fn subject(&self) -> Subject {
        Subject::new(self.id.pid, &self.description)
    }

    /// Its headline.
    pub(super) fn title(&self) -> String {
        self.alert.title.clone().unwrap_or_else(|| words::title(&self.subject(), &self.alert.evidence))
    }

    /// What its notification says: what is the matter and, where the user's own hand does not reach, what can be done.
    fn body(&self) -> String {
        let owner = words::of_another_user(&self.subject(), &self.description.user, self.reach);
        owner.map_or_else(|| self.alert.summary.clone(), |owner| format!("{} {owner}", self.alert.summary))
    }

    /// The notification that should be open for it.
    pub(super) fn notice(&self) -> Option<Notice> {
        // What comes of Kill is told in place of the alert, so that stays open until then.
        let is_open = matches!(self.handling, Handling::None | Handling::Killing { quiet: false });
        (self.is_firing() && is_open).then(|| Notice {
            alert: self.alert.id,
            title: self.title(),
            body: self.body(),
            kind: NoticeKind::Alert(self.alert.severity),
            reach: self.reach,
        })
    }
}

/// For how long a rule that knows nothing of before cannot tell that nothing is the matter. A leak shows over its window and
/// a step more; a thread beside the main one is found in a search.
fn blindness(evidence: &Evidence) -> Duration {
    const SEARCH: Duration = Duration::from_mins(2);
    match evidence {
        Evidence::MemoryLeak { window_minutes, .. } => Duration::from_mins((*window_minutes).into()).mul_f64(1.2),
        Evidence::Hang { waits_for, .. } if waits_for.thread.is_some() => SEARCH,
        Evidence::Hang { .. } | Evidence::CpuHigh { .. } | Evidence::Timeout { .. } => Duration::ZERO,
    }
}

/// Tells whether a process that holds so much has handed back half of what was told of as a leak.
fn has_handed_back(evidence: &Evidence, bytes: u64) -> bool {
    match evidence {
        Evidence::MemoryLeak { grown_mb, memory_mb, .. } => mebibytes(bytes) < memory_mb - grown_mb / 2.0,
        Evidence::Hang { .. } | Evidence::CpuHigh { .. } | Evidence::Timeout { .. } => false,
    }
}

/// A signal as the history tells of it: `SIGTERM by tray`.
pub(super) fn deed(signal: Signal, origin: Origin) -> String {
    format!("{} by {}", signal.name(), origin.name())
}
