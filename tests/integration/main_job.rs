//! The main job on a real desktop: a program that runs away is noticed, told once, and killed from the notification.

use crate::faults::QUICK;
use crate::harness::window::Window;
use crate::harness::{Applet, Area, Burner, Color, Desktop, Item, LIMIT, Notices, Session, find, wait_for, wait_until};
use serde_json::json;

const ITEM: &str = "io.github.runawayguard.applet";

/// The applet on a desktop where nothing but the burner counts.
struct Stage {
    applet: Applet,
    session: Session,
    notices: Notices,
    burner: Burner,
    desktop: Desktop,
}

impl Stage {
    /// Starts everything, and waits until the burner's alert fires. The burner's name is followed by what only this run
    /// has, so that another run on the same machine does not disturb it.
    fn with_burner(name: &str) -> Option<(Self, serde_json::Value)> {
        Desktop::start().map(|desktop| Self::with_burner_on(desktop, name))
    }

    fn with_burner_on(desktop: Desktop, name: &str) -> (Self, serde_json::Value) {
        let name = &format!("{name}-{:x}", std::process::id() % 0x1000);
        desktop.home.write_config(QUICK);
        let notices = Notices::listen(&desktop.bus);
        let session = desktop.bus.connect();
        let burner = Burner::start(&desktop.home, name);
        let mut applet = Applet::start(&desktop.home, &["--background"]);
        let mut client = applet.client();
        client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
        let pid = burner.pid();
        let mut stage = Self { applet, session, notices, burner, desktop };
        let alert = wait_for("the burner's alert", LIMIT, || {
            let alert = client.push("alert");
            (alert["pid"] == pid && alert["state"] == "firing").then_some(alert)
        });
        stage.wait_for_notices(&[name]);
        (stage, alert)
    }

    fn item(&self) -> Item {
        wait_for("the tray item", LIMIT, || Item::find(&self.session, ITEM))
    }

    /// Waits until the open notifications begin with these words, one each.
    fn wait_for_notices(&mut self, beginnings: &[&str]) {
        wait_until(&format!("the notifications {beginnings:?}"), LIMIT, || {
            let open = self.notices.open();
            open.len() == beginnings.len()
                && open.iter().zip(beginnings).all(|(notice, beginning)| notice.summary.starts_with(beginning))
        });
    }
}

const GREEN: Color = Color(0x3d, 0x9a, 0x42);
const AMBER: Color = Color(0xc7, 0x77, 0x00);
const RED: Color = Color(0xeb, 0x45, 0x42);
const GREY: Color = Color(0x88, 0x88, 0x88);

#[test]
fn a_burner_is_told_once_and_killed_from_its_notification() {
    let Some((mut stage, alert)) = Stage::with_burner("burn-kill") else { return };
    let notice = stage.notices.open().remove(0);
    assert_eq!(notice.app_name, "RunawayGuard");
    assert_eq!(notice.labels(), ["Kill", "Pause", "Whitelist", "Open"]);
    assert_eq!(notice.actions[3].0, "default", "Open is the click on the text, and no button");
    let who = format!("{} ({})", alert["name"].as_str().unwrap(), alert["pid"]);
    assert!(notice.body.starts_with(&format!("{who} has kept")), "{}", notice.body);
    let item = stage.item();
    assert!(item.tooltip().0.starts_with("burn-kill-"), "{:?}", item.tooltip());
    assert!(item.picture_count() >= 4);
    assert!(item.labels(&stage.session).iter().any(|label| label.starts_with("burn-kill-")));

    stage.desktop.dunst().press(&stage.desktop.home, "Kill", "burn-kill");
    stage.burner.wait_for_end();
    stage.wait_for_notices(&[&format!("{who} ended.")]);
    stage.desktop.wait_for_color(GREEN);
    let outcome = stage.notices.open().remove(0);
    assert_eq!(outcome.id, notice.id, "it tells in place what became of it");
    assert!(outcome.actions.iter().all(|(key, _)| key == "default"), "{:?}", outcome.actions);
    let mut client = stage.applet.client();
    let stored = client.data("get_alerts", &json!({ "limit": 1 }));
    assert_eq!((&stored[0]["id"], &stored[0]["state"]), (&alert["id"], &json!("acted")));
    assert_eq!(stored[0]["action"], "SIGTERM by notification");
    stage.wait_for_notices(&[]);
}

#[test]
fn where_nobody_is_to_be_disturbed_the_notice_waits_and_the_tray_does_not() {
    let Some(desktop) = Desktop::start() else { return };
    desktop.dunst().disturb(&desktop.home, false);
    let (stage, _) = Stage::with_burner_on(desktop, "burn-quiet");
    let Desktop { home, .. } = &stage.desktop;
    stage.desktop.wait_for_color(AMBER);
    assert_eq!(stage.desktop.dunst().displayed(home), 0);
    stage.desktop.dunst().disturb(home, true);
    wait_until("it is shown later", LIMIT, || stage.desktop.dunst().displayed(home) == 1);
}

#[test]
fn an_alert_worsens_in_place_and_turns_the_tray_red() {
    let Some((mut stage, _)) = Stage::with_burner("burn-worse") else { return };
    let first = stage.notices.open().remove(0);
    stage.desktop.wait_for_color(RED);
    wait_until("the notification is critical", LIMIT, || {
        stage.notices.open().first().is_some_and(|notice| notice.hints["urgency"] == 2_u8.into())
    });
    let worse = stage.notices.open().remove(0);
    assert_eq!(worse.id, first.id);
    let told: Vec<u32> = stage.notices.shown().iter().map(|notice| notice.replaces).collect();
    assert!(told.len() <= 2 && told.iter().filter(|replaces| **replaces == 0).count() == 1, "{told:?}");
}

#[test]
fn whitelist_on_the_notification_ends_the_alert_for_good() {
    let Some((mut stage, alert)) = Stage::with_burner("burn-white") else { return };
    stage.desktop.dunst().press(&stage.desktop.home, "Whitelist", "burn-white");
    let name = alert["name"].as_str().unwrap();
    stage.wait_for_notices(&[&format!("\"{name}\" is on the whitelist.")]);
    stage.desktop.wait_for_color(GREEN);
    let mut client = stage.applet.client();
    let entries = client.data("list_whitelist", &json!({}));
    assert!(entries.as_array().unwrap().iter().any(|entry| entry["pattern"] == name), "{entries}");
    for _ in 0..5 {
        assert_eq!(client.push("status")["alert_count"], 0);
    }
    assert!(stage.burner.is_running());
    let stored = client.data("get_alerts", &json!({ "limit": 1 }));
    assert_eq!((&stored[0]["id"], &stored[0]["action"]), (&alert["id"], &json!("whitelisted by notification")));
    stage.wait_for_notices(&[]);
}

#[test]
fn pause_and_continue_from_notification_and_menu() {
    let Some((mut stage, _)) = Stage::with_burner("burn-pause") else { return };
    stage.desktop.dunst().press(&stage.desktop.home, "Pause", "burn-pause");
    wait_until("the process is stopped", LIMIT, || stage.burner.state() == Some('T'));
    let item = stage.item();
    wait_until("the menu offers Continue", LIMIT, || {
        item.labels(&stage.session).iter().any(|label| label == "Continue")
    });
    stage.desktop.wait_for_color(AMBER);
    assert!(item.choose(&stage.session, "Continue"));
    wait_until("the process goes on", LIMIT, || stage.burner.state() == Some('R'));
    wait_until("the menu offers Pause", LIMIT, || item.labels(&stage.session).iter().any(|label| label == "Pause"));
    assert!(item.choose(&stage.session, "Kill"));
    stage.burner.wait_for_end();
    stage.desktop.wait_for_color(GREEN);
}

#[test]
fn what_the_user_closed_stays_closed() {
    let Some((mut stage, _)) = Stage::with_burner("burn-close") else { return };
    stage.desktop.dunst().close(&stage.desktop.home);
    stage.wait_for_notices(&[]);
    stage.desktop.wait_for_color(RED);
    // What was on its way when the user closed it is withdrawn.
    stage.wait_for_notices(&[]);
    assert!(stage.item().labels(&stage.session).iter().any(|label| label.starts_with("burn-close-")));
}

#[test]
fn pausing_from_the_menu_turns_the_tray_grey_and_resuming_ends_it() {
    let Some((stage, _)) = Stage::with_burner("burn-quiet") else { return };
    let item = stage.item();
    assert!(item.choose(&stage.session, "For 1 hour"));
    stage.desktop.wait_for_color(GREY);
    wait_until("the menu offers to resume", LIMIT, || item.choose(&stage.session, "Resume monitoring"));
    stage.desktop.wait_for_color(RED);
    assert!(item.choose(&stage.session, "Clear alerts"));
    stage.desktop.wait_for_color(GREEN);
}

#[test]
fn clicks_on_the_icon_are_answered() {
    let Some((mut stage, _)) = Stage::with_burner("burn-click") else { return };
    stage.desktop.wait_for_color(RED);
    let screen = &stage.desktop.screen;
    let icon = screen.look(&stage.desktop.home, Area::PANEL).find(RED).unwrap();
    screen.click(&stage.desktop.home, icon, 1);
    let window = Window::wait(&stage.desktop);
    let applet = stage.applet.process().pid();
    let children = || std::fs::read_to_string(format!("/proc/{applet}/task/{applet}/children")).unwrap();
    assert_eq!(children().split_whitespace().count(), 1, "the window is a program of its own");
    window.close();
    wait_until("the window's process is reaped", LIMIT, || children().is_empty());
    stage.desktop.open_menu(icon);
}

#[test]
fn a_notification_server_that_was_killed_is_told_again() {
    let Some((mut stage, _)) = Stage::with_burner("burn-server") else { return };
    let before = stage.notices.shown().len();
    stage.desktop.start_dunst();
    wait_until("the new server is told of the alert", LIMIT, || stage.notices.shown().len() > before);
    wait_until("it shows one", LIMIT, || stage.desktop.dunst().displayed(&stage.desktop.home) == 1);
    stage.desktop.dunst().press(&stage.desktop.home, "Kill", "burn-server");
    stage.burner.wait_for_end();
}

#[test]
fn a_panel_that_was_killed_gets_the_icon_back() {
    let Some((mut stage, _)) = Stage::with_burner("burn-panel") else { return };
    stage.desktop.wait_for_color(RED);
    stage.desktop.start_panel();
    stage.desktop.wait_for_color(RED);
    let item = stage.item();
    assert!(item.choose(&stage.session, "Kill"));
    stage.burner.wait_for_end();
    stage.desktop.wait_for_color(GREEN);
}

#[test]
fn a_bus_that_goes_away_takes_only_the_desktop_with_it() {
    let Some((mut stage, alert)) = Stage::with_burner("burn-bus") else { return };
    let mut client = stage.applet.client();
    stage.desktop.bus.kill(&stage.desktop.home);
    wait_until("the problem is told", LIMIT, || {
        client.data("get_status", &json!({}))["problems"].to_string().contains("session bus")
    });
    let firing = client.data("get_alerts", &json!({ "active": true }));
    assert_eq!(firing[0]["id"], alert["id"], "the guard goes on");
    stage.desktop.bus.start_again(&stage.desktop.home);
    stage.desktop.start_session_parts();
    stage.session = stage.desktop.bus.connect();
    stage.desktop.wait_for_color(RED);
    wait_until("the problems are over", LIMIT, || client.data("get_status", &json!({}))["problems"] == json!([]));
    let item = stage.item();
    assert!(item.choose(&stage.session, "Kill"));
    stage.burner.wait_for_end();
}

#[test]
fn without_tray_host_and_server_the_rest_works_and_says_so_once() {
    let Some(mut desktop) = Desktop::start() else { return };
    (desktop.dunst, desktop.panel) = (None, None);
    desktop.home.write_config(QUICK);
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let mut client = applet.client();
    wait_until("both are told as missing", LIMIT, || {
        let problems = client.data("get_status", &json!({}))["problems"].to_string();
        problems.contains("No tray host") && problems.contains("No notification server")
    });
    (0..4).for_each(|_| drop(client.push("status")));
    let log = applet.process().log();
    assert_eq!(log.matches("No tray host").count(), 1, "{log}");
    desktop.start_session_parts();
    wait_until("both are found", LIMIT, || client.data("get_status", &json!({}))["problems"] == json!([]));
}

#[test]
fn start_at_login_is_checked_as_it_is() {
    let Some(desktop) = Desktop::start() else { return };
    desktop.home.write_config(QUICK);
    let _applet = Applet::start(&desktop.home, &["--background"]);
    let session = desktop.bus.connect();
    let item = wait_for("the tray item", LIMIT, || Item::find(&session, ITEM));
    let checked = || find(&item.menu(&session), &|line| line.label == "Start at login").map(|line| line.checked);
    assert_eq!(checked(), Some(false));
    assert!(item.choose(&session, "Start at login"));
    wait_until("it is checked", LIMIT, || checked() == Some(true));
    let entry = desktop.home.path("config/autostart/io.github.runawayguard.applet.desktop");
    assert!(std::fs::read_to_string(&entry).unwrap().contains("--background"));
    let off = Applet::command(&desktop.home, &["autostart", "off"]).status().unwrap();
    assert!(off.success());
    wait_until("it is unchecked", LIMIT, || checked() == Some(false));
}
