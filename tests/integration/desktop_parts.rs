//! The harness itself: each part of the desktop does what the tests of the applet rely on.

use crate::harness::{Area, Burner, Color, Desktop, Home, Item, LIMIT, Notices, Running, Stuck, requires, wait_until};
use std::path::PathBuf;
use std::time::Duration;
use zbus::zvariant::Value;

/// The color of the sample item.
const SAMPLE: Color = Color(0x20, 0xc0, 0xf0);

/// Where the sample item writes what was done to it.
const JOURNAL: &str = "RUNAWAY_GUARD_SAMPLE_JOURNAL";

#[test]
fn desktop_parts_start() {
    let Some(mut desktop) = Desktop::start() else { return };
    let session = desktop.bus.connect();
    let first = session.owner("org.freedesktop.Notifications");
    assert!(first.is_some());
    assert!(session.owner("org.kde.StatusNotifierWatcher").is_some());
    let old = desktop.dunst().pid();
    desktop.start_dunst();
    assert_ne!(desktop.dunst().pid(), old);
    assert_ne!(session.owner("org.freedesktop.Notifications"), first);
    assert!(!std::path::Path::new(&format!("/proc/{old}")).exists(), "the old server was reaped");
}

#[test]
fn bus_comes_back_at_the_same_address() {
    let Some(mut desktop) = Desktop::start() else { return };
    desktop.bus.kill(&desktop.home);
    desktop.bus.start_again(&desktop.home);
    desktop.start_session_parts();
    let session = desktop.bus.connect();
    assert!(session.owner("org.kde.StatusNotifierWatcher").is_some());
    assert!(session.owner("org.freedesktop.Notifications").is_some());
}

#[test]
fn a_notification_is_heard_pressed_and_closed() {
    let Some(desktop) = Desktop::start() else { return };
    let mut notices = Notices::listen(&desktop.bus);
    notify(&desktop.home, "Make is busy");
    notify(&desktop.home, "Node is busy");
    wait_until("both are on the screen", LIMIT, || desktop.dunst().displayed(&desktop.home) == 2);
    wait_until("both have an id", LIMIT, || notices.open().len() == 2);
    let node = notices.open().remove(1);
    assert_eq!((node.summary.as_str(), node.body.as_str(), node.replaces), ("Node is busy", "for 62 s", 0));
    assert_eq!((node.app_name.as_str(), node.labels()), ("sample", vec!["Kill", "Whitelist"]));
    assert_eq!(node.hints["urgency"], Value::from(1_u8).try_into().unwrap());

    desktop.dunst().press(&desktop.home, "Whitelist", "Node");
    let pressed = (node.id.unwrap(), "whitelist".to_owned());
    wait_until("the button is pressed", LIMIT, || notices.pressed() == [pressed.clone()]);
    desktop.dunst().close(&desktop.home);
    wait_until("one is closed by the user", LIMIT, || notices.closed().iter().any(|(_, reason)| *reason == 2));
    assert!(notices.withdrawn().is_empty());
}

fn notify(home: &Home, summary: &str) {
    let method = "org.freedesktop.Notifications.Notify";
    let target = ["--session", "--dest", "org.freedesktop.Notifications", "--object-path"];
    let call = ["/org/freedesktop/Notifications", "--method", method, "sample", "0", ""];
    let body = [summary, "for 62 s", "['kill', 'Kill', 'whitelist', 'Whitelist']", "{'urgency': <byte 1>}", "0"];
    home.run("gdbus", &[&["call"], &target[..], &call[..], &body[..]].concat());
}

#[test]
fn a_tray_item_is_drawn_and_clicked() {
    let Some(desktop) = Desktop::start() else { return };
    let journal = desktop.home.path("journal");
    let _sample = start_sample(&desktop.home, &journal);
    let session = desktop.bus.connect();
    wait_until("the item is registered", LIMIT, || Item::find(&session, "sample").is_some());
    let item = Item::find(&session, "sample").unwrap();
    assert_eq!(item.text("Status"), "Active");
    assert_eq!(item.tooltip(), ("All quiet".to_owned(), "512 processes".to_owned()));
    assert_eq!(item.picture_count(), 1);
    assert_eq!(item.labels(&session), ["Greet", "", "More", "Deep"]);

    let place = desktop.wait_for_color(SAMPLE);
    let said = |word: &str| std::fs::read_to_string(&journal).unwrap_or_default().contains(word);
    desktop.screen.click(&desktop.home, place, 1);
    wait_until("the left click arrives", LIMIT, || said("activated"));
    assert!(item.choose(&session, "Greet"));
    wait_until("the menu's line is chosen", LIMIT, || said("greeted"));
    assert!(!item.choose(&session, "Deep"), "a disabled line cannot be chosen");
    desktop.open_menu(place);
    desktop.screen.save(&desktop.home, "sample-menu");
}

fn start_sample(home: &Home, journal: &std::path::Path) -> Running {
    let mut command = home.command(std::env::current_exe().unwrap());
    command.args(["--exact", "desktop_parts::sample_item", "--ignored"]).env(JOURNAL, journal);
    Running::start(home, "sample", &mut command)
}

/// No test, but the program that [`start_sample`] runs: ksni finds its bus by the environment alone.
#[test]
#[ignore = "it is the child of another test"]
fn sample_item() {
    let Some(journal) = std::env::var_os(JOURNAL) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let _handle = ksni::TrayMethods::spawn(Sample { journal: journal.into() }).await.unwrap();
        std::future::pending::<()>().await;
    });
}

struct Sample {
    journal: PathBuf,
}

impl Sample {
    fn write(&self, word: &str) {
        let known = std::fs::read_to_string(&self.journal).unwrap_or_default();
        std::fs::write(&self.journal, format!("{known}{word}\n")).unwrap();
    }
}

impl ksni::Tray for Sample {
    fn id(&self) -> String {
        "sample".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let Color(red, green, blue) = SAMPLE;
        vec![ksni::Icon { width: 24, height: 24, data: [255, red, green, blue].repeat(24 * 24) }]
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        let (title, description) = ("All quiet".to_owned(), "512 processes".to_owned());
        ksni::ToolTip { title, description, ..ksni::ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.write("activated");
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        let greet = ksni::menu::StandardItem {
            label: "Greet".to_owned(),
            activate: Box::new(|sample: &mut Self| sample.write("greeted")),
            ..ksni::menu::StandardItem::default()
        };
        let deep = ksni::menu::StandardItem { label: "Deep".to_owned(), enabled: false, ..Default::default() };
        let more = ksni::menu::SubMenu { label: "More".to_owned(), submenu: vec![deep.into()], ..Default::default() };
        vec![greet.into(), ksni::MenuItem::Separator, more.into()]
    }
}

#[test]
fn a_burner_burns_and_is_reaped() {
    if !requires(&["setpriv"]) {
        return;
    }
    let home = Home::new();
    let mut burner = Burner::start(&home, "burn-parts");
    wait_until("it runs", LIMIT, || burner.state() == Some('R'));
    assert!(burner.is_running());
    let kill = std::process::Command::new("kill").arg(burner.pid().to_string()).status().unwrap();
    assert!(kill.success());
    burner.wait_for_end();
    assert_eq!(burner.state(), None);
}

#[test]
fn a_stuck_process_is_in_state_d() {
    if !requires(&["setpriv", "gcc"]) {
        return;
    }
    let home = Home::new();
    let stuck = Stuck::start(&home, "stuck-parts");
    let pid = stuck.pid();
    drop(stuck);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn the_socket_client_frames_lines_and_keeps_pushes() {
    let home = Home::new();
    let listener = std::os::unix::net::UnixListener::bind(home.socket()).unwrap();
    let mut client = crate::harness::Client::connect(&home.socket()).unwrap();
    let (mut served, _) = listener.accept().unwrap();
    let said = concat!(
        "{\"type\":\"status\",\"data\":{\"alert_count\":2}}\n",
        "{\"type\":\"response\",\"id\":1,\"data\":[]}\n"
    );
    std::io::Write::write_all(&mut served, said.as_bytes()).unwrap();
    assert_eq!(client.data("list_whitelist", &serde_json::json!({})), serde_json::json!([]));
    assert_eq!(client.push("status")["alert_count"], 2);
    assert_eq!(client.read_line(Duration::from_millis(50)), None);
    client.close_writing();
    let mut asked = String::new();
    std::io::Read::read_to_string(&mut served, &mut asked).unwrap();
    assert_eq!(asked, "{\"cmd\":\"list_whitelist\",\"params\":{},\"id\":1}\n");
}

impl Desktop {
    /// Where in the panel the color is.
    pub(crate) fn wait_for_color(&self, color: Color) -> (u32, u32) {
        crate::harness::wait_for(&format!("{color:?} in the panel"), LIMIT, || {
            self.screen.look(&self.home, Area::PANEL).find(color)
        })
    }

    /// Opens the menu of the item at this place with the right button, and waits until it is drawn.
    pub(crate) fn open_menu(&self, place: (u32, u32)) {
        let before = self.screen.look(&self.home, Area::MENUS);
        self.screen.click(&self.home, place, 3);
        wait_until("the menu is drawn", LIMIT, || self.screen.look(&self.home, Area::MENUS).difference(&before) > 500);
    }
}
