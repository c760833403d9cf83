//! Memory that grows: whatever the moment at which somebody begins to look, and however often he does.

use super::*;

/// What a program holds in MiB, so many seconds after it started.
type Held = fn(f64) -> f64;

/// Gives when a leak is first told, in seconds since the program started, for each way of looking at it.
fn told(held: Held, seconds: u64) -> Vec<Option<u64>> {
    let ways = [2, 5, 10, 20].into_iter().flat_map(|interval| (0..60).step_by(7).map(move |phase| (interval, phase)));
    ways.map(|(interval, phase)| when(held, seconds, interval, phase)).collect()
}

fn when(held: Held, seconds: u64, interval: u64, phase: u64) -> Option<u64> {
    let mut machine = Machine::new();
    machine.snapshot.memory = Memory { total: 16 << 30, available: 12 << 30 };
    machine.scan();
    machine.pass(Duration::from_secs(phase));
    machine.scan();
    machine.add(100, 1, "program", "program");
    machine.uses(100, 0.3);
    for passed in (interval..=seconds).step_by(interval as usize) {
        machine.pass(Duration::from_secs(interval));
        let held = held(passed as f64);
        let left = (12_288.0 - held).max(100.0);
        machine.snapshot.memory.available = (left * 1_048_576.0) as u64;
        machine.sample(100).anonymous = (held * 1_048_576.0) as u64;
        if machine.scan().iter().any(|found| found.reason == Reason::MemoryLeak) {
            return Some(passed);
        }
    }
    None
}

#[test]
fn what_leaks_is_told() {
    let cases: [(&str, Held, std::ops::RangeInclusive<u64>); 10] = [
        ("from its start on", |at| 50.0 + 2.0 * at, 270..=400),
        ("after a quiet quarter of an hour", |at| 200.0 + 2.2 * (at - 900.0).max(0.0), 1140..=1270),
        ("fast", |at| 200.0 + 20.0 * (at - 900.0).max(0.0), 1100..=1270),
        ("so fast that nothing is left soon", |at| 100.0 + 150.0 * (at - 60.0).max(0.0), 80..=180),
        ("under a saw-tooth", |at| 300.0 + 150.0 * (at % 25.0) / 25.0 + 3.0 * (at - 900.0).max(0.0), 1100..=1500),
        ("in bursts", |at| 300.0 + 100.0 * ((at - 900.0).max(0.0) / 40.0).floor(), 1100..=1500),
        ("a little at a time", |at| 300.0 + 600.0 * (at - 1800.0).max(0.0) / 3600.0, 4500..=6500),
        ("a little below the limit, on a machine that is full in two hours", |at| 300.0 + 1.5 * at, 900..=1300),
        ("slowly, on a machine that is full in four hours", |at| 300.0 + 0.8 * at, 1800..=2600),
        ("noisily", |at| 300.0 + 3.0 * (at - 600.0).max(0.0) + 15.0 * (at * 1.7).sin(), 850..=1100),
    ];
    for (name, held, when) in cases {
        for told in told(held, *when.end()) {
            assert!(told.is_some_and(|told| when.contains(&told)), "{name}: {told:?}");
        }
    }
}

#[test]
fn what_does_not_leak_is_not_told() {
    let cases: [(&str, Held, u64); 11] = [
        ("a start of 80 s", |at| (50.0 * at).min(4000.0) + 5.0 * (at / 40.0).sin(), 1800),
        ("a start of 200 s", |at| (10.0 * at).min(2000.0) + 3.0 * (at / 50.0).sin(), 1800),
        ("a collector that comes often", |at| 600.0 + 2000.0 * (at % 13.0) / 13.0, 1800),
        ("a collector that comes every 70 s", |at| 600.0 + 2000.0 * (at % 70.0) / 70.0, 7200),
        ("a collector that comes every 4 min", |at| 600.0 + 2000.0 * (at % 240.0) / 240.0, 7200),
        ("a cache that fills", |at| 300.0 + 3000.0 * (1.0 - (-(at - 600.0).max(0.0) / 400.0).exp()), 7200),
        ("a cache that fills ever slower", |at| 300.0 + 600.0 * (1.0 + at / 60.0).ln(), 7200),
        ("ten tabs, one after the other", |at| 800.0 + 120.0 * ((at - 900.0) / 25.0).clamp(0.0, 10.0).floor(), 2400),
        ("a large file, once", |at| if at < 900.0 { 300.0 } else { 1500.0 }, 2400),
        ("a step every 20 min", |at| 300.0 + 20.0 * (at / 1200.0).floor(), 20_000),
        ("a hump of 2 min", |at| 300.0 + if at % 400.0 < 120.0 { 30.0 * (at % 400.0) } else { 0.0 }, 4000),
    ];
    for (name, held, seconds) in cases {
        let told = told(held, seconds);
        assert!(told.iter().all(Option::is_none), "{name}: {told:?}");
    }
}

#[test]
fn a_slow_leak_is_told_once() {
    let mut machine = Machine::new();
    machine.snapshot.memory = Memory { total: 16 << 30, available: 12 << 30 };
    machine.interval = Duration::from_secs(20);
    machine.add(100, 1, "program", "program");
    machine.uses(100, 0.1);
    machine.scan();
    let mut held = 300_u64 << 20;
    let mut changes = 0;
    let mut is_told = false;
    for _ in 0..1800 {
        machine.pass(Duration::from_secs(20));
        held += 1 << 20;
        machine.sample(100).anonymous = held;
        let found = machine
            .scan_all()
            .into_iter()
            .any(|found| found.reason == Reason::MemoryLeak && (found.is_firing() || found.verdict == Verdict::Held));
        changes += usize::from(found != is_told);
        is_told = found;
    }
    assert_eq!((changes, is_told), (1, true), "180 MiB an hour, for ten hours");
}

#[test]
fn what_fills_a_heap_that_was_mapped_before_is_told_of_when_it_goes_on() {
    assert_eq!(when_it_fills(|_| 6000), Some(1220));
    assert!(when_it_fills(|at| 600 + at * 4).is_some_and(|told| told < 400));
    assert!(when_it_fills(|_| 20_000).is_some_and(|told| told < 400), "the machine has not as much");
}

/// Gives when a program is told of that takes 4 MiB a second, and has mapped so many MiB after so many seconds.
fn when_it_fills(mapped: fn(u32) -> u32) -> Option<u32> {
    let mut machine = Machine::new();
    machine.snapshot.memory = Memory { total: 16 << 30, available: 12 << 30 };
    machine.add(100, 1, "program", "program");
    machine.uses(100, 0.3);
    (10..1500).step_by(10).find(|passed| {
        machine.pass(Duration::from_secs(10));
        let sample = machine.sample(100);
        (sample.anonymous, sample.mapped) = (u64::from(100 + 4 * passed) << 20, mapped(*passed));
        machine.scan().iter().any(|found| found.reason == Reason::MemoryLeak)
    })
}

#[test]
fn a_tooth_that_is_known_is_no_leak() {
    // Nobody can know that the first of these teeth ends; it is told, and none after it.
    let held: Held = |at| 600.0 + 2400.0 * (at % 540.0) / 540.0;
    let later: Held =
        |at| if at < 600.0 { 600.0 + 2400.0 * (at / 200.0 % 1.0) } else { 600.0 + 2400.0 * (at % 540.0) / 540.0 };
    assert!(told(held, 540).iter().any(Option::is_some));
    assert!(told(later, 7200).iter().all(Option::is_none));
}

#[test]
fn memory_that_is_handed_back_ends_it() {
    let mut machine = Machine::new();
    machine.add(100, 1, "program", "program");
    machine.uses(100, 0.3);
    let mut held = 100.0;
    let mut fired = Vec::new();
    for second in (0..900_u64).step_by(2) {
        held = match second {
            700 => 150.0,
            0..700 => held + 5.0,
            _ => held,
        };
        machine.pass(Duration::from_secs(2));
        machine.sample(100).anonymous = (held * 1_048_576.0) as u64;
        fired.push((second, machine.scan().iter().any(|found| found.reason == Reason::MemoryLeak)));
    }
    let last = fired.iter().rfind(|(_, fired)| *fired).unwrap().0;
    assert!((660..700).contains(&last), "{last}");
}
