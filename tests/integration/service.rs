//! The applet under a service manager.

use crate::harness::{Applet, Home, LIMIT, PROGRAM, Running, skip, wait_until};
use serde_json::json;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The manager's patience in these tests.
const PATIENCE: Duration = Duration::from_secs(4);

/// A config under which nothing fires: what else runs away on the machine is no business of these tests.
const UNCONCERNED: &str = "[detection.cpu_high]\nenabled = false\n[detection.hang]\nenabled = false\n\
                           [detection.memory_leak]\nenabled = false\n";

/// The manager's end: what it is told arrives here.
struct Manager(UnixDatagram);

impl Manager {
    /// Listens, and has everything that this home starts tell it.
    fn of(home: &mut Home) -> Self {
        let path = home.path("run/notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        home.set("NOTIFY_SOCKET", path.into_os_string());
        Self(socket)
    }

    fn hear(&self) -> String {
        let mut heard = [0; 256];
        let count = self.0.recv(&mut heard).expect("the manager is told something in time");
        String::from_utf8_lossy(&heard[..count]).into_owned()
    }

    fn hears_nothing(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let nothing = self.0.recv(&mut [0; 256]).is_err();
        self.0.set_nonblocking(false).unwrap();
        nothing
    }
}

#[test]
fn the_manager_is_told_that_it_is_ready_that_its_loop_turns_and_that_it_ends() {
    let mut home = Home::new();
    let manager = Manager::of(&mut home);
    home.set("WATCHDOG_USEC", PATIENCE.as_micros().to_string());
    let mut applet = Applet::spawn(&home, &["--headless"]);
    assert_eq!(manager.hear(), "READY=1\n");
    // Scans come too late to ride on, and while paused there are none.
    applet.client().data("pause_monitoring", &json!({}));
    for _ in 0..3 {
        let since = Instant::now();
        assert_eq!(manager.hear(), "WATCHDOG=1\n");
        assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
    }
    applet.process().terminate();
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert!(applet.process().wait_for_end().success());
}

#[test]
fn without_a_watchdog_the_manager_is_told_only_of_begin_and_end() {
    let mut home = Home::new();
    let manager = Manager::of(&mut home);
    home.write_config("[general]\nsample_interval_normal = 1\nsample_interval_alert = 1\n");
    let mut applet = Applet::start(&home, &["--headless"]);
    assert_eq!(manager.hear(), "READY=1\n");
    let mut client = applet.client();
    (0..3).for_each(|_| drop(client.push("status")));
    assert!(manager.hears_nothing());
    applet.process().terminate();
    assert_eq!(manager.hear(), "STOPPING=1\n");
}

#[test]
fn the_manager_takes_a_second_start_for_a_success() {
    let mut home = Home::new();
    let _first = Applet::start(&home, &["--headless"]);
    let manager = Manager::of(&mut home);
    let second = Applet::command(&home, &["--background"]).output().unwrap();
    assert!(second.status.success());
    assert_eq!(manager.hear(), "READY=1\n");
}

/// Starts a copy of the program, whose file can be replaced; gives where that is. None where the test is to be skipped.
fn start_copy(home: &Home, manager: &Manager) -> Option<(PathBuf, Running)> {
    if !rustix::process::geteuid().is_root() {
        skip("only what root has installed is replaced");
        return None;
    }
    home.write_config(UNCONCERNED);
    let program = home.path("runaway-guard");
    std::fs::copy(PROGRAM, &program).unwrap();
    let applet = Running::start(home, "runaway-guard", home.command(&program).arg("--headless"));
    assert_eq!(manager.hear(), "READY=1\n");
    Some((program, applet))
}

#[test]
fn what_an_upgrade_puts_in_its_place_goes_on_and_the_manager_is_told_of_no_end() {
    let mut home = Home::new();
    let manager = Manager::of(&mut home);
    let Some((program, mut applet)) = start_copy(&home, &manager) else { return };
    // As a package manager does it: the new file takes the place of the old one at once.
    let new = home.path("runaway-guard.new");
    std::fs::copy(PROGRAM, &new).unwrap();
    std::fs::rename(&new, &program).unwrap();
    assert_eq!(manager.hear(), "READY=1\n");
    assert!(applet.is_running());
    let running = std::fs::read_link(format!("/proc/{}/exe", applet.pid())).unwrap();
    assert_eq!(running, program, "the same process, the new file");
    let asked = home.command(&program).arg("status").output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    applet.terminate();
    assert_eq!(manager.hear(), "STOPPING=1\n");
}

#[test]
fn what_cannot_be_started_is_taken_for_no_upgrade() {
    let mut home = Home::new();
    let manager = Manager::of(&mut home);
    let Some((program, mut applet)) = start_copy(&home, &manager) else { return };
    std::fs::remove_file(&program).unwrap();
    std::fs::write(&program, "no program at all").unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    wait_until("it is refused", LIMIT, || {
        applet.log().contains("is no RunawayGuard that runs here. This one goes on.")
    });
    assert!(applet.is_running() && manager.hears_nothing());
    applet.terminate();
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert!(applet.wait_for_end().success());
}

#[test]
fn a_program_that_was_removed_ends() {
    let mut home = Home::new();
    let manager = Manager::of(&mut home);
    let Some((program, mut applet)) = start_copy(&home, &manager) else { return };
    std::fs::remove_file(&program).unwrap();
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert!(applet.wait_for_end().success());
    assert!(applet.log().contains("the program was removed"));
}
