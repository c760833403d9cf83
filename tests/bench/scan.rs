//! What a scan costs against its floor, in microseconds of this thread's CPU time a process.
//!
//! The floor is the least that reads every stat: getdents, then open, read and close, and no look at what was read.
//! Each round takes every way once, so that what else the machine does weighs on all of them alike; a cell is the
//! median of the rounds. The movers among the processes run once between two scans, for some 50 µs, as those do that a
//! timer or a message wakes.

use crate::crowd::Crowd;
use crate::measure::median;
use crate::report::Report;
use runaway_guard::core::{Core, Start};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// How many processes there are besides those of the machine.
const COUNTS: [usize; 3] = [500, 2000, 10_000];

/// What part of them moves, in percent.
const MOVERS: [usize; 3] = [0, 20, 55];

const ROUNDS: usize = 41;

/// The time between two scans, as the core is told.
const INTERVAL: Duration = Duration::from_secs(10);

/// Measures at each number of processes.
pub(crate) fn run(report: &mut Report) {
    report.table(
        &format!("µs of CPU a process and scan, medians of {ROUNDS} interleaved rounds:"),
        &[
            "processes",
            "movers",
            "floor",
            "plain",
            "sweep",
            "judged",
            "procfs",
            "plain/floor",
            "sweep/floor",
            "judged/floor",
        ],
    );
    for count in COUNTS {
        let most = count * MOVERS[MOVERS.len() - 1] / 100;
        let mut crowd = Crowd::start(count, most);
        for movers_percent in MOVERS {
            let [floor, plain, sweep, judged, procfs] = row(&mut crowd, count, movers_percent);
            let mut cells = vec![count.to_string(), format!("{movers_percent} %")];
            cells.extend([floor, plain, sweep, judged, procfs].map(|cost| format!("{cost:.2}")));
            cells.extend([plain, sweep, judged].map(|cost| format!("{:.3}", cost / floor)));
            report.row(&cells);
        }
    }
}

/// Measures the floor, the plain scan, the sweep, the sweep with what the core does with it, and the procfs crate.
fn row(crowd: &mut Crowd, count: usize, movers_percent: usize) -> [f64; 5] {
    let movers = count * movers_percent / 100;
    let mut floor = Floor::new();
    let mut plain = Collector::plain("/proc").expect("/proc");
    let mut sweep = Collector::new("/proc").expect("/proc");
    let mut judged = Judged::new();
    // The first scans describe every process; what counts is the scan that comes every few seconds.
    let mut now = Now::read();
    for _ in 0..4 {
        now = later(now);
        scan(&mut plain, now);
        scan(&mut sweep, now);
        judged.cycle();
    }
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..ROUNDS {
        crowd.stir(movers);
        times[0].push(cost(|| floor.scan()));
        now = later(now);
        times[1].push(cost(|| scan(&mut plain, now)));
        times[2].push(cost(|| scan(&mut sweep, now)));
        times[3].push(cost(|| judged.cycle()));
        times[4].push(cost(procfs_crate));
    }
    times.map(|mut times| median(&mut times))
}

/// A sweep and the core that judges it.
struct Judged {
    collector: Collector,
    core: Core,
    now: Now,
}

impl Judged {
    fn new() -> Self {
        let now = Now::read();
        let (core, _) = Core::new(Start::default(), now);
        Self { collector: Collector::new("/proc").expect("/proc"), core, now }
    }

    fn cycle(&mut self) -> usize {
        self.now = later(self.now);
        let snapshot = self.collector.scan(self.now).expect("a snapshot");
        let seen = snapshot.samples.len();
        drop(self.core.tick(snapshot));
        if let Some(spent) = self.core.take_spent() {
            self.collector.recycle(spent);
        }
        seen
    }
}

/// Gives the time of the next scan: what is done once in some minutes counts as in life.
pub(crate) fn later(now: Now) -> Now {
    Now { monotonic: now.monotonic + INTERVAL, boottime: now.boottime + INTERVAL, ..now }
}

/// Scans once; gives how many processes were seen.
pub(crate) fn scan(collector: &mut Collector, now: Now) -> usize {
    let snapshot = collector.scan(now).expect("a snapshot");
    let seen = snapshot.samples.len();
    collector.recycle(snapshot);
    seen
}

/// Measures the microseconds of CPU that a scan takes for each process it saw.
pub(crate) fn cost(scan: impl FnOnce() -> usize) -> f64 {
    let begun = cpu_time();
    let seen = scan();
    cpu_time().saturating_sub(begun).as_secs_f64() * 1e6 / seen as f64
}

/// Gives the CPU time of this thread.
pub(crate) fn cpu_time() -> Duration {
    let clock = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID;
    Duration::from(nix::time::clock_gettime(clock).expect("the clock of this thread"))
}

fn procfs_crate() -> usize {
    let processes = procfs::process::all_processes().expect("/proc");
    processes.filter_map(|process| process.and_then(|process| process.stat()).ok()).count()
}

/// The floor with its buffers.
pub(crate) struct Floor {
    root: OwnedFd,
    entries: Vec<MaybeUninit<u8>>,
    line: Vec<u8>,
}

impl Floor {
    /// Opens /proc.
    pub(crate) fn new() -> Self {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open("/proc", flags, Mode::empty()).expect("/proc");
        Self { root, entries: vec![MaybeUninit::uninit(); 32 * 1024], line: vec![0; 2048] }
    }

    /// Reads every stat; gives how many.
    pub(crate) fn scan(&mut self) -> usize {
        rustix::fs::seek(&self.root, SeekFrom::Start(0)).expect("a seek");
        let mut entries = RawDir::new(&self.root, &mut self.entries);
        let mut seen = 0;
        while let Some(entry) = entries.next() {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_bytes();
            if !name[0].is_ascii_digit() {
                continue;
            }
            let mut path = [0; 32];
            path[..name.len()].copy_from_slice(name);
            path[name.len()..name.len() + 5].copy_from_slice(b"/stat");
            let path = std::ffi::CStr::from_bytes_until_nul(&path).expect("a path");
            let Ok(file) = rustix::fs::openat(&self.root, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) else {
                continue;
            };
            seen += usize::from(rustix::io::read(&file, &mut *self.line).is_ok());
        }
        seen
    }
}
