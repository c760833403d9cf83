//! The applet beside other monitors: CPU of each refresh, and memory, in one run.
//!
//! Each is left alone with a crowd of idle processes and refreshes every two seconds, in a terminal of 160 × 50 where it
//! needs one. The applet has its tray and bus, and one client that listens.

use crate::crowd::Crowd;
use crate::harness::{Applet, Desktop, Home, LIMIT, Running, wait_for};
use crate::measure::{cpu_of, mebibytes, median, ms, settle};
use crate::report::Report;
use crate::scan::{self, Floor};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many processes there are besides those of the machine.
const COUNTS: [usize; 2] = [500, 2000];

/// The time between two refreshes.
const INTERVAL: Duration = Duration::from_secs(2);

/// How long each is measured.
const MEASURED: Duration = Duration::from_secs(24);

/// The other monitors: the name of the program, and how it is told to refresh every two seconds.
const PEERS: [(&str, &str); 7] = [
    ("htop", "-d 20"),
    ("btop", ""),
    ("top", "-d 2"),
    ("btm", "-r 2000"),
    ("atop", "2"),
    ("glances", "-t 2"),
    ("earlyoom", "-r 0"),
];

/// What one of them costs.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    pub(crate) name: String,
    pub(crate) count: usize,
    /// CPU of one refresh.
    pub(crate) refresh: Duration,
    /// Memory, by PSS, in MiB.
    pub(crate) pss: f64,
}

/// Measures at each number of processes.
pub(crate) fn run(report: &mut Report) {
    let Some(desktop) = Desktop::start() else { return };
    report.table(
        "CPU of one refresh beside so many idle processes, a refresh each 2 s; memory by PSS:",
        &["monitor", "processes", "a refresh", "of ours", "PSS"],
    );
    let missing: Vec<&str> = PEERS.iter().map(|(name, _)| *name).filter(|name| installed(name).is_none()).collect();
    let mut costs = Vec::new();
    for count in COUNTS {
        let crowd = Crowd::start(count, 0);
        let ours = ours(&desktop, count);
        let unit = ours.refresh;
        costs.extend([ours, floor(count)]);
        for (program, arguments) in PEERS {
            if let Some(path) = installed(program) {
                costs.push(peer(&desktop.home, program, &format!("{} {arguments}", path.display()), count));
            }
        }
        drop(crowd);
        for cost in costs.iter().filter(|cost| cost.count == count) {
            report.row(&cost.cells(unit));
        }
    }
    if !missing.is_empty() {
        report.say(&format!("\nNot installed: {}.", missing.join(", ")));
    }
    report.plot(costs);
}

impl Cost {
    fn cells(&self, unit: Duration) -> [String; 5] {
        let times = self.refresh.as_secs_f64() / unit.as_secs_f64();
        [
            self.name.clone(),
            self.count.to_string(),
            format!("{:.2} ms", ms(self.refresh)),
            format!("{times:.1} ×"),
            format!("{:.1} MiB", self.pss),
        ]
    }
}

/// The least that reads every stat, as a monitor would cost that did nothing else.
fn floor(count: usize) -> Cost {
    let mut floor = Floor::new();
    let refresh = || {
        settle(INTERVAL);
        let seen = floor.scan();
        settle(INTERVAL);
        Duration::from_secs_f64(scan::cost(|| floor.scan()) * 1e-6 * seen as f64)
    };
    let mut times: Vec<Duration> = std::iter::repeat_with(refresh).take(7).collect();
    Cost { name: "(floor)".to_owned(), count, refresh: median(&mut times), pss: 0.0 }
}

fn ours(desktop: &Desktop, count: usize) -> Cost {
    desktop.home.write_config("[general]\nsample_interval_normal = 2\nsample_interval_alert = 2\n");
    let mut applet = Applet::start(&desktop.home, &["--background"]);
    let mut client = applet.client();
    // The third scan is the first that describes nobody, and memory is given back after the second.
    (0..5).for_each(|_| drop(client.push("status")));
    cost("runaway-guard", applet.process().pid(), count)
}

fn peer(home: &Home, program: &str, line: &str, count: usize) -> Cost {
    let mut command = home.command("script");
    command.args(["-qfec", &format!("stty rows 50 cols 160; exec {line}"), "/dev/null"]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    let terminal = Running::start(home, program, &mut command);
    let pid = wait_for(program, LIMIT, || descendant(terminal.pid(), program));
    settle(Duration::from_secs(6));
    cost(program, pid, count)
}

fn cost(name: &str, pid: u32, count: usize) -> Cost {
    let (began, before) = (Instant::now(), cpu_of(pid));
    settle(MEASURED);
    let used = cpu_of(pid).saturating_sub(before);
    let refreshes = began.elapsed().as_secs_f64() / INTERVAL.as_secs_f64();
    Cost { name: name.to_owned(), count, refresh: used.div_f64(refreshes), pss: mebibytes(pid, "Pss:") }
}

/// Finds the process of a program among the descendants of another.
fn descendant(pid: u32, program: &str) -> Option<u32> {
    let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    if comm.trim_end() == program {
        return Some(pid);
    }
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().find_map(|child| descendant(child.parse().ok()?, program))
}

fn installed(program: &str) -> Option<PathBuf> {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().ok()?;
    let path = String::from_utf8(found.stdout).ok()?;
    Some(PathBuf::from(path.trim())).filter(|path| path.is_file())
}
