//! The tray item: what people are shown, put before the desktop's tray host.
//!
//! [`Tray`] only says what is wanted. A task of its own, the keeper, talks to the bus, so that a bus or a host that
//! hangs never holds up the loop, and of many changes only the last is sent.

mod item;
mod keeper;

use crate::applet::menu::{self, Tooltip};
use crate::applet::{Event, icons};
use crate::core::View;
use crate::paths;
use icons::Icon;
use keeper::Keeper;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// What is said where no tray host runs.
pub const NO_HOST: &str = "No tray host is running, so there is no icon. On GNOME install the extension AppIndicator; \
                           elsewhere use a panel whose tray shows StatusNotifierItems. Alerts still come as notifications, \
                           and RunawayGuard among your applications opens the window.";

/// For how many seconds a count of processes stays as it is while nothing else changes: each change makes the host
/// read the whole item again.
const COUNT_STAYS: i64 = 60;

/// The guard's item in the desktop's tray.
#[derive(Debug)]
pub struct Tray {
    wanted: watch::Sender<Wanted>,
    /// The count of processes that is shown, and since when.
    count: Option<(usize, i64)>,
}

/// What the keeper is to bring about.
#[derive(Clone, Debug, Default)]
struct Wanted {
    /// What to show; nothing before the first [`Tray::show`].
    shown: Option<Arc<Shown>>,
    /// The era of the bus that there is; None while there is none.
    bus: Option<u64>,
    /// How often it was asked to look after what is missing.
    retries: u64,
}

/// What the item shows, and what it was made from.
#[derive(Debug)]
struct Shown {
    view: View,
    autostart: Option<bool>,
    face: Face,
}

impl Shown {
    /// Tells whether this view would look the same: only a pause changes with time alone.
    fn stays(&self, view: &View, autostart: Option<bool>) -> bool {
        view.pause.is_none() && self.autostart == autostart && self.view == *view
    }
}

/// What the item shows.
#[derive(Debug, PartialEq)]
struct Face {
    icon: Icon,
    needs_attention: bool,
    tooltip: Tooltip,
    menu: Vec<menu::Item>,
}

impl Tray {
    /// Makes a tray without an icon: it appears after [`Tray::follow_bus`] and the first [`Tray::show`]. What is chosen in
    /// its menu is sent to `events`. To be called within a tokio runtime.
    #[must_use]
    pub fn new(events: mpsc::Sender<Event>) -> Self {
        Self::with_icons(events, icons::are_installed(&paths::data_dirs()))
    }

    /// Shows this from now on. `autostart` is None where it cannot be told, `now` is in Unix seconds.
    pub fn show(&mut self, view: &View, autostart: Option<bool>, now: i64) {
        let view = View { process_count: self.steady(view.process_count, now), notices: Vec::new(), ..view.clone() };
        if self.wanted.borrow().shown.as_ref().is_some_and(|shown| shown.stays(&view, autostart)) {
            return;
        }
        let face = Face::new(&view, autostart, now);
        self.wanted.send_if_modified(|wanted| {
            let changed = wanted.shown.as_ref().is_none_or(|shown| shown.face != face);
            if changed {
                wanted.shown = Some(Arc::new(Shown { view, autostart, face }));
            }
            changed
        });
    }

    /// Puts the item on the session bus of this era, and takes it away where there is none. The same era again leaves it where
    /// it is: with another item in its place an open menu would close.
    pub fn follow_bus(&mut self, era: Option<u64>) {
        self.wanted.send_if_modified(|wanted| std::mem::replace(&mut wanted.bus, era) != era);
    }

    /// Looks after what is missing: a host, or an item that could not be placed. To be called with each scan; it costs
    /// nothing while all is well.
    pub fn retry(&mut self) {
        self.wanted.send_modify(|wanted| wanted.retries += 1);
    }

    fn with_icons(events: mpsc::Sender<Event>, named: bool) -> Self {
        let (wanted, receiver) = watch::channel(Wanted::default());
        tokio::spawn(Keeper::new(receiver, events, named).run());
        Self { wanted, count: None }
    }

    fn steady(&mut self, count: Option<usize>, now: i64) -> Option<usize> {
        let stays = |(_, since): &(usize, i64)| count.is_some() && (0..COUNT_STAYS).contains(&(now - since));
        self.count = self.count.filter(stays).or_else(|| count.map(|count| (count, now)));
        self.count.map(|(count, _)| count)
    }
}

impl Face {
    fn new(view: &View, autostart: Option<bool>, now: i64) -> Self {
        Self {
            icon: Icon::of(view),
            needs_attention: view.pause.is_none() && !view.alerts.is_empty(),
            tooltip: menu::tooltip(view),
            menu: menu::menu(view, autostart, now),
        }
    }
}

#[cfg(test)]
mod tests;
