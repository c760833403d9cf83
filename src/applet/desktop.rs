//! What the applet shows on the desktop: the tray and the notifications, on one bus.

use super::Event;
use super::autostart::{self, Autostart};
use super::bus::{self, Bus};
use super::notify::Notifier;
use super::tray::Tray;
use crate::core::View;
use tokio::sync::{mpsc, watch};

/// The parts that need a desktop session; each may be missing.
pub(super) struct Desktop {
    bus: Bus,
    bus_state: watch::Receiver<bus::State>,
    tray: Tray,
    notifier: Notifier,
    autostart: Option<Autostart>,
}

impl Desktop {
    /// Begins to look for the bus; what is pressed is told to the loop.
    pub(super) fn start(events: &mpsc::Sender<Event>) -> Self {
        let bus = Bus::start(None, events.clone());
        Self {
            bus_state: bus.watch(),
            tray: Tray::new(events.clone()),
            notifier: Notifier::new(bus.watch(), events.clone()),
            autostart: Autostart::new().map_err(|error| tracing::warn!("{error}")).ok(),
            bus,
        }
    }

    /// Shows this from now on. `now` is in Unix seconds.
    pub(super) fn show(&mut self, view: &View, now: i64) {
        self.notifier.show(&view.notices);
        let autostart = self.autostart.as_ref().map(|autostart| autostart.status() == autostart::Status::On);
        self.tray.show(view, autostart, now);
    }

    /// Looks after what is missing; to be called with each scan.
    pub(super) fn retry(&mut self) {
        self.bus.retry();
        self.tray.retry();
    }

    /// Waits until the session bus comes or goes, and tells the tray.
    pub(super) async fn bus_changed(&mut self) {
        if self.bus_state.changed().await.is_err() {
            return std::future::pending().await;
        }
        if self.bus_state.borrow_and_update().connection.is_some() {
            self.tray.bus_up();
        } else {
            self.tray.bus_down();
        }
    }

    /// Starts the applet at login from now on, or no more.
    ///
    /// # Errors
    /// The entry could not be written, or does not do what it should; see [`autostart::Error`].
    pub(super) fn set_autostart(&self, on: bool) -> Result<(), autostart::Error> {
        match &self.autostart {
            Some(autostart) if on => autostart.enable(),
            Some(autostart) => autostart.disable(),
            None => Ok(()),
        }
    }

    /// Closes the notifications: nobody would listen to their buttons.
    pub(super) async fn close(self) {
        self.notifier.close().await;
    }
}
