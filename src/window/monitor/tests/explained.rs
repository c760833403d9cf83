//! Why a process is told of, or is not: what is asked, when, and what is shown.

use super::{list, named, select, stage, without};
use crate::protocol::{ErrorCode, Tab};
use crate::window::ask::{Ask, Failure};
use crate::window::tests::Stage;
use iced::Size;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::{Value, json};

fn standing(reason: &str, state: &str, summary: &str) -> Value {
    json!({"reason": reason, "state": state, "summary": summary, "figures": {}})
}

/// What the applet tells of the browser's runaway.
pub(super) fn explanation(cpu: &str) -> Value {
    let together = "The processes of Firefox have kept 1.6 cores busy together for 62 s, 1.4 cores of it by this one; they \
                    are told of after 60 s.";
    let mut group = standing("cpu_high", "firing", together);
    group["kind"] = json!("application");
    json!({
        "pid": 4711, "start_time": 92_620, "name": "Isolated Web Co", "whitelist": null, "rule": "tabs",
        "reasons": [
            standing("cpu_high", "firing", cpu),
            standing("hang", "calm", "It runs, or waits where a signal reaches it."),
            standing("memory_leak", "suspicious", "The least that it holds rose by 120 MiB in 4 min: it has stopped."),
            standing("timeout", "off", "No rule limits how long it may run."),
        ],
        "groups": [group],
    })
}

const BUSY: &str = "It has kept 1.4 cores busy for 62 s; it is told of after 60 s.";

fn ctrl_i(stage: &mut Stage) {
    stage.press(Key::Character("i".into()), Modifiers::CTRL);
}

fn asked_of(pid: u32, start_time: u64) -> Value {
    json!({"cmd": "explain_process", "params": {"pid": pid, "start_time": start_time}})
}

/// Selects a process and has it explained; gives the request.
fn explain(stage: &mut Stage, name: &str) -> Ask<crate::window::Message> {
    select(stage, name);
    ctrl_i(stage);
    stage.request().0
}

#[test]
fn a_click_asks_and_each_rule_is_a_line() {
    let mut stage = stage();
    select(&mut stage, "Isolated Web Co");
    assert!(stage.asked().is_empty(), "nobody has asked why");
    stage.click_on("explain");
    let (ask, wire) = stage.request();
    assert_eq!(wire, asked_of(4711, 92_620));
    assert!(stage.shows("Asking why …"));
    stage.answer(ask, &explanation(BUSY));
    let told = explanation(BUSY);
    for told in told["reasons"].as_array().unwrap().iter().chain(told["groups"].as_array().unwrap()) {
        assert!(stage.shows(told["summary"].as_str().unwrap()), "{told}");
        assert!(stage.shows(told["state"].as_str().unwrap()), "{told}");
    }
    for told in ["The rule \"tabs\" holds for it.", "High CPU", "Stuck", "Memory leak", "Over its limit", "Together"] {
        assert!(stage.shows(told), "{told}");
    }
    stage.click_on("explain");
    assert!(!stage.shows(BUSY));
}

#[test]
fn what_is_shown_is_asked_anew_with_each_list_and_no_longer() {
    let mut stage = stage();
    let ask = explain(&mut stage, "Isolated Web Co");
    list(&mut stage, |_| {});
    assert!(stage.asked().is_empty(), "it is asked once at a time");
    stage.answer(ask, &explanation(BUSY));
    list(&mut stage, |_| {});
    let (ask, wire) = stage.request();
    assert_eq!(wire, asked_of(4711, 92_620));
    assert!(stage.shows(BUSY), "what was told stays until more is");
    stage.answer(ask, &explanation("It has kept 1.4 cores busy for 64 s; it is told of after 60 s."));
    assert!(stage.shows("It has kept 1.4 cores busy for 64 s; it is told of after 60 s.") && !stage.shows(BUSY));
    stage.window.tab = Tab::Whitelist;
    list(&mut stage, |_| {});
    assert!(stage.asked().is_empty(), "it is not shown");
    stage.window.tab = Tab::Monitor;
    named(&mut stage, Named::Escape);
    list(&mut stage, |_| {});
    assert!(stage.asked().is_empty() && !stage.shows("Together"));
    assert_eq!(super::selected(&stage), Some(4711), "Escape closes that first");
}

#[test]
fn it_goes_on_with_the_process_that_is_selected_next() {
    let mut stage = stage();
    let first = explain(&mut stage, "gnome-shell");
    stage.click("node");
    let names: Vec<_> = stage.asked().iter().map(|ask| (ask.request.name(), ask.request.params())).collect();
    let of_node = Some(json!({"pid": 2210, "start_time": 84_880}));
    assert_eq!(names, [("get_history", of_node.clone()), ("explain_process", of_node)]);
    stage.answer(first, &explanation(BUSY));
    assert!(!stage.shows(BUSY), "it was told of another");
    stage.send(crate::window::Message::Monitor(crate::window::monitor::Message::Details(false)));
    list(&mut stage, |_| {});
    assert!(stage.asked().is_empty(), "it went with the details");
}

#[test]
fn one_that_is_gone_keeps_what_was_told_of_it() {
    let mut stage = stage();
    let ask = explain(&mut stage, "Isolated Web Co");
    stage.answer(ask, &explanation(BUSY));
    list(&mut stage, without(4711));
    assert!(stage.asked().is_empty(), "there is nobody to ask about");
    assert!(stage.shows("It is gone. This is how it stood last.") && stage.shows(BUSY));
    let ask = explain_anew(&mut stage, "vi");
    stage.refuse(
        ask,
        ErrorCode::NotFound,
        "The last scan saw no such process. Ask again after the next one, if it is new.",
    );
    assert!(stage.shows("It is gone, and nothing more is known of it."));
}

/// Selects another process while one is explained; gives the request.
fn explain_anew(stage: &mut Stage, name: &str) -> Ask<crate::window::Message> {
    stage.click(name);
    stage.asked().into_iter().find(|ask| ask.request.name() == "explain_process").expect("it is asked")
}

#[test]
fn what_went_wrong_is_said_until_it_goes_well() {
    let mut stage = stage();
    let ask = explain(&mut stage, "Isolated Web Co");
    let said = "There is no command \"explain_process\".";
    stage.refuse(ask, ErrorCode::UnknownCommand, said);
    list(&mut stage, |_| {});
    assert!(stage.shows(said), "it does not flicker while it is asked anew");
    let (ask, _) = stage.request();
    stage.send((ask.then)(Err(Failure::unanswered("RunawayGuard did not answer in time."))));
    assert!(stage.shows("RunawayGuard did not answer in time."));
    list(&mut stage, |_| {});
    let (ask, _) = stage.request();
    stage.answer(ask, &explanation(BUSY));
    assert!(stage.shows(BUSY) && !stage.shows("RunawayGuard did not answer in time."));
}

#[test]
fn the_menu_names_its_key_and_needs_a_process() {
    let mut stage = stage();
    ctrl_i(&mut stage);
    assert!(stage.asked().is_empty(), "nothing is selected");
    stage.click_right("vi");
    stage.asked();
    assert!(stage.shows("Ctrl+I"));
    for _ in 0..4 {
        named(&mut stage, Named::ArrowDown);
    }
    named(&mut stage, Named::Enter);
    assert_eq!(stage.request().1, asked_of(5400, 97_000));
}

#[test]
fn where_details_are_folded_away_it_opens_them() {
    let mut stage = stage();
    stage.window.scene.size = Size::new(640.0, 420.0);
    let ask = explain(&mut stage, "rust-analyzer");
    stage.answer(ask, &explanation(BUSY));
    assert!(stage.shows(BUSY));
    named(&mut stage, Named::Escape);
    assert!(!stage.shows(BUSY) && stage.shows("Command line"));
    named(&mut stage, Named::Escape);
    assert!(!stage.shows("Command line"));
}

#[test]
fn hostile_words_are_harmless() {
    let mut stage = stage();
    let ask = explain(&mut stage, "node");
    let mut told = explanation("a\u{1b}[31mb\u{202e}c");
    told["whitelist"] = json!("x\ny");
    stage.answer(ask, &told);
    assert!(stage.shows("a\u{fffd}[31mb\u{fffd}c"));
    assert!(stage.shows("It is on the whitelist (\"x\u{fffd}y\"): nothing is told of it."));
}
