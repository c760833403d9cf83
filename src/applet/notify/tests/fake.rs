//! A fake notification server, for what no real one does on demand.

use super::*;

pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// How it behaves.
#[derive(Clone)]
pub(super) struct Manners {
    pub(super) name: &'static str,
    pub(super) capabilities: Vec<&'static str>,
    /// Whether its signals go to everybody.
    pub(super) broadcast: bool,
    /// The body that it refuses.
    pub(super) refuses: Option<&'static str>,
    /// Whether it does so only where that takes another's place.
    pub(super) takes_it_anew: bool,
    /// Whether it says nothing then.
    pub(super) silently: bool,
    /// What each answer to Notify waits for.
    pub(super) gate: Option<Arc<Semaphore>>,
}

impl Default for Manners {
    fn default() -> Self {
        let capabilities = vec!["body", "body-markup", "actions"];
        Self {
            name: "fake",
            capabilities,
            broadcast: false,
            refuses: None,
            takes_it_anew: false,
            silently: false,
            gate: None,
        }
    }
}

/// What it was asked to show, and by whom.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: u32,
    pub(super) sender: String,
    pub(super) app_name: String,
    pub(super) replaces: u32,
    pub(super) icon: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) actions: Vec<String>,
    pub(super) hints: HashMap<String, OwnedValue>,
    pub(super) expires: i32,
}

/// The server, as the test holds it.
pub(super) struct Fake {
    connection: Connection,
    broadcast: bool,
    client: Option<String>,
    shown: mpsc::Receiver<Asked>,
    closed: mpsc::Receiver<(u32, String)>,
    capabilities_asked: Arc<AtomicU32>,
}

struct Interface {
    manners: Manners,
    last: AtomicU32,
    shown: mpsc::Sender<Asked>,
    closed: mpsc::Sender<(u32, String)>,
    capabilities_asked: Arc<AtomicU32>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Interface {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities_asked.fetch_add(1, Ordering::Relaxed);
        self.manners.capabilities.iter().map(|&name| name.to_owned()).collect()
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        (self.manners.name, "nobody", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "the protocol has as many")]
    async fn notify(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        app_name: String,
        replaces: u32,
        icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expires: i32,
    ) -> zbus::fdo::Result<u32> {
        let is_refused = self.manners.refuses == Some(body.as_str()) && !(self.manners.takes_it_anew && replaces == 0);
        if is_refused && !self.manners.silently {
            return Err(zbus::fdo::Error::Failed("it is too bad.".into()));
        }
        let sender = header.sender().unwrap().to_string();
        let id = if replaces == 0 { self.last.fetch_add(1, Ordering::Relaxed) + 1 } else { replaces };
        let asked = Asked { id, sender, app_name, replaces, icon, title, body, actions, hints, expires };
        self.shown.send(asked).await.unwrap();
        if is_refused {
            std::future::pending::<()>().await;
        }
        if let Some(gate) = &self.manners.gate {
            gate.acquire().await.unwrap().forget();
        }
        Ok(id)
    }

    async fn close_notification(&self, #[zbus(header)] header: zbus::message::Header<'_>, id: u32) {
        self.closed.send((id, header.sender().unwrap().to_string())).await.unwrap();
    }
}

impl Fake {
    pub(super) async fn start(daemon: &PrivateBus, manners: Manners) -> Self {
        let (shown_sender, shown) = mpsc::channel(32);
        let (closed_sender, closed) = mpsc::channel(32);
        let capabilities_asked = Arc::new(AtomicU32::new(0));
        let broadcast = manners.broadcast;
        let interface = Interface {
            manners,
            last: AtomicU32::new(0),
            shown: shown_sender,
            closed: closed_sender,
            capabilities_asked: Arc::clone(&capabilities_asked),
        };
        let connection = daemon.connect().await;
        connection.object_server().at(PATH, interface).await.unwrap();
        connection.request_name(NOTIFICATIONS).await.unwrap();
        Self { connection, broadcast, client: None, shown, closed, capabilities_asked }
    }

    /// The next notification that it is asked to show.
    pub(super) async fn shown(&mut self) -> Asked {
        let asked = tokio::time::timeout(LIMIT, self.shown.recv()).await.expect("Notify comes in time").unwrap();
        self.client = Some(asked.sender.clone());
        asked
    }

    /// The next notification that it is asked to close, and by whom.
    pub(super) async fn closed(&mut self) -> (u32, String) {
        tokio::time::timeout(LIMIT, self.closed.recv()).await.expect("CloseNotification comes in time").unwrap()
    }

    pub(super) fn capabilities_asked(&self) -> u32 {
        self.capabilities_asked.load(Ordering::Relaxed)
    }

    /// Tells that a button was pressed.
    pub(super) async fn press(&self, id: u32, key: &str) {
        self.emit("ActionInvoked", &(id, key)).await;
    }

    /// Tells that a notification is gone, for this reason.
    pub(super) async fn close(&self, id: u32, reason: u32) {
        self.emit("NotificationClosed", &(id, reason)).await;
    }

    /// Ends it.
    pub(super) async fn end(self) {
        self.connection.close().await.unwrap();
    }

    async fn emit(&self, signal: &str, body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) {
        let client = self.client.as_deref().filter(|_| !self.broadcast);
        self.connection.emit_signal(client, PATH, NOTIFICATIONS, signal, body).await.unwrap();
    }
}
