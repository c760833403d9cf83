//! What is told of the groups that a process counts for.

use super::*;
use crate::protocol::{GroupKind, GroupStanding, Standing, StandingState};

/// How the groups of a process stand, as of the last scan.
fn groups(machine: &Machine, pid: Pid) -> Vec<GroupStanding> {
    let rules = Rules::default();
    machine.detector.explain_groups(&machine.snapshot, machine.index(pid), &rules, &|_| false)
}

/// How the only group of a process stands, and its sentence.
fn only(machine: &Machine, pid: Pid) -> (GroupKind, StandingState, String) {
    let [group] = &groups(machine, pid)[..] else { panic!("{:?}", groups(machine, pid)) };
    (group.kind, group.standing.state, group.standing.summary.clone())
}

/// Ten workers of one parent, of which the first alone uses another part of a core.
fn workers(first: f64, others: f64) -> Machine {
    let mut machine = Machine::new();
    machine.add(50, 1, "master", "master");
    for pid in 100..110 {
        machine.add(pid, 50, "worker", "worker");
        machine.uses(pid, if pid == 100 { first } else { others });
    }
    machine
}

#[test]
fn workers_of_one_parent_stand_together() {
    let mut machine = workers(0.3, 0.13);
    machine.scan();
    let calm = "The processes named worker that master (50) started are not over the limit of 0.9 cores together.";
    assert_eq!(only(&machine, 100), (GroupKind::Siblings, StandingState::Calm, calm.into()));
    machine.pids(30);
    let standing = groups(&machine, 100).remove(0).standing;
    assert_eq!((standing.reason, standing.state), (Reason::CpuHigh, StandingState::Suspicious));
    let busy = "The processes named worker that master (50) started have kept 1.5 cores busy together for 30 s, \
                0.3 cores of it by this one; they are told of after 60 s.";
    assert_eq!(standing.summary, busy);
    let figures = [
        ("cpu_percent", 147.0),
        ("own_percent", 30.0),
        ("threshold_percent", 90.0),
        ("seconds", 30.0),
        ("duration_seconds", 60.0),
    ];
    assert_eq!(standing.figures, figures.map(|(key, value)| (key.to_owned(), value)).into());
    machine.pids(40);
    assert_eq!(only(&machine, 100).1, StandingState::Firing);
    assert_eq!(groups(&machine, 50), [], "their parent is none of them");
}

#[test]
fn what_one_of_them_does_alone_is_left_to_it() {
    let mut machine = workers(1.0, 0.02);
    machine.pids(80);
    let (_, state, summary) = only(&machine, 100);
    assert_eq!(state, StandingState::Silent);
    assert!(
        summary.ends_with("; they are not told of together: what is over the limit alone is told of by itself."),
        "{summary}"
    );
}

#[test]
fn one_that_is_honest_work_does_not_count() {
    let mut machine = workers(0.3, 0.13);
    machine.sample(100).nice = 10;
    machine.pids(80);
    let apart = "It does not count among the processes named worker that master (50) started: it runs at low priority \
                 and leaves the cores to others.";
    assert_eq!(only(&machine, 100), (GroupKind::Siblings, StandingState::Off, apart.into()));
    assert_eq!(only(&machine, 101).1, StandingState::Firing);
}

#[test]
fn a_service_is_named_by_its_unit() {
    let mut machine = Machine::new();
    for pid in 100..104 {
        machine.add_to("/system.slice/web.service", pid, 1, "worker");
        machine.uses(pid, 0.3);
    }
    machine.pids(20);
    let (kind, state, summary) = only(&machine, 102);
    assert_eq!((kind, state), (GroupKind::Unit, StandingState::Suspicious));
    assert!(summary.starts_with("The processes named worker in web.service have kept 1.2 cores busy"), "{summary}");
}

#[test]
fn a_storm_of_children_stands_with_the_one_that_starts_them() {
    let mut machine = Machine::new();
    machine.add(50, 1, "sh", "sh loop");
    *machine.actor(50) = Actor { uses: 0.08, waits: 0.0, children_use: 1.2 };
    machine.scan();
    assert_eq!(groups(&machine, 50), []);
    machine.pids(70);
    let busy = "The processes that it starts have kept 1.3 cores busy together for 70 s; they are told of after 60 s.";
    assert_eq!(only(&machine, 50), (GroupKind::Children, StandingState::Firing, busy.into()));
}

#[test]
fn a_build_is_over_the_limit_and_not_told_of() {
    let mut machine = Machine::new();
    machine.add(50, 1, "make", "make");
    machine.watch(90, |machine, seconds| {
        let (old, new) = (100 + seconds as Pid - 2, 100 + seconds as Pid);
        if machine.snapshot.samples.iter().any(|sample| sample.id.pid == old) {
            machine.end(old);
        }
        machine.add(new, 50, "cc1plus", &format!("cc1plus {seconds}.cpp"));
        machine.uses(new, 1.5);
    });
    let (kind, state, summary) = only(&machine, 50);
    assert_eq!((kind, state), (GroupKind::Children, StandingState::Silent));
    assert!(summary.ends_with("; they are not told of together: too little of it lasts."), "{summary}");
    let compiler = machine.snapshot.samples.iter().map(|sample| sample.id.pid).max().unwrap();
    let kinds: Vec<_> = groups(&machine, compiler).iter().map(|group| group.kind).collect();
    assert_eq!(kinds, [GroupKind::Siblings, GroupKind::Children]);
}

#[test]
fn a_child_that_stays_has_no_part_in_a_storm() {
    let mut machine = workers(0.1, 0.0);
    *machine.actor(50) = Actor { uses: 0.08, waits: 0.0, children_use: 1.2 };
    machine.pids(80);
    assert_eq!(only(&machine, 50).1, StandingState::Firing);
    assert_eq!(only(&machine, 100).0, GroupKind::Siblings);
}

#[test]
fn what_one_of_them_does_alone_counts_among_what_they_do_together() {
    let mut machine = workers(1.0, 0.1);
    machine.pids(80);
    let of = |machine: &Machine, pid| groups(machine, pid).remove(0).standing;
    let (own, other) = (of(&machine, 100), of(&machine, 101));
    assert_eq!((own.state, other.state), (StandingState::Firing, StandingState::Firing));
    let figures = |standing: &Standing| ["cpu_percent", "own_percent"].map(|key| standing.figures[key].to_string());
    assert_eq!((figures(&own), figures(&other)), (["190", "100"].map(Into::into), ["190", "10"].map(Into::into)));
}

#[test]
fn threads_of_the_kernel_count_for_none() {
    let mut machine = Machine::new();
    machine.add(60, 2, "kworker", "").kernel_thread = true;
    machine.scan();
    assert_eq!(groups(&machine, 60), []);
}
