//! The popup on a real screen: the alert and its buttons where the desktop shows no notifications.

use crate::faults::QUICK;
use crate::harness::window::visible;
use crate::harness::{Applet, Area, Burner, Color, Desktop, Dunst, LIMIT, wait_for, wait_until};
use serde_json::json;

/// The outline of a button that ends something, in the light theme, smoothed.
const DESTRUCTIVE: Color = Color(0xdc, 0x9b, 0x9c);

/// The row of buttons: so many pixels at the lower end of the popup.
const BUTTONS: u32 = 60;

struct Stage {
    applet: Applet,
    burner: Burner,
    desktop: Desktop,
}

impl Stage {
    /// Starts the applet with a notification method, and waits until the burner's alert fires.
    fn with_method(name: &str, method: &str, has_server: bool) -> Option<Self> {
        let mut desktop = Desktop::start()?;
        if !has_server {
            desktop.dunst = None;
        }
        desktop.home.write_config(&QUICK.replace("[general]", &format!("[general]\nnotification_method = '{method}'")));
        let burner = Burner::start(&desktop.home, &format!("{name}-{:x}", std::process::id() % 0x1000));
        let mut applet = Applet::start(&desktop.home, &["--background"]);
        let mut client = applet.client();
        client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
        wait_until("the burner's alert", LIMIT, || client.push("alert")["pid"] == burner.pid());
        Some(Self { applet, burner, desktop })
    }

    /// The popup's row of buttons on the screen; it is not one of the window manager's windows.
    fn buttons(&self) -> Option<Area> {
        let id = visible(&self.desktop.home).pop()?;
        let told = self.desktop.home.command("xdotool").args(["getwindowgeometry", "--shell", &id]).output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let value = |key: &str| told.lines().find_map(|line| line.strip_prefix(key)?.parse::<u32>().ok());
        let (height, width) = (value("HEIGHT=")?, value("WIDTH=")?);
        let row = height.min(BUTTONS);
        let area = Area { left: value("X=")?, top: value("Y=")? + height - row, width, height: row };
        area.is_on_the_screen().then_some(area)
    }
}

#[test]
fn an_alert_is_killed_from_the_popup_and_the_popup_goes() {
    let Some(mut stage) = Stage::with_method("burn-popup", "popup", true) else { return };
    wait_until("the end of the burner", LIMIT, || {
        let screen = &stage.desktop.screen;
        let button = stage.buttons().and_then(|area| screen.look(&stage.desktop.home, area).find(DESTRUCTIVE));
        // A click that comes as the popup changes is left unheard, so that nobody presses what was not there before.
        button.inspect(|place| screen.click(&stage.desktop.home, *place, 1));
        !stage.burner.is_running()
    });
    wait_until("the popup is gone", LIMIT, || visible(&stage.desktop.home).is_empty());
    assert_eq!(stage.desktop.dunst().displayed(&stage.desktop.home), 0, "the desktop's notifications are not used");
}

#[test]
fn where_no_server_is_both_means_the_popup() {
    let Some(mut stage) = Stage::with_method("burn-both", "both", false) else { return };
    wait_for("the popup", LIMIT, || stage.buttons());
    stage.applet.client().data("clear_alerts", &json!({}));
    wait_until("the popup is gone", LIMIT, || visible(&stage.desktop.home).is_empty());
    assert!(stage.burner.is_running());
}

#[test]
fn where_a_server_is_both_means_its_notifications() {
    let Some(stage) = Stage::with_method("burn-server", "both", true) else { return };
    wait_until("the notification", LIMIT, || stage.desktop.dunst().displayed(&stage.desktop.home) == 1);
    assert!(visible(&stage.desktop.home).is_empty());
}

#[test]
fn a_server_that_comes_takes_over_from_the_popup() {
    let Some(mut stage) = Stage::with_method("burn-late", "both", false) else { return };
    wait_for("the popup", LIMIT, || stage.buttons());
    stage.desktop.dunst = Some(Dunst::start(&stage.desktop.home, &stage.desktop.bus));
    wait_until("the notification", LIMIT, || stage.desktop.dunst().displayed(&stage.desktop.home) == 1);
    wait_until("the popup is gone", LIMIT, || visible(&stage.desktop.home).is_empty());
    assert!(stage.burner.is_running() && stage.applet.process().is_running());
}
