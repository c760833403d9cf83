//! What a notification says, as a plain value: a function of the notice and of what the server can show.

use crate::core::Action;
use crate::core::view::{Notice, NoticeKind};
use crate::paths::APP_ID;
use crate::process::Reach;
use crate::protocol::Severity;
use std::path::PathBuf;

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
    /// It hides the buttons in a list where there are more than three.
    pub few_buttons: bool,
}

impl Capabilities {
    /// Reads the server's own list, and what its name tells beside it.
    #[must_use]
    pub fn of(server: &str, names: &[String]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let few_buttons = server == "lxqt-notificationd";
        Self { actions: has("actions"), body_markup: has("body-markup"), few_buttons }
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
    let mut actions = if can.actions { buttons(notice) } else { Vec::new() };
    if can.few_buttons && actions.len() > FEW {
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

/// Names the icon: the path of ours where it is installed under one of these data folders, else one of the theme's.
#[must_use]
pub fn icon(kind: NoticeKind, data_dirs: &[PathBuf]) -> String {
    let (file, fallback) = match kind {
        NoticeKind::Alert(Severity::Warning) => (format!("status/{APP_ID}-warning.svg"), "dialog-warning"),
        NoticeKind::Alert(Severity::Critical) => (format!("status/{APP_ID}-critical.svg"), "dialog-error"),
        NoticeKind::Outcome => (format!("apps/{APP_ID}.svg"), "dialog-information"),
    };
    let installed = data_dirs.iter().map(|dir| dir.join("icons/hicolor/scalable").join(&file));
    let path = installed.into_iter().find(|path| path.is_absolute() && path.is_file());
    path.and_then(|path| path.into_os_string().into_string().ok()).unwrap_or_else(|| fallback.to_owned())
}

fn buttons(notice: &Notice) -> Vec<(&'static str, &'static str)> {
    let mut buttons = vec![(OPEN, "Open")];
    if matches!(notice.kind, NoticeKind::Alert(_)) {
        buttons.extend(notice.reach.kills().then_some(("kill", "Kill")));
        buttons.extend(notice.reach.pauses().then_some(("pause", "Pause")));
        buttons.push(("whitelist", "Whitelist"));
    }
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

    const EVERYTHING: Capabilities = Capabilities { actions: true, body_markup: true, few_buttons: false };
    const NOTHING: Capabilities = Capabilities { actions: false, body_markup: false, few_buttons: false };

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
                actions: vec![("default", "Open"), ("kill", "Kill"), ("pause", "Pause"), ("whitelist", "Whitelist")],
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
        assert_eq!(content(&protected, EVERYTHING).actions, [("default", "Open"), ("whitelist", "Whitelist")]);
        assert_eq!(
            content(&protected, NOTHING).body,
            "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.\nAct on it from the tray's menu."
        );
    }

    #[test]
    fn where_four_buttons_would_become_a_list_the_three_that_act_stay() {
        let few = Capabilities { few_buttons: true, ..EVERYTHING };
        let actions = content(&firefox(Severity::Warning), few).actions;
        assert_eq!(actions, [("kill", "Kill"), ("pause", "Pause"), ("whitelist", "Whitelist")]);
        let protected = Notice { reach: Reach::Protected, ..firefox(Severity::Warning) };
        assert_eq!(content(&protected, few).actions, [("default", "Open"), ("whitelist", "Whitelist")]);
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
        assert_eq!(keys, [None, Some(Action::Kill), Some(Action::Pause), Some(Action::Whitelist)]);
        assert_eq!(action("Kill"), None);
    }

    #[test]
    fn the_icon_is_ours_where_it_is_installed() {
        let data = tempfile::tempdir().unwrap();
        let dirs = [PathBuf::from("relative"), data.path().to_path_buf()];
        let warning = NoticeKind::Alert(Severity::Warning);
        assert_eq!(icon(warning, &dirs), "dialog-warning");
        assert_eq!(icon(NoticeKind::Alert(Severity::Critical), &dirs), "dialog-error");
        assert_eq!(icon(NoticeKind::Outcome, &dirs), "dialog-information");
        let status = data.path().join("icons/hicolor/scalable/status");
        std::fs::create_dir_all(&status).unwrap();
        let file = status.join("io.github.runawayguard.applet-warning.svg");
        std::fs::write(&file, "<svg/>").unwrap();
        assert_eq!(icon(warning, &dirs), file.to_str().unwrap());
        assert_eq!(icon(NoticeKind::Alert(Severity::Critical), &dirs), "dialog-error");
    }
}
