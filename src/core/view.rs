//! What people are shown at this moment: the tray and the notifications are functions of this value.

use super::Core;
use super::episode::Episode;
use crate::process::Reach;
use crate::protocol::{self, Action, Alert, Level, Severity, Status};
use crate::words;
use std::cmp::Reverse;

/// Everything that the tray, its menu and the notifications show.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The tray's colour, unless paused.
    pub level: Level,
    /// The pause, where there is one.
    pub pause: Option<Pause>,
    /// How many processes the last scan saw; None before the first.
    pub process_count: Option<usize>,
    /// The firing alerts, worst first, then oldest first.
    pub alerts: Vec<Firing>,
    /// What is wrong with the guard itself, a sentence each.
    pub problems: Vec<String>,
    /// The notifications that should be open, oldest first: at most one an alert.
    pub notices: Vec<Notice>,
}

/// A pause of monitoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Until somebody resumes.
    UntilResumed,
    /// Until this time, in Unix seconds.
    Until(i64),
}

/// A firing alert as the tray shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// The alert.
    pub alert: Alert,
    /// `Firefox is using 1.4 cores`.
    pub title: String,
    /// Whether its process is stopped now: the menu offers Continue in place of Pause.
    pub stopped: bool,
    /// What the user may do to its process.
    pub reach: Reach,
}

/// A notification that should be open.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The alert that it follows; with it the notification keeps its place as the text changes.
    pub alert: i64,
    /// The first line.
    pub title: String,
    /// The sentence under it.
    pub body: String,
    /// What the notification is about.
    pub kind: NoticeKind,
    /// What the user may do to its process: whether Kill and Pause are among its buttons.
    pub reach: Reach,
}

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A firing alert, with buttons.
    Alert(Severity),
    /// What came of an action: no buttons, and it goes away by itself.
    Outcome,
}

impl Notice {
    /// Gives the buttons, in their order.
    #[must_use]
    pub fn actions(&self) -> &'static [Action] {
        match (self.kind, self.reach) {
            (NoticeKind::Outcome, _) => &[],
            (NoticeKind::Alert(_), Reach::Free) => &[Action::Kill, Action::Pause, Action::Whitelist, Action::Dismiss],
            (NoticeKind::Alert(_), Reach::Asks) => &[Action::Kill, Action::Whitelist, Action::Dismiss],
            (NoticeKind::Alert(_), Reach::Protected | Reach::Foreign) => &[Action::Whitelist, Action::Dismiss],
        }
    }

    /// Gives it as clients are told of it.
    #[must_use]
    pub fn wire(&self) -> protocol::Notice {
        let kind = match self.kind {
            NoticeKind::Alert(Severity::Warning) => protocol::NoticeKind::Warning,
            NoticeKind::Alert(Severity::Critical) => protocol::NoticeKind::Critical,
            NoticeKind::Outcome => protocol::NoticeKind::Outcome,
        };
        let Self { alert, title, body, .. } = self.clone();
        protocol::Notice { alert, title, body, kind, actions: self.actions().to_vec() }
    }
}

/// A part of the guard that may be out of order while the rest goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Reading /proc.
    Scan,
    /// The config file.
    Config,
    /// The database.
    Store,
    /// The socket.
    Socket,
    /// The session bus.
    Bus,
    /// The tray host.
    Tray,
    /// The notification server.
    Notifications,
    /// The popup.
    Popup,
}

/// How many alerts have a notification of their own at once; the tray's menu lists the others.
const MOST_NOTICES: usize = 4;

/// The notification that stands for the others, in place of an alert's id.
pub(super) const MORE: i64 = -1;

fn more_notice(count: usize) -> Notice {
    let words::Outcome { title, body } = words::more(count);
    Notice { alert: MORE, title, body, kind: NoticeKind::Outcome, reach: Reach::Protected }
}

impl Core {
    /// Gives what people are shown at this moment.
    #[must_use]
    pub fn view(&self) -> View {
        let mut alerts: Vec<Firing> = self
            .firing()
            .map(|episode| Firing {
                alert: episode.alert.clone(),
                title: episode.title(),
                stopped: episode.stopped,
                reach: episode.reach,
            })
            .collect();
        alerts.sort_by_key(|firing| (Reverse(firing.alert.severity), firing.alert.id));
        View {
            level: self.level(),
            pause: self.pause.map(|pause| pause.shown),
            process_count: self.latest.as_ref().map(|latest| latest.snapshot.samples.len()),
            alerts,
            problems: self.problems.values().cloned().collect(),
            notices: self.notices(),
        }
    }

    /// Gives the answer of `get_status`.
    #[must_use]
    pub fn status(&self) -> Status {
        let snapshot = self.latest.as_ref().map(|latest| &latest.snapshot);
        let mut status = Status {
            monitored_count: snapshot.map_or(0, |snapshot| snapshot.samples.len()),
            alert_count: self.firing().count(),
            level: self.level(),
            paused: self.pause.is_some(),
            paused_until: self.pause.and_then(|pause| match pause.shown {
                Pause::UntilResumed => None,
                Pause::Until(unix) => Some(unix),
            }),
            interval_seconds: self.scan_interval().as_secs(),
            scan_ms: snapshot.map_or(0.0, |snapshot| (snapshot.took.as_secs_f64() * 1e5).round() / 100.0),
            problems: self.problems.values().cloned().collect(),
            config_problem: self.problems.get(&Part::Config).cloned(),
            ..Status::default()
        };
        if let Some(snapshot) = snapshot {
            self.machine.describe(snapshot, &mut status);
        }
        status
    }

    /// The worst of what fires; a process that the user stopped is at most a warning.
    fn level(&self) -> Level {
        let is_critical = |episode: &Episode| episode.alert.severity == Severity::Critical && !episode.stopped;
        if self.problems.contains_key(&Part::Scan) || self.firing().any(is_critical) {
            Level::Red
        } else if self.firing().next().is_some() {
            Level::Yellow
        } else {
            Level::Green
        }
    }

    /// Gives the answer of `get_notices`.
    pub(super) fn wire_notices(&self) -> Vec<protocol::Notice> {
        self.notices().iter().map(Notice::wire).collect()
    }

    pub(super) fn notices(&self) -> Vec<Notice> {
        let outcomes = self.outcomes.iter().map(|shown| Notice {
            alert: shown.alert,
            title: shown.outcome.title.clone(),
            body: shown.outcome.body.clone(),
            kind: NoticeKind::Outcome,
            reach: Reach::Protected,
        });
        let mut notices: Vec<Notice> = self.open_notices().collect();
        let more = notices.len().saturating_sub(MOST_NOTICES);
        notices.truncate(MOST_NOTICES);
        notices.extend(outcomes);
        notices.sort_by_key(|notice| notice.alert);
        notices.extend((more > 0 && !self.more_closed).then(|| more_notice(more)));
        notices
    }

    /// Lets the notice that counts the rest come back once it has been gone.
    pub(super) fn forget_closed_more(&mut self) {
        self.more_closed &= self.open_notices().count() > MOST_NOTICES;
    }

    fn open_notices(&self) -> impl Iterator<Item = Notice> {
        let has_outcome = |alert: i64| self.outcomes.iter().any(|shown| shown.alert == alert);
        self.episodes.iter().filter_map(Episode::notice).filter(move |notice| !has_outcome(notice.alert))
    }
}
