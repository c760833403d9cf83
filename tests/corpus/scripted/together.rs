//! Memory that several processes of one application take.

use super::{Named, honest, runaway, told};
use crate::desktop::Desktop;
use crate::label::Label;

pub(super) const SCRIPTS: &[Named] = &[
    ("leak_of_ten_helpers", leak_of_ten_helpers),
    ("leak_of_eight_helpers", leak_of_eight_helpers),
    ("leak_of_a_page_and_the_gpu", leak_of_a_page_and_the_gpu),
    ("leak_of_tabs_among_others", leak_of_tabs_among_others),
    ("leak_of_one_helper_of_many", leak_of_one_helper_of_many),
    ("tabs_opened_and_closed", tabs_opened_and_closed),
    ("tabs_read_one_after_the_other", tabs_read_one_after_the_other),
    ("tabs_restored_at_once", tabs_restored_at_once),
    ("helpers_that_collect", helpers_that_collect),
    ("helpers_that_fill_their_caches", helpers_that_fill_their_caches),
];

const BROWSER: &str = "org.mozilla.firefox";

/// Starts a browser that has so many tabs and has run for five minutes; gives its first process and the tabs.
fn browser(desktop: &mut Desktop, tabs: u32) -> (u32, Vec<u32>) {
    let browser = desktop.launch(BROWSER, "firefox");
    desktop.actor(browser).memory(700.0);
    let tabs = (0..tabs).map(|_| tab(desktop, browser)).collect();
    desktop.go_on(300.0);
    (browser, tabs)
}

fn tab(desktop: &mut Desktop, browser: u32) -> u32 {
    let tab = desktop.start(browser, "Isolated Web Co", "firefox -contentproc");
    desktop.actor(tab).memory(120.0);
    (desktop.actor(tab).cores, desktop.actor(tab).varies) = (0.005, 0.5);
    tab
}

/// Has processes leak from now on, so many MiB a second each, for so long; what must be told of them.
fn leak(desktop: &mut Desktop, pids: &[u32], pace: f64, seconds: f64, what: &str) -> Label {
    let from = desktop.at();
    for pid in pids {
        desktop.actor(*pid).grows = pace;
    }
    desktop.go_on(seconds);
    leaked(desktop, pids, from, what)
}

fn leaked(desktop: &Desktop, pids: &[u32], from: f64, what: &str) -> Label {
    let members = pids.iter().map(|pid| desktop.id(*pid)).collect();
    let mut leak = runaway("the application", members, "memory_leak", from);
    leak.app = Some(BROWSER.to_owned());
    told(what, vec![leak])
}

fn leak_of_ten_helpers(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 10);
    desktop.interval = 5.0;
    let mut label = leak(desktop, &tabs, 12.0, 105.0, "Ten helpers take 12 MiB a second each, until all is taken.");
    label.runaways[0].rule_seconds = 60.0;
    label
}

fn leak_of_eight_helpers(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 8);
    leak(desktop, &tabs, 0.6, 1200.0, "Eight helpers leak 0.6 MiB a second each.")
}

fn leak_of_a_page_and_the_gpu(desktop: &mut Desktop) -> Label {
    let (browser, tabs) = browser(desktop, 4);
    let gpu = desktop.start(browser, "GPU Process", "firefox -contentproc gpu");
    desktop.go_on(600.0);
    (desktop.actor(gpu).grows, desktop.actor(gpu).cores) = (1.0, 0.2);
    leak(desktop, &[tabs[0], gpu], 1.0, 1200.0, "A page leaks a picture, and the GPU process its texture.")
}

fn leak_of_tabs_among_others(desktop: &mut Desktop) -> Label {
    let (browser, tabs) = browser(desktop, 6);
    desktop.interval = 5.0;
    let from = desktop.at();
    for pid in &tabs {
        desktop.actor(*pid).grows = 0.5;
    }
    let mut passing = Vec::new();
    desktop.each(1200.0, |desktop, passed| open_and_close(desktop, browser, passed, &mut passing));
    leaked(desktop, &tabs, from, "Six tabs leak 0.5 MiB a second each, while others are opened and closed.")
}

fn leak_of_one_helper_of_many(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 8);
    for pid in &tabs[1..] {
        desktop.actor(*pid).grows = 0.06;
    }
    leak(desktop, &tabs[..1], 3.0, 1200.0, "One tab of many leaks 3 MiB a second.")
}

/// Opens a tab of up to 250 MiB each 20 s, and closes it 50 s later.
fn open_and_close(desktop: &mut Desktop, browser: u32, passed: f64, open: &mut Vec<(u32, f64)>) {
    if passed % 20.0 < 1.0 {
        open.push((tab(desktop, browser), passed));
    }
    open.retain(|(pid, opened)| {
        desktop.actor(*pid).memory(120.0 + 13.0 * (passed - opened).min(10.0));
        let stays = passed - opened < 50.0;
        if !stays {
            desktop.end(*pid);
        }
        stays
    });
}

fn tabs_opened_and_closed(desktop: &mut Desktop) -> Label {
    let (browser, _) = browser(desktop, 6);
    desktop.interval = 5.0;
    let mut open = Vec::new();
    desktop.each(1800.0, |desktop, passed| open_and_close(desktop, browser, passed, &mut open));
    // Then the tabs stay open.
    desktop.each(900.0, |desktop, passed| {
        if passed % 15.0 < 1.0 {
            let tab = tab(desktop, browser);
            desktop.actor(tab).memory(220.0);
        }
    });
    honest("A browser opens tabs of 200 MiB for half an hour and closes them, then sixty that stay.")
}

fn tabs_read_one_after_the_other(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 20);
    desktop.interval = 5.0;
    desktop.each(20.0 * 75.0, |desktop, passed| {
        let read = (passed / 75.0) as usize;
        for (number, pid) in tabs.iter().enumerate() {
            desktop.actor(*pid).grows = if number == read { 2.0 } else { 0.0 };
        }
    });
    honest("Somebody reads twenty long pages: the tab in front grows by 2 MiB a second while he scrolls.")
}

fn tabs_restored_at_once(desktop: &mut Desktop) -> Label {
    desktop.memory_total_mb = 8192.0;
    desktop.interval = 2.0;
    let (browser, _) = browser(desktop, 2);
    let tabs: Vec<u32> = (0..16).map(|_| tab(desktop, browser)).collect();
    desktop.each(25.0, |desktop, passed| {
        for pid in &tabs {
            desktop.actor(*pid).memory(40.0 + passed * 8.0);
        }
        desktop.actor(browser).memory(700.0 + passed * 10.0);
    });
    desktop.go_on(900.0);
    honest("A browser opens sixteen tabs at once and has 4 GiB after 25 s, on a machine of 8.")
}

fn helpers_that_collect(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 16);
    desktop.interval = 5.0;
    desktop.each(2.0 * 3600.0, |desktop, passed| {
        for (number, pid) in tabs.iter().enumerate() {
            let period = 20.0 + 14.0 * number as f64;
            desktop.actor(*pid).memory(120.0 + 220.0 * (passed % period) / period);
        }
    });
    honest("Sixteen tabs draw saw-teeth of 220 MiB, from every 20 s to every 4 min.")
}

fn helpers_that_fill_their_caches(desktop: &mut Desktop) -> Label {
    let (_, tabs) = browser(desktop, 10);
    desktop.each(3600.0, |desktop, passed| {
        for pid in &tabs {
            desktop.actor(*pid).memory(120.0 + 250.0 * (1.0 - (-passed / 300.0).exp()));
        }
    });
    honest("Ten tabs fill their caches, up to 250 MiB each, ever slower.")
}
