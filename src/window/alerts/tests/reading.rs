//! Filters, pages and pushes.

use super::{alert, firing, history, narrowed, opened, press, select, selected};
use crate::protocol::ErrorCode;
use crate::window::tests::{NOW, Stage};
use crate::window::{Message, SEARCH, alerts};
use iced::keyboard::key::Named;
use serde_json::{Value, json};

/// Takes up the one question for alerts, and gives its parameters.
fn question(stage: &mut Stage) -> (crate::window::ask::Ask<Message>, Value) {
    let (ask, wire) = stage.request();
    assert_eq!(wire["cmd"], "get_alerts");
    (ask, wire["params"].clone())
}

fn pushed(stage: &mut Stage, alert: &Value) {
    stage.push(&json!({"type": "alert", "data": alert}));
}

/// 100 alerts that go back from this id.
fn page(from: i64) -> Value {
    (0..100).map(|row| alert(from - row, &json!({"name": format!("process-{}", from - row)}))).collect()
}

fn scroll_to_the_end(stage: &mut Stage) {
    let messages = stage.simulate(|simulator| {
        simulator.point_at(iced::Point::new(300.0, 400.0));
        let delta = iced::mouse::ScrollDelta::Pixels { x: 0.0, y: -100_000.0 };
        simulator.simulate([iced::Event::Mouse(iced::mouse::Event::WheelScrolled { delta })]);
    });
    for message in messages {
        stage.send(message);
    }
}

#[test]
fn every_state_reads_in_words() {
    let stage = opened(&history());
    for words in
        ["1 min ago", "2 h ago", "10 h ago", "27 May, 04:00", "Firing", "Terminated", "Whitelisted", "Dismissed"]
    {
        assert!(stage.shows(words), "{words}");
    }
    for words in ["High CPU", "Over its limit", "Stuck", "Memory leak", "1 min", "5 min", "4711"] {
        assert!(stage.shows(words), "{words}");
    }
}

#[test]
fn every_filter_asks_again() {
    let mut stage = opened(&history());
    stage.click("Active only");
    assert_eq!(question(&mut stage).1, json!({"limit": 100, "active": true}));
    stage.click("Any severity");
    stage.click("Critical");
    assert_eq!(question(&mut stage).1, json!({"limit": 100, "active": true, "severity": "critical"}));
    stage.click("Active only");
    assert_eq!(question(&mut stage).1, json!({"limit": 100, "severity": "critical"}));
    stage.click("Any reason");
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::ArrowDown);
    press(&mut stage, Named::Enter);
    let chosen = json!({"limit": 100, "severity": "critical", "reason": "memory_leak"});
    assert_eq!(question(&mut stage).1, chosen);
    for (label, since) in [("Today", NOW - 36_000), ("Last 7 days", NOW - 604_800), ("Last 30 days", NOW - 2_592_000)] {
        let mut stage = opened(&history());
        stage.click("Any time");
        stage.click(label);
        assert_eq!(question(&mut stage).1, json!({"limit": 100, "since": since}));
    }
}

#[test]
fn typing_asks_once_it_pauses_and_older_answers_come_too_late() {
    let mut stage = opened(&history());
    stage.click("Active only");
    let (late, _) = question(&mut stage);
    stage.type_into(SEARCH, "no");
    assert_eq!(stage.asked().len(), 0);
    stage.send(Message::Alerts(alerts::Message::Typed(2)));
    assert_eq!(stage.asked().len(), 0, "another letter has followed");
    stage.send(Message::Alerts(alerts::Message::Typed(3)));
    let (ask, params) = question(&mut stage);
    assert_eq!(params, json!({"limit": 100, "active": true, "text": "no"}));
    stage.answer(late, &json!([alert(1, &json!({"name": "too-late"}))]));
    assert!(!stage.shows("too-late"));
    stage.answer(ask, &json!([alert(2, &json!({"name": "in-time"}))]));
    assert!(stage.shows("in-time"));
}

#[test]
fn further_pages_are_asked_for_at_the_end_one_at_a_time() {
    let mut stage = opened(&page(900));
    scroll_to_the_end(&mut stage);
    let (ask, params) = question(&mut stage);
    assert_eq!(params, json!({"limit": 100, "before": 801}));
    scroll_to_the_end(&mut stage);
    assert_eq!(stage.asked().len(), 0);
    stage.refuse(ask, ErrorCode::Internal, "The database is locked.");
    assert!(stage.shows("Older alerts cannot be read: The database is locked."));
    scroll_to_the_end(&mut stage);
    assert_eq!(stage.asked().len(), 0);
    stage.click("Try again");
    let (ask, params) = question(&mut stage);
    assert_eq!(params, json!({"limit": 100, "before": 801}));
    stage.answer(ask, &json!([alert(800, &json!({}))]));
    scroll_to_the_end(&mut stage);
    assert_eq!(stage.asked().len(), 0, "a page that is not full was the last one");
}

#[test]
fn a_first_page_that_cannot_be_read_is_asked_for_again() {
    let mut stage = opened(&json!([]));
    stage.click("Active only");
    let (ask, _) = question(&mut stage);
    stage.refuse(ask, ErrorCode::Internal, "The database is locked.");
    assert!(stage.shows("The history cannot be read."));
    assert!(stage.shows("The database is locked."));
    stage.click("Try again");
    assert_eq!(question(&mut stage).1, json!({"limit": 100, "active": true}));
}

#[test]
fn what_is_told_meanwhile_is_seen_and_the_selection_stays() {
    let mut stage = opened(&json!([alert(990, &json!({"name": "make"}))]));
    select(&mut stage, "make", 990);
    pushed(&mut stage, &firing());
    assert!(stage.shows("Isolated Web Co"));
    assert!(stage.shows("make (8990)"), "the details are still those of the selected one");
    let mut ended = firing();
    (ended["state"], ended["ended"], ended["action"]) = (json!("acted"), json!(NOW), json!("SIGKILL by tray"));
    pushed(&mut stage, &ended);
    assert!(stage.shows("Killed"));
    assert_eq!(stage.asked().len(), 0);
}

#[test]
fn what_is_told_between_question_and_answer_is_not_lost() {
    let mut stage = opened(&json!([]));
    stage.click("Any severity");
    stage.click("Critical");
    let (ask, _) = question(&mut stage);
    pushed(&mut stage, &firing());
    pushed(&mut stage, &alert(999, &json!({"name": "no-match"})));
    stage.answer(ask, &json!([]));
    assert!(stage.shows("Isolated Web Co"));
    assert!(!stage.shows("no-match"));
}

#[test]
fn with_active_only_those_that_end_go_unless_selected() {
    let other = alert(995, &json!({"name": "make", "state": "firing", "ended": null}));
    let mut stage = opened(&json!([firing(), other]));
    stage.click("Active only");
    let (ask, _) = question(&mut stage);
    stage.answer(ask, &json!([firing(), other]));
    select(&mut stage, "Isolated Web Co", 1000);
    for mut ended in [firing(), other] {
        (ended["state"], ended["ended"]) = (json!("resolved"), json!(NOW));
        pushed(&mut stage, &ended);
    }
    assert!(stage.shows("Isolated Web Co"));
    assert!(!stage.shows("make"));
}

#[test]
fn where_nothing_is_to_be_shown_it_says_why() {
    let mut stage = opened(&json!([]));
    assert!(stage.shows("Nothing has run away yet."));
    assert!(stage.shows("512 processes are watched."));
    pushed(&mut stage, &alert(958, &json!({})));
    stage.click("Active only");
    let (ask, _) = question(&mut stage);
    stage.answer(ask, &json!([]));
    assert!(stage.shows("Nothing has run away since Tuesday."));
    stage.click("Any reason");
    stage.click("Stuck");
    let (ask, _) = question(&mut stage);
    stage.answer(ask, &json!([]));
    assert!(stage.shows("No alert matches."));
    stage.click("Clear the filters");
    assert_eq!(question(&mut stage).1, json!({"limit": 100}));
}

#[test]
fn the_details_tell_all_that_is_known() {
    let mut stage = selected(&firing());
    let title = "Firefox is using 1.4 cores";
    for words in
        [title, "Critical · High CPU", "Isolated Web Co (4711)", "28 May 2026, 09:58", "140 % of a core", "90 %"]
    {
        assert!(stage.shows(words), "{words}");
    }
    for words in ["It runs: 140.0 %, 1.4 GiB", "CPU", "Memory", "1.5 GiB"] {
        assert!(stage.shows(words), "{words}");
    }
    stage.send(Message::Tick(NOW + 1));
    stage.asked();
    stage.send(Message::Tick(NOW + 2));
    let asked = stage.asked();
    assert!(asked.iter().any(|ask| ask.request.name() == "get_history"), "the chart goes on while it fires");
}

#[test]
fn the_history_of_one_that_ended_is_asked_for_once() {
    let mut stage =
        opened(&json!([alert(990, &json!({"name": "make", "action": "SIGTERM by tray", "state": "acted"}))]));
    stage.click("make");
    let (ask, _) = stage.request();
    assert!(stage.shows("Reading what it used …"));
    stage.answer(ask, &json!([]));
    for words in ["What it used was not kept.", "Asked to end, from the tray", "The process has ended"] {
        assert!(stage.shows(words), "{words}");
    }
    stage.send(Message::Tick(NOW + 9));
    assert!(stage.asked().iter().all(|ask| ask.request.name() != "get_history"));
}

#[test]
fn in_a_narrow_window_the_details_take_the_place_of_the_table() {
    let mut stage = narrowed(opened(&history()));
    press(&mut stage, Named::ArrowDown);
    assert!(!stage.shows("Firefox is using 1.4 cores"));
    press(&mut stage, Named::Enter);
    assert!(stage.shows("Firefox is using 1.4 cores"));
    assert!(!stage.shows("Active only"));
    press(&mut stage, Named::ArrowDown);
    assert!(stage.shows("make has been running for 2 h 10 min"));
    stage.click("Back to the list");
    assert!(stage.shows("Active only"));
}

#[test]
fn escape_goes_back_step_by_step() {
    let mut stage = narrowed(selected(&firing()));
    press(&mut stage, Named::Enter);
    press(&mut stage, Named::Escape);
    assert!(stage.shows("Active only"));
    stage.send(Message::Search("fire".to_owned()));
    press(&mut stage, Named::Escape);
    assert_eq!(stage.asked().len(), 0, "nothing is selected any more");
    press(&mut stage, Named::Escape);
    assert_eq!(question(&mut stage).1, json!({"limit": 100}));
    press(&mut stage, Named::Escape);
    assert_eq!(stage.asked().len(), 0);
}
