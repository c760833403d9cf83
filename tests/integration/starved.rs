//! Loops that share a core: how long each waits for it is read of suspects alone, and tells that each wants all of it.

use crate::harness::{Home, Running};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use runaway_guard::sample::procfs::Collector;
use runaway_guard::sample::{Now, Sample, Snapshot};
use std::time::Duration;

#[test]
fn the_wait_for_a_core_is_read_of_suspects() {
    let home = Home::new();
    let start = |_| Running::start(&home, "spin", home.command("sh").args(["-c", "while :; do :; done"]));
    let loops: Vec<_> = (0..4).map(start).collect();
    let pids: Vec<u32> = loops.iter().map(Running::pid).collect();
    for pid in &pids {
        pin_to_one_core(*pid);
    }
    let mut collector = Collector::new("/proc").unwrap();
    let first = collector.scan(Now::read()).unwrap();
    assert!(first.samples.iter().all(|sample| sample.waited.is_none()), "nobody is suspected");
    collector.suspect(pids.clone());
    let before = collector.scan(Now::read()).unwrap();
    let after = loop {
        let snapshot = collector.scan(Now::read()).unwrap();
        let ran = |pid: &u32| of(&snapshot, *pid).cpu_time.saturating_sub(of(&before, *pid).cpu_time);
        if pids.iter().all(|pid| ran(pid) >= Duration::from_millis(100)) {
            break snapshot;
        }
        std::thread::yield_now();
    };
    let elapsed = after.now.monotonic.saturating_sub(before.now.monotonic);
    for pid in &pids {
        let (then, now) = (of(&before, *pid), of(&after, *pid));
        let used = now.cpu_time.saturating_sub(then.cpu_time).as_secs_f64() / elapsed.as_secs_f64();
        let waited = now.waited.unwrap().saturating_sub(then.waited.unwrap()).as_secs_f64() / elapsed.as_secs_f64();
        assert!(used < 0.6, "four share a core: {used}");
        assert!((0.85..1.15).contains(&(used + waited)), "it wants all of it: {used} and {waited}");
    }
    assert!(after.samples.iter().all(|sample| sample.waited.is_none() || pids.contains(&sample.id.pid)));
    collector.suspect(Vec::new());
    let last = collector.scan(Now::read()).unwrap();
    assert!(last.samples.iter().all(|sample| sample.waited.is_none()), "what was read of suspects is forgotten");
}

fn of(snapshot: &Snapshot, pid: u32) -> &Sample {
    snapshot.samples.iter().find(|sample| sample.id.pid == pid).expect("the loop runs")
}

fn pin_to_one_core(pid: u32) {
    let own = sched_getaffinity(Pid::from_raw(0)).unwrap();
    let core = (0..CpuSet::count()).find(|core| own.is_set(*core).unwrap()).unwrap();
    let mut one = CpuSet::new();
    one.set(core).unwrap();
    sched_setaffinity(Pid::from_raw(pid.cast_signed()), &one).unwrap();
}
