//! What a scan costs against its floor, in microseconds of this thread's CPU time a process.
//!
//! The floor is the least that reads every stat: getdents, then open, read and close, and no look at what was read.
//! Each round takes every way once, so that what else the machine does weighs on all of them alike; a cell is the
//! median of the rounds.

use crate::crowd::Crowd;
use crate::measure::median;
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::time::Duration;

const COUNTS: [usize; 2] = [500, 2000];
const ROUNDS: usize = 41;

/// Measures at each number of processes.
pub(crate) fn run() {
    println!("µs of CPU per process and scan, medians of {ROUNDS} interleaved rounds");
    println!("processes    floor    plain    sweep   procfs plain/flr sweep/flr prcfs/flr");
    for count in COUNTS {
        let crowd = Crowd::start(count);
        print_row(count);
        drop(crowd);
    }
}

fn print_row(count: usize) {
    let mut floor = Floor::new();
    let mut plain = Collector::plain("/proc").expect("/proc");
    let mut sweep = Collector::new("/proc").expect("/proc");
    // The first scans describe every process; what counts is the scan that comes every few seconds.
    for _ in 0..4 {
        scan(&mut plain);
        scan(&mut sweep);
    }
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        times[0].push(cost(|| floor.scan()));
        times[1].push(cost(|| scan(&mut plain)));
        times[2].push(cost(|| scan(&mut sweep)));
        times[3].push(cost(procfs_crate));
    }
    let [floor, plain, sweep, procfs] = times.map(|mut times| median(&mut times));
    println!(
        "{count:>9} {floor:>8.2} {plain:>8.2} {sweep:>8.2} {procfs:>8.2} {:>9.2} {:>9.3} {:>9.2}",
        plain / floor,
        sweep / floor,
        procfs / floor
    );
}

fn scan(collector: &mut Collector) -> usize {
    let snapshot = collector.scan(Now::read()).expect("a snapshot");
    let seen = snapshot.samples.len();
    collector.recycle(snapshot);
    seen
}

/// Microseconds of CPU that a scan takes for each process it saw.
fn cost(scan: impl FnOnce() -> usize) -> f64 {
    let begun = cpu_time();
    let seen = scan();
    cpu_time().saturating_sub(begun).as_secs_f64() * 1e6 / seen as f64
}

fn cpu_time() -> Duration {
    let clock = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID;
    Duration::from(nix::time::clock_gettime(clock).expect("the clock of this thread"))
}

fn procfs_crate() -> usize {
    let processes = procfs::process::all_processes().expect("/proc");
    processes.filter_map(|process| process.and_then(|process| process.stat()).ok()).count()
}

struct Floor {
    root: OwnedFd,
    entries: Vec<MaybeUninit<u8>>,
    line: Vec<u8>,
}

impl Floor {
    fn new() -> Self {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open("/proc", flags, Mode::empty()).expect("/proc");
        Self { root, entries: vec![MaybeUninit::uninit(); 32 * 1024], line: vec![0; 2048] }
    }

    fn scan(&mut self) -> usize {
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
