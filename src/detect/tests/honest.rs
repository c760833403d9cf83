//! Work that is nobody's trouble.

use super::*;
use crate::config::parse::parse;

/// What makes a process honest.
type Change = fn(&mut Sample);

fn burner() -> Machine {
    let mut machine = Machine::new();
    machine.add(50, 1, "shell", "shell");
    machine.add(100, 50, "encode", "encode film");
    machine.uses(100, 1.9);
    machine
}

#[test]
fn what_has_its_reason_is_not_told_of() {
    let cases: [(&str, Change); 7] = [
        ("a terminal", |sample| sample.is_foreground = true),
        ("nice", |sample| sample.nice = 10),
        ("batch", |sample| sample.policy = 3),
        ("idle", |sample| sample.policy = 5),
        ("the background", |sample| {
            Arc::make_mut(&mut sample.description).cgroup = "/a/background.slice/x.service".into();
        }),
        ("a virtual machine", |sample| {
            Arc::make_mut(&mut sample.description).cgroup = "/machine.slice/machine-qemu\\x2d1.scope".into();
        }),
        ("the kernel", |sample| sample.kernel_thread = true),
    ];
    for (name, change) in cases {
        let mut machine = burner();
        change(machine.sample(100));
        assert_eq!(machine.pids(600), [], "{name}");
    }
    assert_eq!(burner().pids(600), [(100, 60)]);
}

#[test]
fn a_job_that_outlives_its_terminal_is_told_of() {
    let mut machine = burner();
    machine.sample(100).is_foreground = true;
    assert_eq!(machine.pids(100), []);
    machine.end(50);
    assert_eq!(machine.pids(60), [(100, 20)]);
}

#[test]
fn what_it_has_done_all_its_life_is_usual_while_there_are_cores_enough() {
    let mut machine = Machine::new();
    machine.add(100, 1, "server", "server");
    machine.uses(100, 0.94);
    machine.pass(Duration::from_hours(2));
    assert_eq!(machine.pids(600), []);
    machine.add(101, 1, "other", "other");
    machine.uses(101, 0.8);
    assert_eq!(machine.pids(100), [(100, 62)], "now others want the cores");

    let mut machine = Machine::new();
    machine.add(100, 1, "loop", "loop");
    machine.uses(100, 1.0);
    machine.pass(Duration::from_hours(2));
    assert_eq!(machine.pids(100), [(100, 60)], "it never pauses");

    let mut machine = Machine::new();
    machine.add(100, 1, "server", "server");
    machine.uses(100, 0.3);
    machine.pass(Duration::from_hours(2));
    machine.uses(100, 1.0);
    assert_eq!(machine.pids(100), [(100, 60)], "it used less before");
}

#[test]
fn what_calmed_down_by_itself_twice_is_told_of_again_where_it_lasts_longer() {
    for rest in [40, 120] {
        let mut machine = burner();
        for told in [true, true, false] {
            machine.uses(100, 1.9);
            assert_eq!(machine.pids(200).len(), usize::from(told));
            machine.uses(100, 0.1);
            assert_eq!(machine.pids(rest), []);
        }
        machine.uses(100, 1.9);
        let [(100, seconds)] = machine.pids(600)[..] else { panic!("it goes on for longer") };
        assert!((240..=260).contains(&seconds), "{seconds}");
    }
}

/// Starts a compiler every so often, each for another file.
fn build(machine: &mut Machine, compiler: &str, seconds: u64, next: &mut Pid, lives: u64) {
    if !seconds.is_multiple_of(lives) {
        return;
    }
    for slot in 0..2 {
        let old = *next + slot;
        if machine.snapshot.samples.iter().any(|sample| sample.id.pid == old) {
            machine.end(old);
        }
        let new = *next + 2 + slot;
        machine.add(new, 50, compiler, &format!("cc1 -O2 file{new}.c"));
        machine.uses(new, 0.95);
    }
    *next += 2;
}

#[test]
fn a_build_without_a_terminal_is_not_told_of() {
    for (lives, interval) in [(2, 2), (4, 2), (10, 10), (20, 10), (30, 2)] {
        for cgroup in ["", FIREFOX, "/system.slice/ci.service"] {
            let mut machine = Machine::new();
            machine.interval = Duration::from_secs(interval);
            machine.add_to(cgroup, 50, 1, "make");
            machine.actor(50).children_use = 0.9;
            let mut next = 100;
            let told = machine.watch(900, |machine, seconds| {
                build(machine, "cc1", seconds, &mut next, lives);
                for sample in &mut machine.snapshot.samples[3..] {
                    Arc::make_mut(&mut sample.description).cgroup = cgroup.into();
                }
            });
            assert_eq!(told, [], "compilers that live for {lives} s, looked at every {interval} s, in {cgroup:?}");
        }
    }
}

#[test]
fn a_build_whose_compilers_are_started_by_drivers_is_not_told_of() {
    for (lives, interval) in [(2, 2), (4, 2), (6, 5), (10, 10)] {
        let mut machine = Machine::new();
        machine.interval = Duration::from_secs(interval);
        machine.add(50, 1, "make", "make -j2");
        let mut next = 100;
        let told = machine.watch(900, |machine, seconds| {
            if seconds % lives >= interval {
                return;
            }
            for pid in [next + 1, next, next + 3, next + 2] {
                if machine.snapshot.samples.iter().any(|sample| sample.id.pid == pid) {
                    machine.end(pid);
                }
            }
            next += 4;
            for pid in [next, next + 2] {
                machine.add(pid, 50, "cc", &format!("cc file{pid}.c"));
                machine.add(pid + 1, pid, "cc1", &format!("cc1 file{pid}.c"));
                machine.uses(pid + 1, 0.9);
            }
        });
        assert_eq!(told, [], "compilers that live for {lives} s, looked at every {interval} s");
    }
}

#[test]
fn a_build_whose_compilers_are_silenced_or_on_the_whitelist_is_not_told_of_either() {
    for (compiler, lives, interval) in [("cc1", 2, 2), ("cc1", 10, 10), ("listed", 4, 2)] {
        for cgroup in ["", FIREFOX, "/system.slice/ci.service"] {
            let mut machine = Machine::new();
            machine.rules = Rules::new(&parse("[[rule]]\nmatch = 'cc1'\nsilence = ['cpu_high']").unwrap());
            machine.interval = Duration::from_secs(interval);
            machine.add_to(cgroup, 50, 1, "make");
            machine.actor(50).children_use = 0.95;
            let mut next = 100;
            let told = machine.watch(900, |machine, seconds| {
                build(machine, compiler, seconds, &mut next, lives);
                for sample in &mut machine.snapshot.samples[3..] {
                    Arc::make_mut(&mut sample.description).cgroup = cgroup.into();
                }
            });
            assert_eq!(told, [], "{compiler} that lives for {lives} s, looked at every {interval} s, in {cgroup:?}");
        }
    }
}
