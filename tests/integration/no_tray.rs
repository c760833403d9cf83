//! A desktop without a tray, such as GNOME as it comes.

use crate::faults::QUICK;
use crate::harness::{Applet, Client, Desktop, LIMIT, Notices, wait_until};
use serde_json::json;
use std::time::{Duration, Instant};

/// How the sentence begins.
const NO_ICON: &str = "No tray host is running, so there is no icon.";

/// After so long without a tray the user is told.
const LATE: Duration = Duration::from_secs(20);

/// Time for a few scans.
const SCANS: Duration = Duration::from_secs(4);

#[test]
fn the_user_is_told_once_that_there_is_no_icon() {
    let Some(mut desktop) = Desktop::start() else { return };
    desktop.panel = None;
    desktop.home.write_config(QUICK);
    let mut notices = Notices::listen(&desktop.bus);
    let mut first = Applet::start(&desktop.home, &["--background"]);
    let mut client = first.client();
    wait_for_problem(&mut client);
    wait_until("the notification", LIMIT, || {
        notices.shown().iter().filter(|notice| notice.body.starts_with(NO_ICON)).count() == 1
    });
    client.data("quit", &json!({}));
    first.process().wait_for_end();

    let mut second = Applet::start(&desktop.home, &["--background"]);
    let mut client = second.client();
    wait_for_problem(&mut client);
    wait_until_told(Instant::now());
    let said = client.data("get_notices", &json!({})).to_string();
    assert!(!said.contains(NO_ICON), "a later login says nothing: {said}");
}

#[test]
fn a_tray_that_is_merely_late_is_not_told_of() {
    let Some(mut desktop) = Desktop::start() else { return };
    desktop.panel = None;
    desktop.home.write_config(QUICK);
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let mut client = applet.client();
    wait_for_problem(&mut client);
    let missed = Instant::now();
    desktop.start_panel();
    wait_until("the problem is over", LIMIT, || client.push("status")["problems"] == json!([]));
    wait_until_told(missed);
    let said = client.data("get_notices", &json!({})).to_string();
    assert!(!said.contains(NO_ICON), "the icon is there: {said}");
}

fn wait_for_problem(client: &mut Client) {
    wait_until("the status says so", LIMIT, || {
        client.push("status")["problems"][0].as_str().is_some_and(|problem| problem.starts_with(NO_ICON))
    });
}

/// Waits until what is missing since then would have been told.
fn wait_until_told(missed: Instant) {
    wait_until("the time in which it would have been told", LIMIT, || missed.elapsed() > LATE + SCANS);
}
