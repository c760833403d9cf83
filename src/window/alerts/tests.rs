//! The tab without a display: what it asks the applet, and what it shows of the answers.

mod acting;
mod reading;

use crate::protocol::Tab;
use crate::window::tests::{NOW, Stage};
use iced::Size;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::{Value, json};

/// An alert about `node` that ended by itself, with some of its keys changed.
fn alert(id: i64, changes: &Value) -> Value {
    let began = NOW - (1000 - id) * 3600;
    let mut alert = json!({
        "id": id, "pid": 8000 + id, "name": "node", "reason": "cpu_high", "severity": "warning", "timestamp": began,
        "cmdline": "node server.js", "start_time": 77, "state": "resolved", "ended": began + 300, "action": null,
        "evidence": {"cpu_percent": 140.0, "threshold_percent": 90, "seconds": 62},
        "summary": format!("node ({}) has kept 1.4 cores busy for 62 s.", 8000 + id),
        "title": "node is using 1.4 cores"
    });
    for (key, value) in changes.as_object().unwrap() {
        alert[key] = value.clone();
    }
    alert
}

/// An alert that fires, about the process of that pid among the stage's processes.
fn firing() -> Value {
    alert(
        1000,
        &json!({
            "pid": 4711, "name": "Isolated Web Co", "start_time": 92620, "timestamp": NOW - 62, "state": "firing",
            "ended": null, "severity": "critical", "title": "Firefox is using 1.4 cores",
            "cmdline": "/usr/lib/firefox/firefox -contentproc -childID 7 -isForBrowser",
            "summary": "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s."
        }),
    )
}

/// One that ended while its process goes on.
fn alive() -> Value {
    alert(999, &json!({"pid": 4711, "name": "firefox-bin", "start_time": 92620}))
}

/// The states that there are, newest first.
fn history() -> Value {
    let done = |id, name: &str, state: &str, action: Option<&str>| {
        alert(id, &json!({"name": name, "state": state, "action": action}))
    };
    json!([
        firing(),
        alert(
            998,
            &json!({
                "name": "make", "reason": "timeout", "evidence": {"runtime_seconds": 7800, "limit_seconds": 7200, "rule": "builds"},
                "cmdline": "make -j8", "title": "make has been running for 2 h 10 min"
            })
        ),
        alert(
            990,
            &json!({
                "name": "rsync", "reason": "hang", "severity": "critical",
                "title": "rsync has been stuck for 35 s",
                "summary": "Thread 8993 of rsync (8990) waits in the kernel (nfs_wait_bit_killable) for /mnt/films/2026/holidays.mkv on nas:/films. A kill ends that wait.",
                "evidence": {
                    "seconds": 35, "wait_channel": "nfs_wait_bit_killable", "thread": 8993,
                    "file": "/mnt/films/2026/holidays.mkv", "mount": "/mnt/films", "device": "nas:/films"
                }
            })
        ),
        done(970, "node", "acted", Some("SIGTERM by tray")),
        done(960, "ffmpeg", "acted", Some("whitelisted by notification")),
        done(950, "tracker-extract-3", "dismissed", None),
        alert(
            400,
            &json!({
                "reason": "memory_leak",
                "evidence": {"grown_mb": 620.0, "memory_mb": 3174.4, "window_minutes": 5, "full_in_minutes": 9}
            })
        ),
    ])
}

/// Opens the tab with these alerts as its first page.
fn opened(page: &Value) -> Stage {
    let mut stage = Stage::unconnected(Tab::Alerts);
    stage.connect();
    let firing: Vec<_> = page.as_array().unwrap().iter().filter(|alert| alert["state"] == "firing").cloned().collect();
    for ask in stage.asked() {
        let name = ask.request.name();
        let data = if name == "get_alerts" { json!(firing) } else { Stage::data(name) };
        stage.answer(ask, &data);
    }
    let (ask, wire) = stage.request();
    assert_eq!(wire, json!({"cmd": "get_alerts", "params": {"limit": 100}}));
    stage.answer(ask, page);
    assert_eq!(stage.asked().len(), 0);
    stage
}

/// Opens the tab with an alert selected, whose history has come.
fn selected(alert: &Value) -> Stage {
    let mut stage = opened(&json!([alert]));
    select(&mut stage, alert["name"].as_str().unwrap(), alert["id"].as_i64().unwrap());
    stage
}

fn select(stage: &mut Stage, name: &str, id: i64) {
    stage.click(name);
    let (ask, wire) = stage.request();
    assert_eq!(wire, json!({"cmd": "get_history", "params": {"alert": id}}));
    stage.answer(ask, &points());
}

fn points() -> Value {
    let used = |minute: i64| json!({"at": NOW - 600 + minute * 60, "cpu_percent": 14 * minute, "memory_mb": 900 + 60 * minute});
    (0..=10).map(used).collect()
}

/// Presses a key.
fn press(stage: &mut Stage, key: Named) {
    stage.press(Key::Named(key), Modifiers::empty());
}

/// Leaves no room for the details beside the table.
fn narrowed(mut stage: Stage) -> Stage {
    stage.send(crate::window::Message::Resized(Size::new(640.0, 420.0)));
    stage
}

#[test]
fn it_looks_as_it_did() {
    let mut stage = opened(&history());
    select(&mut stage, "Isolated Web Co", 1000);
    stage.assert_picture("alerts");
    let mut stage = opened(&history());
    select(&mut stage, "rsync", 990);
    stage.assert_picture("alerts-hang");
    let mut stage = narrowed(opened(&history()));
    stage.click("Clear all");
    stage.assert_picture("alerts-clear-all");
    opened(&json!([])).assert_picture("alerts-none");
    let mut stage = opened(&history());
    stage.send(crate::window::Message::Search("libreoffice".to_owned()));
    stage.send(crate::window::Message::Alerts(super::Message::Typed(1)));
    for ask in stage.asked() {
        stage.answer(ask, &json!([]));
    }
    stage.assert_picture("alerts-no-match");
}
