//! The core: snapshots, requests and the time in, effects out.
//!
//! It does no input or output, never waits and never fails. The shell in [`crate::applet`] feeds it and carries out
//! its effects. What the tray and the notifications show is [`Core::view`], a plain value.

mod act;
mod ask;
pub mod effect;
mod episode;
mod machine;
mod news;
mod recording;
mod request;
mod tick;
pub mod view;
mod waiting;
mod whitelist;

pub use effect::{
    Action, Effect, KeptPause, Kill, KillOutcome, Origin, Record, Scope, Signal, SignalRequest, Target, Ticket, Write,
    WriteId,
};
pub use request::answer;
pub use view::{Part, View};

use crate::config::Config;
use crate::detect::{Detector, Rules};
use crate::process::protection::Protection;
use crate::process::{Id, Pid};
use crate::protocol::{Alert, AlertState, HistoryPoint, What, WhitelistEntry};
use crate::sample::{Now, Snapshot};
use act::PendingWrite;
use ask::Asking;
use episode::Episode;
use machine::Machine;
use news::News;
use recording::{Recordings, Track};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use view::Pause;
use waiting::Waiting;
use whitelist::Whitelist;

/// What the core begins with: the config and what the store kept.
#[derive(Debug, Default)]
pub struct Start {
    /// The config in force.
    pub config: Config,
    /// The stored whitelist.
    pub whitelist: Vec<WhitelistEntry>,
    /// Alerts whose cause lasted when the guard last ended, those that were dismissed included.
    pub lasting: Vec<Record>,
    /// What was stored of their histories, by the alert's id.
    pub histories: HashMap<i64, Vec<HistoryPoint>>,
    /// The pause that held when the guard last ended.
    pub pause: Option<KeptPause>,
    /// The first alert id that is free.
    pub next_alert: i64,
    /// The first whitelist id that is free.
    pub next_whitelist: i64,
    /// What is never signalled.
    pub protection: Protection,
    /// What `hello` tells of this run.
    pub about: About,
}

/// This run of the guard, as `hello` tells of it.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The guard's own process id.
    pub pid: u32,
    /// Unix seconds when it started.
    pub started: i64,
    /// Where the config file is, or would be.
    pub config_path: String,
    /// Where the history is.
    pub history_path: String,
    /// Where the socket is.
    pub socket_path: String,
    /// Whether it ends when its user logs out of the session that it was started in.
    pub ends_with_session: bool,
    /// Why it opens no window; None where it does.
    pub no_window: Option<&'static str>,
}

/// The one owner of the guard's state.
#[derive(Debug)]
pub struct Core {
    config: Config,
    rules: Rules,
    detector: Detector,
    whitelist: Whitelist,
    episodes: Vec<Episode>,
    outcomes: Vec<ShownOutcome>,
    latest: Option<Latest>,
    /// The snapshot before the latest: its memory may serve another.
    spent: Option<Snapshot>,
    machine: Machine,
    recordings: Recordings,
    news: News,
    more_closed: bool,
    suspicious: bool,
    pause: Option<PauseState>,
    problems: BTreeMap<Part, String>,
    waiting: Vec<Waiting>,
    writes: HashMap<WriteId, PendingWrite>,
    /// The questions to an administrator that stand.
    asking: Vec<Asking>,
    next_write: u64,
    next_alert: i64,
    next_whitelist: i64,
    protection: Protection,
    about: About,
}

/// The last snapshot, for clients that ask.
#[derive(Debug)]
struct Latest {
    snapshot: Snapshot,
    cpu_percent: Vec<f64>,
    /// Whether the interval since the scan before counts, so that the use of CPU is that of the interval.
    counts: bool,
}

/// A pause, and when it ends on `CLOCK_BOOTTIME`.
#[derive(Clone, Copy, Debug)]
struct PauseState {
    shown: Pause,
    ends: Option<Duration>,
}

impl PauseState {
    fn new(until: Option<i64>, now: Now) -> Self {
        let Some(until) = until else { return Self { shown: Pause::UntilResumed, ends: None } };
        let left = Duration::from_secs(until.saturating_sub(now.unix).max(0).cast_unsigned());
        Self { shown: Pause::Until(until), ends: Some(now.boottime.saturating_add(left)) }
    }

    /// Goes on with one from before this start; None where its time is over.
    fn resumed(kept: KeptPause, now: Now) -> Option<Self> {
        kept.until.is_none_or(|until| until > now.unix).then(|| Self::new(kept.until, now))
    }
}

/// What came of an action, shown for a while.
#[derive(Debug)]
struct ShownOutcome {
    alert: i64,
    outcome: crate::words::Outcome,
    until: Duration,
}

impl Core {
    /// Begins with the config and what the store kept. Alerts from before the machine's last start have ended with it;
    /// the others go on quietly.
    #[must_use]
    pub fn new(start: Start, now: Now) -> (Self, Vec<Effect>) {
        let booted = now.unix - now.boottime.as_secs().cast_signed();
        let histories = start.histories;
        let stored = |alert: &Alert| histories.get(&alert.id).map_or(&[][..], Vec::as_slice);
        let (going_on, over): (Vec<_>, Vec<_>) =
            start.lasting.into_iter().partition(|record| record.alert.timestamp >= booted);
        let core = Self {
            rules: Rules::new(&start.config),
            config: start.config,
            detector: Detector::default(),
            whitelist: Whitelist::new(start.whitelist),
            episodes: going_on
                .into_iter()
                .map(|record| Episode::resumed(Track::resumed(stored(&record.alert), now), record, now))
                .collect(),
            outcomes: Vec::new(),
            latest: None,
            spent: None,
            machine: Machine::default(),
            recordings: Recordings::default(),
            news: News::default(),
            more_closed: false,
            suspicious: false,
            pause: start.pause.filter(|kept| kept.since >= booted).and_then(|kept| PauseState::resumed(kept, now)),
            problems: BTreeMap::new(),
            waiting: Vec::new(),
            writes: HashMap::new(),
            asking: Vec::new(),
            next_write: 0,
            next_alert: start.next_alert.max(1),
            next_whitelist: start.next_whitelist.max(1),
            protection: start.protection,
            about: start.about,
        };
        let ended = over.into_iter().map(|Record { mut alert, .. }| {
            if alert.state == AlertState::Firing {
                alert.state = AlertState::Resolved;
                alert.ended = Some(booted.max(alert.timestamp));
            }
            Effect::Store(Write::Alert(Box::new(Record { alert, lasts: None })), None)
        });
        (core, ended.collect())
    }

    /// Gives the config in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Gives away the snapshot before the latest, if nobody took it yet: its memory may serve the next one.
    pub fn take_spent(&mut self) -> Option<Snapshot> {
        self.spent.take()
    }

    /// Gives whom the next scan is to look at more closely: few, and none while there are cores enough.
    #[must_use]
    pub fn suspects(&self) -> Vec<Pid> {
        self.detector.suspects().to_vec()
    }

    /// Names the owner of a process, as the last scan did.
    #[must_use]
    pub fn owner(&self, target: Target) -> Arc<str> {
        let is_meant = |id: Id| id.pid == target.pid && target.start_time.is_none_or(|start| start == id.start_time);
        let mut seen = self.latest.iter().flat_map(|latest| &latest.snapshot.samples);
        let found = seen.find(|sample| is_meant(sample.id));
        found.map_or_else(|| "another user".into(), |sample| Arc::clone(&sample.description.user))
    }

    /// Takes up another config, from the next scan on.
    pub fn adopt(&mut self, config: Config) {
        self.rules = Rules::new(&config);
        self.detector.forget_rules();
        self.config = config;
        self.news.note(What::Config);
    }

    /// Tells why the guard opens no window; None where it does.
    #[must_use]
    pub fn lacks_window(&self) -> Option<&'static str> {
        self.about.no_window
    }

    /// Takes up entries of the whitelist that the store found, from the next scan on.
    pub fn take_up_whitelist(&mut self, found: Vec<WhitelistEntry>) {
        for entry in found {
            self.next_whitelist = self.next_whitelist.max(entry.id.saturating_add(1));
            // As at the start, one whose pattern cannot be used any more is passed over.
            let _ = self.whitelist.add(entry);
        }
        self.news.note(What::Whitelist);
    }

    /// Notes that a part of the guard is out of order, or works again; tells whether that is news.
    pub fn set_problem(&mut self, part: Part, problem: Option<String>) -> bool {
        let is_news = match problem {
            Some(problem) => self.problems.insert(part, problem.clone()) != Some(problem),
            None => self.problems.remove(&part).is_some(),
        };
        if is_news && part == Part::Config {
            self.news.note(What::Config);
        }
        is_news
    }

    /// Tells whether a part of the guard is out of order.
    #[must_use]
    pub fn has_problem(&self, part: Part) -> bool {
        self.problems.contains_key(&part)
    }

    /// Gives how long after the last scan the next one is due, or the pause ends; None while paused until resumed.
    #[must_use]
    pub fn interval(&self, now: Now) -> Option<Duration> {
        match self.pause {
            None => Some(self.scan_interval()),
            Some(PauseState { ends, .. }) => ends.map(|ends| ends.saturating_sub(now.boottime)),
        }
    }

    /// Ends a pause whose time is over; tells whether it did.
    pub fn end_due_pause(&mut self, now: Now) -> bool {
        let due = self.pause.and_then(|pause| pause.ends).is_some_and(|ends| ends <= now.boottime);
        if due {
            self.resume();
        }
        due
    }

    /// Gives when the first of what came of actions has been shown long enough, on `CLOCK_MONOTONIC`.
    #[must_use]
    pub fn outcomes_end(&self) -> Option<Duration> {
        self.outcomes.iter().map(|shown| shown.until).min()
    }

    /// Lets go of what has been shown long enough; tells whether there was any.
    pub fn end_due_outcomes(&mut self, now: Now) -> bool {
        self.outcomes.extract_if(.., |shown| shown.until <= now.monotonic).count() > 0
    }

    /// Whether monitoring is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.pause.is_some()
    }

    /// Whether nobody would miss anything if the guard ended and started anew now: nothing fires, no question to an
    /// administrator stands, and no Kill is in its grace time.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let is_at_work = |episode: &Episode| episode.is_firing() || episode.is_being_killed();
        self.asking.is_empty() && !self.episodes.iter().any(is_at_work)
    }

    /// Ends: what is known of the alerts that fire is stored, so that the next start goes on with it.
    #[must_use]
    pub fn end(&self, now: Now) -> Vec<Effect> {
        self.firing().map(|episode| episode.keep_history(now)).collect()
    }

    /// Shows something about the guard itself for a while, in a notification of its own.
    pub fn tell(&mut self, outcome: crate::words::Outcome, now: Now) {
        const NO_ALERT: i64 = 0;
        self.show_outcome(NO_ALERT, outcome, now);
    }

    /// Tells whether something about the guard itself is shown under this headline.
    #[must_use]
    pub fn is_telling(&self, title: &str, now: Now) -> bool {
        self.outcomes.iter().any(|shown| shown.outcome.title == title && shown.until > now.monotonic)
    }

    fn resume(&mut self) {
        self.pause = None;
        self.detector.skip_interval();
    }

    fn scan_interval(&self) -> Duration {
        let general = &self.config.general;
        if self.suspicious || self.firing().any(|episode| !episode.stopped) {
            general.alert_interval()
        } else {
            general.quiet_interval()
        }
    }

    fn firing(&self) -> impl Iterator<Item = &Episode> {
        self.episodes.iter().filter(|episode| episode.is_firing())
    }

    fn episode(&mut self, alert: i64) -> Option<&mut Episode> {
        self.episodes.iter_mut().find(|episode| episode.alert.id == alert)
    }

    fn show_outcome(&mut self, alert: i64, outcome: crate::words::Outcome, now: Now) {
        const SHOWN_FOR: Duration = Duration::from_secs(10);
        self.outcomes.retain(|shown| shown.alert != alert);
        self.outcomes.push(ShownOutcome { alert, outcome, until: now.monotonic + SHOWN_FOR });
    }
}

/// Tells of an alert's change: stored, and pushed to every client.
fn announce(episode: &Episode) -> [Effect; 2] {
    let alert = Box::new(episode.alert.clone());
    [Effect::Store(episode.write(), None), Effect::Push(crate::protocol::Push::Alert(alert))]
}

/// Tells of an alert's beginning or end, with which its history is stored too.
fn announce_turn(episode: &Episode, now: Now) -> Vec<Effect> {
    let mut effects = Vec::from(announce(episode));
    effects.push(episode.keep_history(now));
    effects
}

#[cfg(test)]
mod tests;
