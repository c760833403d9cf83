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
    let told = machine.watch(300, |_, _| {});
    assert_eq!(
        told.iter().map(|told| (told.pid, told.seconds, members(told))).collect::<Vec<_>>(),
        [(101, 60, vec![])]
    );
}

/// Adds so many processes of Firefox from 1000 on, each of which uses so much of a core.
fn crowd(machine: &mut Machine, count: u32, cores: f64) {
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 1000..1000 + count {
        machine.add_to(FIREFOX, pid, 50, "loop");
        machine.uses(pid, cores);
    }
}

#[test]
fn a_crowd_of_which_each_takes_next_to_nothing_is_told_of_and_goes_on() {
    for (count, cores) in [(150, 0.008), (1000, 0.002)] {
        let mut machine = Machine::new();
        crowd(&mut machine, count, cores);
        let told = machine.watch(100, |_, _| {});
        assert_eq!((told.len(), told[0].pid, told[0].seconds), (1, 50, 60), "{count}");
        assert_eq!((members(&told[0]).len(), told[0].circumstances.member_count), (20, Some(count)));
        assert_eq!(told[0].circumstances.short_lived_percent, None, "none was started");
        for _ in 0..40 {
            assert!(machine.go_on().iter().any(|found| found.is_together), "{count} go on");
        }
    }
}

#[test]
fn a_fork_bomb_goes_on_however_many_come_and_go() {
    let mut machine = Machine::new();
    machine.interval = Duration::from_secs(5);
    machine.add_to(FIREFOX, 50, 1, "firefox");
    let mut next = 1000;
    let mut fired = 0;
    machine.scan();
    for _ in 0..80 {
        for _ in 0..40 {
            machine.add_to(FIREFOX, next, 50, "bomb");
            Arc::make_mut(&mut machine.sample(next).description).command_line = "bomb".into();
            if next >= 1300 {
                machine.end(next - 300);
            }
            next += 1;
        }
        let count = f64::from(next.min(1300) - 1000);
        for index in 3..machine.actors.len() {
            machine.actors[index].uses = 2.0 / count;
        }
        fired += usize::from(machine.go_on().iter().any(|found| found.is_together && found.is_firing()));
    }
    assert!(fired >= 68, "it fires from the duration on: {fired} of 80 scans");
}

#[test]
fn a_fork_bomb_whose_parents_end_is_told_of_once() {
    let session = "/user.slice/user-1000.slice/session-2.scope";
    let scope = "/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope";
    for cgroup in [session, scope] {
        let mut machine = Machine::new();
        machine.add_to(cgroup, 50, 1, "bash");
        let mut told: Vec<Option<Group>> = Vec::new();
        let mut oldest = 1000;
        let mut next = 1000;
        machine.scan();
        for _ in 0..90 {
            for turn in 0..60 {
                let parent = if turn % 3 == 0 || next == oldest { 50 } else { oldest + (next * 7) % (next - oldest) };
                machine.add_to(cgroup, next, parent, "bash");
                Arc::make_mut(&mut machine.sample(next).description).command_line = "bash bomb.sh".into();
                next += 1;
            }
            while next - oldest > 300 {
                machine.end(oldest);
                oldest += 1;
            }
            for pid in oldest..next {
                machine.uses(pid, 2.0 / f64::from(next - oldest));
            }
            told.extend(machine.go_on().iter().map(|found| found.group));
        }
        assert!(told.len() > 50, "it goes on: {}", told.len());
        told.dedup();
        assert_eq!(told.len(), 1, "it is one group: {told:?} in {cgroup}");
    }
}

#[test]
fn workers_that_are_over_the_threshold_each_are_told_of_as_one() {
    let mut machine = Machine::new();
    machine.snapshot.load.cores = 8;
    machine.add(50, 1, "master", "master");
    for pid in 100..104 {
        machine.add(pid, 50, "worker", "worker");
        machine.uses(pid, 1.0);
    }
    machine.pids(60);
    let found = machine.go_on();
    assert_eq!(found.len(), 4);
    for found in &found {
        let Verdict::Firing(_, Evidence::CpuHigh { cpu_percent, circumstances, .. }) = &found.verdict else { panic!() };
        assert_eq!((*cpu_percent, circumstances.members.len()), (400.0, 4), "each tells of all");
        assert!(found.group.is_some() && found.group == machine_group(&machine.snapshot.samples));
    }
}

/// The group of the workers of process 50.
fn machine_group(samples: &[Sample]) -> Option<Group> {
    group::of(samples, samples.iter().find(|sample| sample.id.pid == 100)?)
}

#[test]
fn what_joins_a_group_late_counts_once_it_lasts() {
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 100..104 {
        machine.add_to(FIREFOX, pid, 50, "helper");
    }
    let told = machine.watch(400, |machine, seconds| {
        let is_early = seconds < 100;
        machine.uses(100, if is_early { 0.5 } else { 0.0 });
        machine.uses(101, 0.5);
        machine.uses(102, if is_early { 0.0 } else { 0.5 });
    });
    assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(50, 60)]);
    let late = machine.go_on().remove(0);
    let Verdict::Firing(_, Evidence::CpuHigh { cpu_percent, circumstances, .. }) = late.verdict else { panic!() };
    assert_eq!((cpu_percent, circumstances.members.len()), (100.0, 2), "the early one is not at it any more");
}

#[test]
fn the_one_that_does_nearly_all_is_the_one_to_end() {
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 50, 1, "firefox");
    for pid in 100..104 {
        machine.add_to(FIREFOX, pid, 50, "helper");
        machine.uses(pid, if pid == 102 { 0.85 } else { 0.03 });
    }
    let told = machine.watch(300, |_, _| {});
    assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(102, 60)]);
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

#[test]
fn a_container_that_is_started_again_with_a_parent_of_its_own_is_told_of_once() {
    let mut machine = Machine::new();
    machine.interval = Duration::from_secs(10);
    let scope = "/system.slice/docker-4f5e.scope";
    let mut told: Vec<Option<Group>> = Vec::new();
    machine.scan();
    for turn in 0..40 {
        let (shim, importer) = (100 + turn, 101 + turn);
        if turn % 2 == 0 {
            for pid in [importer - 2, shim - 2].into_iter().filter(|_| turn > 0) {
                machine.end(pid);
            }
            machine.add_to("/system.slice/containerd.service", shim, 1, "containerd-shim");
            machine.add_to(scope, importer, shim, "importer");
            Arc::make_mut(&mut machine.sample(importer).description).command_line = "importer --all".into();
            machine.uses(importer, 1.0);
        }
        told.extend(machine.go_on().iter().map(|found| found.group));
    }
    assert!(told.len() > 25, "it goes on: {}", told.len());
    told.dedup();
    assert_eq!(told.len(), 1, "it is one group: {told:?}");
}

/// Who is told of where a service is started again at each look, and at one in so many nobody is there; scanned each 2 s.
fn service_between_lives(absent_each: u32) -> usize {
    let mut machine = Machine::new();
    let unit = "/system.slice/worker.service";
    let mut told = 0;
    machine.scan();
    for look in 1..=60 {
        if machine.snapshot.samples.last().is_some_and(|sample| sample.id.pid >= 100) {
            machine.end(99 + look);
        }
        if look % absent_each != 0 {
            machine.add_to(unit, 100 + look, 1, "worker");
            Arc::make_mut(&mut machine.sample(100 + look).description).command_line = "worker --serve".into();
            machine.uses(100 + look, 1.0);
        }
        told += machine.go_on().len();
    }
    told
}

#[test]
fn who_is_just_between_two_lives_at_a_look_goes_on() {
    assert!(service_between_lives(15) > 20);
    assert_eq!(service_between_lives(2), 0, "it works for half of the time");
}

/// The unit that a service is said to be that is started again and again, while so many of its processes go on.
fn restarted_unit(cgroup: &str, steady: u32) -> Vec<Option<crate::protocol::Unit>> {
    let mut machine = Machine::new();
    for pid in 50..50 + steady {
        machine.add_to(cgroup, pid, 1, "worker");
        machine.uses(pid, 0.4);
    }
    let mut next = 100;
    let told = machine.watch(100, |machine, _| {
        if next > 100 {
            machine.end(next);
        }
        next += 1;
        machine.add_to(cgroup, next, 1, "worker");
        Arc::make_mut(&mut machine.sample(next).description).command_line = "worker --serve".into();
        machine.uses(next, 1.0);
    });
    assert!(!told.is_empty(), "{cgroup}");
    told.into_iter().map(|told| told.circumstances.unit).collect()
}

#[test]
fn a_unit_is_named_where_its_manager_starts_it_again() {
    let unit = |name: &str, user| Some(crate::protocol::Unit { name: name.into(), user });
    let units = restarted_unit("/system.slice/web.service", 0);
    assert!(units.iter().all(|told| *told == unit("web.service", false)), "{units:?}");
    let users = "/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service";
    assert!(restarted_unit(users, 0).iter().all(|told| *told == unit("sync.service", true)));
    assert!(restarted_unit("/system.slice/web.service", 2).iter().all(Option::is_none), "others of it go on");
    assert!(restarted_unit("/lxc.payload.c1/system.slice/web.service", 0).iter().all(Option::is_none), "not ours");
}

#[test]
fn what_children_used_before_is_no_more_than_the_cores_give() {
    let mut machine = Machine::new();
    machine.snapshot.load.cores = 2;
    machine.add(50, 1, "sh", "sh loop");
    machine.actor(50).children_use = 5.0;
    machine.pids(70);
    let Verdict::Firing(_, Evidence::CpuHigh { cpu_percent, circumstances, .. }) = machine.go_on().remove(0).verdict
    else {
        panic!()
    };
    assert_eq!((cpu_percent, circumstances.wanted_percent), (200.0, None));
}

#[test]
fn a_service_that_stays_away_is_over() {
    let mut machine = Machine::new();
    machine.scan();
    for look in 1..=300 {
        if look > 1 {
            machine.end(99 + look);
        }
        machine.add_to("/system.slice/worker.service", 100 + look, 1, "worker");
        Arc::make_mut(&mut machine.sample(100 + look).description).command_line = "worker --serve".into();
        machine.uses(100 + look, 1.0);
        machine.go_on();
    }
    assert_eq!(machine.detector.groups.watched_groups().len(), 1);
    machine.end(400);
    (0..10).for_each(|_| drop(machine.go_on()));
    assert!(machine.detector.groups.is_empty(), "however long it went on before");
}
