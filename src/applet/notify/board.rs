//! What is on the screen, and what should be: the difference is the calls to make. It does no input or output.

use super::content::{OPEN, action};
use crate::applet::Event;
use crate::core::Origin;
use crate::core::view::{Notice, NoticeKind};
use crate::protocol::Tab;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Signals that are kept until the notification they may belong to has its id.
const EARLY_LIMIT: usize = 16;

/// How soon after a button a server closes the notification because of it.
const PRESS_CLOSES: Duration = Duration::from_secs(2);

/// How soon after a button Budgie tells of a click on the notification, which was none.
const PRESS_CLICKS: Duration = Duration::from_millis(500);

/// What to ask of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// Show a notice, in place of the notification with the id `replaces` where that is not 0.
    Show {
        /// The id of the notification whose place it takes.
        replaces: u32,
        /// What to show.
        notice: Notice,
    },
    /// Take a notification off the screen.
    Close(u32),
}

/// What the server tells of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A button with this key was pressed, or the notification itself.
    Action(String),
    /// It is gone; true where the user closed it.
    Closed(bool),
}

/// The notifications of all alerts.
#[derive(Debug, Default)]
pub struct Board {
    wanted: Vec<Notice>,
    entries: BTreeMap<i64, Entry>,
    early: Vec<Early>,
    calls: Vec<Call>,
}

/// A signal for an id that was not known when it came.
#[derive(Debug)]
struct Early {
    id: u32,
    signal: Signal,
    at: Instant,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    /// Whether it went away with its server once, or was lost by it: what takes each server down is not shown for ever.
    lost: bool,
}

#[derive(Debug)]
enum Place {
    /// To be shown as soon as a server runs; no server is started for the one that was tried.
    Waiting { tried: Option<Notice> },
    /// The server was asked to show it, in place of the one with this id.
    Sending { replaces: Option<u32>, notice: Notice, fate: Fate },
    /// On the screen.
    Open { id: u32, notice: Notice, fate: Fate },
    /// Gone from the screen, or refused: it comes back when it changes, a refused one with the next server.
    Off { id: Option<u32>, notice: Notice, refused: bool },
    /// Closed by the user.
    Quiet { id: Option<u32>, notice: Notice },
}

impl Entry {
    fn waiting() -> Self {
        Self { place: Place::Waiting { tried: None }, lost: false }
    }

    fn after_loss(&self) -> Place {
        let again = |notice: &Notice| !self.lost && notice.kind != NoticeKind::Outcome;
        match &self.place {
            Place::Sending { fate: Fate::Dismissed, notice, .. }
            | Place::Open { fate: Fate::Dismissed, notice, .. }
            | Place::Quiet { notice, .. } => Place::Quiet { id: None, notice: notice.clone() },
            Place::Sending { notice, .. } | Place::Open { notice, .. } | Place::Off { notice, refused: true, .. }
                if again(notice) =>
            {
                Place::Waiting { tried: Some(notice.clone()) }
            }
            Place::Sending { notice, .. } | Place::Open { notice, .. } | Place::Off { notice, .. } => {
                Place::Off { id: None, notice: notice.clone(), refused: false }
            }
            Place::Waiting { tried } => Place::Waiting { tried: tried.clone() },
        }
    }
}

impl Place {
    /// The id that the server knows it by, or knew: some tell of the closing first and of the button that did it then.
    fn id(&self) -> Option<u32> {
        match self {
            Self::Waiting { .. } => None,
            Self::Open { id, .. } => Some(*id),
            Self::Sending { replaces: id, .. } | Self::Off { id, .. } | Self::Quiet { id, .. } => *id,
        }
    }

    fn is_pressed(&self, now: Instant, within: Duration) -> bool {
        matches!(self, Self::Sending { fate, .. } | Self::Open { fate, .. } if fate.is_pressed(now, within))
    }

    /// Leaves an id, that was its own, to the notification that the server gave it to since.
    fn give_up(&mut self, given: Option<u32>) {
        if let Self::Sending { replaces: id, .. } | Self::Off { id, .. } | Self::Quiet { id, .. } = self {
            *id = id.filter(|id| Some(*id) != given);
        }
    }
}

/// What the user did with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Untouched,
    /// Pressed at this time: many servers close it then, and that is not the user who waves it away.
    Pressed(Instant),
    Dismissed,
}

impl Fate {
    fn is_pressed(self, now: Instant, within: Duration) -> bool {
        matches!(self, Self::Pressed(at) if now.duration_since(at) <= within)
    }
}

impl Board {
    /// Takes up the list of what should be open.
    pub fn want(&mut self, notices: Vec<Notice>) {
        self.wanted = notices;
        for notice in &self.wanted {
            self.entries.entry(notice.alert).or_insert_with(Entry::waiting);
        }
        self.settle();
    }

    /// Tells whether anything waits for a server.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.entries.values().any(|entry| matches!(entry.place, Place::Waiting { .. }))
    }

    /// Tells whether anything waits for which a server should be started.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.wanted.iter().any(|notice| match self.entries.get(&notice.alert).map(|entry| &entry.place) {
            Some(Place::Waiting { tried }) => tried.as_ref() != Some(notice),
            Some(Place::Sending { .. } | Place::Open { .. } | Place::Off { .. } | Place::Quiet { .. }) | None => false,
        })
    }

    /// Notes that the bus was asked to start a server for what waits.
    pub fn tried(&mut self) {
        for notice in &self.wanted {
            if let Some(Entry { place: Place::Waiting { tried }, .. }) = self.entries.get_mut(&notice.alert) {
                *tried = Some(notice.clone());
            }
        }
    }

    /// Gives the calls that bring the screen to what is wanted, for a server that is there.
    pub fn calls(&mut self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.calls);
        for notice in &self.wanted {
            let Some(entry) = self.entries.get_mut(&notice.alert) else { continue };
            // A press is remembered: the server may still tell of the closing that came with it.
            let (replaces, fate) = match &entry.place {
                Place::Waiting { .. } => (None, Fate::Untouched),
                Place::Open { id, notice: old, fate } if old != notice => (Some(*id), *fate),
                Place::Open { .. } | Place::Sending { .. } | Place::Off { .. } | Place::Quiet { .. } => continue,
            };
            entry.lost &= replaces.is_none();
            entry.place = Place::Sending { replaces, notice: notice.clone(), fate };
            calls.push(Call::Show { replaces: replaces.unwrap_or(0), notice: notice.clone() });
        }
        let wanted = &self.wanted;
        self.entries.retain(|alert, entry| {
            let Place::Open { id, .. } = entry.place else { return true };
            let stays = wanted.iter().any(|notice| notice.alert == *alert);
            calls.extend((!stays).then_some(Call::Close(id)));
            stays
        });
        calls
    }

    /// Takes up the server's answer to [`Call::Show`]: the id, or None where it refused. What it told too early for
    /// the id to be known comes back as events.
    pub fn answered(&mut self, alert: i64, id: Option<u32>) -> Vec<Event> {
        self.entries.values_mut().for_each(|entry| entry.place.give_up(id));
        let Some(entry) = self.entries.get_mut(&alert) else { return Vec::new() };
        let Place::Sending { notice, fate, .. } = &entry.place else { return Vec::new() };
        let notice = notice.clone();
        entry.place = match (id, fate) {
            (_, Fate::Dismissed) => Place::Quiet { id, notice },
            (Some(id), Fate::Untouched | Fate::Pressed(_)) => Place::Open { id, notice, fate: *fate },
            (None, Fate::Untouched | Fate::Pressed(_)) => Place::Off { id, notice, refused: true },
        };
        // The server may have shown it again under the id that the user had closed.
        self.calls.extend(id.filter(|_| matches!(entry.place, Place::Quiet { .. })).map(Call::Close));
        self.settle();
        self.replay(id)
    }

    /// Takes up that the server will never answer to [`Call::Show`]: what may be half changed goes, and it is shown anew, once.
    pub fn call_is_lost(&mut self, alert: i64) {
        let Some(entry) = self.entries.get_mut(&alert) else { return };
        let Place::Sending { replaces, notice, fate } = &entry.place else { return };
        self.calls.extend(replaces.map(Call::Close));
        let refused = std::mem::replace(&mut entry.lost, true);
        let (id, notice) = (*replaces, notice.clone());
        entry.place = match fate {
            Fate::Dismissed => Place::Quiet { id, notice },
            Fate::Untouched | Fate::Pressed(_) if refused || notice.kind == NoticeKind::Outcome => {
                Place::Off { id, notice, refused }
            }
            Fate::Untouched | Fate::Pressed(_) => Place::Waiting { tried: Some(notice) },
        };
        self.settle();
    }

    /// Takes up what the server tells, at this time, of the notification with this id.
    pub fn heard(&mut self, id: u32, signal: Signal, now: Instant) -> Option<Event> {
        let found = self.entries.iter_mut().find(|(_, entry)| entry.place.id() == Some(id));
        let Some((alert, Entry { place, .. })) = found else {
            if self.awaits_id() {
                self.early.drain(..(self.early.len() + 1).saturating_sub(EARLY_LIMIT));
                self.early.push(Early { id, signal, at: now });
            }
            return None;
        };
        let event = match signal {
            Signal::Action(key) => press(*alert, place, &key, now),
            Signal::Closed(by_user) => close(*alert, place, by_user, now),
        };
        self.settle();
        event
    }

    /// Takes up that the server is gone, and its ids with it.
    pub fn lost(&mut self) {
        self.early.clear();
        self.calls.clear();
        for entry in self.entries.values_mut() {
            let was_waiting = matches!(entry.place, Place::Waiting { .. });
            entry.place = entry.after_loss();
            entry.lost |= !was_waiting;
        }
        self.settle();
    }

    /// Forgets what is neither wanted nor on the screen, and lets what is off it come back where it has changed.
    fn settle(&mut self) {
        let wanted = &self.wanted;
        self.entries.retain(|alert, entry| {
            let notice = wanted.iter().find(|notice| notice.alert == *alert);
            if matches!((&entry.place, notice), (Place::Off { notice: old, .. }, Some(new)) if old != new) {
                *entry = Entry::waiting();
            }
            notice.is_some() || matches!(entry.place, Place::Sending { .. } | Place::Open { .. })
        });
    }

    fn awaits_id(&self) -> bool {
        self.entries.values().any(|entry| matches!(entry.place, Place::Sending { .. }))
    }

    fn replay(&mut self, id: Option<u32>) -> Vec<Event> {
        let early = std::mem::take(&mut self.early);
        let (own, others): (Vec<_>, _) = early.into_iter().partition(|early| Some(early.id) == id);
        let events = own.into_iter().filter_map(|early| self.heard(early.id, early.signal, early.at)).collect();
        if self.awaits_id() {
            self.early = others;
        }
        events
    }
}

fn press(alert: i64, place: &mut Place, key: &str, now: Instant) -> Option<Event> {
    let event = match action(key) {
        Some(action) => Event::Act { alert, action, origin: Origin::Notification },
        None if key == OPEN && place.is_pressed(now, PRESS_CLICKS) => return None,
        None if key == OPEN => Event::OpenWindow(Some(Tab::Alerts)),
        None => return None,
    };
    match place {
        Place::Open { fate, .. } | Place::Sending { fate, .. } => *fate = Fate::Pressed(now),
        // It was closed by the button, and what comes of that may be shown.
        Place::Quiet { id, notice } => *place = Place::Off { id: *id, notice: notice.clone(), refused: false },
        Place::Off { .. } | Place::Waiting { .. } => {}
    }
    Some(event)
}

fn close(alert: i64, place: &mut Place, by_user: bool, now: Instant) -> Option<Event> {
    let dismissed = |fate: Fate| match fate {
        Fate::Untouched => by_user,
        Fate::Pressed(_) => by_user && !fate.is_pressed(now, PRESS_CLOSES),
        Fate::Dismissed => false,
    };
    let quiet = match place {
        Place::Open { id, notice, fate } if dismissed(*fate) => {
            *place = Place::Quiet { id: Some(*id), notice: notice.clone() };
            true
        }
        Place::Open { id, notice, .. } => {
            *place = Place::Off { id: Some(*id), notice: notice.clone(), refused: false };
            false
        }
        // Whether the server closed the old text or already the new one, its answer will not tell.
        Place::Sending { fate, .. } if dismissed(*fate) => {
            *fate = Fate::Dismissed;
            true
        }
        Place::Sending { .. } | Place::Waiting { .. } | Place::Off { .. } | Place::Quiet { .. } => false,
    };
    quiet.then_some(Event::NoticeClosed(alert))
}

#[cfg(test)]
mod tests;
