//! What can be done about an alert, by mouse and by key.

use super::{alert, alive, firing, narrowed, opened, press, select, selected};
use crate::protocol::{ErrorCode, Tab};
use crate::window::Message;
use crate::window::tests::Stage;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::{Value, json};

fn act(action: &str) -> Value {
    let mut params = json!({"id": 1000, "action": action});
    if action == "kill" {
        params["ask"] = true.into();
    }
    json!({"cmd": "act_on_alert", "params": params})
}

fn signal(name: &str) -> Value {
    let mut params = json!({"pid": 4711, "signal": name, "start_time": 92620});
    if name == "SIGTERM" {
        params["ask"] = true.into();
    }
    json!({"cmd": "kill_process", "params": params})
}

/// Presses a button of the details: the frame has buttons of the same names.
fn press_button(stage: &mut Stage, act: super::super::Act) {
    stage.send(Message::Alerts(super::super::Message::Act(act)));
}

/// Chooses an entry of the selected alert's menu by the keyboard.
fn choose(stage: &mut Stage, steps: usize) {
    press(stage, Named::ContextMenu);
    for _ in 0..steps {
        press(stage, Named::ArrowDown);
    }
    press(stage, Named::Enter);
}

#[test]
fn terminate_asks_first_and_names_the_process() {
    let mut stage = selected(&firing());
    stage.click("Terminate");
    assert!(stage.shows("Terminate Isolated Web Co (4711)?"));
    press(&mut stage, Named::Escape);
    assert!(!stage.shows("Terminate Isolated Web Co (4711)?"));
    assert_eq!(stage.asked().len(), 0);
    stage.click("Terminate");
    stage.click("Cancel");
    assert_eq!(stage.asked().len(), 0);
    stage.click("Terminate");
    press(&mut stage, Named::Delete);
    press(&mut stage, Named::Enter);
    let (ask, wire) = stage.request();
    assert_eq!(wire, act("kill"));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("Isolated Web Co (4711) was asked to end."));
}

#[test]
fn what_comes_of_an_action_takes_the_place_of_what_was_said_at_first() {
    let mut stage = selected(&firing());
    stage.click("Dismiss");
    let (ask, wire) = stage.request();
    assert_eq!(wire, act("dismiss"));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("Dismissed. It stays quiet until it has calmed down."));
    let notice = |alert: i64, title: &str| json!({"alert": alert, "title": title, "body": "Not allowed: it belongs to root.", "kind": "outcome", "actions": []});
    let told = json!([notice(7, "Another goes on."), notice(1000, "Isolated Web Co (4711) goes on.")]);
    stage.push(&json!({"type": "notices", "data": told}));
    assert!(stage.shows("Isolated Web Co (4711) goes on. Not allowed: it belongs to root."));
    stage.push(&json!({"type": "notices", "data": []}));
    assert!(stage.shows("Isolated Web Co (4711) goes on. Not allowed: it belongs to root."));
}

#[test]
fn while_an_administrator_is_asked_it_is_said() {
    let mut stage = selected(&firing());
    stage.click("Terminate");
    press(&mut stage, Named::Enter);
    let (ask, _) = stage.request();
    stage.answer(ask, &json!({"success": true, "asking": true}));
    assert!(stage.shows("It belongs to another user: an administrator is asked for a password first."));
    let outcome = |start_time: u64, message: &str| json!({"type": "outcome", "data": {"pid": 4711, "start_time": start_time, "ended": false, "message": message}});
    stage.push(&outcome(92620, "It goes on."));
    stage.push(&outcome(92621, "Another one goes on."));
    assert!(stage.shows("It goes on.") && !stage.shows("Another one goes on."));
}

#[test]
fn every_refusal_is_said_where_it_was_asked() {
    let refusals = [
        (ErrorCode::NotFound, "There is no process 4711."),
        (ErrorCode::Forbidden, "Process 4711 belongs to root."),
        (ErrorCode::Protected, "Process 4711 carries the session."),
    ];
    for is_narrow in [false, true] {
        for (code, sentence) in refusals {
            let mut stage = selected(&firing());
            if is_narrow {
                stage = narrowed(stage);
            }
            press(&mut stage, Named::Delete);
            let (ask, _) = stage.request();
            stage.refuse(ask, code, sentence);
            assert!(stage.shows(sentence), "{sentence}");
        }
    }
}

#[test]
fn without_a_connection_nothing_is_offered() {
    let mut stage = selected(&firing());
    stage.send(Message::GaveUp);
    for button in ["Terminate", "Dismiss", "Clear all"] {
        stage.click(button);
    }
    press(&mut stage, Named::Delete);
    assert_eq!(stage.asked().len(), 0);
    assert!(!stage.shows("Terminate Isolated Web Co (4711)?"));
}

#[test]
fn an_answer_that_does_not_come_is_said() {
    let mut stage = selected(&firing());
    press(&mut stage, Named::Delete);
    let (ask, _) = stage.request();
    let late = "RunawayGuard did not answer in time. Try again, or restart it.";
    stage.send((ask.then)(Err(crate::window::ask::Failure::unanswered(late))));
    assert!(stage.shows(late));
}

#[test]
fn the_menu_by_mouse_and_by_key_does_the_same() {
    let mut stage = narrowed(opened(&json!([firing()])));
    stage.click_right("Isolated Web Co");
    stage.asked();
    assert!(stage.shows("Copy command line"));
    stage.click("Dismiss");
    assert_eq!(stage.request().1, act("dismiss"));
    for (steps, action) in [(2, "pause"), (3, "whitelist"), (4, "dismiss")] {
        choose(&mut stage, steps);
        assert_eq!(stage.request().1, act(action));
    }
    stage.press(Key::Named(Named::F10), Modifiers::SHIFT);
    assert!(stage.shows("Copy command line"));
    press(&mut stage, Named::Escape);
    assert!(!stage.shows("Copy command line"));
    choose(&mut stage, 1);
    stage.click("Terminate");
    assert_eq!(stage.request().1, act("kill"));
}

#[test]
fn the_process_of_one_that_ended_is_signalled_with_its_start_time() {
    let mut stage = selected(&alive());
    stage.click("Terminate");
    press(&mut stage, Named::Enter);
    let (ask, wire) = stage.request();
    assert_eq!(wire, signal("SIGTERM"));
    stage.refuse(ask, ErrorCode::IdentityMismatch, "4711 is another process now.");
    assert!(stage.shows("4711 is another process now."));
    press_button(&mut stage, super::super::Act::Pause);
    assert_eq!(stage.request().1, signal("SIGSTOP"));
}

#[test]
fn a_paused_process_can_be_continued() {
    let mut stage = selected(&alive());
    let mut processes = Stage::data("list_processes");
    for process in processes.as_array_mut().unwrap() {
        if process["pid"] == 4711 {
            process["state"] = json!("T");
        }
    }
    press(&mut stage, Named::F5);
    for ask in stage.asked() {
        let name = ask.request.name();
        if name == "list_processes" {
            stage.answer(ask, &processes);
        }
    }
    assert!(stage.shows("It is paused"));
    stage.click("Continue");
    let (ask, wire) = stage.request();
    assert_eq!(wire, signal("SIGCONT"));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("firefox-bin (4711) goes on."));
}

#[test]
fn what_is_gone_cannot_be_signalled() {
    let mut stage = selected(&alert(990, &json!({"name": "make"})));
    assert!(stage.shows("The process has ended"));
    stage.click("Terminate");
    stage.click("Show process");
    press(&mut stage, Named::Delete);
    assert_eq!(stage.asked().len(), 0);
    assert_eq!(stage.window.tab, Tab::Alerts);
    assert!(!stage.shows("Terminate make (8990)?"));
}

#[test]
fn one_that_ended_is_whitelisted_by_name_or_by_command_line() {
    for (choice, pattern, match_type) in
        [("Named make", "make", "name"), ("With this command line", "node server.js", "cmdline")]
    {
        let mut stage = selected(&alert(990, &json!({"name": "make"})));
        stage.click("Whitelist …");
        stage.click(choice);
        let (ask, wire) = stage.request();
        let reason = "from the alert: node is using 1.4 cores";
        let params = json!({"pattern": pattern, "match_type": match_type, "reason": reason});
        assert_eq!(wire, json!({"cmd": "add_whitelist", "params": params}));
        assert!(stage.shows("Whitelist …"));
        let sentence = "The whitelist has \"make\" already. Remove that entry first.";
        stage.refuse(ask, ErrorCode::AlreadyExists, sentence);
        assert!(stage.shows(sentence));
    }
    let mut stage = selected(&alert(990, &json!({"name": "make"})));
    choose(&mut stage, 2);
    assert_eq!(stage.request().1["params"]["match_type"], "cmdline");
    stage.click("Whitelist …");
    press(&mut stage, Named::Escape);
    assert!(stage.shows("Whitelist …"));
}

#[test]
fn show_process_goes_to_the_monitor() {
    let mut stage = selected(&firing());
    stage.click("Show process");
    assert_eq!(stage.window.tab, Tab::Monitor);
    let asked = stage.asked();
    let params = json!({"pid": 4711, "start_time": 92620});
    assert!(asked.iter().any(|ask| ask.request.params() == Some(params.clone())), "the Monitor has selected it");
}

#[test]
fn the_command_line_can_be_copied() {
    let mut stage = selected(&firing());
    press_button(&mut stage, super::super::Act::Copy);
    assert!(stage.shows("Copied."));
}

#[test]
fn clear_all_dismisses_every_firing_one_once_confirmed() {
    let other = alert(995, &json!({"name": "make", "state": "firing", "ended": null}));
    let mut stage = opened(&json!([firing(), other]));
    stage.click("Clear all");
    assert!(stage.shows("Dismiss 2 alerts?"));
    stage.click("Dismiss");
    let (ask, wire) = stage.request();
    assert_eq!(wire, json!({"cmd": "clear_alerts", "params": null}));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("2 alerts are dismissed."));
    let mut stage = opened(&json!([alert(990, &json!({}))]));
    stage.click("Clear all");
    assert!(!stage.shows("Cancel"));
}

#[test]
fn another_selection_takes_the_words_away() {
    let mut stage = opened(&json!([firing(), alert(990, &json!({"name": "make"}))]));
    select(&mut stage, "Isolated Web Co", 1000);
    press(&mut stage, Named::Delete);
    let (ask, _) = stage.request();
    stage.answer(ask, &json!({"success": true}));
    press(&mut stage, Named::ArrowDown);
    assert!(!stage.shows("Dismissed. It stays quiet until it has calmed down."));
}
