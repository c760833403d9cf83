//! Actions: what is asked before, what is sent, and what is said after.

use super::{list, named, select, stage, without};
use crate::protocol::ErrorCode;
use crate::window::ask::Failure;
use crate::window::tests::{NOW, Stage};
use crate::window::widget::question::{NO, YES};
use iced::Size;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::Id;
use serde_json::{Value, json};

const LETTERS: [char; 6] = ['s', 'k', 'c', 'l', 'e', 'r'];

fn signalled(signal: &str) -> Value {
    let mut params = json!({"pid": 5400, "signal": signal, "start_time": 97_000});
    if ["SIGTERM", "SIGKILL"].contains(&signal) {
        params["ask"] = true.into();
    }
    json!({"cmd": "kill_process", "params": params})
}

fn click_on(stage: &mut Stage, id: &'static str) {
    let messages = stage.simulate(|simulator| {
        simulator.click(Id::new(id)).unwrap_or_else(|error| panic!("no {id}: {error}"));
    });
    for message in messages {
        stage.send(message);
    }
}

fn ctrl(stage: &mut Stage, letter: &str, more: Modifiers) {
    stage.press(Key::Character(letter.into()), Modifiers::CTRL | more);
}

/// Has `vi` asked to end, and gives the request.
fn terminate(stage: &mut Stage) -> crate::window::ask::Ask<crate::window::Message> {
    select(stage, "vi");
    named(stage, Named::Delete);
    named(stage, Named::Enter);
    stage.request().0
}

#[test]
fn what_ends_a_process_is_asked_once() {
    for (modifiers, label, question, signal) in [
        (Modifiers::empty(), "Terminate …", "Terminate vi (5400)?", "SIGTERM"),
        (Modifiers::SHIFT, "Kill …", "Kill vi (5400)?", "SIGKILL"),
    ] {
        let mut stage = stage();
        select(&mut stage, "vi");
        stage.press(Key::Named(Named::Delete), modifiers);
        assert!(stage.shows(question));
        named(&mut stage, Named::Escape);
        assert!(!stage.shows(question) && stage.asked().is_empty());
        stage.click_right("vi");
        stage.click(label);
        assert!(stage.shows(question));
        click_on(&mut stage, NO);
        assert!(!stage.shows(question) && stage.asked().is_empty());
        stage.press(Key::Named(Named::Delete), modifiers);
        assert!(stage.asked().is_empty());
        click_on(&mut stage, YES);
        assert_eq!(stage.request().1, signalled(signal));
    }
}

#[test]
fn the_button_of_the_details_asks_too_and_enter_answers() {
    let mut stage = stage();
    select(&mut stage, "vi");
    click_on(&mut stage, "kill");
    assert!(stage.shows("Kill vi (5400)?"));
    assert!(stage.shows("It ends at once (SIGKILL), and loses what it has not saved."));
    let pressed = stage.simulate(|simulator| {
        simulator.tap_key(Key::Named(Named::Tab));
        simulator.tap_key(Key::Named(Named::Enter));
    });
    assert!(pressed.is_empty(), "nothing under the question has the keys");
    named(&mut stage, Named::Enter);
    assert_eq!(stage.request().1, signalled("SIGKILL"));
}

#[test]
fn pausing_and_continuing_need_no_question() {
    let mut stage = stage();
    select(&mut stage, "vi");
    ctrl(&mut stage, "s", Modifiers::empty());
    assert!(stage.asked().is_empty(), "it is paused already");
    ctrl(&mut stage, "r", Modifiers::empty());
    assert_eq!(stage.request().1, signalled("SIGCONT"));
    click_on(&mut stage, "pause");
    assert_eq!(stage.request().1, signalled("SIGCONT"));
    select(&mut stage, "node");
    click_on(&mut stage, "pause");
    let (ask, wire) = stage.request();
    assert_eq!(wire["params"], json!({"pid": 2210, "signal": "SIGSTOP", "start_time": 84_880}));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("node (2210) is paused."));
}

#[test]
fn the_menu_is_steered_by_keys() {
    let mut stage = stage();
    select(&mut stage, "node");
    named(&mut stage, Named::ContextMenu);
    for _ in 0..3 {
        named(&mut stage, Named::ArrowDown);
    }
    named(&mut stage, Named::Enter);
    assert_eq!(stage.request().1["params"]["signal"], "SIGSTOP");
}

#[test]
fn letters_alone_do_nothing() {
    let mut stage = stage();
    select(&mut stage, "node");
    for letter in LETTERS {
        stage.press(Key::Character(letter.to_string().into()), Modifiers::empty());
        stage.press(Key::Character(letter.to_string().into()), Modifiers::SHIFT);
    }
    assert!(stage.asked().is_empty());
    assert!(stage.window.monitor.overlay.is_none() && stage.window.monitor.outcome.is_none());
}

#[test]
fn it_is_told_when_it_has_ended() {
    let mut stage = stage();
    let ask = terminate(&mut stage);
    assert!(stage.shows("Asking vi (5400) to end …"));
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("vi (5400) was asked to end."));
    list(&mut stage, |_| {});
    assert!(stage.shows("vi (5400) was asked to end."));
    stage.window.scene.now = NOW + 6;
    list(&mut stage, |_| {});
    assert!(stage.shows("vi (5400) was asked to end and is still running. Kill ends it without asking."));
    list(&mut stage, without(5400));
    assert!(stage.shows("vi (5400) has ended."));
    select(&mut stage, "node");
    assert!(!stage.shows("vi (5400) has ended."));
}

#[test]
fn refusals_are_said_in_the_applets_words() {
    for (code, said) in [
        (ErrorCode::NotFound, "Process 5400 is gone."),
        (ErrorCode::IdentityMismatch, "Process 5400 is gone: its number belongs to another process now. List again."),
        (ErrorCode::Forbidden, "Not allowed: it belongs to root."),
        (ErrorCode::Protected, "Not allowed: vi (5400) carries the system or this session and is never signalled."),
    ] {
        let mut stage = stage();
        let ask = terminate(&mut stage);
        stage.refuse(ask, code, said);
        assert!(stage.shows(said));
        list(&mut stage, without(5400));
        assert!(stage.shows(said), "what was refused is not told as done");
    }
}

#[test]
fn what_an_administrator_is_asked_is_told_and_then_what_came_of_it() {
    let told = |ended: bool, message: &str| json!({"type": "outcome", "data": {"pid": 5400, "start_time": 97_000, "ended": ended, "message": message}});
    for (ended, message) in [(true, "vi (5400) ended."), (false, "vi (5400) goes on. It was not allowed.")] {
        let mut stage = stage();
        let ask = terminate(&mut stage);
        stage.push(&told(true, "It is of before."));
        stage.answer(ask, &json!({"success": true, "asking": true}));
        assert!(stage.shows("It belongs to another user: an administrator is asked for a password first."));
        stage.window.scene.now = NOW + 60;
        list(&mut stage, |_| {});
        assert!(stage.shows("It belongs to another user: an administrator is asked for a password first."));
        stage.push(&told(ended, message));
        assert!(stage.shows(message));
    }
}

#[test]
fn no_answer_is_told_too() {
    for said in ["RunawayGuard is not connected. Nothing was done.", "RunawayGuard did not answer in time."] {
        let mut stage = stage();
        let ask = terminate(&mut stage);
        stage.send((ask.then)(Err(Failure::unanswered(said))));
        assert!(stage.shows(said));
    }
}

#[test]
fn an_answer_never_shows_at_another_process() {
    let mut stage = stage();
    let ask = terminate(&mut stage);
    select(&mut stage, "node");
    stage.answer(ask, &json!({"success": true}));
    assert!(!stage.shows("vi (5400) was asked to end."));
    let first = {
        ctrl(&mut stage, "s", Modifiers::empty());
        stage.request().0
    };
    ctrl(&mut stage, "l", Modifiers::empty());
    stage.refuse(first, ErrorCode::Forbidden, "Not allowed: it belongs to root.");
    assert!(stage.shows("Adding to the whitelist …"));
}

#[test]
fn where_details_are_folded_away_it_is_said_under_the_table() {
    let mut stage = stage();
    stage.window.scene.size = Size::new(640.0, 420.0);
    stage.send(crate::window::Message::Search("notes".to_owned()));
    let ask = terminate(&mut stage);
    stage.answer(ask, &json!({"success": true}));
    assert!(stage.shows("vi (5400) was asked to end."));
}

#[test]
fn what_has_ended_is_not_signalled() {
    let mut stage = stage();
    select(&mut stage, "defunct-helper");
    for modifiers in [Modifiers::empty(), Modifiers::SHIFT] {
        stage.press(Key::Named(Named::Delete), modifiers);
    }
    click_on(&mut stage, "kill");
    assert!(stage.window.monitor.overlay.is_none() && stage.asked().is_empty());
}

#[test]
fn copies_are_made_and_said() {
    let mut stage = stage();
    select(&mut stage, "node");
    for (letter, more, said) in [
        ("c", Modifiers::empty(), "Copied as a line."),
        ("p", Modifiers::SHIFT, "The PID was copied."),
        ("c", Modifiers::SHIFT, "The command line was copied."),
    ] {
        ctrl(&mut stage, letter, more);
        assert!(stage.shows(said), "{said}");
    }
    let process = stage.window.scene.mirror.process(2210).unwrap();
    let line = "2210\tnode\tnode server.js --port 8080 --token=*** --watch src";
    assert_eq!(super::super::Act::Copy.copied(process).as_deref(), Some(line));
    assert!(stage.asked().is_empty());
}
