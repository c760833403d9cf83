//! Reference pictures of the tab.

use super::explained::explanation;
use super::{named, stage};
use crate::window::tests::{NOW, Stage};
use iced::Size;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::{Value, json};

/// Selects the browser's runaway, and tells what it has used.
fn with_alert() -> Stage {
    let mut stage = stage();
    stage.click("Isolated Web Co");
    let (ask, _) = stage.request();
    let cpu = |second: i64| if second < 240 { 12.0 + (second % 40) as f64 } else { 138.0 + (second % 8) as f64 };
    let point = |second: i64| json!({"at": NOW - 300 + second, "cpu_percent": cpu(second), "memory_mb": 900 + second});
    stage.answer(ask, &(0..150).map(|index| point(index * 2)).collect::<Value>());
    stage
}

#[test]
fn the_list_with_an_alert() {
    with_alert().assert_picture("monitor");
}

#[test]
fn the_tree() {
    let mut stage = with_alert();
    stage.click("Tree");
    stage.click("bash");
    named(&mut stage, Named::ArrowLeft);
    stage.assert_picture("monitor-tree");
}

#[test]
fn the_menu() {
    let mut stage = with_alert();
    stage.click_right("cc1plus");
    stage.assert_picture("monitor-menu");
}

#[test]
fn the_explanation() {
    let mut stage = with_alert();
    stage.press(Key::Character("i".into()), Modifiers::CTRL);
    let (ask, _) = stage.request();
    stage.answer(ask, &explanation("It has kept 1.4 cores busy for 62 s; it is told of after 60 s."));
    stage.assert_picture("monitor-explained");
}

#[test]
fn the_question() {
    let mut stage = with_alert();
    stage.press(Key::Named(Named::Delete), Modifiers::SHIFT);
    stage.assert_picture("monitor-question");
}

#[test]
fn the_smallest_window() {
    let mut stage = with_alert();
    stage.window.scene.size = Size::new(640.0, 420.0);
    stage.send(crate::window::Message::Search("a".to_owned()));
    stage.press(Key::Character("s".into()), Modifiers::CTRL);
    let (ask, _) = stage.request();
    stage.answer(ask, &json!({"success": true}));
    stage.assert_picture("monitor-narrow");
}
