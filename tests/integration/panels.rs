//! Other panels than Xfce's: each takes the icon, and shows it in another colour while an alert fires.

use crate::faults::QUICK;
use crate::harness::{
    Applet, Burner, Bus, Client, Color, Desktop, Home, LIMIT, Running, Sway, fixture, requires, wait_until,
};
use serde_json::json;

const GREEN: Color = Color(0x3d, 0x9a, 0x42);
const RED: Color = Color(0xeb, 0x45, 0x42);

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

#[test]
fn lxqt_panel_shows_the_icon_in_its_colours() {
    if !requires(&["lxqt-panel"]) {
        return;
    }
    let Some(mut desktop) = Desktop::start() else { return };
    desktop.panel = None;
    let folder = desktop.home.path("config/lxqt");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("panel.conf"), fixture("desktop/lxqt-panel.conf")).unwrap();
    let _panel = Running::start(&desktop.home, "lxqt-panel", &mut desktop.home.command("lxqt-panel"));
    desktop.bus.wait_for_owner(WATCHER);
    walk(&desktop.home, "burn-lxqt", |color| desktop.wait_for_color(color));
}

#[test]
fn waybar_shows_the_icon_in_its_colours() {
    if !requires(&["waybar"]) {
        return;
    }
    let mut home = Home::new();
    let Some(sway) = Sway::start(&mut home) else { return };
    let bus = Bus::start(&mut home);
    let mut command = home.command("waybar");
    for (option, name) in [("--config", "waybar.json"), ("--style", "waybar.css")] {
        let file = home.path(name);
        std::fs::write(&file, fixture(&format!("desktop/{name}"))).unwrap();
        command.arg(option).arg(file);
    }
    let _panel = Running::start(&home, "waybar", &mut command);
    bus.wait_for_owner(WATCHER);
    walk(&home, "burn-waybar", |color| {
        wait_until(&format!("{color:?} in the bar"), LIMIT, || sway.shows(&home, color));
    });
}

/// Lets a process run away and ends it; `wait_for_color` waits for what the panel is to show meanwhile.
fn walk<T>(home: &Home, name: &str, wait_for_color: impl Fn(Color) -> T) {
    home.write_config(QUICK);
    let mut burner = Burner::start(home, &format!("{name}-{:x}", std::process::id() % 0x1000));
    burner.signal(rustix::process::Signal::STOP);
    let mut applet = Applet::start(home, &["--background"]);
    let mut client: Client = applet.client();
    client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
    wait_for_color(GREEN);
    burner.signal(rustix::process::Signal::CONT);
    // It is yellow for so short a time that a busy machine may miss it.
    wait_for_color(RED);
    client.data("kill_process", &json!({ "pid": burner.pid(), "signal": "KILL" }));
    burner.wait_for_end();
    wait_for_color(GREEN);
}
