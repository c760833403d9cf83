//! Many processes that keep the processor busy together.

use super::{Named, honest, runaway, told};
use crate::desktop::{Desktop, SHELL, USER_MANAGER};
use crate::label::{Identity, Label};

pub(super) const SCRIPTS: &[Named] = &[
    ("twenty_tabs", twenty_tabs),
    ("twenty_tabs_without_units", twenty_tabs_without_units),
    ("many_tabs_spin_at_once", many_tabs_spin_at_once),
    ("fork_storm", fork_storm),
    ("fork_storm_of_trues", fork_storm_of_trues),
    ("crash_loop", crash_loop),
    ("crash_loop_of_a_service", crash_loop_of_a_service),
    ("browser_at_work", browser_at_work),
    ("different_helpers", different_helpers),
    ("crowd_of_loops", crowd_of_loops),
    ("crowd_of_helpers", crowd_of_helpers),
    ("fork_bomb", fork_bomb),
    ("workers_each_over_the_limit", workers_each_over_the_limit),
    ("service_restarted_by_systemd", service_restarted_by_systemd),
];

fn tabs(desktop: &mut Desktop, browser: u32, count: u32, cores: f64) -> Vec<Identity> {
    let mut members = vec![desktop.id(browser)];
    for number in 0..count {
        let cmdline = format!("firefox -contentproc -childID {number}");
        let tab = desktop.start(browser, "Isolated Web Co", &cmdline);
        (desktop.actor(tab).cores, desktop.actor(tab).varies) = (cores, 0.3);
        members.push(desktop.id(tab));
    }
    members
}

fn twenty_tabs(desktop: &mut Desktop) -> Label {
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    desktop.actor(browser).cores = 0.04;
    desktop.go_on(120.0);
    let from = desktop.at();
    let members = tabs(desktop, browser, 20, 0.08);
    desktop.go_on(600.0);
    let mut found = runaway("the browser", members, "cpu_high", from);
    found.app = Some("org.mozilla.firefox".to_owned());
    told("Twenty tabs of a browser take 8 % of a core each.", vec![found])
}

fn twenty_tabs_without_units(desktop: &mut Desktop) -> Label {
    let browser = desktop.start(SHELL, "firefox", "firefox");
    desktop.go_on(120.0);
    let from = desktop.at();
    let members = tabs(desktop, browser, 20, 0.08);
    desktop.go_on(600.0);
    told(
        "Twenty tabs take 8 % each; no unit tells that they are one browser.",
        vec![runaway("the browser", members, "cpu_high", from)],
    )
}

fn many_tabs_spin_at_once(desktop: &mut Desktop) -> Label {
    desktop.cores = 8;
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    let members = tabs(desktop, browser, 6, 0.01);
    desktop.go_on(120.0);
    let from = desktop.at();
    for (pid, _) in &members[1..] {
        (desktop.actor(*pid).cores, desktop.actor(*pid).varies) = (1.0, 0.01);
    }
    desktop.go_on(400.0);
    let mut found = runaway("the browser", members, "cpu_high", from);
    found.app = Some("org.mozilla.firefox".to_owned());
    told("Six tabs of a browser spin at once.", vec![found])
}

fn fork_storm(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let script = desktop.start(SHELL, "sh", "sh poll.sh");
    desktop.go_on(120.0);
    let from = desktop.at();
    (desktop.actor(script).cores, desktop.actor(script).children) = (0.09, 1.3);
    desktop.go_on(400.0);
    told(
        "A script starts programs that end at once; no line shows one.",
        vec![runaway("the script", vec![desktop.id(script)], "cpu_high", from)],
    )
}

fn fork_storm_of_trues(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let script = desktop.start(SHELL, "sh", "sh poll.sh");
    desktop.go_on(120.0);
    let from = desktop.at();
    (desktop.actor(script).cores, desktop.actor(script).children) = (0.2, 1.1);
    let mut members = vec![desktop.id(script)];
    let mut seen = None;
    desktop.each(300.0, |desktop, passed| {
        if let Some(old) = seen.take() {
            desktop.end(old);
        }
        desktop.pass(0.05);
        if passed as u64 % 6 < 4 {
            let child = desktop.start(script, "true", "/bin/true");
            members.push(desktop.id(child));
            seen = Some(child);
        }
    });
    told("A script runs true in a loop.", vec![runaway("the script", members, "cpu_high", from)])
}

/// Restarts a program every so many seconds, and gives all that it was.
fn restarts(desktop: &mut Desktop, lives: f64, seconds: f64, start: impl Fn(&mut Desktop) -> u32) -> Vec<Identity> {
    let mut members = Vec::new();
    let mut now = start(desktop);
    let mut left = lives;
    desktop.actor(now).cores = 1.0;
    members.push(desktop.id(now));
    let begun = desktop.at();
    while desktop.at() - begun < seconds {
        let mut to_look = desktop.interval;
        while to_look > left {
            desktop.pass(left);
            to_look -= left;
            desktop.end(now);
            now = start(desktop);
            desktop.actor(now).cores = 1.0;
            members.push(desktop.id(now));
            left = lives;
        }
        desktop.pass(to_look);
        left -= to_look;
        desktop.look();
    }
    members
}

fn crash_loop(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let supervisor = desktop.start(SHELL, "supervisord", "supervisord");
    desktop.go_on(120.0);
    let from = desktop.at();
    let mut members = restarts(desktop, 1.7, 400.0, |desktop| desktop.start(supervisor, "worker", "worker --serve"));
    members.push(desktop.id(supervisor));
    told(
        "A worker dies after 1.7 s at full use, and is started again.",
        vec![runaway("the worker", members, "cpu_high", from)],
    )
}

fn crash_loop_of_a_service(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    desktop.go_on(120.0);
    let from = desktop.at();
    let unit = "/system.slice/indexd.service";
    let members = restarts(desktop, 3.3, 400.0, |desktop| desktop.serve(unit, "indexd", "/usr/bin/indexd --all"));
    told(
        "A service dies after 3.3 s at full use, and systemd starts it again.",
        vec![runaway("the service", members, "cpu_high", from)],
    )
}

fn browser_at_work(desktop: &mut Desktop) -> Label {
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    desktop.actor(browser).cores = 0.12;
    tabs(desktop, browser, 12, 0.03);
    desktop.go_on(3600.0);
    honest("A browser with twelve tabs takes half a core for an hour.")
}

fn different_helpers(desktop: &mut Desktop) -> Label {
    let session = desktop.start(SHELL, "startkde", "startkde");
    for (name, cores) in [("editor", 0.35), ("mailer", 0.25), ("music", 0.2), ("chat", 0.3)] {
        let pid = desktop.start(session, name, name);
        (desktop.actor(pid).cores, desktop.actor(pid).varies) = (cores, 0.3);
    }
    desktop.go_on(3600.0);
    honest("Four programs that one session started are busy at the same time.")
}

/// A program of an application whose many processes share so many cores.
fn crowd(desktop: &mut Desktop, count: u32, cores: f64) -> Label {
    let editor = desktop.launch("com.example.Code", "code");
    desktop.go_on(120.0);
    let from = desktop.at();
    let mut members = vec![desktop.id(editor)];
    for number in 0..count {
        let pid = desktop.start(editor, "node", &format!("node worker.js {number}"));
        (desktop.actor(pid).cores, desktop.actor(pid).varies) = (cores / f64::from(count), 0.2);
        members.push(desktop.id(pid));
    }
    desktop.go_on(400.0);
    let mut found = runaway("the editor", members, "cpu_high", from);
    found.app = Some("com.example.Code".to_owned());
    told("Very many processes of an editor take very little each, and all there is together.", vec![found])
}

fn crowd_of_loops(desktop: &mut Desktop) -> Label {
    crowd(desktop, 400, 4.0)
}

fn crowd_of_helpers(desktop: &mut Desktop) -> Label {
    crowd(desktop, 150, 1.2)
}

fn fork_bomb(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let terminal = desktop.launch("org.gnome.Terminal", "gnome-terminal");
    let shell = desktop.start(terminal, "bash", "bash bomb.sh");
    desktop.go_on(120.0);
    let from = desktop.at();
    let mut members = vec![desktop.id(terminal), desktop.id(shell)];
    let mut alive = std::collections::VecDeque::new();
    desktop.each(400.0, |desktop, _| {
        for _ in 0..60 {
            let pid = desktop.start(shell, "bash", "bash bomb.sh");
            members.push(desktop.id(pid));
            alive.push_back(pid);
        }
        while alive.len() > 600 {
            desktop.end(alive.pop_front().unwrap());
        }
        for pid in &alive {
            desktop.actor(*pid).cores = 4.0 / alive.len() as f64;
        }
    });
    let mut found = runaway("the bomb", members, "cpu_high", from);
    found.app = Some("org.gnome.Terminal".to_owned());
    told("A fork bomb in the background of a terminal, which a limit of processes holds at 600.", vec![found])
}

fn workers_each_over_the_limit(desktop: &mut Desktop) -> Label {
    desktop.cores = 8;
    let master = desktop.start(SHELL, "gunicorn", "gunicorn app");
    desktop.go_on(120.0);
    let from = desktop.at();
    let mut members = vec![desktop.id(master)];
    for _ in 0..4 {
        let worker = desktop.start(master, "gunicorn", "gunicorn app");
        (desktop.actor(worker).cores, desktop.actor(worker).varies) = (0.99, 0.01);
        members.push(desktop.id(worker));
    }
    desktop.go_on(400.0);
    told("Four workers of one parent spin at once.", vec![runaway("the workers", members, "cpu_high", from)])
}

fn service_restarted_by_systemd(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    desktop.go_on(120.0);
    let from = desktop.at();
    let unit = "/user.slice/user-1000.slice/user@1000.service/app.slice/syncd.service";
    let members = restarts(desktop, 3.1, 400.0, |desktop| {
        let pid = desktop.serve(unit, "syncd", "/usr/bin/syncd --all");
        desktop.actor(pid).process.ppid = Some(USER_MANAGER);
        pid
    });
    told(
        "A service of the user dies after 3.1 s at full use, and is started again; looked at every 5 s.",
        vec![runaway("the service", members, "cpu_high", from)],
    )
}
