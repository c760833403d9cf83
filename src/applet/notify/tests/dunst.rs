//! The notifier against the real dunst, on a display of its own.

use super::*;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use zbus::fdo::PropertiesProxy;

const COMMANDS: &str = "org.dunstproject.cmd0";

/// dunst in front of nobody.
struct Dunst {
    display: Child,
    number: String,
    server: Child,
    connection: Connection,
}

impl Dunst {
    async fn start(daemon: &PrivateBus) -> Self {
        let dir = daemon.dir();
        let menu = dir.join("menu");
        std::fs::write(&menu, "#!/bin/sh\ngrep -m 1 Kill\n").unwrap();
        std::fs::set_permissions(&menu, std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::write(dir.join("dunstrc"), format!("[global]\nmarkup = full\ndmenu = {}\n", menu.display())).unwrap();
        // It prints the number of the display when it is ready.
        let mut display = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "640x240x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        BufReader::new(display.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let number = format!(":{}", number.trim());
        let server = Self::serve(daemon, &number);
        Self { display, number, server, connection: daemon.connect().await }
    }

    fn serve(daemon: &PrivateBus, display: &str) -> Child {
        Command::new("dunst")
            .arg("-conf")
            .arg(daemon.dir().join("dunstrc"))
            .env_remove("WAYLAND_DISPLAY")
            .env("DISPLAY", display)
            .env("HOME", daemon.dir())
            .env("DBUS_SESSION_BUS_ADDRESS", daemon.address())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dunst is installed")
    }

    fn end_server(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    fn serve_again(&mut self, daemon: &PrivateBus) {
        self.server = Self::serve(daemon, &self.number);
    }

    /// Waits until as many notifications are on the screen.
    async fn shows(&self, wanted: u32) {
        let come = async {
            while self.displayed().await != Some(wanted) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LIMIT, come).await.unwrap_or_else(|_| panic!("dunst does not show {wanted}"));
    }

    async fn displayed(&self) -> Option<u32> {
        let properties = PropertiesProxy::new(&self.connection, NOTIFICATIONS, fake::PATH).await.ok()?;
        properties.get(COMMANDS.try_into().unwrap(), "displayedLength").await.ok()?.downcast_ref().ok()
    }

    async fn command<R>(&self, name: &str, body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) -> R
    where
        R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
    {
        let reply = self.connection.call_method(Some(NOTIFICATIONS), fake::PATH, Some(COMMANDS), name, body).await;
        reply.unwrap().body().deserialize().unwrap()
    }

    /// Title, body and category of the one that was closed last.
    async fn last_closed(&self) -> [String; 3] {
        let history: Vec<HashMap<String, OwnedValue>> = self.command("NotificationListHistory", &()).await;
        let last = history.first().expect("something was closed");
        ["summary", "body", "category"].map(|key| last[key].downcast_ref().unwrap())
    }
}

impl Drop for Dunst {
    fn drop(&mut self) {
        for child in [&mut self.server, &mut self.display] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[tokio::test]
#[ignore = "needs dunst and Xvfb"]
async fn dunst_shows_replaces_presses_and_closes() {
    let daemon = PrivateBus::start(&[]);
    let mut dunst = Dunst::start(&daemon).await;
    dunst.shows(0).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.")]));
    dunst.shows(1).await;
    let worse = "Isolated Web Co (4711) <has> kept 1.4 cores busy for 124 s.";
    let critical = Notice { kind: NoticeKind::Alert(Severity::Critical), ..notice(1, worse) };
    guard.notifier.show(Some(&[critical.clone(), notice(2, "b")]));
    dunst.shows(2).await;
    guard.notifier.show(Some(&[critical]));
    dunst.shows(1).await;
    dunst.command::<()>("NotificationCloseLast", &()).await;
    assert!(matches!(guard.event().await, Event::NoticeClosed(1)));
    let escaped = "Isolated Web Co (4711) &lt;has&gt; kept 1.4 cores busy for 124 s.";
    assert_eq!(dunst.last_closed().await, ["Firefox is using 1.4 cores", escaped, "x-runawayguard.process.alert"]);
    guard.notifier.show(Some(&[notice(3, "c")]));
    dunst.shows(1).await;
    dunst.command::<()>("NotificationAction", &0_u32).await;
    assert!(matches!(guard.event().await, Event::OpenWindow(Some(Tab::Alerts))));
    guard.notifier.show(Some(&[notice(4, "d")]));
    dunst.shows(1).await;
    dunst.command::<()>("ContextMenuCall", &()).await;
    guard.acts(4, Action::Kill).await;
    guard.notifier.show(Some(&[Notice { kind: NoticeKind::Outcome, ..notice(4, "It ended.") }, notice(5, "e")]));
    dunst.shows(2).await;
    dunst.end_server();
    assert_eq!(guard.part().await, (Part::Notifications, Some(ABSENT.to_owned())));
    dunst.serve_again(&daemon);
    assert_eq!(guard.part().await, (Part::Notifications, None));
    dunst.shows(1).await;
    guard.notifier.close().await;
    dunst.shows(0).await;
    assert_eq!(dunst.last_closed().await[1], "e");
}
