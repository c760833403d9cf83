//! The window on a real screen: how it opens, comes forward, survives what is around it, and goes.

use crate::harness::window::{APP_ID, SELECTED, Window, visible};
use crate::harness::{
    Applet, Area, Client, Color, Desktop, Home, LIMIT, Running, Screen, Sway, comm_of, requires, wait_for, wait_until,
};
use serde_json::json;
use std::path::Path;

/// The banner that says what is wrong, in the light theme.
const BANNER: Color = Color(0xff, 0xf4, 0xdd);

/// What the button of what one most likely wants is filled with, in the light theme.
const PRIMARY: Color = Color(0x1f, 0x63, 0xc6);

/// The grounds of both themes.
const LIGHT: Color = Color(0xff, 0xff, 0xff);
const DARK: Color = Color(0x1e, 0x20, 0x24);

/// More pixels than text has, and fewer than the ground.
const GROUND: usize = 200_000;

#[test]
fn the_window_is_what_its_desktop_file_says() {
    if !requires(&["desktop-file-validate"]) {
        return;
    }
    let Some(desktop) = Desktop::start() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("desktop/{APP_ID}.desktop"));
    desktop.home.run("desktop-file-validate", &[file.to_str().unwrap()]);
    let text = std::fs::read_to_string(file).unwrap();
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    let _applet = Applet::start(&desktop.home, &["--headless"]);
    let (_process, window) = Window::open(&desktop, &[]);
    assert!(window.property("WM_CLASS").contains(&format!("\"{}\"", value("StartupWMClass="))));
    assert!(window.property("_NET_WM_NAME").ends_with(&format!("\"{}\"\n", value("Name="))));
    assert!(window.property("_NET_WM_ICON").contains("64 x 64"), "{}", window.property("_NET_WM_ICON"));
    assert_eq!(value("Icon="), APP_ID);
}

#[test]
fn a_second_request_raises_the_window_that_is_open() {
    let Some(desktop) = Desktop::start() else { return };
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let (mut process, window) = Window::open(&desktop, &["--tab", "monitor"]);
    let at_first = window.bar().find(SELECTED);
    window.minimize();
    applet.client().data("open_window", &json!({ "tab": "settings" }));
    window.wait_for("it is back, and shows the tab", |window| {
        !visible(&desktop.home).is_empty() && window.bar().find(SELECTED).is_some_and(|tab| Some(tab) != at_first)
    });
    assert_eq!(visible(&desktop.home).len(), 1);
    let second = Applet::command(&desktop.home, &["window"]).status().unwrap();
    assert!(second.success() && process.is_running());
    window.close();
    assert!(process.wait_for_end().success());
}

#[test]
fn a_start_beside_a_guard_without_a_desktop_opens_the_window_where_it_is() {
    let Some(desktop) = Desktop::start() else { return };
    let _applet = Applet::start(&desktop.home, &["--headless"]);
    let mut second = Running::start(&desktop.home, "second", &mut Applet::command(&desktop.home, &[]));
    wait_until("its window", LIMIT, || visible(&desktop.home).len() == 1);
    assert!(second.is_running());
    assert!(second.log().starts_with("RunawayGuard is running already. Its window opens here."), "{}", second.log());
}

#[test]
fn a_window_without_an_applet_starts_one() {
    let Some(desktop) = Desktop::start() else { return };
    let (mut process, window) = Window::open(&desktop, &[]);
    let start = window.wait_for_color("the button that starts it", PRIMARY);
    assert!(Client::connect(&desktop.home.socket()).is_none(), "none runs yet");
    window.click(start, 1);
    let mut client = wait_for("the applet's socket", LIMIT, || Client::connect(&desktop.home.socket()));
    window.wait_for("the page of a window that is connected", |window| window.page().find(PRIMARY).is_none());
    let applet = client.data("hello", &json!({}))["pid"].to_string();
    assert_eq!(comm_of(applet.parse().unwrap()), "runaway-guard");
    process.kill();
    assert_eq!(client.data("get_status", &json!({}))["paused"], false, "it outlives the window");
    client.data("quit", &json!({}));
    wait_until("the applet's end", LIMIT, || Client::connect(&desktop.home.socket()).is_none());
}

#[test]
fn an_applet_that_hangs_or_dies_freezes_nothing() {
    let Some(desktop) = Desktop::start() else { return };
    let mut applet = Applet::start(&desktop.home, &["--headless"]);
    let (mut process, window) = Window::open(&desktop, &["--tab", "monitor"]);
    applet.process().signal(rustix::process::Signal::STOP);
    for (keys, other) in [("ctrl+2", "Alerts"), ("ctrl+3", "Whitelist"), ("ctrl+4", "Settings")] {
        let before = window.bar().find(SELECTED);
        window.press(&[keys]);
        window.wait_for(other, |window| window.bar().find(SELECTED).is_some_and(|tab| Some(tab) != before));
    }
    applet.process().signal(rustix::process::Signal::CONT);
    applet.process().kill();
    window.wait_for_color("it says that the applet is gone", BANNER);
    let _again = Applet::start(&desktop.home, &["--headless"]);
    window.wait_for("it is connected again", |window| window.page().find(BANNER).is_none());
    assert!(process.is_running());
}

#[test]
fn a_window_that_is_killed_costs_nothing() {
    let Some(desktop) = Desktop::start() else { return };
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let mut client = applet.client();
    for _ in 0..3 {
        let (mut process, window) = Window::open(&desktop, &["--tab", "settings"]);
        window.press(&["ctrl+1", "ctrl+f"]);
        process.kill();
        wait_until("the window is gone", LIMIT, || visible(&desktop.home).is_empty());
        assert_eq!(client.data("get_status", &json!({}))["paused"], false);
    }
}

#[test]
fn a_display_that_goes_away_takes_only_the_window() {
    if !requires(&["Xvfb", "xdpyinfo"]) {
        return;
    }
    let mut home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let screen = Screen::start(&mut home);
    let mut window = Running::start(&home, "window", &mut Applet::command(&home, &["window"]));
    wait_until("the window is drawn", LIMIT, || screen.look(&home, Area::PANEL).find(SELECTED).is_some());
    drop(screen);
    window.wait_for_end();
    assert!(!window.log().contains("panicked"), "{}", window.log());
    assert_eq!(applet.client().data("get_status", &json!({}))["paused"], false);
}

#[test]
fn without_a_display_it_says_so() {
    let mut home = Home::new();
    let without = Applet::command(&home, &["window"]).output().unwrap();
    let said = String::from_utf8(without.stderr).unwrap();
    assert_eq!((without.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("there is no display. Run it in a desktop session"), "{said}");
    home.set("DISPLAY", ":6399");
    let dead = Applet::command(&home, &["window"]).output().unwrap();
    let said = String::from_utf8(dead.stderr).unwrap();
    assert_eq!((dead.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("the display :6399 does not answer"), "{said}");
}

#[test]
fn the_theme_follows_the_desktop_while_the_window_is_open() {
    if !requires(&["gsettings", "gdbus"]) || !has_portal() {
        return;
    }
    let Some(mut desktop) = Desktop::start() else { return };
    desktop.home.set("GSETTINGS_BACKEND", "keyfile");
    desktop.home.set("XDG_CURRENT_DESKTOP", "GNOME");
    let _backend = portal(&desktop, "/usr/libexec/xdg-desktop-portal-gtk", "org.freedesktop.impl.portal.desktop.gtk");
    let _portal = portal(&desktop, "/usr/libexec/xdg-desktop-portal", "org.freedesktop.portal.Desktop");
    let prefer = |scheme: &str| {
        desktop.home.run("gsettings", &["set", "org.gnome.desktop.interface", "color-scheme", scheme]);
    };
    let _applet = Applet::start(&desktop.home, &["--headless"]);
    prefer("prefer-dark");
    let mut command = Applet::command(&desktop.home, &["window", "--tab", "settings"]);
    let _process = Running::start(&desktop.home, "window", &mut command);
    wait_until("it opens", LIMIT, || !visible(&desktop.home).is_empty());
    let covers = |color| desktop.screen.look(&desktop.home, Area::BELOW_PANEL).count(color) > GROUND;
    wait_until("it is dark", LIMIT, || covers(DARK));
    prefer("default");
    wait_until("it is light", LIMIT, || covers(LIGHT) && !covers(DARK));
}

fn has_portal() -> bool {
    let is_there = Path::new("/usr/libexec/xdg-desktop-portal-gtk").exists();
    if !is_there {
        crate::harness::skip("xdg-desktop-portal-gtk is not installed; run tests/run");
    }
    is_there
}

fn portal(desktop: &Desktop, program: &str, name: &str) -> Running {
    let running = Running::start(&desktop.home, "portal", &mut desktop.home.command(program));
    desktop.bus.wait_for_owner(name);
    running
}

#[test]
fn on_wayland_it_opens_and_takes_keys() {
    let mut home = Home::new();
    let Some(sway) = Sway::start(&mut home) else { return };
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut window = Running::start(&home, "window", &mut Applet::command(&home, &["window", "--tab", "monitor"]));
    wait_until("the window is drawn", LIMIT, || sway.shows(&home, SELECTED));
    assert_eq!(sway.windows(&home), [APP_ID]);
    let before = sway.look(&home).find(SELECTED);
    sway.press(&home, &["-M", "ctrl", "4", "-m", "ctrl"]);
    wait_until("the settings", LIMIT, || {
        let tab = sway.look(&home).find(SELECTED);
        tab.is_some() && tab != before
    });
    drop(sway);
    window.wait_for_end();
    assert_eq!(applet.client().data("get_status", &json!({}))["paused"], false);
}
