//! What a notification says, as a plain value: a function of the notice and of what the server can show.

use crate::core::Action;
use crate::core::view::{Notice, NoticeKind};
use crate::paths::APP_ID;
use crate::process::Reach;
use crate::protocol::Severity;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The key of a click on the notification itself.
///
/// Source: Desktop Notifications Specification, "Notify", `actions`.
pub const OPEN: &str = "default";

/// How many buttons every server shows as such, a click on the notification itself included.
const FEW: usize = 3;

const TITLE_LIMIT: usize = 100;
const BODY_LIMIT: usize = 400;

/// The capabilities of a notification server that make a difference here.
///
/// Source: Desktop Notifications Specification, `GetCapabilities`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It shows buttons.
    pub actions: bool,
    /// It reads the body as markup.
    pub body_markup: bool,
    /// What no capability tells.
    pub quirk: Option<Quirk>,
}

/// What sets a server apart from the others; its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// It hides the buttons in a list where there are more than three.
    FewButtons,
    /// Where a notification takes another's place it shows the new icon only if that is told by its name in the theme.
    NamedIcons,
    /// Where a notification takes another's place it fails if there is no body any more. Cinnamon 6.4 does not even answer then.
    Bodies,
}

impl Capabilities {
    /// Reads the server's own list, and what its name tells beside it.
    #[must_use]
    pub fn of(server: &str, names: &[String]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let quirk = match server {
            "lxqt-notificationd" => Some(Quirk::FewButtons),
            "Plasma" => Some(Quirk::NamedIcons),
            "cinnamon" => Some(Quirk::Bodies),
            _ => None,
        };
        Self { actions: has("actions"), body_markup: has("body-markup"), quirk }
    }
}

/// How much a notification presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Shown, and no more.
    Normal,
    /// Shown above other windows, and until it is closed.
    Critical,
}

/// Everything that a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The first line, plain text.
    pub title: String,
    /// The text under it, in markup where the server reads that.
    pub body: String,
    /// Keys and labels, in the order of the buttons.
    pub actions: Vec<(&'static str, &'static str)>,
    /// How much it presses.
    pub urgency: Urgency,
    /// Milliseconds until it goes away by itself; None for never.
    pub expires: Option<u32>,
    /// Its class.
    ///
    /// Source: Desktop Notifications Specification, "Categories", the form `x-vendor.class.name`.
    pub category: &'static str,
}

/// Says it in the way that this server can show.
#[must_use]
pub fn content(notice: &Notice, can: Capabilities) -> Content {
    let (urgency, expires, category) = match notice.kind {
        NoticeKind::Alert(Severity::Warning) => (Urgency::Normal, None, "x-runawayguard.process.alert"),
        NoticeKind::Alert(Severity::Critical) => (Urgency::Critical, None, "x-runawayguard.process.alert"),
        NoticeKind::Outcome => (Urgency::Normal, Some(10_000), "x-runawayguard.process.outcome"),
    };
    let mut body = shown(&notice.body, BODY_LIMIT);
    if let Some(hint) = elsewhere(notice).filter(|_| !can.actions) {
        body = format!("{body}\n{hint}");
    }
    body = if can.body_markup {
        body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        // dunst reads markup even where its settings make it say that it does not.
        body.replace('<', "‹").replace('>', "›")
    };
    if can.quirk == Some(Quirk::Bodies) && body.is_empty() {
        body.push(' ');
    }
    let mut actions = if can.actions { buttons(notice) } else { Vec::new() };
    if can.quirk == Some(Quirk::FewButtons) && actions.len() > FEW {
        actions.retain(|(key, _)| *key != OPEN);
    }
    Content { title: shown(&notice.title, TITLE_LIMIT), body, actions, urgency, expires, category }
}

/// Understands the key of a button.
#[must_use]
pub fn action(key: &str) -> Option<Action> {
    match key {
        "kill" => Some(Action::Kill),
        "pause" => Some(Action::Pause),
        "whitelist" => Some(Action::Whitelist),
        _ => None,
    }
}

/// Tells the icon: ours where it is installed under one of these data folders, by its URI or its name, else the name of one of
/// the theme's.
///
/// Source: Desktop Notifications Specification, "Icons and Images".
#[must_use]
pub fn icon(kind: NoticeKind, can: Capabilities, data_dirs: &[PathBuf]) -> String {
    let (folder, name, fallback) = match kind {
        NoticeKind::Alert(Severity::Warning) => ("status", format!("{APP_ID}-warning"), "dialog-warning"),
        NoticeKind::Alert(Severity::Critical) => ("status", format!("{APP_ID}-critical"), "dialog-error"),
        NoticeKind::Outcome => ("apps", APP_ID.to_owned(), "dialog-information"),
    };
    let file = format!("icons/hicolor/scalable/{folder}/{name}.svg");
    let installed = data_dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_absolute() && path.is_file());
    match installed {
        Some(_) if can.quirk == Some(Quirk::NamedIcons) => name,
        Some(path) => uri(&path),
        None => fallback.to_owned(),
    }
}

fn uri(path: &Path) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');
    format!("file://{}", percent_encode(path.as_os_str().as_bytes(), ESCAPED))
}

/// The click on the notification itself is the last: Budgie leaves out what follows it.
fn buttons(notice: &Notice) -> Vec<(&'static str, &'static str)> {
    let mut buttons = Vec::new();
    if matches!(notice.kind, NoticeKind::Alert(_)) {
        buttons.extend(notice.reach.kills().then_some(("kill", "Kill")));
        buttons.extend(notice.reach.pauses().then_some(("pause", "Pause")));
        buttons.push(("whitelist", "Whitelist"));
    }
    buttons.push((OPEN, "Open"));
    buttons
}

fn elsewhere(notice: &Notice) -> Option<&'static str> {
    match notice.kind {
        NoticeKind::Alert(_) if notice.reach == Reach::Free => {
            Some("Act on it from the tray's menu, or run: runaway-guard kill PID")
        }
        NoticeKind::Alert(_) => Some("Act on it from the tray's menu."),
        NoticeKind::Outcome => None,
    }
}

/// Leaves out what a hostile name could draw with, and shortens.
fn shown(text: &str, limit: usize) -> String {
    let clean = |character: char| if character.is_control() || reorders(character) { ' ' } else { character };
    let mut shown: String = text.chars().map(clean).take(limit + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(limit) {
        let last = shown[..end].char_indices().next_back().map_or(0, |(last, _)| last);
        shown.truncate(last);
        shown.push('…');
    }
    shown
}

/// Tells whether a character changes the order in which others are drawn.
///
/// Source: Unicode Standard Annex 9, "Directional Formatting Characters".
fn reorders(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: Capabilities = Capabilities { actions: true, body_markup: true, quirk: None };
    const NOTHING: Capabilities = Capabilities { actions: false, body_markup: false, ..EVERYTHING };

    fn firefox(severity: Severity) -> Notice {
        Notice {
            alert: 7,
            title: "Firefox is using 1.4 cores".into(),
            body: "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.".into(),
            kind: NoticeKind::Alert(severity),
            reach: Reach::Free,
        }
    }

    #[test]
    fn a_warning_has_three_buttons_and_stays() {
        assert_eq!(
            content(&firefox(Severity::Warning), EVERYTHING),
            Content {
                title: "Firefox is using 1.4 cores".into(),
                body: "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.".into(),
                actions: vec![("kill", "Kill"), ("pause", "Pause"), ("whitelist", "Whitelist"), ("default", "Open")],
                urgency: Urgency::Normal,
                expires: None,
                category: "x-runawayguard.process.alert",
            }
        );
    }

    #[test]
    fn a_critical_alert_presses_more() {
        let critical = content(&firefox(Severity::Critical), EVERYTHING);
        let warning = content(&firefox(Severity::Warning), EVERYTHING);
        assert_eq!(critical, Content { urgency: Urgency::Critical, ..warning });
    }

    #[test]
    fn a_protected_process_can_only_be_whitelisted() {
        let protected = Notice { reach: Reach::Protected, ..firefox(Severity::Warning) };
        assert_eq!(content(&protected, EVERYTHING).actions, [("whitelist", "Whitelist"), ("default", "Open")]);
        assert_eq!(
            content(&protected, NOTHING).body,
            "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.\nAct on it from the tray's menu."
        );
    }

    #[test]
    fn cinnamon_has_a_body_always() {
        let cinnamon = Capabilities::of("cinnamon", &[]);
        let ended = Notice { kind: NoticeKind::Outcome, body: String::new(), ..firefox(Severity::Warning) };
        assert_eq!((content(&ended, cinnamon).body.as_str(), content(&ended, EVERYTHING).body.as_str()), (" ", ""));
    }

    #[test]
    fn where_four_buttons_would_become_a_list_the_three_that_act_stay() {
        let few = Capabilities { quirk: Some(Quirk::FewButtons), ..EVERYTHING };
        let actions = content(&firefox(Severity::Warning), few).actions;
        assert_eq!(actions, [("kill", "Kill"), ("pause", "Pause"), ("whitelist", "Whitelist")]);
        let protected = Notice { reach: Reach::Protected, ..firefox(Severity::Warning) };
        assert_eq!(content(&protected, few).actions, [("whitelist", "Whitelist"), ("default", "Open")]);
    }

    #[test]
    fn a_server_without_buttons_says_where_to_act() {
        assert_eq!(
            content(&firefox(Severity::Critical), NOTHING),
            Content {
                title: "Firefox is using 1.4 cores".into(),
                body: "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.\n\
                       Act on it from the tray's menu, or run: runaway-guard kill PID"
                    .into(),
                actions: vec![],
                urgency: Urgency::Critical,
                expires: None,
                category: "x-runawayguard.process.alert",
            }
        );
    }

    #[test]
    fn an_outcome_has_no_buttons_and_goes_away() {
        let outcome = Notice {
            title: "Firefox's Isolated Web Co (4711) ended.".into(),
            body: String::new(),
            kind: NoticeKind::Outcome,
            ..firefox(Severity::Critical)
        };
        let expected = Content {
            title: "Firefox's Isolated Web Co (4711) ended.".into(),
            body: String::new(),
            actions: vec![("default", "Open")],
            urgency: Urgency::Normal,
            expires: Some(10_000),
            category: "x-runawayguard.process.outcome",
        };
        assert_eq!(content(&outcome, EVERYTHING), expected);
        assert_eq!(content(&outcome, NOTHING), Content { actions: vec![], ..expected });
    }

    #[test]
    fn a_hostile_name_is_text_and_no_markup() {
        let hostile = Notice {
            title: "<b>x</b>\n&\u{202e}llik".into(),
            body: "<a href=\"x\">y</a>\0\x1b[31m & done (1)".into(),
            ..firefox(Severity::Warning)
        };
        let marked = content(&hostile, EVERYTHING);
        assert_eq!(marked.title, "<b>x</b> & llik");
        assert_eq!(marked.body, "&lt;a href=\"x\"&gt;y&lt;/a&gt;  [31m &amp; done (1)");
        let plain = content(&hostile, Capabilities { body_markup: false, ..EVERYTHING });
        assert_eq!(plain.body, "‹a href=\"x\"›y‹/a›  [31m & done (1)");
    }

    #[test]
    fn long_texts_are_cut_before_they_are_escaped() {
        let long = Notice { title: "ü".repeat(101), body: "<".repeat(401), ..firefox(Severity::Warning) };
        let cut = content(&long, EVERYTHING);
        assert_eq!(cut.title, format!("{}…", "ü".repeat(99)));
        assert_eq!(cut.body, format!("{}…", "&lt;".repeat(399)));
        let fits = Notice { title: "ü".repeat(100), body: "x".repeat(400), ..firefox(Severity::Warning) };
        let whole = content(&fits, EVERYTHING);
        assert_eq!((whole.title, whole.body), (fits.title, fits.body));
    }

    #[test]
    fn every_button_is_understood_and_nothing_else() {
        let keys: Vec<_> = buttons(&firefox(Severity::Warning)).into_iter().map(|(key, _)| action(key)).collect();
        assert_eq!(keys, [Some(Action::Kill), Some(Action::Pause), Some(Action::Whitelist), None]);
        assert_eq!(action("Kill"), None);
    }

    #[test]
    fn the_icon_is_ours_where_it_is_installed() {
        let data = tempfile::tempdir().unwrap();
        let ours = data.path().join("Jörg's files");
        let dirs = [PathBuf::from("relative"), ours.clone()];
        let warning = NoticeKind::Alert(Severity::Warning);
        let icon = |kind| icon(kind, EVERYTHING, &dirs);
        assert_eq!(icon(warning), "dialog-warning");
        assert_eq!(icon(NoticeKind::Alert(Severity::Critical)), "dialog-error");
        assert_eq!(icon(NoticeKind::Outcome), "dialog-information");
        let status = ours.join("icons/hicolor/scalable/status");
        std::fs::create_dir_all(&status).unwrap();
        std::fs::write(status.join("io.github.runawayguard.applet-warning.svg"), "<svg/>").unwrap();
        let file = "J%C3%B6rg%27s%20files/icons/hicolor/scalable/status/io.github.runawayguard.applet-warning.svg";
        assert_eq!(icon(warning), format!("file://{}/{file}", data.path().display()));
        let plasma = Capabilities::of("Plasma", &[]);
        assert_eq!(super::icon(warning, plasma, &dirs), "io.github.runawayguard.applet-warning");
        assert_eq!(icon(NoticeKind::Alert(Severity::Critical)), "dialog-error");
    }
}
