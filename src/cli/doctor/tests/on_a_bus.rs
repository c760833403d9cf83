//! On a private bus that knows no service of the machine.

use super::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use zbus::zvariant::ObjectPath;

const TRAY: &str = "org.kde.StatusNotifierWatcher";
const NOTICES: &str = "org.freedesktop.Notifications";

/// A bus that ends with the test.
struct Bus {
    daemon: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Bus {
    fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap())
    }

    /// Starts it with the services that the folder holds.
    fn start_in(folder: tempfile::TempDir) -> Self {
        let at = folder.path().display();
        let config = format!(
            "<busconfig><type>session</type><listen>unix:dir={at}</listen><servicedir>{at}</servicedir>\
             <policy context='default'><allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
        );
        std::fs::write(folder.path().join("bus.conf"), config).unwrap();
        let mut daemon = Command::new("dbus-daemon");
        daemon.arg(format!("--config-file={at}/bus.conf")).args(["--nofork", "--print-address=1"]);
        let mut daemon = daemon.stdout(Stdio::piped()).spawn().expect("dbus-daemon is needed: install dbus-daemon");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned(), _folder: folder }
    }

    fn checks(&self) -> Vec<Check> {
        bus::checks_at(Some(&self.address))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A desktop with a tray and a notification server.
struct Desktop {
    end: oneshot::Sender<()>,
    thread: JoinHandle<zbus::Result<()>>,
}

impl Desktop {
    fn start(bus: &Bus, capabilities: &'static [&'static str]) -> Self {
        let (end, ended) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
        let address = bus.address.clone();
        let thread = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
                let builder = zbus::connection::Builder::address(address.as_str())?.name(TRAY)?.name(NOTICES)?;
                let server = Server(capabilities);
                let desktop = builder.serve_at("/org/freedesktop/Notifications", server)?.build().await?;
                let _ = ready.send(());
                let _ = ended.await;
                desktop.release_name(TRAY).await?;
                desktop.release_name(NOTICES).await.map(drop)
            })
        });
        is_ready.recv_timeout(Duration::from_secs(10)).unwrap();
        Self { end, thread }
    }

    fn end(self) {
        self.end.send(()).unwrap();
        self.thread.join().unwrap().unwrap();
    }
}

struct Server(&'static [&'static str]);

#[zbus::interface(name = "org.freedesktop.Notifications")]
#[expect(clippy::unused_self, reason = "the interface macro wants it")]
impl Server {
    fn get_server_information(&self) -> (String, String, String, String) {
        ("fake".into(), "us".into(), "1.2".into(), "1.2".into())
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.0.iter().map(|name| (*name).to_owned()).collect()
    }
}

#[test]
fn on_a_bare_bus_tray_and_notifications_are_missing() {
    let [reached, tray, notices] = <[Check; 3]>::try_from(Bus::start().checks()).unwrap();
    assert_eq!(reached, Check::ok("session bus", "reached"));
    assert_eq!((tray.found, notices.found), (Found::Missing, Found::Missing));
}

#[test]
fn tray_and_notifications_are_found_by_their_names() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, &["body", "actions"]);
    assert_eq!(bus.checks()[1], Check::ok("tray host", TRAY));
    assert_eq!(bus.checks()[2], Check::ok("notifications", "fake 1.2, with buttons"));
    desktop.end();
    let desktop = Desktop::start(&bus, &["body"]);
    let notices = &bus.checks()[2];
    assert_eq!((notices.found, notices.detail.as_str()), (Found::Missing, "fake 1.2, without buttons"));
    desktop.end();
}

#[test]
fn a_server_that_the_bus_would_start_is_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let service = format!("[D-BUS Service]\nName={NOTICES}\nExec=/bin/touch {}\n", started.display());
    std::fs::write(folder.path().join(format!("{NOTICES}.service")), service).unwrap();
    let bus = Bus::start_in(folder);
    assert_eq!(bus.checks()[2], Check::ok("notifications", "a server is started when it is needed"));
    assert!(!started.exists());
}

#[test]
fn a_bus_that_is_not_there_or_never_answers_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let address = format!("unix:path={}", path.display());
    assert_eq!(bus::checks_at(Some(&address))[0].found, Found::Wrong);
    let _listener = UnixListener::bind(&path).unwrap();
    let late = bus::checks_at(Some(&address));
    assert_eq!(late.len(), 1);
    assert!(late[0].detail.starts_with("it did not answer within 2 s"), "{late:?}");
}

/// Stands in for systemd's manager: in which state our unit's file is, if there is one.
struct Systemd(Option<&'static str>);

#[zbus::interface(name = "org.freedesktop.systemd1.Manager")]
#[expect(clippy::unused_self, reason = "the interface macro wants it")]
impl Systemd {
    fn get_unit(&self, name: &str) -> ObjectPath<'static> {
        assert_eq!(name, "xdg-desktop-autostart.target");
        ObjectPath::from_static_str_unchecked("/target")
    }

    fn get_unit_file_state(&self, name: &str) -> zbus::fdo::Result<&str> {
        assert_eq!(name, "runaway-guard.service");
        self.0.ok_or_else(|| zbus::fdo::Error::FileNotFound(name.to_owned()))
    }
}

/// Stands in for the desktop's target, in this state.
struct Target(&'static str);

#[zbus::interface(name = "org.freedesktop.systemd1.Unit")]
impl Target {
    #[zbus(property)]
    fn active_state(&self) -> &str {
        self.0
    }
}

/// What is said of the unit beside such a systemd.
async fn unit_beside(bus: &Bus, desktop: &'static str, unit: Option<&'static str>) -> zbus::Result<Option<Check>> {
    let builder = zbus::connection::Builder::address(bus.address.as_str())?.name("org.freedesktop.systemd1")?;
    let builder = builder.serve_at("/org/freedesktop/systemd1", Systemd(unit))?.serve_at("/target", Target(desktop))?;
    let _systemd = builder.build().await?;
    let client = zbus::connection::Builder::address(bus.address.as_str())?.build().await?;
    bus::unit_on(&client).await
}

#[tokio::test]
async fn a_unit_that_would_not_start_at_login_is_told_where_systemd_runs_the_desktop() {
    let bus = Bus::start();
    let said = async |desktop, unit| unit_beside(&bus, desktop, Some(unit)).await.unwrap().map(|check| check.detail);
    let ends = |said: Option<String>, end| said.is_some_and(|said| said.ends_with(end));
    assert!(ends(said("active", "masked").await, "runaway-guard.service, which is masked"));
    assert!(ends(said("active", "masked-runtime").await, "which is masked"));
    assert!(ends(said("active", "disabled").await, "which is not enabled"));
    assert_eq!(said("active", "enabled").await, None);
    assert_eq!(said("inactive", "masked").await, None);
    assert!(unit_beside(&bus, "active", None).await.is_err(), "no unit");
    let client = zbus::connection::Builder::address(bus.address.as_str()).unwrap().build().await.unwrap();
    assert!(bus::unit_on(&client).await.is_err(), "no systemd");
}
