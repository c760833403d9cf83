//! Memory that is about to be full, and memory of which little is left all the time.

use super::{Named, honest, runaway, told};
use crate::desktop::Desktop;
use crate::label::Label;

pub(super) const SCRIPTS: &[Named] = &[
    ("leak_of_500_mb_a_second", leak_of_500_mb_a_second),
    ("leak_from_the_start_on", leak_from_the_start_on),
    ("leak_of_200_mb_a_second", leak_of_200_mb_a_second),
    ("leak_into_all_swap", leak_into_all_swap),
    ("leak_of_40_mb_a_second", leak_of_40_mb_a_second),
    ("leak_that_quickens", leak_that_quickens),
    ("leak_where_little_is_left", leak_where_little_is_left),
    ("heaps_with_100_mb_left", heaps_with_100_mb_left),
    ("heaps_with_200_mb_left", heaps_with_200_mb_left),
    ("pages_with_150_mb_left", pages_with_150_mb_left),
    ("large_file", large_file),
    ("virtual_machine_starts", virtual_machine_starts),
    ("collector_at_full_speed", collector_at_full_speed),
];

/// Has a process hold so much that so much is left, in MiB.
fn leave(desktop: &mut Desktop, pid: u32, left: f64) {
    desktop.actor(pid).memory(0.0);
    let held = desktop.left_mb() - left;
    desktop.actor(pid).memory(held);
}

/// Has a program take memory at this pace from now on until all is taken, with a look each 2 s from the first on that can
/// see it, as the guard does; it must be told before.
fn takes_all(desktop: &mut Desktop, pid: u32, pace: f64, what: &str) -> Label {
    let from = desktop.at();
    let until = from + desktop.left_mb() / pace;
    (desktop.actor(pid).grows, desktop.actor(pid).cores) = (pace, 0.3);
    desktop.pass(desktop.interval.min(4.0));
    desktop.look();
    desktop.interval = 2.0;
    desktop.go_on(until - desktop.at());
    let mut leak = runaway("the program", vec![desktop.id(pid)], "memory_leak", from);
    (leak.until, leak.rule_seconds) = (Some(until), 0.0);
    told(what, vec![leak])
}

fn leak_of_500_mb_a_second(desktop: &mut Desktop) -> Label {
    let script = desktop.launch("org.example.Script", "script");
    desktop.go_on(300.0);
    takes_all(desktop, script, 477.0, "A program takes 500 MB a second of 16 GB.")
}

fn leak_from_the_start_on(desktop: &mut Desktop) -> Label {
    let script = desktop.launch("org.example.Script", "script");
    takes_all(desktop, script, 477.0, "A program takes 500 MB a second of 16 GB as soon as it runs.")
}

fn leak_of_200_mb_a_second(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 4096.0;
    let script = desktop.launch("org.example.Script", "script");
    leave(desktop, script, 1000.0);
    desktop.interval = 2.0;
    desktop.go_on(300.0);
    takes_all(desktop, script, 190.0, "A program takes 200 MB a second of the last GB of four.")
}

fn leak_into_all_swap(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 4096.0;
    let script = desktop.launch("org.example.Script", "script");
    leave(desktop, script, 1000.0);
    desktop.go_on(300.0);
    desktop.interval = 2.0;
    let from = desktop.at();
    desktop.actor(script).grows = 190.0;
    desktop.each(26.0, |desktop, passed| {
        // All that would not fit goes to swap.
        desktop.swapped_mb = (190.0 * (passed + 2.0) - 940.0).max(0.0);
    });
    let mut leak = runaway("the program", vec![desktop.id(script)], "memory_leak", from);
    (leak.until, leak.rule_seconds) = (Some(from + 20.0), 0.0);
    told("A program takes 200 MB a second of 4 GB; from 60 MB on that are left all of it goes to swap.", vec![leak])
}

fn leak_of_40_mb_a_second(desktop: &mut Desktop) -> Label {
    let script = desktop.launch("org.example.Script", "script");
    desktop.go_on(300.0);
    let mut label = takes_all(desktop, script, 40.0, "A program takes 40 MB a second of 16 GB.");
    label.runaways[0].rule_seconds = 300.0;
    label
}

fn leak_that_quickens(desktop: &mut Desktop) -> Label {
    let script = desktop.launch("org.example.Script", "script");
    desktop.actor(script).memory(60.0);
    desktop.go_on(300.0);
    let from = desktop.at();
    desktop.each(500.0, |desktop, passed| {
        let seconds = passed + desktop.interval;
        desktop.actor(script).memory(60.0 * (seconds / 70.0).exp2());
    });
    let mut leak = runaway("the program", vec![desktop.id(script)], "memory_leak", from);
    // Memory is full after 545 s.
    leak.until = Some(from + 430.0);
    told("What a program holds doubles every 70 s.", vec![leak])
}

fn leak_where_little_is_left(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 4096.0;
    let script = desktop.launch("org.example.Script", "script");
    leave(desktop, script, 500.0);
    desktop.go_on(300.0);
    takes_all(desktop, script, 7.0, "A program takes 7 MB a second of the last 500 MB.")
}

/// Six heaps go up and down by 10 to 90 MiB, with so much left on a machine of 4 GiB, whose swap has room.
fn heaps(desktop: &mut Desktop, left: f64) -> Label {
    desktop.memory_total_mb = 4096.0;
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    let tabs: Vec<u32> = (0..6).map(|_| desktop.start(browser, "Isolated Web Co", "firefox -contentproc")).collect();
    desktop.interval = 5.0;
    for pid in &tabs {
        desktop.actor(*pid).memory(175.0);
    }
    leave(desktop, browser, left);
    desktop.each(3600.0, |desktop, passed| {
        for (number, pid) in tabs.iter().enumerate() {
            let (period, height) = (45.0 + 22.0 * number as f64, 10.0 + 16.0 * number as f64);
            (desktop.actor(*pid).cores, desktop.actor(*pid).varies) = (0.1, 0.5);
            desktop.actor(*pid).memory(150.0 + height * (passed % period) / period);
        }
    });
    honest("Ordinary heaps go up and down where little memory is left.")
}

fn heaps_with_100_mb_left(desktop: &mut Desktop) -> Label {
    heaps(desktop, 100.0)
}

fn heaps_with_200_mb_left(desktop: &mut Desktop) -> Label {
    heaps(desktop, 200.0)
}

fn pages_with_150_mb_left(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 4096.0;
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    let tabs: Vec<u32> = (0..4).map(|_| desktop.start(browser, "Isolated Web Co", "firefox -contentproc")).collect();
    desktop.go_on(120.0);
    desktop.interval = 2.0;
    desktop.each(1200.0, |desktop, passed| {
        for (number, pid) in tabs.iter().enumerate() {
            let loading = (passed - 300.0 * number as f64).clamp(0.0, 32.0);
            desktop.actor(*pid).memory(60.0 + 8.0 * loading);
        }
        let excess = 150.0 - (desktop.left_mb() - desktop.swapped_mb);
        desktop.swapped_mb = excess;
    });
    honest(
        "Four pages of 250 MiB are loaded in half a minute each, with 150 MiB left; others are swapped out for them.",
    )
}

fn large_file(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let held = desktop.launch("org.example.Others", "others");
    leave(desktop, held, 7000.0);
    let editor = desktop.launch("org.example.Photos", "photos");
    desktop.go_on(300.0);
    for _ in 0..3 {
        desktop.each(10.0, |desktop, passed| desktop.actor(editor).memory(200.0 + 400.0 * (passed + 2.0)));
        desktop.go_on(300.0);
        desktop.actor(editor).memory(200.0);
        desktop.go_on(300.0);
    }
    honest("An editor loads a picture of 4 GiB in 10 s, with 7 GiB left, three times.")
}

fn virtual_machine_starts(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let machine = desktop.launch("org.example.Machine", "qemu-system-x86");
    desktop.each(20.0, |desktop, passed| desktop.actor(machine).memory(400.0 * (passed + 2.0)));
    desktop.go_on(900.0);
    honest("A virtual machine takes its 8 GiB within 20 s of its start.")
}

fn collector_at_full_speed(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let held = desktop.launch("org.example.Others", "others");
    leave(desktop, held, 6000.0);
    let java = desktop.launch("org.example.Java", "java");
    desktop.go_on(60.0);
    desktop.each(3600.0, |desktop, passed| desktop.actor(java).memory(400.0 + 120.0 * (passed % 24.0)));
    honest("A collector lets a heap of 3 GiB fill within 24 s again and again, with 6 GiB left.")
}
