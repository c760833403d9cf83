//! What people do in the window, by its keys, to real processes and files.

use crate::faults::QUICK;
use crate::harness::window::Window;
use crate::harness::{Applet, Area, Burner, Color, Desktop, Item, LIMIT, Picture, Sway, wait_for, wait_until};
use serde_json::{Value, json};

/// The ground of a row that fires, critical or not, in the light theme.
const FIRING: Color = Color(0xfe, 0xee, 0xe3);

/// Ticks and rings of focus, in the light theme.
const ACCENT: Color = Color(0x1f, 0x63, 0xc6);

/// The ground of the window under a question.
const VEILED: Color = Color(0xa6, 0xa6, 0xa6);

/// So many pixels more of it there are under a question.
const QUESTION: usize = 50_000;

/// The outline of menus and fields, in the light theme.
const OUTLINE: Color = Color(0x86, 0x8d, 0x98);

/// The outline of a menu has more pixels than this.
const MENU: usize = 400;

/// The ring around a table has more pixels than this.
const RING: usize = 2000;

/// The outline of a focused field has more pixels than this.
const FOCUS: usize = 300;

/// The applet, and a burner that alone may fire.
struct Stage {
    applet: Applet,
    burner: Burner,
    desktop: Desktop,
}

impl Stage {
    fn with_burner(name: &str) -> Option<Self> {
        let desktop = Desktop::start()?;
        let name = &format!("{name}-{:x}", std::process::id() % 0x1000);
        desktop.home.write_config(QUICK);
        let burner = Burner::start(&desktop.home, name);
        let mut applet = Applet::start(&desktop.home, &["--background"]);
        watch_only(&mut applet, &burner);
        Some(Self { applet, burner, desktop })
    }

    /// Waits for the window, and until the burner's row is in it.
    fn window(&self) -> Window<'_> {
        let window = Window::wait(&self.desktop);
        window.wait_for_color("a row that fires", FIRING);
        window
    }

    /// Opens the window at a tab, by the command line of another client.
    fn open(&mut self, tab: &str) -> Window<'_> {
        self.applet.client().data("open_window", &json!({ "tab": tab }));
        self.window()
    }
}

/// Whitelists all others, and waits for the burner's alert.
fn watch_only(applet: &mut Applet, burner: &Burner) -> Value {
    let mut client = applet.client();
    client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
    wait_for("the burner's alert", LIMIT, || {
        let alert = client.push("alert");
        (alert["pid"] == burner.pid() && alert["state"] == "firing").then_some(alert)
    })
}

/// Whether nothing stands in the table below a row that fires, down to the status bar.
fn is_alone(picture: &Picture) -> bool {
    const ROW: u32 = 28;
    let Some((_, y)) = picture.find(FIRING) else { return false };
    let top = y - picture.top() + ROW;
    picture.part(Area { left: 8, top, width: 400, height: picture.height() - top - ROW - 4 }).is_plain()
}

#[test]
fn the_tray_opens_the_window_and_its_table_kills() {
    let Some(mut stage) = Stage::with_burner("burn-table") else { return };
    let session = stage.desktop.bus.connect();
    let item = wait_for("the tray item", LIMIT, || Item::find(&session, crate::harness::window::APP_ID));
    wait_until("the menu", LIMIT, || item.choose(&session, "Open window"));
    let window = stage.window();
    window.press(&["ctrl+f"]);
    window.wait_for("the search has the focus", |window| window.bar().count(ACCENT) >= FOCUS);
    window.type_text("burn-table");
    window.wait_for("the burner's row alone", |window| is_alone(&window.page()));
    window.press_for(&["Down"], ACCENT, RING);
    window.press_for(&["shift+Delete"], VEILED, QUESTION);
    window.press(&["Return"]);
    stage.burner.wait_for_end();
}

#[test]
fn an_alert_is_terminated_in_the_window() {
    let Some(mut stage) = Stage::with_burner("burn-alert") else { return };
    let window = stage.open("alerts");
    window.press_for(&["Down"], ACCENT, RING);
    window.press_for(&["shift+F10"], OUTLINE, MENU);
    window.press(&["Down"]);
    window.press_for(&["Return"], VEILED, QUESTION);
    window.press(&["Return"]);
    stage.burner.wait_for_end();
}

#[test]
fn an_alert_is_whitelisted_in_the_window() {
    let Some(mut stage) = Stage::with_burner("burn-never") else { return };
    let window = stage.open("alerts");
    window.press_for(&["Down"], ACCENT, RING);
    window.press_for(&["shift+F10"], OUTLINE, MENU);
    window.press(&["Down", "Down", "Down", "Return"]);
    let mut client = stage.applet.client();
    wait_until("the entry", LIMIT, || client.data("list_whitelist", &json!({})).to_string().contains("burn-never"));
    wait_until("the end of the alert", LIMIT, || client.data("get_status", &json!({}))["alert_count"] == 0);
    assert!(stage.burner.is_running());
}

#[test]
fn a_setting_is_changed_in_the_window() {
    let Some(desktop) = Desktop::start() else { return };
    desktop.home.write_config("# mine\n[detection.cpu_high]\nthreshold_percent = 90 # half\n");
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let (_process, window) = Window::open(&desktop, &["--tab", "settings"]);
    window.wait_for_color("the ticks of the form", ACCENT);
    // The tabs, Pause, the tick of the group, its first field.
    window.press_for(&["Tab"; 7], ACCENT, FOCUS);
    window.press(&["ctrl+a"]);
    window.type_text("250");
    window.press(&["Return"]);
    wait_until("the setting is in the file", LIMIT, || {
        let text = std::fs::read_to_string(desktop.home.config_file()).unwrap();
        text == "# mine\n[detection.cpu_high]\nthreshold_percent = 250 # half\n"
    });
    assert_eq!(applet.client().data("get_config", &json!({}))["cpu_high"]["threshold_percent"], 250);
}

#[test]
fn on_wayland_its_table_kills() {
    let mut home = crate::harness::Home::new();
    let Some(sway) = Sway::start(&mut home) else { return };
    home.write_config(QUICK);
    let mut burner = Burner::start(&home, &format!("burn-way-{:x}", std::process::id() % 0x1000));
    let mut applet = Applet::start(&home, &["--headless"]);
    watch_only(&mut applet, &burner);
    let mut command = Applet::command(&home, &["window", "--tab", "monitor"]);
    let _window = crate::harness::Running::start(&home, "window", &mut command);
    wait_until("a row that fires", LIMIT, || sway.shows(&home, FIRING));
    sway.press_for(&home, &["-M", "ctrl", "f", "-m", "ctrl"], ACCENT, FOCUS);
    sway.press(&home, &["burn-way"]);
    wait_until("the burner's row alone", LIMIT, || is_alone(&sway.look(&home)));
    sway.press_for(&home, &["-k", "Down"], ACCENT, RING);
    sway.press_for(&home, &["-M", "shift", "-k", "Delete", "-m", "shift"], VEILED, QUESTION);
    sway.press(&home, &["-k", "Return"]);
    burner.wait_for_end();
}
