//! A start while another applet is there, or is just ending.

use crate::harness::{Applet, Home};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
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
