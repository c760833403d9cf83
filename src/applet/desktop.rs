//! What the applet shows on the desktop: the tray and the notifications, on one bus.

use super::Event;
use super::autostart::{self, Autostart};
use super::bus::{self, Bus};
use super::child::End;
use super::notify::Notifier;
use super::popup::Popup;
use super::tray::Tray;
use crate::config::NotificationMethod;
use crate::core::View;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// By what notices are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Means {
    /// By the desktop's notifications.
    pub(super) notifications: bool,
    /// By the guard's own popup.
    pub(super) popup: bool,
}

impl Means {
    /// Chooses what the config asks for; `served` tells whether the desktop's notifications work. Nothing is said twice.
    pub(super) fn choose(method: NotificationMethod, served: bool) -> Self {
        match method {
            NotificationMethod::System => Self { notifications: true, popup: false },
            NotificationMethod::Popup => Self { notifications: false, popup: true },
            NotificationMethod::Both => Self { notifications: true, popup: !served },
        }
    }
}

/// Whether the applet is started at login is looked up again after this time: others may change it.
const STARTS_STAYS: Duration = Duration::from_secs(10);

/// After so long a tray is not merely slow to come, as at a login.
const TRAY_IS_LATE: Duration = Duration::from_secs(20);

/// The parts that need a desktop session; each may be missing.
pub(super) struct Desktop {
    bus: Bus,
    bus_state: watch::Receiver<bus::State>,
    tray: Tray,
    notifier: Notifier,
    popup: Popup,
    autostart: Option<Autostart>,
    /// Whether it is started at login, and when that was last looked up.
    starts: Option<(bool, Instant)>,
    /// Since when there is no icon, and why; None where there is one, and once that was said.
    without_icon: Option<(Instant, String)>,
}

impl Desktop {
    /// Begins to look for the bus; what is pressed is told to the loop.
    pub(super) fn start(socket: &Path, events: &mpsc::Sender<Event>) -> Self {
        let bus = Bus::start(None, events.clone());
        Self {
            bus_state: bus.watch(),
            tray: Tray::new(events.clone()),
            notifier: Notifier::new(bus.watch(), events.clone()),
            popup: Popup::new(socket, events.clone()),
            autostart: autostart(),
            starts: None,
            without_icon: None,
            bus,
        }
    }

    /// Shows this from now on. `now` is in Unix seconds.
    pub(super) fn show(&mut self, view: &View, means: Means, now: i64) {
        self.notifier.show(means.notifications.then_some(&view.notices[..]));
        if means.popup {
            self.popup.want(!view.notices.is_empty());
        } else {
            self.popup.end();
        }
        let starts = self.starts_at_login();
        self.tray.show(view, starts, now);
    }

    /// Tells whether the applet is started at login; None where that cannot be told.
    fn starts_at_login(&mut self) -> Option<bool> {
        let autostart = self.autostart.as_ref()?;
        self.starts = self.starts.filter(|(_, looked)| looked.elapsed() < STARTS_STAYS);
        let look = || (autostart.status() == autostart::Status::On, Instant::now());
        Some(self.starts.get_or_insert_with(look).0)
    }

    /// Takes note that the popup has ended. Gives the sentence to say once it is not tried any more.
    pub(super) fn popup_ended(&mut self, end: &End) -> Option<String> {
        self.popup.ended(end, Instant::now())
    }

    /// Takes note that there is no icon and why, or that there is one.
    pub(super) fn note_icon(&mut self, problem: Option<&str>) {
        if let Some(why) = problem {
            self.without_icon.get_or_insert_with(|| (Instant::now(), why.to_owned()));
        } else {
            self.without_icon = None;
        }
    }

    /// Gives once why there is no icon, when it is not merely late.
    pub(super) fn lacks_icon(&mut self) -> Option<String> {
        let is_late = |(since, _): &mut (Instant, String)| since.elapsed() >= TRAY_IS_LATE;
        self.without_icon.take_if(is_late).map(|(_, why)| why)
    }

    /// Looks after what is missing; to be called with each scan.
    pub(super) fn retry(&mut self) {
        self.bus.retry();
        self.tray.retry();
    }

    /// Waits until the session bus, or what is on it, comes or goes, and tells the tray.
    pub(super) async fn bus_changed(&mut self) {
        if self.bus_state.changed().await.is_err() {
            return std::future::pending().await;
        }
        let era = {
            let state = self.bus_state.borrow_and_update();
            state.connection.is_some().then_some(state.era)
        };
        self.tray.follow_bus(era);
    }

    /// Starts the applet at login from now on, or no more.
    ///
    /// # Errors
    /// The entry could not be written, or does not do what it should; see [`autostart::Error`].
    pub(super) fn set_autostart(&mut self, on: bool) -> Result<(), autostart::Error> {
        self.starts = None;
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

/// Finds the entry that starts the applet at login. Where it starts a program of ours that is gone, it starts this one from now on.
fn autostart() -> Option<Autostart> {
    let autostart = Autostart::new().map_err(|error| tracing::warn!("{error}")).ok()?;
    match autostart.mend() {
        Ok(true) => tracing::info!("{} started what is gone, and starts this program now", autostart.file().display()),
        Ok(false) => {}
        Err(error) => tracing::warn!("{error}"),
    }
    Some(autostart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice_and_nothing_unasked() {
        let chosen = |method, served| {
            let means = Means::choose(method, served);
            (means.notifications, means.popup)
        };
        assert_eq!(chosen(NotificationMethod::Both, true), (true, false));
        assert_eq!(chosen(NotificationMethod::Both, false), (true, true));
        for served in [false, true] {
            assert_eq!(chosen(NotificationMethod::System, served), (true, false));
            assert_eq!(chosen(NotificationMethod::Popup, served), (false, true));
        }
    }
}
