//! Keeps the item on the bus: places it, changes it, and places it again where bus or host went away.

use super::item::Item;
use super::{NO_HOST, Shown, Wanted};
use crate::applet::Event;
use crate::applet::event::Part;
use ksni::TrayMethods;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// How long a host may take to answer before that is said; it is waited for all the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the tray host.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Host {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It took the item.
    Here,
    /// Nobody has its name.
    Missing,
    /// It did not take the item, and said why.
    Refused(String),
}

/// The task that talks to the bus.
pub(super) struct Keeper {
    wanted: watch::Receiver<Wanted>,
    events: mpsc::Sender<Event>,
    named: bool,
    host: watch::Sender<Host>,
    placed: Option<Placed>,
    /// On which bus.
    bus: Option<u64>,
    /// Whether a host was looked for on this bus.
    looked: bool,
    /// What [`Wanted::retries`] was.
    retries: u64,
    /// Whether a problem was reported that has not been taken back.
    complained: bool,
}

/// An item on the bus. It is never dropped without [`ksni::Handle::shutdown`]: the service would panic once its
/// connection is lost too.
struct Placed {
    handle: ksni::Handle<Item>,
    shown: Arc<Shown>,
    /// Whether the bus was asked for a host since.
    asked: bool,
}

impl From<ksni::OfflineReason> for Host {
    fn from(reason: ksni::OfflineReason) -> Self {
        match reason {
            ksni::OfflineReason::No => Self::Missing,
            ksni::OfflineReason::Error(error) => Self::from(error),
            other => Self::Refused(format!("{other:?}")),
        }
    }
}

impl From<ksni::Error> for Host {
    fn from(error: ksni::Error) -> Self {
        match error {
            ksni::Error::Watcher(zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_))
            | ksni::Error::WontShow => Self::Missing,
            ksni::Error::Watcher(error) => Self::Refused(error.to_string()),
            ksni::Error::Dbus(_) => Self::Unknown,
            other => Self::Refused(other.to_string()),
        }
    }
}

impl Host {
    /// Takes note that the item was placed without a word of a missing host.
    fn is_found(&mut self) -> bool {
        let unknown = *self == Self::Unknown;
        if unknown {
            *self = Self::Here;
        }
        unknown
    }

    /// The sentence for people; None where nothing is wrong, or the bus is what is wrong.
    fn problem(&self) -> Option<String> {
        match self {
            Self::Unknown | Self::Here => None,
            Self::Missing => Some(NO_HOST.into()),
            Self::Refused(why) => {
                Some(format!("The tray host did not take the icon ({why}). Alerts still come as notifications."))
            }
        }
    }
}

impl Keeper {
    pub(super) fn new(wanted: watch::Receiver<Wanted>, events: mpsc::Sender<Event>, named: bool) -> Self {
        let host = watch::Sender::new(Host::Unknown);
        Self { wanted, events, named, host, placed: None, bus: None, looked: false, retries: 0, complained: false }
    }

    /// Follows what is wanted until nobody wants anything any more.
    pub(super) async fn run(mut self) {
        let mut host = self.host.subscribe();
        loop {
            tokio::select! {
                wanted = self.wanted.changed() => match wanted {
                    Ok(()) => self.follow().await,
                    Err(_) => break,
                },
                Ok(()) = host.changed() => self.take_back().await,
            }
        }
        self.remove().await;
    }

    async fn follow(&mut self) {
        let wanted = self.wanted.borrow_and_update().clone();
        let again = std::mem::replace(&mut self.retries, wanted.retries) != wanted.retries;
        if self.bus != wanted.bus || self.placed.as_ref().is_some_and(|placed| placed.handle.is_closed()) {
            self.remove().await;
            (self.bus, self.looked) = (wanted.bus, false);
        }
        let (Some(_), Some(shown)) = (wanted.bus, wanted.shown) else { return };
        if let Some(placed) = &mut self.placed {
            placed.show(&shown).await;
        }
        if !self.looked {
            self.place(&shown).await;
        } else if again {
            self.look_again(&shown).await;
        }
    }

    /// Looks after a host that is missing. Only now is that a problem: at login it is often just late.
    async fn look_again(&mut self, shown: &Arc<Shown>) {
        let host = self.host.borrow().clone();
        if host == Host::Here {
            return;
        }
        let waits = match &mut self.placed {
            Some(placed) if host == Host::Missing => placed.may_wait().await,
            Some(_) | None => false,
        };
        if !waits {
            self.place(shown).await;
        }
        let host = self.host.borrow().clone();
        self.complain(&host).await;
    }

    async fn complain(&mut self, host: &Host) {
        let problem = host.problem();
        if problem.is_some() && !self.complained {
            self.complained = true;
            self.report(problem).await;
        }
    }

    async fn place(&mut self, shown: &Arc<Shown>) {
        self.remove().await;
        let item = Item::new(shown.clone(), self.named, self.events.clone(), self.host.clone());
        let mut placing = pin!(item.assume_sni_available(true).spawn());
        let placed = if let Ok(placed) = timeout(PATIENCE, &mut placing).await {
            placed
        } else {
            self.complain(&Host::Refused("it does not answer".into())).await;
            placing.await
        };
        match placed {
            Ok(handle) => {
                self.placed = Some(Placed { handle, shown: shown.clone(), asked: false });
                self.host.send_if_modified(Host::is_found);
            }
            Err(error) => {
                tracing::debug!("the tray item could not be placed: {error}");
                self.host.send_replace(Host::from(error));
            }
        }
        self.looked = *self.host.borrow() != Host::Unknown;
    }

    async fn remove(&mut self) {
        if let Some(placed) = self.placed.take() {
            placed.handle.shutdown().await;
        }
        self.host.send_replace(Host::Unknown);
    }

    async fn take_back(&mut self) {
        if self.complained && *self.host.borrow() == Host::Here {
            self.complained = false;
            self.report(None).await;
        }
    }

    async fn report(&self, problem: Option<String>) {
        let told = self.events.send(Event::Part { part: Part::Tray, problem }).await;
        told.unwrap_or_else(|_| tracing::debug!("nobody listens to the tray any more"));
    }
}

impl Placed {
    /// Tells whether ksni will notice the host. It looks for one first and watches for one then: what came in between
    /// went unnoticed, so the bus is asked once.
    async fn may_wait(&mut self) -> bool {
        std::mem::replace(&mut self.asked, true) || !there_is_a_host().await.unwrap_or(false)
    }

    async fn show(&mut self, shown: &Arc<Shown>) {
        if !Arc::ptr_eq(&self.shown, shown) {
            self.shown = shown.clone();
            self.handle.update(|item| item.show(shown.clone())).await;
        }
    }
}

async fn there_is_a_host() -> zbus::Result<bool> {
    let bus = zbus::Connection::session().await?;
    let name = zbus::names::BusName::from_static_str("org.kde.StatusNotifierWatcher")?;
    let owned = zbus::fdo::DBusProxy::new(&bus).await?.name_has_owner(name).await?;
    bus.close().await?;
    Ok(owned)
}
