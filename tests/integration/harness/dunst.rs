//! A real notification server.

use super::{Bus, Home, Running, fixture};

/// A `dunst` that shows notifications until they are closed.
pub(crate) struct Dunst {
    server: Running,
}

impl Dunst {
    /// Starts it and waits until it owns its name.
    pub(crate) fn start(home: &Home, bus: &Bus) -> Self {
        let script = home.path("chooser.sh");
        std::fs::write(&script, fixture("desktop/chooser.sh")).unwrap();
        let chooser = format!("/bin/sh {} {}", script.display(), home.path("wanted").display());
        let config = home.path("dunstrc");
        std::fs::write(&config, fixture("desktop/dunstrc").replace("CHOOSER", &chooser)).unwrap();
        let server = Running::start(home, "dunst", home.command("dunst").arg("-config").arg(config));
        bus.wait_for_owner("org.freedesktop.Notifications");
        Self { server }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Presses the button with this label on the notification whose summary has this part.
    pub(crate) fn press(&self, home: &Home, label: &str, summary: &str) {
        std::fs::write(home.path("wanted"), format!("{label}\n{summary}\n")).unwrap();
        home.run("dunstctl", &["context"]);
    }

    /// Closes the uppermost notification, as a click on it does.
    pub(crate) fn close(&self, home: &Home) {
        home.run("dunstctl", &["close"]);
    }

    /// Says whether it is to show notifications now; those that come meanwhile wait.
    pub(crate) fn disturb(&self, home: &Home, on: bool) {
        home.run("dunstctl", &["set-paused", if on { "false" } else { "true" }]);
    }

    /// How many notifications are on the screen.
    pub(crate) fn displayed(&self, home: &Home) -> usize {
        let count = home.run("dunstctl", &["count", "displayed"]);
        String::from_utf8(count).unwrap().trim().rsplit(' ').next().unwrap().parse().unwrap()
    }
}
