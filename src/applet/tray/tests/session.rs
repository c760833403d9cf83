//! A private session bus with a real daemon, a fake tray host on it, and the eyes and hands of its user.

use std::collections::HashMap;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use zbus::zvariant::{DynamicType, OwnedValue, Structure, Value};

const ADDRESS: &str = "DBUS_SESSION_BUS_ADDRESS";
const INNER: &str = "RUNAWAY_GUARD_TEST_ON_PRIVATE_BUS";

/// Runs a test in a process of its own, whose environment names a private session bus: the variable cannot be set
/// safely in this one. `body` starts the bus.
pub(super) fn on_private_bus(test: &str, body: impl Future<Output = ()>) {
    if std::env::var_os(INNER).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(async { tokio::time::timeout(Duration::from_mins(1), body).await.unwrap() });
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("applet::tray::tests::{test}"), "--nocapture"])
        .env(INNER, "1")
        .env(ADDRESS, format!("unix:path={}", dir.path().join("bus").display()))
        .env("XDG_DATA_HOME", dir.path())
        .env("XDG_DATA_DIRS", dir.path())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// Waits until there is an answer.
pub(super) async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(found) = probe().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}");
}

/// A bus daemon at the address that the environment names.
pub(super) struct Bus {
    daemon: Child,
}

impl Bus {
    pub(super) fn start() -> Self {
        let address = std::env::var(ADDRESS).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address", "--address", &address])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is needed: apt-get install dbus-daemon");
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("unix:path="), "{line}");
        Self { daemon }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
        let address = std::env::var(ADDRESS).unwrap();
        let socket = PathBuf::from(address.trim_start_matches("unix:path="));
        std::fs::remove_file(socket).unwrap();
    }
}

/// A fake tray host: it has the watcher's name, and looks at the items that register.
pub(super) struct FakeHost {
    _connection: zbus::Connection,
    registered: mpsc::Receiver<String>,
}

struct FakeWatcher {
    registered: mpsc::Sender<String>,
    has_host: bool,
    refuses: bool,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl FakeWatcher {
    async fn register_status_notifier_item(&self, service: String) -> zbus::fdo::Result<()> {
        if self.refuses {
            return Err(zbus::fdo::Error::LimitsExceeded("no more room".into()));
        }
        self.registered.send(service).await.unwrap();
        Ok(())
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.has_host
    }
}

impl FakeHost {
    pub(super) async fn start() -> Self {
        Self::with_manners(false).await
    }

    pub(super) async fn refusing() -> Self {
        Self::with_manners(true).await
    }

    async fn with_manners(refuses: bool) -> Self {
        let (sender, registered) = mpsc::channel(8);
        let connection = zbus::connection::Builder::session()
            .unwrap()
            .serve_at("/StatusNotifierWatcher", FakeWatcher { registered: sender, has_host: true, refuses })
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { _connection: connection, registered }
    }

    /// Waits for the next item.
    pub(super) async fn item(&mut self) -> Seen {
        let name = tokio::time::timeout(Duration::from_secs(10), self.registered.recv()).await.unwrap().unwrap();
        Seen { name, connection: zbus::Connection::session().await.unwrap() }
    }

    /// Tells whether another item has registered by now.
    pub(super) fn has_another(&mut self) -> bool {
        self.registered.try_recv().is_ok()
    }
}

/// An item as a host sees it.
pub(super) struct Seen {
    pub(super) name: String,
    connection: zbus::Connection,
}

/// An entry of the menu as a host sees it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: i32,
    pub(super) depth: usize,
    pub(super) properties: HashMap<String, OwnedValue>,
}

impl Entry {
    pub(super) fn label(&self) -> &str {
        self.properties.get("label").map_or("", |label| label.downcast_ref::<&str>().unwrap())
    }

    pub(super) fn is(&self, property: &str) -> bool {
        self.properties.get(property).is_none_or(|value| value.downcast_ref::<bool>().unwrap())
    }
}

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Seen {
    async fn call<B: serde::Serialize + DynamicType>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> zbus::Result<zbus::Message> {
        self.connection.call_method(Some(self.name.as_str()), path, Some(interface), method, body).await
    }

    pub(super) async fn property<T>(&self, name: &str) -> T
    where
        T: TryFrom<OwnedValue>,
        T::Error: std::fmt::Debug,
    {
        let body = ("org.kde.StatusNotifierItem", name);
        let reply = self.call("/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", &body).await.unwrap();
        T::try_from(reply.body().deserialize::<OwnedValue>().unwrap()).unwrap()
    }

    /// The title and the body of its tooltip.
    pub(super) async fn tooltip(&self) -> (String, String) {
        let tooltip = self.property::<Structure<'static>>("ToolTip").await;
        let text = |index: usize| tooltip.fields()[index].downcast_ref::<String>().unwrap();
        (text(2), text(3))
    }

    /// The sides of its pixmaps; each has as many pixels as it says.
    pub(super) async fn sides(&self, property: &str) -> Vec<i32> {
        let pixmaps = self.pixmaps(property).await;
        for (width, height, data) in &pixmaps {
            assert_eq!(width, height);
            assert_eq!(data.len(), usize::try_from(width * height * 4).unwrap());
        }
        pixmaps.into_iter().map(|(width, _, _)| width).collect()
    }

    pub(super) async fn pixmaps(&self, property: &str) -> Vec<(i32, i32, Vec<u8>)> {
        let body = ("org.kde.StatusNotifierItem", property);
        let reply = self.call("/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", &body).await.unwrap();
        let value = reply.body().deserialize::<OwnedValue>().unwrap();
        let Value::Array(pixmaps) = &*value else { panic!("{value:?}") };
        pixmaps.iter().map(|pixmap| pixmap.try_clone().unwrap().downcast().unwrap()).collect()
    }

    /// Its whole menu, what is invisible included.
    pub(super) async fn menu(&self) -> Vec<Entry> {
        let reply =
            self.call("/MenuBar", "com.canonical.dbusmenu", "GetLayout", &(0, -1, Vec::<String>::new())).await.unwrap();
        let (_, layout): (u32, Layout) = reply.body().deserialize().unwrap();
        let mut entries = Vec::new();
        flatten(layout, 0, &mut entries);
        entries
    }

    /// The visible lines of its menu, four spaces a level.
    pub(super) async fn lines(&self) -> Vec<String> {
        let visible = self.menu().await.into_iter().filter(|entry| entry.depth > 0 && entry.is("visible"));
        visible.map(|entry| format!("{}{}", "    ".repeat(entry.depth - 1), entry.label())).collect()
    }

    /// The number of the entry with this label.
    pub(super) async fn number(&self, label: &str) -> i32 {
        let menu = self.menu().await;
        menu.iter().find(|entry| entry.label() == label).unwrap_or_else(|| panic!("{label} is not in {menu:?}")).id
    }

    pub(super) async fn click(&self, number: i32) -> zbus::Result<()> {
        let body = (number, "clicked", Value::from(0_i32), 0_u32);
        self.call("/MenuBar", "com.canonical.dbusmenu", "Event", &body).await.map(drop)
    }

    pub(super) async fn about_to_show(&self) {
        self.call("/MenuBar", "com.canonical.dbusmenu", "AboutToShow", &(0_i32,)).await.unwrap();
    }

    pub(super) async fn activate(&self) {
        self.call("/StatusNotifierItem", "org.kde.StatusNotifierItem", "Activate", &(3_i32, 4_i32)).await.unwrap();
    }
}

fn flatten((id, properties, children): Layout, depth: usize, entries: &mut Vec<Entry>) {
    entries.push(Entry { id, depth, properties });
    for child in children {
        let fields = Structure::try_from(child).unwrap().into_fields();
        let [id, properties, children] = fields.try_into().unwrap();
        let child = (id.downcast().unwrap(), properties.downcast().unwrap(), children.downcast().unwrap());
        flatten(child, depth + 1, entries);
    }
}
