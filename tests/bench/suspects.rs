//! What a scan reads only where there is cause, beyond what it always reads: how long the threads of suspects waited for a
//! core, and its share of the search for stuck threads. Both are measured at their bounds, as CPU time of this thread.

use crate::crowd::{self, Crowd};
use crate::measure::{median, ms};
use crate::report::Report;
use crate::scan::{cpu_time, later, scan};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

/// The most processes that are suspects at once.
const SUSPECTS: usize = 24;

/// The most threads that are read of a suspect, and that a scan's share of the search looks at.
const THREADS: usize = 256;

const ROUNDS: usize = 41;

/// The first scans describe what they meet, and do not count.
const FIRST: usize = 2;

/// Measures each of them.
pub(crate) fn run(report: &mut Report) {
    report.table(
        &format!("What a scan reads only where there is cause, at its bounds, medians of {ROUNDS} interleaved rounds:"),
        &["what", "CPU more"],
    );
    let quiet = Crowd::start(SUSPECTS, 0);
    let threaded: Vec<_> = (0..SUSPECTS).map(|_| crowd::start_threads(THREADS)).collect();
    let pids = threaded.iter().map(crowd::Threads::pid).collect::<Vec<_>>();
    let row = |report: &mut Report, what: &str, more: Duration| report.figure(what, &format!("{:.2} ms", ms(more)));
    row(report, &format!("{SUSPECTS} suspects of one thread"), waits(&quiet.pids()));
    row(report, &format!("{SUSPECTS} suspects of {THREADS} threads"), waits(&pids));
    row(report, &format!("the search for stuck threads, {THREADS} of them"), search(pids[0]));
}

/// Measures what it costs to ask these for how long they waited.
fn waits(suspects: &[u32]) -> Duration {
    let mut collector = Collector::new("/proc").expect("/proc");
    let mut now = Now::read();
    more(|with_cause| {
        collector.suspect(if with_cause { suspects.to_vec() } else { Vec::new() });
        now = later(now);
        cost(&mut collector, now)
    })
}

/// Measures a scan's share of the search, which is this one process.
fn search(process: u32) -> Duration {
    let root = tempfile::tempdir().expect("a folder");
    for name in [&process.to_string(), "uptime", "meminfo", "pressure"] {
        symlink(Path::new("/proc").join(name), root.path().join(name)).expect("a link");
    }
    let mut collector = Collector::new(root.path()).expect("a root");
    let (mut now, mut load) = (Now::read(), 0);
    more(|with_cause| {
        // What the load tells calls for a round where more seem to be stuck than ever before.
        load += if with_cause { 100 } else { 0 };
        fs::write(root.path().join("loadavg"), format!("{load}.00 0.00 0.00 1/100 9\n")).expect("a load");
        now = later(now);
        cost(&mut collector, now)
    })
}

/// Gives by how much a scan that has cause takes longer than one that has none.
fn more(mut scan: impl FnMut(bool) -> Duration) -> Duration {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..FIRST + ROUNDS {
        without.push(scan(false));
        with.push(scan(true));
    }
    median(&mut with[FIRST..]).saturating_sub(median(&mut without[FIRST..]))
}

fn cost(collector: &mut Collector, now: Now) -> Duration {
    let begun = cpu_time();
    scan(collector, now);
    cpu_time().saturating_sub(begun)
}
