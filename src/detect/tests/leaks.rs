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

/// Firefox with so many helpers from 101 on, on a machine of 16 GiB.
fn browser(helpers: u32) -> Machine {
    let mut machine = Machine::new();
    machine.snapshot.memory = Memory { total: 16 << 30, available: 12 << 30 };
    machine.interval = Duration::from_secs(10);
    for pid in 100..=100 + helpers {
        machine.add_to(FIREFOX, pid, if pid == 100 { 1 } else { 100 }, if pid == 100 { "firefox" } else { "helper" });
        machine.sample(pid).anonymous = 200 << 20;
        machine.uses(pid, 0.05);
    }
    machine
}

/// Scans with helpers that grow by so many KiB a second, and gives what fires of memory, and when.
fn growing(machine: &mut Machine, seconds: u64, grows: impl Fn(Pid) -> u64) -> Vec<(u64, Finding)> {
    let mut fired = Vec::new();
    for second in (10..=seconds).step_by(10) {
        machine.pass(machine.interval);
        for sample in machine.snapshot.samples.iter_mut().filter(|sample| sample.id.pid >= 100) {
            let taken = (10 * grows(sample.id.pid)) << 10;
            sample.anonymous += taken;
            machine.snapshot.memory.available -= taken;
        }
        let found = machine.scan().into_iter().filter(|found| found.reason == Reason::MemoryLeak);
        fired.extend(found.map(|found| (second, found)));
    }
    fired
}

fn growers(found: &Finding) -> (f64, Option<u64>, Vec<Pid>) {
    let Verdict::Firing(_, Evidence::MemoryLeak { grown_mb, full_in_minutes, members, .. }) = &found.verdict else {
        panic!("{found:?}")
    };
    (*grown_mb, *full_in_minutes, members.iter().map(|member| member.pid).collect())
}

#[test]
fn what_the_helpers_of_an_application_leak_is_told_once_with_their_sum() {
    let mut machine = browser(8);
    let fired = growing(&mut machine, 900, |pid| if pid > 100 { 600 + u64::from(pid % 2) } else { 0 });
    let (seconds, first) = &fired[0];
    assert!((330..=400).contains(seconds), "{seconds}");
    let (grown, full, members) = growers(first);
    assert!((1350.0..1500.0).contains(&grown), "{grown}");
    assert_eq!(full, Some(38), "4.7 MiB a second of 10.5 GiB");
    assert_eq!(members, [101, 103, 105, 107, 102, 104, 106, 108], "the worst first");
    let lead = machine.index(100);
    for (_, found) in &fired {
        assert!(found.is_together && found.group.is_some() && found.index == Some(lead), "{found:?}");
    }
}

#[test]
fn one_that_takes_nearly_all_is_told_of_by_itself() {
    let mut machine = browser(8);
    let fired = growing(&mut machine, 1500, |pid| if pid == 103 { 3000 } else { 60 });
    let (index, group) = (machine.index(103), fired[0].1.group);
    assert!(group.is_some());
    assert!(fired.iter().all(|(_, found)| found.index == Some(index) && !found.is_together), "{fired:?}");
}

#[test]
fn a_member_that_ends_takes_its_memory_with_it() {
    let mut machine = browser(4);
    let fired = growing(&mut machine, 600, |pid| if pid > 100 { 1000 } else { 0 });
    assert!(!fired.is_empty());
    (101..104).for_each(|pid| machine.end(pid));
    assert!(growing(&mut machine, 20, |_| 0).is_empty());
    let held = |found: &Finding| found.reason == Reason::MemoryLeak && found.verdict == Verdict::Held;
    machine.pass(machine.interval);
    assert!(!machine.scan_all().iter().any(held));
}

#[test]
fn what_is_on_the_whitelist_or_has_a_limit_of_its_own_is_no_part() {
    for (name, rule) in [
        ("listed", ""),
        ("other", "[[rule]]\nmatch = 'other'\nmemory_growth_mb = 5000"),
        ("other", "[[rule]]\nmatch = 'other'\nsilence = ['memory_leak']"),
    ] {
        let mut machine = browser(4);
        machine.rules = Rules::new(&crate::config::parse::parse(rule).unwrap());
        for pid in 101..104 {
            Arc::make_mut(&mut machine.sample(pid).description).name = name.into();
        }
        let fired = growing(&mut machine, 900, |pid| if pid > 100 { 1000 } else { 0 });
        assert!(
            fired.iter().all(|(seconds, found)| *seconds > 600 && !found.is_together),
            "{rule}: {:?}",
            fired.first()
        );
    }
}

#[test]
fn a_slow_leak_is_a_warning_at_first() {
    let mut machine = browser(1);
    let fired = growing(&mut machine, 3600, |pid| if pid == 101 { 1560 } else { 0 });
    let severity = |found: &Finding| {
        let Verdict::Firing(severity, _) = found.verdict else { panic!("{found:?}") };
        severity
    };
    assert!((945..=1130).contains(&fired[0].0), "{}", fired[0].0);
    assert_eq!(severity(&fired[0].1), Severity::Warning);
    let worse = fired.iter().find(|(_, found)| severity(found) == Severity::Critical).unwrap();
    assert!((1750..2100).contains(&worse.0), "when it has grown twice as much: {}", worse.0);
}

#[test]
fn nothing_is_told_under_a_process_that_is_silenced() {
    let mut machine = browser(4);
    let rule = "[[rule]]\nmatch = 'firefox --child 100'\nmatch_type = 'cmdline'\n";
    machine.rules = Rules::new(&crate::config::parse::parse(&format!("{rule}silence = ['memory_leak']")).unwrap());
    let fired = growing(&mut machine, 900, |pid| if pid > 100 { 2000 } else { 0 });
    assert!(!fired.is_empty() && fired.iter().all(|(_, found)| !found.is_together), "each is told of by itself");
    let mut machine = browser(4);
    machine.rules = Rules::new(&crate::config::parse::parse(&format!("{rule}severity = 'critical'")).unwrap());
    let fired = growing(&mut machine, 400, |pid| if pid > 100 { 1000 } else { 0 });
    assert!(matches!(fired[0].1.verdict, Verdict::Firing(Severity::Critical, _)) && fired[0].1.is_together);
}

#[test]
fn how_an_application_stands_that_leaks_is_explained() {
    let mut machine = browser(4);
    let fired = growing(&mut machine, 400, |pid| if pid > 100 { 1000 } else { 0 });
    assert!(!fired.is_empty());
    let standings = |pid| {
        let rules = Rules::default();
        machine.detector.explain_groups(&machine.snapshot, machine.index(pid), &rules, &|_| false)
    };
    let of_memory = |pid| standings(pid).into_iter().find(|group| group.standing.reason == Reason::MemoryLeak).unwrap();
    let summary = of_memory(101).standing.summary;
    assert_eq!(summary, "The processes of Firefox have grown by 1.3 GiB together, 342 MiB of it by this one.");
    assert!(of_memory(100).standing.summary.ends_with("0 MiB of it by this one."));
    machine.add(50, 1, "other", "other");
    machine.scan();
    let rules = Rules::default();
    let other = machine.detector.explain_groups(&machine.snapshot, machine.index(50), &rules, &|_| false);
    assert!(other.iter().all(|group| group.standing.reason == Reason::CpuHigh));
}

#[test]
fn who_takes_much_between_two_scans_is_looked_at_more_often() {
    let mut machine = browser(1);
    growing(&mut machine, 60, |_| 0);
    let verdicts = |machine: &mut Machine, grown: u64| {
        machine.pass(machine.interval);
        machine.sample(101).anonymous += grown;
        machine.snapshot.memory.available -= grown;
        let found = machine.scan_all().into_iter().filter(|found| found.reason == Reason::MemoryLeak);
        found.map(|found| found.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&mut machine, 500 << 20), [], "4 min of such steps are left");
    assert_eq!(verdicts(&mut machine, 3 << 30), [Verdict::Suspicious]);
}

#[test]
fn what_an_application_leaks_is_over_once_its_rule_is_off() {
    for rule in ["[detection.memory_leak]\nenabled = false", "[[rule]]\nmatch = 'firefox'\nsilence = ['memory_leak']"] {
        let mut machine = browser(4);
        assert!(!growing(&mut machine, 400, |pid| if pid > 100 { 1000 } else { 0 }).is_empty());
        machine.rules = Rules::new(&crate::config::parse::parse(rule).unwrap());
        machine.detector.forget_rules();
        machine.pass(machine.interval);
        let found = machine.scan_all();
        let is_of_all = |found: &Finding| found.reason == Reason::MemoryLeak && found.is_together;
        assert!(!found.iter().any(is_of_all), "{rule}: {found:?}");
    }
}

#[test]
fn one_that_was_told_of_is_not_told_of_once_more_with_others() {
    let mut machine = browser(4);
    let fired = growing(&mut machine, 600, |pid| if pid == 101 { 3000 } else { 0 });
    assert!(!fired.is_empty());
    let later = growing(&mut machine, 1800, |pid| [0, 3000, 1000, 1000].get(pid as usize - 100).copied().unwrap_or(0));
    let index = machine.index(101);
    assert!(later.iter().any(|(_, found)| found.index == Some(index)));
    assert!(
        later.iter().all(|(_, found)| !found.is_together),
        "{:?}",
        later.iter().find(|(_, found)| found.is_together)
    );
}
