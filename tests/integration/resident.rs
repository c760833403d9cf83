//! What stays in memory between login and logout.

use crate::harness::{Applet, Home};

#[test]
fn the_library_for_x11_is_let_go_of() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", applet.process().pid())).unwrap();
    assert!(maps.contains("/libc.so"), "these are the maps of a program");
    let of_x11: Vec<&str> = maps.lines().filter(|line| line.contains("libX11") || line.contains("libxcb")).collect();
    assert_eq!(of_x11, Vec::<&str>::new());
}
