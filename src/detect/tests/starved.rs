//! More want the cores than there are.

use super::*;

/// Adds loops that share the two cores, and want one each.
pub(super) fn share_the_cores(machine: &mut Machine, loops: u32) {
    let share = 2.0 / f64::from(loops);
    for pid in 100..100 + loops {
        machine.add(pid, 50, &format!("spin{pid}"), "spin");
        *machine.actor(pid) = Actor { uses: share, waits: 1.0 - share, children_use: 0.0 };
    }
}

#[test]
fn loops_that_share_the_cores_are_each_told_of() {
    // With two cores for twelve, each would have used as much in a sixth of the time, of which twice as much counts.
    for (loops, after) in [(3, 62), (4, 62), (6, 84), (12, 166)] {
        let mut machine = Machine::new();
        machine.add(50, 1, "script", "script");
        share_the_cores(&mut machine, loops);
        let told = machine.watch(200, |_, _| {});
        let expected: Vec<_> = (100..100 + loops).map(|pid| (pid, after)).collect();
        assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), expected, "{loops} loops");
        assert_eq!(told[0].circumstances.wanted_percent, Some(100.0));
    }
}

#[test]
fn those_who_wait_but_want_little_are_not_told_of() {
    let mut machine = Machine::new();
    machine.add(50, 1, "script", "script");
    share_the_cores(&mut machine, 6);
    for (pid, uses, waits) in [(200, 0.05, 1.5), (201, 0.12, 0.85), (202, 0.15, 0.4)] {
        machine.add(pid, 1, "victim", "victim");
        *machine.actor(pid) = Actor { uses, waits, children_use: 0.0 };
    }
    let told = machine.pids(300);
    assert!(told.iter().all(|(pid, _)| *pid < 200) && told.len() == 6, "{told:?}");
}

#[test]
fn a_wait_counts_only_where_the_cores_do_not_suffice() {
    let mut machine = Machine::new();
    machine.add(100, 1, "limited", "limited");
    *machine.actor(100) = Actor { uses: 0.5, waits: 0.5, children_use: 0.0 };
    assert_eq!(machine.pids(300), []);
    machine.snapshot.load.pressure.cpu_some = Some(45.0);
    assert_eq!(machine.pids(300).len(), 1);
}

#[test]
fn loops_of_one_parent_are_told_of_together_where_nothing_is_known_of_their_waits() {
    let mut machine = Machine::new();
    machine.add(50, 1, "script", "script");
    for pid in 100..103 {
        machine.add(pid, 50, "spin", &format!("spin {pid}")).waited = None;
        machine.uses(pid, 0.66);
    }
    let told = machine.watch(80, |_, _| {});
    assert_eq!(told.iter().map(|told| told.seconds).collect::<Vec<_>>(), [60]);
    assert_eq!(told[0].circumstances.members.iter().map(|member| member.pid).collect::<Vec<_>>(), [100, 101, 102]);
}
