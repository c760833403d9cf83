use crate::protocol::{ErrorCode, Tab};
use crate::window::Message as Any;
use crate::window::mirror::News;
use crate::window::tests::Stage;
use iced::Size;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::json;

fn press(stage: &mut Stage, named: Named) {
    stage.press(Key::Named(named), Modifiers::empty());
}

#[test]
fn an_entry_is_added_with_its_reason() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.retype("new pattern", "rsync");
    assert!(stage.shows("Matches one running process: rsync (901)."));
    stage.retype("new reason", " Backups ");
    stage.click("Add");
    let (ask, wire) = stage.request();
    let params = json!({"pattern": "rsync", "match_type": "name", "reason": "Backups"});
    assert_eq!(wire, json!({"cmd": "add_whitelist", "params": params}));
    stage.answer(ask, &json!({"success": true, "id": 4}));
    assert!(stage.shows("Added rsync."));
    assert!(!stage.shows("Backups"));
}

#[test]
fn enter_adds_and_escape_clears() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.retype("new pattern", "x");
    stage.press_in("new pattern", Named::Escape);
    stage.press_in("new pattern", Named::Enter);
    assert!(stage.asked().is_empty());
    stage.click("Command line");
    stage.retype("new pattern", "--port 8080");
    assert!(stage.shows("Matches one running process: node (2210)."));
    stage.press_in("new pattern", Named::Enter);
    let params = json!({"pattern": "--port 8080", "match_type": "cmdline"});
    assert_eq!(stage.request().1["params"], params);
}

#[test]
fn the_error_of_a_regex_is_said_while_typing() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.retype("new pattern", "^cc1(");
    stage.click("Regex");
    assert!(stage.shows("The regex cannot be used: found open group without closing ')'."));
    stage.click("Add");
    assert!(stage.asked().is_empty());
}

#[test]
fn a_refusal_is_shown_under_the_field_until_it_is_typed_in() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.retype("new pattern", "ffmpeg");
    stage.click("Add");
    let (ask, _) = stage.request();
    let message = "\"ffmpeg\" is on the whitelist already.";
    stage.refuse(ask, ErrorCode::AlreadyExists, message);
    assert!(stage.shows(message));
    stage.retype("new pattern", "ffmpeg2");
    assert!(!stage.shows(message));
}

#[test]
fn an_entry_is_removed_at_once_and_had_back() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.click("ffmpeg");
    press(&mut stage, Named::Delete);
    let (ask, wire) = stage.request();
    assert_eq!(wire, json!({"cmd": "remove_whitelist", "params": {"id": 1}}));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("Removed ffmpeg."));
    stage.click("Undo");
    let (ask, wire) = stage.request();
    let params = json!({"pattern": "ffmpeg", "match_type": "name", "reason": "Renders may take hours"});
    assert_eq!(wire, json!({"cmd": "add_whitelist", "params": params}));
    stage.answer(ask, &json!({"success": true, "id": 9}));
    assert!(stage.shows("ffmpeg is whitelisted again."));
}

#[test]
fn what_cannot_be_removed_is_said() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.click("Remove");
    let (ask, _) = stage.request();
    stage.refuse(ask, ErrorCode::NotFound, "There is no entry 1.");
    assert!(stage.shows("There is no entry 1."));
}

#[test]
fn an_entry_is_edited_in_its_place() {
    let mut stage = Stage::new(Tab::Whitelist);
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::Enter);
    stage.retype("pattern", "/opt/ci");
    stage.retype("reason", "Builds");
    stage.click("Save");
    let (ask, wire) = stage.request();
    let params = json!({"id": 2, "pattern": "/opt/ci", "match_type": "cmdline", "reason": "Builds"});
    assert_eq!(wire, json!({"cmd": "update_whitelist", "params": params}));
    stage.refuse(ask, ErrorCode::AlreadyExists, "It is there already.");
    assert!(stage.shows("It is there already."));
    stage.press_in("pattern", Named::Enter);
    let (ask, _) = stage.request();
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("Changed /opt/ci."));
    assert!(!stage.shows("Save"));
}

#[test]
fn escape_leaves_editing() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.click("Edit");
    stage.press_in("pattern", Named::Escape);
    assert!(!stage.shows("Save"));
    press(&mut stage, Named::Enter);
    assert!(stage.shows("Save"));
    press(&mut stage, Named::Escape);
    assert!(!stage.shows("Save"));
    assert!(stage.asked().is_empty());
}

#[test]
fn a_change_from_elsewhere_is_asked_for() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.retype("new pattern", "rsync");
    stage.push(&json!({"type": "changed", "data": {"what": "whitelist"}}));
    assert_eq!(stage.request().1["cmd"], "list_whitelist");
    stage.send(Any::News(News::Whitelist(Ok(Vec::new()))));
    assert!(stage.shows("Nothing is whitelisted."));
    assert!(stage.shows("Matches one running process: rsync (901)."));
}

#[test]
fn the_heads_sort() {
    let mut stage = Stage::new(Tab::Whitelist);
    stage.click("Pattern");
    press(&mut stage, Named::Home);
    press(&mut stage, Named::Delete);
    assert_eq!(stage.request().1["params"], json!({"id": 2}));
    stage.click("Pattern");
    press(&mut stage, Named::Home);
    press(&mut stage, Named::Delete);
    assert_eq!(stage.request().1["params"], json!({"id": 1}));
}

#[test]
fn pictures() {
    let mut stage = Stage::new(Tab::Whitelist);
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::Enter);
    stage.assert_picture("whitelist");
    press(&mut stage, Named::Escape);
    stage.retype("new pattern", "^cc1(plus");
    stage.click("Regex");
    stage.window.scene.size = Size::new(640.0, 420.0);
    stage.assert_picture("whitelist-regex");
}
