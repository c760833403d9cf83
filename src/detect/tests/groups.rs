//! What processes do together.

use super::*;

fn members(told: &Told) -> Vec<Pid> {
    told.circumstances.members.iter().map(|member| member.pid).collect()
}

#[test]
fn twenty_helpers_that_each_take_a_little_are_one_application() {
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 100..120 {
        machine.add_to(FIREFOX, pid, 50, "Isolated Web Co");
        machine.uses(pid, if pid == 110 { 0.09 } else { 0.07 });
    }
    let told = machine.watch(300, |_, _| {});
    assert_eq!((told.len(), told[0].pid, told[0].seconds), (1, 50, 60), "it is told under the one that began it all");
    assert_eq!((members(&told[0])[0], members(&told[0]).len()), (110, 20));
}

#[test]
fn an_application_below_the_threshold_is_none() {
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 100..110 {
        machine.add_to(FIREFOX, pid, 50, "Isolated Web Co");
        machine.uses(pid, 0.08);
    }
    assert_eq!(machine.pids(600), []);
}

#[test]
fn different_programs_of_one_parent_are_no_group() {
    let mut machine = Machine::new();
    machine.add(50, 1, "desktop", "desktop");
    for (pid, name) in [(100, "editor"), (101, "player"), (102, "mail")] {
        machine.add(pid, 50, name, name);
        machine.uses(pid, 0.6);
    }
    assert_eq!(machine.pids(600), []);
}

#[test]
fn workers_of_one_parent_are_a_group_where_there_are_no_units() {
    let mut machine = Machine::new();
    machine.add_workers();
    let told = machine.watch(300, |_, _| {});
    assert_eq!((told.len(), told[0].seconds, members(&told[0]).len()), (1, 60, 10));
}

#[test]
fn one_of_many_is_told_of_by_itself_and_the_others_are_not_counted() {
    let mut machine = Machine::new();
    machine.add(50, 1, "master", "master");
    for pid in 100..104 {
        machine.add(pid, 50, "worker", "worker");
        machine.uses(pid, if pid == 101 { 1.0 } else { 0.1 });
    }
    assert_eq!(machine.pids(300), [(101, 60)]);
}

#[test]
fn a_storm_of_children_that_nobody_sees_is_told_of_under_their_parent() {
    for interval in [2, 10] {
        let mut machine = Machine::new();
        machine.interval = Duration::from_secs(interval);
        machine.add(50, 1, "sh", "sh loop");
        *machine.actor(50) = Actor { uses: 0.08, waits: 0.0, children_use: 1.2 };
        let told = machine.watch(300, |_, _| {});
        assert_eq!((told.len(), told[0].pid, told[0].seconds), (1, 50, 60));
        assert_eq!(told[0].circumstances.short_lived_percent, Some(128.0));
    }
}

#[test]
fn a_program_that_is_started_again_and_again_is_told_of_under_its_parent() {
    for (interval, lives) in [(2, 2), (2, 6), (10, 3)] {
        let mut machine = Machine::new();
        machine.interval = Duration::from_secs(interval);
        machine.add(50, 1, "supervisor", "supervisor");
        let mut next = 100;
        machine.add(next, 50, "worker", "worker --serve");
        let told = machine.watch(300, |machine, seconds| {
            if seconds % lives < interval {
                machine.end(next);
                next += 1;
                machine.add(next, 50, "worker", "worker --serve");
                machine.uses(next, 1.0);
            }
        });
        assert_eq!((told.len(), told[0].pid), (1, 50), "every {lives} s, looked at every {interval} s: {told:?}");
        assert!(told[0].seconds <= 70, "{told:?}");
    }
}

#[test]
fn a_service_that_crashes_and_is_started_again_is_told_of_once() {
    let mut machine = Machine::new();
    let mut next = 100;
    machine.add_to("/system.slice/worker.service", next, 1, "worker");
    let mut fired = Vec::new();
    machine.watch(300, |machine, seconds| {
        if seconds % 4 == 0 {
            machine.end(next);
            next += 1;
            machine.add_to("/system.slice/worker.service", next, 1, "worker");
            Arc::make_mut(&mut machine.sample(next).description).command_line = "worker --serve".into();
            machine.uses(next, 1.0);
        }
        let groups = machine.detector.groups.watched_groups();
        fired.extend(groups);
    });
    fired.dedup();
    assert_eq!(fired.len(), 1, "it is the same group all the time");
}

#[test]
fn what_is_on_the_whitelist_counts_for_no_group() {
    let mut machine = Machine::new();
    machine.add(50, 1, "master", "master");
    for pid in 100..110 {
        machine.add(pid, 50, "listed", "listed");
        machine.uses(pid, 0.15);
    }
    assert_eq!(machine.pids(300), []);
}

#[test]
fn a_storm_that_others_squeeze_goes_on() {
    let mut machine = Machine::new();
    machine.add(50, 1, "sh", "sh loop");
    let told = machine.watch(100, |machine, seconds| {
        let is_squeezed = (40..48).contains(&seconds);
        machine.snapshot.load.pressure.cpu_some = Some(if is_squeezed { 60.0 } else { 1.0 });
        machine.actor(50).children_use = if is_squeezed { 0.6 } else { 1.1 };
    });
    assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(50, 60)]);
}
