//! What the applet keeps while nothing happens.

use crate::harness::{Applet, Home, LIMIT, wait_until};
use serde_json::json;
use std::fs;

#[test]
fn the_libraries_of_the_window_are_not_in_the_applet() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let maps = fs::read_to_string(format!("/proc/{}/maps", applet.process().pid())).unwrap();
    assert!(maps.contains("libc.so"), "{maps}");
    let of_the_window: Vec<&str> = maps
        .lines()
        .filter(|line| ["libX", "libxcb", "libbsd", "libmd"].iter().any(|name| line.contains(name)))
        .collect();
    assert!(of_the_window.is_empty(), "{of_the_window:#?}");
}

#[test]
fn the_database_has_a_thread_only_while_something_is_asked_of_it() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    client.data("add_whitelist", &json!({ "pattern": "make", "match_type": "name" }));
    assert_eq!(client.data("list_whitelist", &json!({}))[0]["pattern"], "make");
    assert_eq!(client.data("get_alerts", &json!({})), json!([]));
    let tasks = format!("/proc/{}/task", applet.process().pid());
    wait_until("the loop and the sampler are alone", LIMIT, || fs::read_dir(&tasks).unwrap().count() == 2);
}
