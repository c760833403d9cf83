use super::login;
use super::{Message, named};
use crate::applet::autostart::Status;
use crate::protocol::{ErrorCode, Tab};
use crate::window::mirror::News;
use crate::window::preferences::Appearance;
use crate::window::tests::Stage;
use crate::window::{Message as Any, link::Missing};
use iced::keyboard::key::Named;
use iced::{Event, Size, mouse};
use serde_json::{Value, json};

const THRESHOLD: &str = "cpu_high.threshold_percent";
const DURATION: &str = "cpu_high.duration_seconds";

/// Tall enough that every field is in view: the simulator clicks only what can be seen.
fn stage() -> Stage {
    let mut stage = Stage::new(Tab::Settings);
    stage.window.scene.size = Size::new(960.0, 2000.0);
    stage
}

fn with_config(stage: &mut Stage, change: impl FnOnce(&mut Value)) {
    let mut config = stage.window.scene.mirror.config.clone();
    change(&mut config);
    stage.send(Any::News(News::Config(Ok(config))));
}

fn two_rules() -> Value {
    json!([
        {"name": "builds", "match": "make", "match_type": "name", "max_runtime_minutes": 120},
        {"match": "^cc1(plus)?$", "match_type": "regex", "max_runtime_minutes": 30}
    ])
}

fn with_rules() -> Stage {
    let mut stage = stage();
    with_config(&mut stage, |config| config["rule"] = two_rules());
    stage
}

#[test]
fn apply_sends_what_is_changed_and_nothing_else() {
    let mut stage = stage();
    assert!(stage.shows("Nothing is changed."));
    stage.retype(THRESHOLD, "80");
    stage.click_on("hang.enabled");
    assert!(stage.shows("Changed, was 90"));
    assert!(stage.shows("Changed, was on"));
    assert!(stage.shows("2 changes are not applied yet."));
    stage.click("Apply");
    let (ask, wire) = stage.request();
    let patch = json!({"cpu_high": {"threshold_percent": 80}, "hang": {"enabled": false}});
    assert_eq!(wire, json!({"cmd": "update_config", "params": patch}));
    assert!(stage.shows("Applying …"));
    let mut config = stage.window.scene.mirror.config.clone();
    config["cpu_high"]["threshold_percent"] = json!(80);
    config["hang"]["enabled"] = json!(false);
    stage.answer(ask, &config);
    assert!(stage.shows("Applied."));
    assert!(!stage.shows("Changed, was 90"));
}

#[test]
fn enter_in_a_field_applies_and_escape_resets_it() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "80");
    stage.press_in(THRESHOLD, Named::Enter);
    let (_, wire) = stage.request();
    assert_eq!(wire["params"], json!({"cpu_high": {"threshold_percent": 80}}));
    stage.retype(DURATION, "7");
    stage.press_in(DURATION, Named::Escape);
    assert!(!stage.shows("Changed, was 60"));
    assert!(stage.shows("Changed, was 90"));
}

#[test]
fn what_is_wrong_is_said_under_its_field_and_not_sent() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "9000");
    assert!(stage.shows("9000 is too large."));
    assert!(stage.shows("1 to 6400; 90 by default"));
    assert!(stage.shows("One field has to be mended first."));
    stage.click("Apply");
    stage.press_in(THRESHOLD, Named::Enter);
    assert!(stage.asked().is_empty());
    stage.retype(THRESHOLD, "ninety");
    assert!(stage.shows("\u{201c}ninety\u{201d} is not a whole number."));
    stage.retype(THRESHOLD, "91");
    assert!(!stage.shows("1 to 6400; 90 by default"));
}

#[test]
fn a_refusal_is_shown_at_the_field_that_it_names() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "80");
    stage.click("Apply");
    let (ask, _) = stage.request();
    let message = "cpu_high.threshold_percent must be 1 to 64, not 80. Nothing was changed.";
    stage.refuse(ask, ErrorCode::InvalidConfig, message);
    assert!(stage.shows(message));
    assert!(stage.shows("Refused; the field says why."));
    stage.retype(THRESHOLD, "60");
    assert!(!stage.shows(message));
}

#[test]
fn a_refusal_that_names_no_field_is_shown_by_the_buttons() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "80");
    stage.click("Apply");
    let (ask, _) = stage.request();
    let message = "config.toml cannot be written: read-only file system. Nothing was changed.";
    stage.refuse(ask, ErrorCode::Internal, message);
    assert!(stage.shows(message));
    stage.click("Apply");
    assert_eq!(stage.asked().len(), 1);
}

#[test]
fn refusals_are_understood_by_their_first_word() {
    assert_eq!(named("cpu_high.threshold_percent must be 1 to 6400, not 0."), Some(THRESHOLD));
    assert_eq!(named("detection.hang.enabled must be true or false, not 1."), Some("hang.enabled"));
    assert_eq!(named("rule.match is a regex that cannot be used: found open group without closing ')'."), Some("rule"));
    assert_eq!(named("[[rule]] needs a key \"match\"."), Some("rule"));
    assert_eq!(named("ruleset is unknown"), None);
    assert_eq!(named("config.toml, line 3, column 1: threshold_percent must be 1 to 6400."), None);
}

#[test]
fn a_change_from_elsewhere_shows_and_what_was_typed_stays() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "80");
    stage.push(&json!({"type": "changed", "data": {"what": "config"}}));
    let names: Vec<_> = stage.asked().iter().map(|ask| ask.request.name()).collect();
    assert_eq!(names, ["get_status", "get_config"]);
    with_config(&mut stage, |config| config["cpu_high"]["threshold_percent"] = json!(70));
    with_config(&mut stage, |config| config["cpu_high"]["duration_seconds"] = json!(45));
    assert!(stage.shows("Changed, was 70"));
    stage.click("Apply");
    let (_, wire) = stage.request();
    assert_eq!(wire["params"], json!({"cpu_high": {"threshold_percent": 80}}));
}

#[test]
fn defaults_and_reset_fill_the_fields_in() {
    let mut stage = with_rules();
    with_config(&mut stage, |config| config["general"]["retention_days"] = json!(7));
    stage.click("Defaults");
    assert!(stage.shows("The defaults are filled in. One change is not applied yet."));
    stage.click("Reset");
    assert!(stage.shows("Nothing is changed."));
    stage.click("Defaults");
    stage.click("Apply");
    let (_, wire) = stage.request();
    assert_eq!(wire["params"], json!({"general": {"retention_days": 90}}));
}

#[test]
fn choices_go_by_click_and_by_arrow() {
    let mut stage = stage();
    stage.click("Small window");
    assert!(stage.shows("Changed, was Both"));
    stage.click("Desktop");
    stage.press_in("general.notification_method", Named::ArrowRight);
    stage.click("Apply");
    let (_, wire) = stage.request();
    assert_eq!(wire["params"], json!({"general": {"notification_method": "popup"}}));
}

#[test]
fn a_rule_is_added() {
    let mut stage = stage();
    stage.click("Add rule");
    assert!(stage.shows("The pattern is empty. Give a name, a part of a command line, or a regex."));
    assert!(stage.shows("This rule says nothing yet."));
    stage.retype("rule.match", "(");
    stage.click("Regex");
    assert!(stage.shows("The regex cannot be used: found open group without closing ')'."));
    stage.click("Apply");
    assert!(stage.asked().is_empty());
    stage.retype("rule.match", "^rustc");
    stage.retype("rule.max_runtime_minutes", "0");
    assert!(stage.shows("0 is too small."));
    stage.retype("rule.max_runtime_minutes", "15");
    stage.retype("rule.name", "compiler");
    stage.press_in("rule.name", Named::Enter);
    let (_, wire) = stage.request();
    let rule = json!({"name": "compiler", "match": "^rustc", "match_type": "regex", "max_runtime_minutes": 15});
    assert_eq!(wire["params"], json!({"rule": [rule]}));
}

#[test]
fn a_rule_that_is_added_has_no_limit_but_what_is_filled_in() {
    let mut stage = stage();
    stage.click("Add rule");
    stage.retype("rule.match", "make");
    assert!(stage.shows("This rule says nothing yet."));
    assert!(stage.shows("Fill in a limit, choose what it is silent about, or choose how bad its alerts are."));
    assert!(stage.shows("nothing yet"));
    assert!(stage.shows("One field has to be mended first."));
    stage.click("Apply");
    assert!(stage.asked().is_empty());
    stage.click("Critical");
    assert!(!stage.shows("This rule says nothing yet."));
    stage.click("Apply");
    let (_, wire) = stage.request();
    let rule = json!({"match": "make", "match_type": "name", "severity": "critical"});
    assert_eq!(wire["params"], json!({"rule": [rule]}));
}

#[test]
fn rules_are_moved_edited_and_removed() {
    let mut stage = with_rules();
    stage.click("builds");
    stage.click("Down");
    stage.click("Apply");
    let (ask, wire) = stage.request();
    let [first, second] = [0, 1].map(|index| two_rules()[index].clone());
    assert_eq!(wire["params"], json!({"rule": [second, first]}));
    stage.refuse(ask, ErrorCode::Internal, "No.");
    stage.click("Up");
    assert!(stage.shows("Nothing is changed.") || stage.shows("No."));
    stage.click("Edit");
    stage.retype("rule.max_runtime_minutes", "60");
    stage.press_in("rule.max_runtime_minutes", Named::Escape);
    stage.retype("rule.name", "");
    stage.retype("rule.name", "nightly");
    stage.click("Done");
    stage.click("^cc1(plus)?$");
    stage.click("Remove");
    stage.click("Apply");
    let (_, wire) = stage.request();
    let kept = json!({"name": "nightly", "match": "make", "match_type": "name", "max_runtime_minutes": 120});
    assert_eq!(wire["params"], json!({"rule": [kept]}));
}

#[test]
fn a_rule_left_empty_goes_away() {
    let mut stage = with_rules();
    stage.click("Add rule");
    stage.click("Done");
    assert!(stage.shows("Nothing is changed."));
}

#[test]
fn nothing_can_be_changed_without_a_connection() {
    let mut stage = stage();
    stage.retype(THRESHOLD, "80");
    stage.send(Any::Missing(1, Missing::Lost));
    assert!(stage.shows("Not connected: nothing can be applied until RunawayGuard runs."));
    stage.retype(THRESHOLD, "70");
    stage.click("Apply");
    assert!(stage.asked().is_empty());
    assert!(stage.shows("Changed, was 90"));
}

#[test]
fn a_broken_file_is_told_with_its_path() {
    let mut stage = stage();
    let problem =
        "config.toml, line 3, column 9: enabled must be true or false. The settings from before stay in force.";
    let status = Stage::status_with(&json!({"config_problem": problem, "problems": [problem]}));
    stage.push(&json!({"type": "status", "data": status}));
    assert!(stage.shows(problem));
    assert!(stage.shows("/home/ada/.config/runaway-guard/config.toml"));
    stage.click("Copy path");
    assert!(stage.shows("Copied"));
}

#[test]
fn the_window_remembers_its_own_wishes() {
    let mut stage = stage();
    stage.click("Dark");
    assert_eq!(stage.window.preferences.appearance, Appearance::Dark);
    stage.click("Quit RunawayGuard when the window closes");
    assert!(stage.window.preferences.quit_with_window);
    assert!(stage.asked().is_empty());
    let folder = tempfile::tempdir().unwrap();
    stage.window.scene.paths.window = folder.path().join("window.toml");
    stage.send(Any::Close);
    assert_eq!(stage.request().1["cmd"], json!("quit"));
}

#[test]
fn start_at_login_says_what_went_wrong() {
    let mut stage = stage();
    let login = |message| Any::Settings(Message::Login(message));
    stage.send(login(login::Message::Read(Status::Invalid("The entry starts /gone, which is not there.".into()))));
    assert!(stage.shows("The entry starts /gone, which is not there."));
    let refused = Err("/etc/x: permission denied.".to_owned());
    stage.send(login(login::Message::Changed(refused, Status::Off)));
    assert!(stage.shows("/etc/x: permission denied."));
    stage.send(login(login::Message::Changed(Ok(()), Status::On)));
    assert!(!stage.shows("/etc/x: permission denied."));
}

#[test]
fn pictures() {
    let mut stage = Stage::new(Tab::Settings);
    stage.assert_picture("settings");
    stage.retype(THRESHOLD, "9000");
    stage.retype("cpu_high.duration_seconds", "30");
    stage.window.scene.size = Size::new(640.0, 420.0);
    stage.assert_picture("settings-refused");
}

#[test]
fn picture_of_the_rules() {
    let mut stage = with_rules();
    stage.click("^cc1(plus)?$");
    stage.click("Edit");
    stage.retype("rule.match", "^cc1(plus");
    stage.window.scene.size = Size::new(960.0, 640.0);
    let delta = mouse::ScrollDelta::Pixels { x: 0.0, y: -760.0 };
    stage.assert_picture_after(&[Event::Mouse(mouse::Event::WheelScrolled { delta })], "settings-rules");
}

#[test]
fn picture_of_the_rules_in_the_smallest_window() {
    let mut stage = with_rules();
    stage.click("builds");
    stage.click("Edit");
    stage.window.scene.size = Size::new(640.0, 420.0);
    let delta = mouse::ScrollDelta::Pixels { x: 0.0, y: -980.0 };
    stage.assert_picture_after(&[Event::Mouse(mouse::Event::WheelScrolled { delta })], "settings-rules-small");
    stage.window.scene.size = Size::new(640.0, 2400.0);
    stage.click("User");
    stage.click("Apply");
    assert_eq!(stage.request().1["params"]["rule"][0]["match_type"], json!("user"));
}

#[test]
fn picture_of_the_limits_of_a_rule() {
    let mut stage = with_rules();
    stage.click("builds");
    stage.click("Edit");
    stage.click("Hangs");
    stage.click("Critical");
    stage.retype("rule.cpu_threshold_percent", "400");
    stage.window.scene.size = Size::new(960.0, 640.0);
    let delta = mouse::ScrollDelta::Pixels { x: 0.0, y: -1130.0 };
    stage.assert_picture_after(&[Event::Mouse(mouse::Event::WheelScrolled { delta })], "settings-rule-limits");
    stage.click("Apply");
    let (_, wire) = stage.request();
    let changed = json!({"name": "builds", "match": "make", "match_type": "name", "max_runtime_minutes": 120,
        "cpu_threshold_percent": 400, "silence": ["hang"], "severity": "critical"});
    assert_eq!(wire["params"]["rule"][0], changed);
}
