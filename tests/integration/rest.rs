//! What the applet keeps while nothing happens.

use crate::harness::{Applet, Home};
use std::fs;

#[test]
fn the_libraries_of_the_window_are_not_in_the_applet() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let maps = fs::read_to_string(format!("/proc/{}/maps", applet.process().pid())).unwrap();
    assert!(maps.contains("libc.so"), "{maps}");
    let of_the_window: Vec<&str> =
        maps.lines().filter(|line| ["libX", "libxcb", "libbsd", "libmd"].iter().any(|name| line.contains(name))).collect();
    assert!(of_the_window.is_empty(), "{of_the_window:#?}");
}
