//! Processes that keep the processor busy, and some that only seem to.

use super::honest::{TERMINAL, build};
use super::{Named, honest, runaway, told};
use crate::desktop::{Desktop, SHELL, USER_MANAGER};
use crate::label::Label;
use runaway_guard::trace::Pressure;

pub(super) const SCRIPTS: &[Named] = &[
    ("spin_after_hours", spin_after_hours),
    ("spin_through_a_suspend", spin_through_a_suspend),
    ("spin_with_dips", spin_with_dips),
    ("four_cores", four_cores),
    ("starved_by_two", starved_by_two),
    ("starved_by_five", starved_by_five),
    ("starved_by_eleven", starved_by_eleven),
    ("starved_unknown_waits", starved_unknown_waits),
    ("orphan_of_a_browser", orphan_of_a_browser),
    ("orphan_that_spun_before", orphan_that_spun_before),
    ("zombie_leader", zombie_leader),
    ("pid_reused", pid_reused),
    ("battery", battery),
    ("little_is_told", little_is_told),
    ("bursts_of_55_seconds", bursts_of_55_seconds),
    ("hog_at_85_percent", hog_at_85_percent),
    ("around_the_threshold", around_the_threshold),
    ("stopped_by_the_user", stopped_by_the_user),
    ("compositor", compositor),
    ("tab_out_of_sight", tab_out_of_sight),
    ("spin_beside_a_build", spin_beside_a_build),
    ("game", game),
];

fn spin_after_hours(desktop: &mut Desktop) -> Label {
    let editor = desktop.launch("org.gnome.TextEditor", "gnome-text-edit");
    desktop.actor(editor).cores = 0.01;
    desktop.go_on(10_000.0);
    let from = desktop.at();
    desktop.actor(editor).cores = 1.0;
    desktop.go_on(600.0);
    let found = runaway("an editor in a loop", vec![desktop.id(editor)], "cpu_high", from);
    told("An editor idles for hours, then spins.", vec![found])
}

fn spin_through_a_suspend(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let player = desktop.launch("org.gnome.Totem", "totem");
    desktop.go_on(60.0);
    let from = desktop.at();
    desktop.actor(player).cores = 0.99;
    desktop.go_on(30.0);
    desktop.sleep(7200.0);
    desktop.go_on(300.0);
    let found = runaway("a player in a loop", vec![desktop.id(player)], "cpu_high", from);
    told("A player spins; the machine sleeps for two hours in the middle.", vec![found])
}

fn spin_with_dips(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let tracker = desktop.start(SHELL, "indexer", "indexer --watch");
    desktop.go_on(40.0);
    let from = desktop.at();
    desktop.each(300.0, |desktop, passed| {
        desktop.actor(tracker).cores = if (passed as u64).is_multiple_of(14) { 0.8 } else { 1.0 };
    });
    let found = runaway("a loop that others interrupt", vec![desktop.id(tracker)], "cpu_high", from);
    told("A process spins; now and then something else has its core for a moment.", vec![found])
}

fn four_cores(desktop: &mut Desktop) -> Label {
    let solver = desktop.launch("org.libreoffice.LibreOffice.calc", "soffice.bin");
    desktop.go_on(120.0);
    let from = desktop.at();
    let actor = desktop.actor(solver);
    (actor.cores, actor.varies, actor.process.threads) = (3.8, 0.02, Some(9));
    desktop.go_on(400.0);
    let found = runaway("a spreadsheet on all cores", vec![desktop.id(solver)], "cpu_high", from);
    told("All threads of a spreadsheet spin.", vec![found])
}

/// Loops share two cores among them and others that only want a little.
fn starved(desktop: &mut Desktop, loops: u32, waits_are_known: bool) -> Label {
    (desktop.cores, desktop.interval) = (2, 5.0);
    let victims: Vec<u32> =
        [("mailer", 0.03), ("clock", 0.01), ("player", 0.1)].map(|(name, cores)| victim(desktop, name, cores)).into();
    desktop.go_on(60.0);
    let from = desktop.at();
    let share = (2.0 - 0.25) / f64::from(loops);
    let mut found = Vec::new();
    for number in 0..loops {
        let pid = desktop.start(SHELL, &format!("loop-{number}"), &format!("loop-{number} --forever"));
        let actor = desktop.actor(pid);
        (actor.cores, actor.varies, actor.waits) = (share, 0.03, 1.0 - share);
        found.push(runaway("one of the loops", vec![desktop.id(pid)], "cpu_high", from));
    }
    for pid in victims {
        desktop.actor(pid).waits = 0.35;
    }
    desktop.pressure.cpu_some = Some(88.0);
    if !waits_are_known {
        desktop.each(300.0, |_, _| {});
        return told("Loops share two cores, and nothing tells how long they wait.", Vec::new());
    }
    desktop.go_on(300.0);
    told("Loops share two cores, and others wait for them too.", found)
}

fn victim(desktop: &mut Desktop, name: &str, cores: f64) -> u32 {
    let pid = desktop.launch(&format!("org.example.{name}"), name);
    let actor = desktop.actor(pid);
    (actor.cores, actor.varies) = (cores, 0.4);
    pid
}

fn starved_by_two(desktop: &mut Desktop) -> Label {
    starved(desktop, 3, true)
}

fn starved_by_five(desktop: &mut Desktop) -> Label {
    starved(desktop, 6, true)
}

fn starved_by_eleven(desktop: &mut Desktop) -> Label {
    starved(desktop, 12, true)
}

fn starved_unknown_waits(desktop: &mut Desktop) -> Label {
    (desktop.cores, desktop.interval) = (2, 5.0);
    desktop.go_on(60.0);
    let from = desktop.at();
    let script = desktop.start(SHELL, "batch", "batch");
    let loops: Vec<u32> = (0..3).map(|_| desktop.start(script, "worker", "worker --loop")).collect();
    for pid in &loops {
        (desktop.actor(*pid).cores, desktop.actor(*pid).varies) = (0.62, 0.03);
    }
    desktop.pressure.cpu_some = Some(80.0);
    desktop.go_on(300.0);
    let members = loops.iter().chain([&script]).map(|pid| desktop.id(*pid)).collect();
    told("Three workers of one script share two cores.", vec![runaway("the workers", members, "cpu_high", from)])
}

fn orphan_of_a_browser(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    let helper = desktop.start(browser, "Isolated Web Co", "firefox -contentproc 7");
    desktop.actor(helper).cores = 0.05;
    desktop.go_on(300.0);
    desktop.end(browser);
    let from = desktop.at();
    desktop.actor(helper).cores = 1.0;
    desktop.go_on(300.0);
    let mut found = runaway("the helper", vec![desktop.id(helper)], "cpu_high", from);
    found.rule_seconds = 30.0;
    told("A browser dies, and one of its helpers spins on.", vec![found])
}

fn orphan_that_spun_before(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let server = desktop.start(SHELL, "node", "node dev-server.js");
    let worker = desktop.start(server, "node", "node worker.js");
    desktop.go_on(120.0);
    let from = desktop.at();
    desktop.actor(worker).cores = 1.0;
    desktop.go_on(20.0);
    desktop.end(server);
    desktop.actor(worker).process.ppid = Some(1);
    desktop.go_on(300.0);
    told(
        "A worker spins, and then its server ends.",
        vec![runaway("the worker", vec![desktop.id(worker)], "cpu_high", from)],
    )
}

fn zombie_leader(desktop: &mut Desktop) -> Label {
    let pool = desktop.start(SHELL, "pool", "pool --threads 3");
    desktop.go_on(60.0);
    let from = desktop.at();
    let actor = desktop.actor(pool);
    (actor.cores, actor.process.threads) = (1.9, Some(3));
    actor.state("Z");
    desktop.go_on(300.0);
    told(
        "The first thread of a process has ended; two others spin.",
        vec![runaway("the pool", vec![desktop.id(pool)], "cpu_high", from)],
    )
}

fn pid_reused(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let first = desktop.start(SHELL, "first", "first");
    desktop.actor(first).cores = 1.0;
    desktop.go_on(50.0);
    let second = desktop.reuse(first, "second");
    desktop.actor(second).cores = 1.0;
    desktop.go_on(50.0);
    honest(&format!("Two processes in turn have the pid {first}; each spins for 50 s."))
}

fn battery(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    desktop.on_battery = Some(true);
    let applet = desktop.launch("org.gnome.Maps", "gnome-maps");
    desktop.go_on(120.0);
    let from = desktop.at();
    desktop.actor(applet).cores = 0.98;
    desktop.go_on(240.0);
    told("A map spins on battery.", vec![runaway("the map", vec![desktop.id(applet)], "cpu_high", from)])
}

fn little_is_told(desktop: &mut Desktop) -> Label {
    desktop.on_battery = None;
    desktop.pressure = Pressure::default();
    let spin = desktop.start(USER_MANAGER, "spin", "");
    desktop.go_on(60.0);
    let from = desktop.at();
    let actor = desktop.actor(spin);
    actor.cores = 1.0;
    let process = &mut actor.process;
    (process.cgroup, process.tty, process.nice, process.cmdline, process.threads) = (None, None, None, None, None);
    desktop.go_on(300.0);
    told(
        "A process spins of which only the least is told.",
        vec![runaway("the loop", vec![desktop.id(spin)], "cpu_high", from)],
    )
}

fn bursts_of_55_seconds(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let feeds = desktop.launch("org.example.Feeds", "feeds");
    desktop.each(3600.0, |desktop, passed| {
        desktop.actor(feeds).cores = if passed as u64 % 120 < 55 { 1.0 } else { 0.02 };
    });
    honest("A reader of feeds works for 55 s every two minutes.")
}

fn hog_at_85_percent(desktop: &mut Desktop) -> Label {
    let filter = desktop.launch("org.example.Radio", "radio");
    (desktop.actor(filter).cores, desktop.actor(filter).varies) = (0.84, 0.04);
    desktop.go_on(7200.0);
    honest("A radio decodes at 84 % of a core for two hours.")
}

fn around_the_threshold(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let sync = desktop.launch("org.example.Sync", "sync-client");
    desktop.each(1800.0, |desktop, passed| {
        desktop.actor(sync).cores = [0.95, 0.75, 0.92, 0.6][passed as usize / 2 % 4];
    });
    honest("A client swings between 60 and 95 %.")
}

fn stopped_by_the_user(desktop: &mut Desktop) -> Label {
    let job = desktop.start(SHELL, "job", "job");
    desktop.actor(job).cores = 1.0;
    desktop.go_on(40.0);
    desktop.actor(job).cores = 0.0;
    desktop.actor(job).state("T");
    desktop.go_on(900.0);
    honest("A job spins for 40 s, then it is stopped.")
}

/// The compositor of the session.
const COMPOSITOR: u32 = 904;

fn compositor(desktop: &mut Desktop) -> Label {
    desktop.go_on(1200.0);
    let from = desktop.at();
    (desktop.actor(COMPOSITOR).cores, desktop.actor(COMPOSITOR).varies) = (1.03, 0.02);
    desktop.go_on(400.0);
    let found = runaway("the compositor", vec![desktop.id(COMPOSITOR)], "cpu_high", from);
    told("An extension of the compositor spins.", vec![found])
}

fn tab_out_of_sight(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let browser = desktop.launch("org.chromium.Chromium", "chromium");
    let tab = desktop.start(browser, "chromium", "chromium --type=renderer --renderer-client-id=7");
    (desktop.actor(browser).cores, desktop.actor(tab).process.nice) = (0.05, Some(5));
    desktop.go_on(300.0);
    let from = desktop.at();
    desktop.actor(tab).cores = 1.0;
    desktop.go_on(300.0);
    let found = runaway("the tab", vec![desktop.id(tab)], "cpu_high", from);
    told("A tab spins that its browser has made nice: it is out of sight.", vec![found])
}

fn spin_beside_a_build(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let chat = desktop.launch("org.example.Chat", "chat");
    desktop.actor(chat).cores = 0.02;
    let make = desktop.start(SHELL, "make", "make -j4");
    desktop.actor(make).process.tty = Some(TERMINAL);
    build(desktop, make, 4, 8.0, 120.0, TERMINAL);
    let from = desktop.at();
    (desktop.actor(chat).cores, desktop.actor(chat).waits) = (0.8, 0.2);
    desktop.pressure.cpu_some = Some(65.0);
    build(desktop, make, 4, 8.0, 300.0, TERMINAL);
    let found = runaway("the chat", vec![desktop.id(chat)], "cpu_high", from);
    told("A chat spins while a terminal builds on all four cores.", vec![found])
}

fn game(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let game = desktop.launch("com.example.Game", "game");
    let (from, id) = (desktop.at(), desktop.id(game));
    desktop.actor(game).process.threads = Some(40);
    desktop.each(3.0 * 3600.0, |desktop, passed| {
        let is_paused = passed as u64 % 1200 >= 1080;
        (desktop.actor(game).cores, desktop.actor(game).varies) = if is_paused { (0.3, 0.3) } else { (1.5, 0.2) };
    });
    // Nothing in /proc tells a game from a program that runs away; to say so twice is enough.
    let mut found = [0.0, 1200.0].map(|later| runaway("the game", vec![id], "cpu_high", from + later));
    found[0].until = Some(from + 1200.0);
    let what = "A game is played for three hours on one and a half cores, with a pause of two minutes now and then.";
    told(what, found.into())
}
