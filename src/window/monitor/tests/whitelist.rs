//! Adding to the whitelist from the table.

use super::{named, select, stage};
use crate::protocol::ErrorCode;
use crate::window::Message;
use crate::window::monitor::{self, form};
use crate::window::tests::Stage;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::{Value, json};

fn added(pattern: &str, match_type: &str) -> Value {
    let params = json!({"pattern": pattern, "match_type": match_type});
    json!({"cmd": "add_whitelist", "params": params})
}

fn edit(stage: &mut Stage, pattern: &str) {
    stage.send(Message::Monitor(monitor::Message::InForm(form::Event::Type(pattern.to_owned()))));
}

#[test]
fn a_name_or_a_command_line_is_added() {
    let mut stage = stage();
    stage.click_right("node");
    stage.asked();
    stage.click("Whitelist “node”");
    let (ask, wire) = stage.request();
    assert_eq!(wire, added("node", "name"));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("The whitelist has “node” now."));
    stage.press(Key::Character("L".into()), Modifiers::CTRL | Modifiers::SHIFT);
    let (ask, wire) = stage.request();
    assert_eq!(wire, added("node server.js --port 8080 --token=*** --watch src", "cmdline"));
    stage.refuse(ask, ErrorCode::AlreadyExists, "The whitelist has it already. Remove that entry first.");
    assert!(stage.shows("The whitelist has it already. Remove that entry first."));
}

#[test]
fn a_process_without_a_command_line_has_none_to_add() {
    let mut stage = stage();
    select(&mut stage, "kthreadd");
    stage.press(Key::Character("l".into()), Modifiers::CTRL | Modifiers::SHIFT);
    assert!(stage.asked().is_empty());
}

#[test]
fn a_regex_is_edited_and_what_it_matches_counted() {
    let mut stage = stage();
    select(&mut stage, "gnome-shell");
    stage.press(Key::Character("e".into()), Modifiers::CTRL);
    assert!(stage.shows("It matches 1 process now."));
    edit(&mut stage, "gnome");
    assert!(stage.shows("It matches 2 processes now."));
    edit(&mut stage, "gnome(");
    assert!(stage.shows("The regex cannot be used: found open group without closing ')'."));
    named(&mut stage, Named::Enter);
    assert!(stage.asked().is_empty());
    edit(&mut stage, "^gnome-");
    stage.click("Add");
    let (ask, wire) = stage.request();
    assert_eq!(wire, added("^gnome-", "regex"));
    named(&mut stage, Named::Enter);
    assert!(stage.asked().is_empty(), "it is asked once");
    stage.refuse(ask, ErrorCode::AlreadyExists, "The whitelist has it already.");
    assert!(stage.shows("The whitelist has it already."));
    named(&mut stage, Named::Enter);
    let (ask, _) = stage.request();
    stage.answer(ask, &json!({"success": true}));
    assert!(!stage.shows("Whitelist by a regex"));
    assert!(stage.shows("The whitelist has this regex now."));
}

#[test]
fn a_name_is_escaped_and_escape_gives_up() {
    let mut stage = stage();
    super::list(&mut stage, |processes| processes[6]["name"] = json!("a.b(c"));
    select(&mut stage, "a.b(c");
    stage.press(Key::Character("e".into()), Modifiers::CTRL);
    assert!(stage.shows("It matches 1 process now."));
    named(&mut stage, Named::Escape);
    assert!(stage.window.monitor.overlay.is_none());
    assert!(stage.asked().is_empty());
}
