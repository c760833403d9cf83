//! What the resident applet costs and how fast it is, on a real desktop.

use crate::crowd::Crowd;
use crate::harness::{Applet, Burner, Client, Desktop, Item, LIMIT, wait_for, wait_until};
use crate::measure::{cpu_of, mebibytes, ms, threads};
use crate::report::Report;
use serde_json::json;
use std::fs;
use std::time::{Duration, Instant};

const ITEM: &str = "io.github.runawayguard.applet";

/// The runaway, which is all that may be told of: Kill is pressed in its name.
const BURNER: &str = "burn-bench";

/// How many processes there are besides those of the machine, where its size is measured.
const PROCESSES: usize = 500;

/// Measures on a desktop of its own.
pub(crate) fn run(report: &mut Report) {
    report.table("The applet with tray and bus:", &["what", "figure"]);
    let Some(desktop) = Desktop::start() else { return };
    resident_size(report, &desktop);
    latencies(report, &desktop);
    clients(report, &desktop);
}

/// Size, threads and wake-ups with the default config, tray and notification server there, nothing firing.
fn resident_size(report: &mut Report, desktop: &Desktop) {
    let _crowd = Crowd::start(PROCESSES, 0);
    desktop.home.write_config("");
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    wait_for_item(desktop);
    let pid = applet.process().pid();
    let mut client = applet.client();
    (0..3).for_each(|_| drop(client.push("status")));
    drop(client);
    for key in ["Rss:", "Pss:", "Anonymous:"] {
        report.figure(
            &format!("resident with tray, beside {PROCESSES} processes: {}", key.trim_end_matches(':')),
            &format!("{:.2} MiB", mebibytes(pid, key)),
        );
    }
    report.figure("threads", &threads(pid).len().to_string());
    let (bursts, cpu) = bursts_within(pid, Duration::from_secs(61));
    report.figure("bursts of wake-ups within 61 s (a scan each 10 s)", &bursts.to_string());
    report.figure("CPU within 61 s, 6 scans", &format!("{:.1} ms", ms(cpu)));
}

/// From the end of a rule's duration to the alert, and from a button to the signal.
fn latencies(report: &mut Report, desktop: &Desktop) {
    desktop.home.write_config(
        "[general]\nsample_interval_normal = 2\nsample_interval_alert = 1\n\
         [detection.cpu_high]\nthreshold_percent = 30\nduration_seconds = 4\n",
    );
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let item = wait_for_item(desktop);
    let session = desktop.bus.connect();
    let mut client = applet.client();
    let (mut alert_after, mut signal_after) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let began = Instant::now();
        let mut burner = Burner::start(&desktop.home, BURNER);
        if round == 0 {
            client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
        }
        while client.push("alert")["pid"] != burner.pid() {}
        alert_after.push(began.elapsed().saturating_sub(Duration::from_secs(4)).as_millis());
        wait_until("the menu offers Kill", LIMIT, || item.labels(&session).iter().any(|label| label.contains(BURNER)));
        let pressed = Instant::now();
        assert!(item.choose(&session, "Kill"));
        while burner.is_running() {
            std::hint::spin_loop();
        }
        signal_after.push(pressed.elapsed().as_millis());
    }
    report.figure("from the rule's duration to the alert, 5 rounds", &format!("{alert_after:?} ms"));
    report.figure("from the button to the end of the process, 5 rounds", &format!("{signal_after:?} ms"));
}

/// The time between scans with no client, and with 64 that read.
fn clients(report: &mut Report, desktop: &Desktop) {
    desktop.home.write_config("[general]\nsample_interval_normal = 1\nsample_interval_alert = 1\n");
    let mut applet = Applet::start(&desktop.home, &["--headless"]);
    let mut client = applet.client();
    report.figure("longest time between two scans, 1 client", &format!("{} ms", longest_gap(&mut client)));
    let readers: Vec<_> = (0..63).map(|_| applet.client()).collect();
    let readers: Vec<_> = readers.into_iter().map(|reader| std::thread::spawn(move || read(reader))).collect();
    report.figure("longest time between two scans, 64 clients reading", &format!("{} ms", longest_gap(&mut client)));
    drop(applet);
    for reader in readers {
        reader.join().unwrap();
    }
}

/// Asks for all processes again and again until the applet ends.
fn read(mut client: Client) {
    while client.try_send(b"{\"cmd\":\"list_processes\"}\n") {
        while client.read_line(Duration::from_secs(5)).is_some_and(|line| !line.contains("list_processes")) {}
    }
}

fn longest_gap(client: &mut Client) -> u128 {
    client.push("status");
    let mut last = Instant::now();
    let gaps = (0..10).map(|_| {
        client.push("status");
        std::mem::replace(&mut last, Instant::now()).elapsed().as_millis()
    });
    gaps.max().unwrap()
}

fn wait_for_item(desktop: &Desktop) -> Item {
    let session = desktop.bus.connect();
    wait_for("the tray item", LIMIT, || Item::find(&session, ITEM))
}

/// Counts the looks, ten a second, between which any thread was woken, neighbours together; and the CPU used in ms.
fn bursts_within(pid: u32, time: Duration) -> (usize, Duration) {
    let (began, cpu_before) = (Instant::now(), cpu_of(pid));
    let (mut bursts, mut woken_before, mut last) = (0, false, switches(pid));
    while began.elapsed() < time {
        let look = Instant::now();
        wait_until("the next look", LIMIT, || look.elapsed() >= Duration::from_millis(100));
        let now = switches(pid);
        let woken = now != last;
        bursts += usize::from(woken && !woken_before);
        (woken_before, last) = (woken, now);
    }
    (bursts, cpu_of(pid).saturating_sub(cpu_before))
}

fn switches(pid: u32) -> u64 {
    let of = |thread: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/task/{thread}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap_or("x 0").to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    threads(pid).iter().map(of).sum()
}
