//! CPU limits of a `[[rule]]`, where processes do much together.

use super::starved::share_the_cores;
use super::*;
use crate::config::parse::parse;

/// Firefox, with ten helpers of which each does a little, and a rule for those whose command line has this in it.
fn helpers(part: &str, says: &str) -> Machine {
    let mut machine = Machine::new();
    let rule = format!("[[rule]]\nmatch = '{part}'\nmatch_type = 'cmdline'\n{says}");
    machine.rules = Rules::new(&parse(&rule).unwrap());
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 100..110 {
        machine.add_to(FIREFOX, pid, 50, "helper");
        machine.uses(pid, 0.15);
    }
    machine
}

fn members(told: &Told) -> Vec<Pid> {
    told.circumstances.members.iter().map(|member| member.pid).collect()
}

#[test]
fn one_below_a_stricter_limit_counts_for_its_application() {
    for says in ["cpu_threshold_percent = 50", "cpu_duration_seconds = 20", "cpu_threshold_percent = 90"] {
        let told = helpers("helper", says).watch(300, |_, _| {});
        assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(50, 60)], "{says}");
        assert_eq!(members(&told[0]), (100..110).collect::<Vec<_>>());
    }
}

#[test]
fn one_below_a_stricter_limit_counts_among_its_siblings() {
    let mut machine = Machine::new();
    machine.rules = Rules::new(&parse("[[rule]]\nmatch = 'worker'\ncpu_threshold_percent = 50").unwrap());
    machine.add_workers();
    let told = machine.watch(300, |_, _| {});
    assert_eq!((told.len(), told[0].seconds, members(&told[0]).len()), (1, 60, 10));
}

#[test]
fn one_that_may_use_more_or_is_silenced_counts_for_no_group() {
    for says in [
        "cpu_threshold_percent = 400",
        "cpu_duration_seconds = 3600",
        "cpu_threshold_percent = 50\ncpu_duration_seconds = 3600",
        "silence = ['cpu_high']",
        "silence = ['cpu_high']\ncpu_threshold_percent = 50",
    ] {
        assert_eq!(helpers("helper", says).pids(300), [], "{says}");
    }
}

#[test]
fn one_over_its_own_limit_is_told_of_by_itself_and_the_others_together() {
    let mut machine = helpers("helper --child 100", "cpu_threshold_percent = 50\ncpu_duration_seconds = 20");
    machine.uses(100, 0.6);
    let told = machine.watch(300, |_, _| {});
    assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(100, 20), (50, 60)]);
    assert_eq!(members(&told[1]), (101..110).collect::<Vec<_>>());
}

#[test]
fn one_over_its_own_limit_is_not_told_of_twice() {
    let mut machine = helpers("helper --child 100", "cpu_threshold_percent = 50");
    machine.uses(100, 1.0);
    (101..110).for_each(|pid| machine.uses(pid, 0.02));
    assert_eq!(machine.pids(300), [(100, 60)]);
}

#[test]
fn one_with_a_limit_of_its_own_is_a_suspect() {
    for (says, expected) in [
        ("cpu_threshold_percent = 50", vec![100, 101, 102]),
        ("cpu_threshold_percent = 95", vec![100, 101, 102]),
        ("silence = ['cpu_high']", vec![]),
    ] {
        let mut machine = Machine::new();
        let rule = format!("[[rule]]\nmatch = '^spin'\nmatch_type = 'regex'\n{says}");
        machine.rules = Rules::new(&parse(&rule).unwrap());
        machine.add(50, 1, "script", "script");
        share_the_cores(&mut machine, 3);
        machine.pids(10);
        let mut suspects = machine.detector.suspects().to_vec();
        suspects.sort_unstable();
        assert_eq!(suspects, expected, "{says}");
    }
}

#[test]
fn one_that_is_silenced_neither_leads_nor_is_named() {
    assert_eq!(helpers("firefox", "severity = 'critical'").pids(300), [(50, 60)]);
    assert_eq!(helpers("firefox", "silence = ['cpu_high']").pids(300), []);
    let mut machine = helpers("helper --child 100", "silence = ['cpu_high']");
    machine.uses(100, 1.0);
    let told = machine.watch(300, |_, _| {});
    assert_eq!((told.len(), told[0].pid), (1, 50));
    assert_eq!(members(&told[0]), (101..110).collect::<Vec<_>>());
}
