//! The tab in a window without a display: what clicks and keys ask of the applet, and what is drawn.

mod acts;
mod explained;
mod pictures;
mod whitelist;

use super::rows;
use crate::process::Id;
use crate::protocol::Tab;
use crate::window::mirror::News;
use crate::window::preferences::Preferences;
use crate::window::tests::Stage;
use crate::window::{Message, monitor};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Point, Size};
use serde_json::{Value, json};

fn stage() -> Stage {
    Stage::new(Tab::Monitor)
}

/// Selects a process by a click on its name, without what it has used before.
fn select(stage: &mut Stage, name: &str) {
    stage.click(name);
    for ask in stage.asked() {
        assert_eq!(ask.request.name(), "get_history");
    }
}

fn named(stage: &mut Stage, named: Named) {
    stage.press(Key::Named(named), Modifiers::empty());
}

/// The pids of the rows, in their order.
fn pids(stage: &Stage) -> Vec<u32> {
    stage.window.monitor.rows.iter().map(|row| row.id.pid).collect()
}

fn selected(stage: &Stage) -> Option<u32> {
    stage.window.monitor.selected.as_ref().map(|selected| selected.id.pid)
}

/// Lists the processes anew, changed by a function.
fn list(stage: &mut Stage, change: impl FnOnce(&mut Vec<Value>)) {
    let mut processes = Stage::data("list_processes");
    change(processes.as_array_mut().unwrap());
    stage.send(Message::News(News::Processes(Ok(serde_json::from_value(processes).unwrap()))));
}

fn without(pid: u32) -> impl FnOnce(&mut Vec<Value>) {
    move |processes| processes.retain(|process| process["pid"] != pid)
}

#[test]
fn heads_sort_and_what_is_equal_stands_by_name() {
    let mut stage = stage();
    assert_eq!(pids(&stage)[..5], [4711, 5290, 3120, 4700, 2210]);
    assert_eq!(pids(&stage)[9..13], [3001, 5300, 2, 5200]);
    stage.click("Memory");
    assert_eq!(pids(&stage)[..2], [2210, 3120]);
    stage.click("Memory");
    assert_eq!(pids(&stage)[..3], [5300, 2, 5200]);
    stage.click("Name");
    assert_eq!(pids(&stage)[..3], [3001, 5290, 3100]);
    let remembered = &stage.window.preferences.monitor;
    assert_eq!((remembered.sort, remembered.is_descending), (monitor::Column::Name, false));
}

#[test]
fn the_selection_stays_with_its_process() {
    let mut stage = stage();
    select(&mut stage, "gnome-shell");
    list(&mut stage, |processes| processes[5]["cpu_percent"] = json!(250.0));
    assert_eq!((pids(&stage)[0], selected(&stage)), (1502, Some(1502)));
    list(&mut stage, without(1502));
    assert_eq!(selected(&stage), Some(1502));
    assert!(stage.shows("It has ended."));
    list(&mut stage, |processes| processes[5]["start_time"] = json!(99_999));
    assert!(stage.shows("It has ended."), "its number belongs to another process");
}

#[test]
fn the_arrows_move_the_selection() {
    let mut stage = stage();
    let mut at = |key| {
        named(&mut stage, key);
        (selected(&stage).unwrap(), stage.asked().len())
    };
    assert_eq!(at(Named::ArrowDown), (4711, 1));
    assert_eq!(at(Named::ArrowDown), (5290, 1));
    assert_eq!(at(Named::ArrowUp), (4711, 1));
    assert_eq!(at(Named::ArrowUp), (4711, 0));
    assert_eq!(at(Named::End), (5400, 1));
    assert_eq!(at(Named::Home), (4711, 1));
    assert_eq!(at(Named::PageDown), (5400, 1));
}

#[test]
fn what_it_has_used_is_asked_for_and_shown_at_the_right_process() {
    let mut stage = stage();
    stage.click("gnome-shell");
    let (first, wire) = stage.request();
    assert_eq!(wire, json!({"cmd": "get_history", "params": {"pid": 1502, "start_time": 77_680}}));
    stage.click("firefox");
    let (second, _) = stage.request();
    let points = |count: i64| (0..count).map(|at| json!({"at": at, "cpu_percent": 1.0, "memory_mb": 1.0})).collect();
    stage.answer(first, &points(9));
    assert_eq!(stage.window.monitor.selected.as_ref().unwrap().points.len(), 1);
    stage.answer(second, &points(4));
    assert_eq!(stage.window.monitor.selected.as_ref().unwrap().points.len(), 5);
}

#[test]
fn a_search_finds_names_command_lines_pids_and_regexes() {
    let mut stage = stage();
    for (typed, found) in [
        ("GNOME", vec![1502, 3000]),
        ("8080", vec![2210]),
        ("47", vec![4711, 4700]),
        ("/^(vi|make)$/", vec![5200, 5400]),
        ("", pids(&stage)),
    ] {
        stage.send(Message::Search(typed.to_owned()));
        assert_eq!(pids(&stage), found, "{typed}");
    }
    stage.send(Message::Search("rust".to_owned()));
    stage.send(Message::Search("/(/".to_owned()));
    assert!(stage.shows("The regex cannot be used: found open group without closing ')'."));
    assert_eq!(pids(&stage), [3120], "the last search stays in force");
}

#[test]
fn a_search_without_a_match_says_so_and_is_cleared() {
    let mut stage = stage();
    stage.type_into(crate::window::SEARCH, "q");
    assert_eq!(stage.window.monitor.search(), "q");
    stage.send(Message::Search("quux".to_owned()));
    assert!(stage.shows("No process matches"));
    stage.click("Clear the search");
    assert_eq!(pids(&stage).len(), 17);
}

#[test]
fn escape_closes_then_clears_then_deselects() {
    let mut stage = stage();
    select(&mut stage, "node");
    stage.send(Message::Search("server.js".to_owned()));
    stage.click_right("node");
    assert!(stage.shows("Terminate …"));
    named(&mut stage, Named::Escape);
    assert!(!stage.shows("Terminate …"));
    assert_eq!(stage.window.monitor.search(), "server.js");
    named(&mut stage, Named::Escape);
    assert_eq!((stage.window.monitor.search(), selected(&stage)), ("", Some(2210)));
    named(&mut stage, Named::Escape);
    assert_eq!(selected(&stage), None);
    assert!(stage.asked().is_empty());
}

#[test]
fn the_tree_folds_and_a_search_unfolds_it() {
    let mut stage = stage();
    stage.click("Tree");
    assert_eq!(pids(&stage)[..3], [2, 1, 731]);
    select(&mut stage, "bash");
    named(&mut stage, Named::ArrowLeft);
    assert!(stage.shows("+ 5"));
    assert!(!stage.shows("make"));
    named(&mut stage, Named::ArrowLeft);
    assert_eq!(selected(&stage), Some(3000), "a folded one leaves for its parent");
    named(&mut stage, Named::ArrowRight);
    assert_eq!(selected(&stage), Some(3001));
    stage.send(Message::Search("cc1plus".to_owned()));
    assert_eq!(pids(&stage), [1, 1402, 3000, 3001, 5200, 5290]);
    let matches = stage.window.monitor.rows.iter().filter(|row| row.is_match).count();
    assert_eq!(matches, 1);
    named(&mut stage, Named::ArrowDown);
    assert_eq!(selected(&stage), Some(5290), "what is not looked for is passed over");
    select(&mut stage, "bash");
    stage.send(Message::Search(String::new()));
    named(&mut stage, Named::ArrowRight);
    assert!(stage.shows("make"));
    assert!(stage.window.preferences.monitor.is_tree);
}

#[test]
fn the_order_stands_still_under_a_menu() {
    let mut stage = stage();
    stage.click_right("gnome-shell");
    let before = pids(&stage);
    list(&mut stage, |processes| {
        processes[5]["cpu_percent"] = json!(900.0);
        processes.retain(|process| process["pid"] != 4711);
    });
    assert_eq!(pids(&stage), before);
    assert!(stage.shows("ended"));
    named(&mut stage, Named::Escape);
    list(&mut stage, without(4711));
    assert_eq!(pids(&stage)[0], 5290);
}

#[test]
fn columns_are_chosen_and_remembered() {
    let mut stage = stage();
    stage.window.scene.size = Size::new(1400.0, 640.0);
    assert!(!stage.shows("Threads"));
    stage.send(Message::Monitor(monitor::Message::Details(false)));
    stage.click("Columns");
    stage.click("Threads");
    stage.click("User");
    named(&mut stage, Named::Escape);
    assert!(stage.shows("Threads"));
    let remembered = stage.window.preferences.monitor.clone();
    assert_eq!(remembered.columns, [monitor::Column::Threads, monitor::Column::User]);
    let text = toml::to_string(&Preferences { monitor: remembered.clone(), ..Preferences::default() }).unwrap();
    assert_eq!(toml::from_str::<Preferences>(&text).unwrap().monitor, remembered);
}

#[test]
fn where_there_is_no_room_details_open_over_the_table() {
    let mut stage = stage();
    stage.window.scene.size = Size::new(640.0, 420.0);
    select(&mut stage, "rust-analyzer");
    assert!(!stage.shows("Command line"));
    named(&mut stage, Named::Enter);
    assert!(stage.shows("Command line"));
    named(&mut stage, Named::Escape);
    assert!(!stage.shows("Command line"));
    assert_eq!(selected(&stage), Some(3120));
    assert!(stage.window.preferences.monitor.has_details, "what is folded away for want of room is not remembered");
}

#[test]
fn details_tell_of_the_process_and_lead_on() {
    let mut stage = stage();
    select(&mut stage, "cc1plus");
    for told in ["Running (R)", "ada (1000)", "12 s", "28 May 2026, 09:59", "bash (3001)", "systemd (1402)"] {
        assert!(stage.shows(told), "{told}");
    }
    stage.click("make (5200)");
    assert_eq!(selected(&stage), Some(5200));
    select(&mut stage, "node");
    stage.click("node server.js (2210) holds 3.1 GiB and is still growing; memory is full in about 9 minutes.");
    assert_eq!(stage.window.tab, Tab::Alerts);
}

#[test]
fn parents_that_are_their_own_are_no_endless_chain() {
    let mut stage = stage();
    list(&mut stage, |processes| {
        processes.truncate(3);
        for (process, parent) in processes.iter_mut().zip([2, 1, 731]) {
            process["ppid"] = json!(parent);
            process["start_time"] = json!(5);
        }
    });
    select(&mut stage, "kthreadd");
    assert!(stage.shows("systemd (1)"));
    stage.click("Tree");
    assert_eq!(pids(&stage).len(), 3);
}

#[test]
fn a_process_from_elsewhere_is_shown_whatever_hides_it() {
    let mut stage = stage();
    stage.click("Tree");
    select(&mut stage, "bash");
    named(&mut stage, Named::ArrowLeft);
    stage.send(Message::Search("firefox".to_owned()));
    stage.send(Message::Monitor(monitor::Message::Reveal(Id { pid: 5290, start_time: 99_988 })));
    assert_eq!((selected(&stage), stage.window.monitor.search()), (Some(5290), ""));
    assert!(pids(&stage).contains(&5290));
}

#[test]
fn hostile_names_are_harmless() {
    let mut stage = stage();
    list(&mut stage, |processes| {
        processes[6]["name"] = json!("a\nb\u{202e}c\u{1b}[31m");
        processes[6]["cmdline"] = json!("x".repeat(20_000));
    });
    select(&mut stage, "a b\u{fffd}c\u{fffd}[31m");
    assert!(stage.shows(&"x".repeat(20_000)));
    stage.press(Key::Named(Named::Delete), Modifiers::SHIFT);
    assert!(stage.shows("Kill a b\u{fffd}c\u{fffd}[31m (2210)?"));
}

#[test]
fn waiting_and_failure_are_told() {
    let mut stage = Stage::unconnected(Tab::Monitor);
    stage.connect();
    stage.send(Message::News(News::Status(Ok(serde_json::from_value(Stage::status_with(&json!({}))).unwrap()))));
    assert!(stage.shows("Reading the processes …"));
    let failure = crate::window::ask::Failure::unanswered("It did not answer.");
    stage.send(Message::News(News::Processes(Err(failure))));
    assert!(stage.shows("The processes cannot be listed"));
    assert!(stage.shows("It did not answer."));
}

#[test]
fn the_menu_opens_at_the_selected_row() {
    let mut stage = stage();
    named(&mut stage, Named::ContextMenu);
    assert!(stage.window.monitor.overlay.is_none(), "nothing is selected");
    select(&mut stage, "cc1plus");
    stage.press(Key::Named(Named::F10), Modifiers::SHIFT);
    assert!(stage.shows("Whitelist “cc1plus”"));
    assert_eq!(monitor::Scroll::default().corner(1), Point::new(16.0, 170.0));
}

#[test]
fn ids_are_pid_and_start_time() {
    assert_eq!(rows::id(&rows::tests::process(4, 1, "x")), Id { pid: 4, start_time: 4 });
}
