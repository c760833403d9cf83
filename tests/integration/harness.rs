//! What the tests are made of: a private home, a bus, a screen, a panel, a notification server, the applet and its
//! socket, and processes that run away. Each is a guard: it ends what it started when it is dropped, after a panic too,
//! and shows its log then.

mod alone;
mod applet;
mod bus;
mod child;
mod client;
mod dunst;
mod home;
mod notices;
mod runaway;
mod screen;
mod session;
mod sway;
mod tray;
pub(crate) mod window;

pub(crate) use alone::run_alone;
pub(crate) use applet::{Applet, PROGRAM};
pub(crate) use bus::Bus;
pub(crate) use child::{Running, kill};
pub(crate) use client::Client;
pub(crate) use dunst::Dunst;
pub(crate) use home::Home;
pub(crate) use notices::Notices;
pub(crate) use runaway::{Burner, Odd, Stuck, comm_of};
pub(crate) use screen::{Area, Color, Picture, Screen};
pub(crate) use session::Session;
pub(crate) use sway::Sway;
pub(crate) use tray::{Item, Panel, find};

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a condition may take before the test fails: far longer than it needs, since the cores may be busy.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// The programs that a [`Desktop`] is made of.
const DESKTOP_PROGRAMS: &[&str] = &[
    "setpriv",
    "Xvfb",
    "dbus-daemon",
    "dbus-send",
    "openbox",
    "xfce4-panel",
    "dunst",
    "dunstctl",
    "xdotool",
    "import",
];

/// Polls until the question has an answer, and returns it.
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut answer: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = answer() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {} s in vain for: {what}", limit.as_secs());
        pause();
    }
}

/// Polls until the condition holds.
pub(crate) fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    wait_for(what, limit, || holds().then_some(()));
}

#[expect(clippy::disallowed_methods, reason = "the one place where the tests wait between two looks at a condition")]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

/// Whether all the programs are installed. Where one is missing, the test is skipped with a line on standard error; in CI,
/// where `CI` is set, it fails.
pub(crate) fn requires(programs: &[&str]) -> bool {
    let Some(missing) = programs.iter().find(|program| !is_installed(program)) else { return true };
    skip(&format!("{missing} is not installed; run tests/run"));
    false
}

/// Says why a test is skipped, on a line that is seen though the test passes; in CI nothing may be skipped.
pub(crate) fn skip(why: &str) {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    assert!(!in_ci, "{why}. In CI no test may be skipped");
    cannot(why);
}

/// Says why a test cannot run on this machine, whatever is installed.
pub(crate) fn cannot(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not eprintln: what a passing test prints there is never shown.
    std::io::stderr().write_all(format!("\nskipped: {test}: {why}\n").as_bytes()).unwrap();
}

/// Whether it is found on the programs' search path.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// The text of a file under `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A whole desktop: screen, bus, window manager, panel with a tray, and notification server.
///
/// The fields are dropped in their order: what needs another part goes before it.
pub(crate) struct Desktop {
    pub(crate) dunst: Option<Dunst>,
    pub(crate) panel: Option<Panel>,
    xfconf: Option<Running>,
    _openbox: Running,
    pub(crate) bus: Bus,
    pub(crate) screen: Screen,
    pub(crate) home: Home,
}

impl Desktop {
    /// Starts everything, and returns once tray and notification server own their names; None where a program is
    /// missing and the test is to be skipped.
    pub(crate) fn start() -> Option<Self> {
        requires(DESKTOP_PROGRAMS).then(|| {
            let mut home = Home::new();
            let screen = Screen::start(&mut home);
            let bus = Bus::start(&mut home);
            let openbox = Running::start(&home, "openbox", &mut home.command("openbox"));
            let mut desktop = Self { dunst: None, panel: None, xfconf: None, _openbox: openbox, bus, screen, home };
            desktop.start_session_parts();
            desktop
        })
    }

    /// Starts what lives on the bus: panel and notification server. They are started anew after the bus was.
    pub(crate) fn start_session_parts(&mut self) {
        self.start_panel();
        self.start_dunst();
    }

    /// Starts the panel anew: the old one is ended first.
    pub(crate) fn start_panel(&mut self) {
        self.panel = None;
        self.xfconf = None;
        self.xfconf = Some(tray::start_xfconf(&self.home));
        self.panel = Some(Panel::start(&self.home, &self.bus));
    }

    /// Starts the notification server anew: the old one is ended first.
    pub(crate) fn start_dunst(&mut self) {
        self.dunst = None;
        self.dunst = Some(Dunst::start(&self.home, &self.bus));
    }

    /// The notification server.
    pub(crate) fn dunst(&self) -> &Dunst {
        self.dunst.as_ref().expect("dunst was stopped by this test")
    }
}
