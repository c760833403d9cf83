//! The window without a display: what clicks and keys ask of the applet, and what is drawn.

mod pictures;
mod stage;
mod typing;

pub(super) use pictures::compare;
pub(super) use stage::{NOW, Stage, settings};

use crate::protocol::{Request, Tab};
use iced::keyboard::{Key, Modifiers};
use serde_json::json;

#[test]
fn it_asks_for_all_it_shows_as_soon_as_it_is_connected() {
    let mut stage = Stage::unconnected(Tab::Monitor);
    stage.connect();
    let names: Vec<_> = stage.asked().iter().map(|ask| ask.request.name()).collect();
    assert_eq!(names, ["get_status", "list_processes", "get_alerts", "hello", "list_whitelist", "get_config"]);
}

#[test]
fn keys_and_clicks_show_the_tabs() {
    let mut stage = Stage::new(Tab::Monitor);
    for (key, tab) in [("2", Tab::Alerts), ("3", Tab::Whitelist), ("4", Tab::Settings), ("1", Tab::Monitor)] {
        stage.press(Key::Character(key.into()), Modifiers::CTRL);
        assert_eq!(stage.window.tab, tab);
    }
    stage.click("Settings");
    assert_eq!(stage.window.tab, Tab::Settings);
}

#[test]
fn the_frame_pauses_and_resumes() {
    let mut stage = Stage::new(Tab::Settings);
    stage.click("Pause");
    assert!(matches!(stage.asked()[..], [ref ask] if ask.request.name() == "pause_monitoring"));
    stage.push(&json!({"type": "status", "data": Stage::status_with(&json!({"paused": true}))}));
    stage.click("Resume");
    assert!(matches!(stage.asked()[..], [ref ask] if ask.request == Request::ResumeMonitoring));
}

#[test]
fn what_cannot_be_asked_is_said() {
    let mut stage = Stage::unconnected(Tab::Monitor);
    stage.send(super::Message::Missing(1, super::link::Missing::NotRunning));
    assert!(stage.shows("RunawayGuard is not running. Nothing is watched."));
    assert!(stage.shows("Start RunawayGuard"));
}

#[test]
fn the_first_page_of_a_window_without_an_applet() {
    let mut stage = Stage::unconnected(Tab::Monitor);
    stage.send(super::Message::Missing(1, super::link::Missing::NotRunning));
    stage.assert_picture("not-running");
}
