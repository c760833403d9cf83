//! Memory that grows, with and without reason.

use super::{Named, honest, runaway, told};
use crate::desktop::{Desktop, SHELL};
use crate::label::Label;

pub(super) const SCRIPTS: &[Named] = &[
    ("leak", leak),
    ("leak_every_5_seconds", leak_every_5_seconds),
    ("leak_under_a_saw_tooth", leak_under_a_saw_tooth),
    ("leak_in_bursts", leak_in_bursts),
    ("leak_into_swap", leak_into_swap),
    ("leak_through_a_suspend", leak_through_a_suspend),
    ("leak_over_hours", leak_over_hours),
    ("leak_below_the_limit", leak_below_the_limit),
    ("leak_a_little_below_the_limit", leak_a_little_below_the_limit),
    ("leak_of_a_panel", leak_of_a_panel),
    ("leak_in_rare_steps", leak_in_rare_steps),
    ("leak_with_pauses", leak_with_pauses),
    ("leak_at_once", leak_at_once),
    ("leak_handed_back", leak_handed_back),
    ("leak_of_a_crashed_tab", leak_of_a_crashed_tab),
    ("saw_tooth", saw_tooth),
    ("slow_saw_tooth", slow_saw_tooth),
    ("big_start", big_start),
    ("slow_start", slow_start),
    ("cache_that_fills", cache_that_fills),
    ("cache_that_fills_evenly", cache_that_fills_evenly),
    ("hump_of_a_link", hump_of_a_link),
    ("ten_tabs_opened", ten_tabs_opened),
    ("shared_memory", shared_memory),
];

/// What a Java program with a heap of 3 GiB has mapped from its start to its end, in MiB, as it was recorded.
const JAVA: f64 = 5700.0;

/// Lets a process do as the script says, second by second; gives its pid.
fn holds(desktop: &mut Desktop, name: &str, seconds: f64, memory: impl Fn(f64) -> f64) -> u32 {
    holds_in(None, desktop, name, seconds, memory)
}

/// As [`holds`], where it has mapped so much in MiB, its heap and all else, since it began.
fn holds_in(mapped: Option<f64>, desktop: &mut Desktop, name: &str, seconds: f64, memory: impl Fn(f64) -> f64) -> u32 {
    let pid = desktop.launch(&format!("org.example.{name}"), name);
    (desktop.actor(pid).cores, desktop.actor(pid).varies) = (0.2, 0.5);
    desktop.actor(pid).process.vm_kb = mapped.map(|mapped| (mapped * 1024.0) as u64);
    desktop.actor(pid).memory(memory(0.0));
    desktop.each(seconds, |desktop, passed| {
        let interval = desktop.interval;
        desktop.actor(pid).memory(memory(passed + interval));
    });
    pid
}

/// Tells of a leak that began so many seconds after the script did.
fn leaks(desktop: &Desktop, pid: u32, from: f64, what: &str) -> Label {
    told(what, vec![runaway("the leak", vec![desktop.id(pid)], "memory_leak", from)])
}

fn leak(desktop: &mut Desktop) -> Label {
    let begun = desktop.at();
    let pid = holds(desktop, "notes", 2400.0, |passed| 200.0 + (passed - 900.0).max(0.0) * 2.2);
    leaks(desktop, pid, begun + 900.0, "After a quiet quarter of an hour a program leaks 2.2 MiB a second.")
}

fn leak_every_5_seconds(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let begun = desktop.at();
    let pid = holds(desktop, "feeds", 1500.0, |passed| 300.0 + (passed - 600.0).max(0.0) * 4.0);
    leaks(desktop, pid, begun + 600.0, "A program leaks 4 MiB a second.")
}

fn leak_under_a_saw_tooth(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let begun = desktop.at();
    let saw = |passed: f64| 400.0 * (passed % 25.0) / 25.0;
    let pid = holds(desktop, "server", 2400.0, |passed| 300.0 + saw(passed) + (passed - 900.0).max(0.0) * 2.4);
    leaks(desktop, pid, begun + 900.0, "A collector of garbage hides a leak of 2.4 MiB a second.")
}

fn leak_in_bursts(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let begun = desktop.at();
    let pid = holds(desktop, "viewer", 2400.0, |passed| 300.0 + ((passed - 900.0).max(0.0) / 40.0).floor() * 100.0);
    leaks(desktop, pid, begun + 900.0, "A viewer keeps 100 MiB of each picture, one every 40 s.")
}

fn leak_into_swap(desktop: &mut Desktop) -> Label {
    let begun = desktop.at();
    let pid = desktop.launch("org.example.Chat", "chat");
    desktop.actor(pid).memory(1500.0);
    desktop.each(2400.0, |desktop, passed| {
        let all = 1500.0 + (passed - 600.0).max(0.0) * 2.5;
        let actor = desktop.actor(pid);
        actor.memory(all);
        actor.process.swap_kb = Some(((all - 1500.0) * 1024.0) as u64);
        actor.process.rss_kb = Some(1500 * 1024);
    });
    leaks(desktop, pid, begun + 600.0, "What a program leaks is swapped out at once: its RSS stands still.")
}

fn leak_through_a_suspend(desktop: &mut Desktop) -> Label {
    let pid = holds(desktop, "maps", 900.0, |_| 250.0);
    let from = desktop.at();
    desktop.actor(pid).grows = 3.0;
    desktop.go_on(150.0);
    desktop.sleep(20_000.0);
    desktop.go_on(900.0);
    leaks(desktop, pid, from, "A program leaks 3 MiB a second; the machine sleeps in the middle.")
}

fn leak_over_hours(desktop: &mut Desktop) -> Label {
    desktop.interval = 20.0;
    let begun = desktop.at();
    let pid = holds(desktop, "panel", 6.0 * 3600.0, |passed| 250.0 + (passed - 1800.0).max(0.0) / 3600.0 * 600.0);
    let mut label = leaks(desktop, pid, begun + 1800.0, "A panel leaks 600 MiB an hour.");
    // The rule of hours waits until it has grown by the threshold, and that takes this one fifty minutes.
    label.runaways[0].rule_seconds = 2.0 * 3600.0;
    label
}

fn leak_below_the_limit(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 8192.0;
    let begun = desktop.at();
    let pid = holds(desktop, "dictionary", 3000.0, |passed| 200.0 + (passed - 600.0).max(0.0) * 1.5);
    let mut label = leaks(desktop, pid, begun + 600.0, "A program leaks 1.5 MiB a second: 450 MiB in five minutes.");
    // The rule of a quarter of an hour is the first that it reaches the threshold of.
    label.runaways[0].rule_seconds = 900.0;
    label
}

fn leak_a_little_below_the_limit(desktop: &mut Desktop) -> Label {
    let begun = desktop.at();
    let pid = holds(desktop, "dictionary", 3000.0, |passed| 200.0 + (passed - 650.0).max(0.0) * 1.526);
    let mut label = leaks(desktop, pid, begun + 650.0, "A program leaks 1.6 MB a second of 16 GB.");
    label.runaways[0].rule_seconds = 900.0;
    label
}

fn leak_of_a_panel(desktop: &mut Desktop) -> Label {
    desktop.interval = 20.0;
    let begun = desktop.at();
    let pid = holds(desktop, "panel", 10.0 * 3600.0, |passed| 150.0 + (passed - 1800.0).max(0.0) / 3600.0 * 200.0);
    let mut label = leaks(desktop, pid, begun + 1800.0, "A panel leaks 200 MiB an hour, for ten hours.");
    label.runaways[0].rule_seconds = 4.0 * 3600.0;
    label
}

fn leak_in_rare_steps(desktop: &mut Desktop) -> Label {
    desktop.interval = 30.0;
    let begun = desktop.at();
    let pid =
        holds(desktop, "mailer", 8.0 * 3600.0, |passed| 400.0 + ((passed - 1800.0).max(0.0) / 900.0).floor() * 80.0);
    let mut label =
        leaks(desktop, pid, begun + 1800.0, "A mailer keeps 80 MiB each time it fetches, four times an hour.");
    label.runaways[0].rule_seconds = 2.0 * 3600.0;
    label
}

fn leak_with_pauses(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 32_768.0;
    let begun = desktop.at();
    let pid = holds(desktop, "scanner", 7200.0, |passed| {
        let (rounds, within) = ((passed / 900.0).floor(), passed % 900.0);
        300.0 + 2.5 * (600.0 * rounds + within.min(600.0))
    });
    leaks(desktop, pid, begun, "A program leaks while it works, ten minutes of each quarter of an hour.")
}

fn leak_at_once(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let begun = desktop.at();
    let pid = holds(desktop, "script", 140.0, |passed| 100.0 + (passed - 30.0).max(0.0) * 120.0);
    let mut label = leaks(desktop, pid, begun + 30.0, "A program takes 120 MiB a second until hardly any is left.");
    label.runaways[0].rule_seconds = 60.0;
    label
}

fn leak_handed_back(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let begun = desktop.at();
    let pid = holds(desktop, "editor", 3600.0, |passed| {
        300.0 + if passed < 1500.0 { (passed - 900.0).max(0.0) * 3.0 } else { 50.0 }
    });
    let mut label =
        leaks(desktop, pid, begun + 900.0, "An editor leaks 3 MiB a second for ten minutes, and hands all back.");
    label.runaways[0].until = Some(begun + 1500.0);
    label
}

fn leak_of_a_crashed_tab(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    let mut found = Vec::new();
    for number in 0..2 {
        let tab = desktop.start(browser, "Isolated Web Co", &format!("firefox -contentproc -childID {number}"));
        desktop.actor(tab).memory(180.0);
        desktop.go_on(300.0);
        let from = desktop.at();
        (desktop.actor(tab).grows, desktop.actor(tab).cores) = (5.0, 0.3);
        desktop.go_on(500.0);
        let mut leak = runaway("the tab", vec![desktop.id(tab)], "memory_leak", from);
        leak.until = Some(desktop.at());
        found.push(leak);
        desktop.end(tab);
    }
    desktop.go_on(300.0);
    told("A tab leaks until it crashes; it is loaded anew, and leaks again.", found)
}

fn saw_tooth(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    holds_in(Some(JAVA), desktop, "java", 7200.0, |passed| 600.0 + 2000.0 * (passed % 70.0) / 70.0);
    honest("A collector of garbage draws a saw-tooth of 2 GiB over a flat floor.")
}

fn slow_saw_tooth(desktop: &mut Desktop) -> Label {
    holds_in(Some(JAVA), desktop, "java", 4.0 * 3600.0, |passed| 600.0 + 2400.0 * (passed % 540.0) / 540.0);
    honest("A collector of garbage comes every nine minutes only.")
}

fn big_start(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    holds(desktop, "model", 1800.0, |passed| (passed * 50.0).min(4000.0) + 5.0 * (passed / 40.0).sin());
    honest("A program loads 4 GiB in 80 s, and keeps them.")
}

fn slow_start(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    holds(desktop, "library", 2400.0, |passed| (passed * 10.0).min(2000.0) + 3.0 * (passed / 50.0).sin());
    honest("A program loads 2 GiB in 200 s, and keeps them.")
}

fn cache_that_fills(desktop: &mut Desktop) -> Label {
    let fill = |passed: f64| 3000.0 * (1.0 - (-passed / 400.0).exp());
    holds(desktop, "database", 4.0 * 3600.0, move |passed| 300.0 + fill((passed - 600.0).max(0.0)));
    honest("A database fills its cache: fast at first, then ever slower, up to 3 GiB.")
}

fn cache_that_fills_evenly(desktop: &mut Desktop) -> Label {
    holds(desktop, "photos", 3.0 * 3600.0, |passed| {
        300.0 + (passed - 600.0).clamp(0.0, 1200.0) + 8.0 * (passed / 70.0).sin()
    });
    honest("A viewer reads 1.2 GiB of small pictures in 20 min, and keeps them.")
}

fn hump_of_a_link(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    for _ in 0..5 {
        let link = desktop.start(SHELL, "ld.lld", "ld.lld -o program");
        desktop.actor(link).cores = 0.7;
        desktop.each(120.0, |desktop, passed| desktop.actor(link).memory(passed * 30.0));
        desktop.end(link);
        desktop.go_on(100.0);
    }
    honest("A linker takes up to 3.6 GiB for two minutes, and ends; five times.")
}

fn ten_tabs_opened(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let step = |passed: f64| (((passed - 900.0) / 25.0).clamp(0.0, 10.0)).floor() * 120.0;
    holds(desktop, "browser", 3600.0, move |passed| 800.0 + step(passed) + 20.0 * (passed / 60.0).sin());
    honest("Ten tabs are opened in four minutes, 120 MiB each, and stay open.")
}

fn shared_memory(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let workers: Vec<u32> =
        (0..4).map(|number| desktop.start(SHELL, "postgres", &format!("postgres: worker {number}"))).collect();
    desktop.each(2400.0, |desktop, passed| {
        for pid in &workers {
            let touched = (40.0 + passed * 3.0).min(4000.0);
            let actor = desktop.actor(*pid);
            (actor.cores, actor.process.rss_kb) = (0.1, Some((touched * 1024.0) as u64));
            actor.memory(30.0);
        }
    });
    honest("Four workers touch one cache of 4 GiB that they share: each one's RSS grows by it.")
}
