//! A start while another applet is there, or is just ending.

use crate::faults::QUICK;
use crate::harness::{Applet, Burner, Client, Home};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixListener;

/// Holds the lock of this home's applet, as one that is there.
fn hold_lock(home: &Home) -> File {
    let lock = File::create(home.path("run/runaway-guard.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

#[test]
fn one_that_holds_the_lock_and_serves_no_socket_is_waited_for() {
    let home = Home::new();
    let lock = hold_lock(&home);
    let opened = Inotify::init(InitFlags::empty()).unwrap();
    opened.add_watch(&home.path("run/runaway-guard.lock"), AddWatchFlags::IN_OPEN).unwrap();
    let mut applet = Applet::spawn(&home, &["--headless"]);
    let mut looks = 0;
    while looks < 3 {
        looks += opened.read_events().unwrap().len();
    }
    drop(lock);
    applet.client();
}

#[test]
fn one_that_ends_before_it_answers_is_no_reason_to_leave_nobody() {
    let home = Home::new();
    let lock = hold_lock(&home);
    let socket = UnixListener::bind(home.socket()).unwrap();
    let mut applet = Applet::spawn(&home, &["--headless"]);
    let (asking, _) = socket.accept().unwrap();
    let mut asked = String::new();
    BufReader::new(&asking).read_line(&mut asked).unwrap();
    assert!(asked.contains("hello"), "{asked}");
    drop((asking, socket, lock));
    applet.client();
}

/// What fires about a process.
fn firing(client: &mut Client, pid: u32) -> Vec<Value> {
    let alerts = client.data("get_alerts", &json!({ "active": true }));
    alerts.as_array().unwrap().iter().filter(|alert| alert["pid"] == pid).cloned().collect()
}

#[test]
fn an_alert_that_was_dismissed_is_not_told_anew_by_a_guard_that_was_killed_and_started_again() {
    let home = Home::new();
    home.write_config(QUICK);
    let burner = Burner::start(&home, "burn-restart");
    let others = json!({ "pattern": burner.all_others(), "match_type": "regex" });
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    client.data("add_whitelist", &others);
    let id = loop {
        let alert = client.push("alert");
        if alert["pid"] == burner.pid() {
            break alert["id"].clone();
        }
    };
    client.data("dismiss_alert", &json!({ "id": id }));
    // The answer of a question comes after what was to be stored before it.
    client.data("get_alerts", &json!({}));
    applet.process().kill();
    drop(applet);

    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    for _ in 0..8 {
        client.push("status");
    }
    assert_eq!(firing(&mut client, burner.pid()), [] as [Value; 0]);
    let told = client.data("get_alerts", &json!({}));
    let about_it = told.as_array().unwrap().iter().filter(|alert| alert["pid"] == burner.pid());
    let about_it: Vec<_> = about_it.map(|alert| (&alert["id"], &alert["state"])).collect();
    assert_eq!(about_it, [(&id, &json!("dismissed"))]);
}

#[test]
fn a_pause_outlasts_the_restart_of_an_upgrade() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    applet.client().data("pause_monitoring", &json!({ "seconds": 900 }));
    let until = applet.client().data("get_status", &json!({}))["paused_until"].clone();
    assert!(until.is_number());
    applet.process().terminate();
    applet.process().wait_for_end();
    let mut applet = Applet::start(&home, &["--headless"]);
    let status = applet.client().data("get_status", &json!({}));
    assert_eq!((&status["paused"], &status["paused_until"]), (&json!(true), &until));
}
