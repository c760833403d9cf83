//! The window on an X screen, driven as a user drives it.

use super::{Applet, Area, Color, Desktop, Home, LIMIT, Picture, Running, wait_for, wait_until};
use std::time::{Duration, Instant};

/// What desktop file, icon and window are named after.
pub(crate) const APP_ID: &str = "io.github.runawayguard.applet";

/// The ground of what is selected, in the light theme.
pub(crate) const SELECTED: Color = Color(0xd9, 0xe6, 0xfa);

/// The height of the bar with the tabs.
const BAR: u32 = 44;

/// The height of the status bar.
const STATUS: u32 = 28;

/// A window that is open, known by the id that X gave it.
pub(crate) struct Window<'d> {
    desktop: &'d Desktop,
    id: String,
}

impl<'d> Window<'d> {
    /// Waits until one is on the screen, and has heard of the applet.
    pub(crate) fn wait(desktop: &'d Desktop) -> Self {
        let id = wait_for("the window", LIMIT, || visible(&desktop.home).into_iter().next());
        let window = Self { desktop, id };
        window.wait_for("its tabs", |window| window.bar().find(SELECTED).is_some());
        window
    }

    /// Starts one by the command line, and waits for it.
    pub(crate) fn open(desktop: &'d Desktop, arguments: &[&str]) -> (Running, Self) {
        let mut command = Applet::command(&desktop.home, &[&["window"], arguments].concat());
        let process = Running::start(&desktop.home, "window", &mut command);
        (process, Self::wait(desktop))
    }

    /// Where it is on the screen, without its frame. One that is coming back from an icon is waited for.
    pub(crate) fn area(&self) -> Area {
        wait_for("the window is within the screen", LIMIT, || Some(self.place()).filter(|area| area.is_on_the_screen()))
    }

    fn place(&self) -> Area {
        let told = self.run(&["getwindowgeometry", "--shell", &self.id]);
        let value = |key: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.parse().unwrap()
        };
        Area { left: value("X="), top: value("Y="), width: value("WIDTH="), height: value("HEIGHT=") }
    }

    /// What is in the bar with the tabs.
    pub(crate) fn bar(&self) -> Picture {
        self.look(Area { height: BAR, ..self.area() })
    }

    /// What is between the bars.
    pub(crate) fn page(&self) -> Picture {
        let area = self.area();
        self.look(Area { top: area.top + BAR, height: area.height - BAR - STATUS, ..area })
    }

    fn look(&self, area: Area) -> Picture {
        self.desktop.screen.look(&self.desktop.home, area)
    }

    /// Waits until it looks as it should.
    pub(crate) fn wait_for(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        wait_until(what, LIMIT, || holds(self));
    }

    /// Waits until a color is on the page, and gives its middle.
    pub(crate) fn wait_for_color(&self, what: &str, color: Color) -> (u32, u32) {
        wait_for(what, LIMIT, || self.page().find(color))
    }

    /// Presses keys, in xdotool's words.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.focus();
        self.run(&[&["key", "--clearmodifiers"], keys].concat());
    }

    /// Presses keys that bring so many more pixels of a color to the page, and waits for them: keys that come together
    /// all reach what was drawn before the first.
    pub(crate) fn press_for(&self, keys: &[&str], color: Color, more: usize) {
        let before = self.page().count(color);
        self.press(keys);
        self.wait_for(&format!("what {keys:?} show"), |window| window.page().count(color) >= before + more);
    }

    /// Types text where the focus is.
    pub(crate) fn type_text(&self, text: &str) {
        self.focus();
        self.run(&["type", text]);
    }

    /// Clicks somewhere on the screen.
    pub(crate) fn click(&self, place: (u32, u32), button: u32) {
        self.desktop.screen.click(&self.desktop.home, place, button);
    }

    /// A property of X, as xprop tells it.
    pub(crate) fn property(&self, name: &str) -> String {
        let told = self.desktop.home.run("xprop", &["-id", &self.id, name]);
        String::from_utf8(told).unwrap()
    }

    /// Makes it an icon, as the button on its frame does.
    pub(crate) fn minimize(&self) {
        self.run(&["windowminimize", &self.id]);
        wait_until("the window is an icon", LIMIT, || visible(&self.desktop.home).is_empty());
    }

    /// Closes it by the key of the window manager. openbox now and then misses the first one after it showed a window again.
    pub(crate) fn close(&self) {
        const MISSED: Duration = Duration::from_secs(3);
        self.press(&["alt+F4"]);
        let mut pressed = Instant::now();
        wait_until("the window is closed", LIMIT, || {
            let is_closed = visible(&self.desktop.home).is_empty();
            if !is_closed && pressed.elapsed() >= MISSED {
                // It may close meanwhile, and xdotool finds none then.
                let _ = self.desktop.home.command("xdotool").args(["key", "--clearmodifiers", "alt+F4"]).output();
                pressed = Instant::now();
            }
            is_closed
        });
    }

    fn focus(&self) {
        self.run(&["windowfocus", "--sync", &self.id]);
    }

    fn run(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.desktop.home.run("xdotool", arguments)).unwrap()
    }
}

/// The windows on the screen, as X names them.
pub(crate) fn visible(home: &Home) -> Vec<String> {
    // It fails where it finds none.
    let found = home.command("xdotool").args(["search", "--onlyvisible", "--class", APP_ID]).output().unwrap();
    String::from_utf8(found.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
}
