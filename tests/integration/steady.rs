//! A scan in which nothing happens allocates nothing: counted in a pid namespace of its own, where nothing else runs.

use crate::harness::{Home, Running, run_alone};
use runaway_guard::core::{Core, Start};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use std::time::Duration;

/// Scans until all that grows has grown: charts reach back 300 s.
const WARM_UP: u32 = 100;

/// Scans that are counted: several rotations, and several lists of the kernel.
const COUNTED: u32 = 120;

/// The time between two scans, as the core is told.
const INTERVAL: Duration = Duration::from_secs(10);

#[test]
fn a_steady_scan_allocates_nothing() {
    run_alone("steady::alone");
}

/// The test itself, which [`a_steady_scan_allocates_nothing`] runs.
#[test]
#[ignore = "another test runs it in a namespace"]
fn alone() {
    let home = Home::new();
    let start = |name: &str, script: &str| Running::start(&home, name, home.command("sh").args(["-c", script]));
    let _resting: Vec<_> = (0..20).map(|_| start("resting", "exec sleep 600")).collect();
    let _burning = start("burning", "while :; do :; done");
    let mut collector = Collector::new("/proc").unwrap();
    let mut now = Now::read();
    let (mut core, _) = Core::new(Start::default(), now);
    let mut cycle = || {
        now.monotonic += INTERVAL;
        now.boottime += INTERVAL;
        now.unix += INTERVAL.as_secs().cast_signed();
        let snapshot = collector.scan(now).unwrap();
        assert!(snapshot.is_exact && snapshot.samples.len() > 20);
        drop(core.tick(snapshot));
        if let Some(spent) = core.take_spent() {
            collector.recycle(spent);
        }
    };
    (0..WARM_UP).for_each(|_| cycle());
    for round in 0..COUNTED {
        let counted = allocation_counter::measure(&mut cycle);
        assert_eq!(counted.count_total, 0, "in round {round}: {counted:?}");
    }
}
