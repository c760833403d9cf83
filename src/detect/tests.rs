//! What is told of CPU use, and what is not, on a machine whose processes do as the test says.

use super::*;
use crate::process::{Application, Id, State};
use crate::protocol::{Circumstances, Severity};
use crate::sample::{Load, Memory};
use std::sync::Arc;

mod groups;
mod honest;
mod leaks;
mod limits;
mod properties;
mod special;
mod standing;
mod starved;
mod stuck;

const FIREFOX: &str = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope";

/// A machine of two cores; its processes are in the order of their pids.
struct Machine {
    detector: Detector,
    rules: Rules,
    now: Now,
    interval: Duration,
    snapshot: Snapshot,
    actors: Vec<Actor>,
}

/// What a process does from now on, each in cores.
#[derive(Clone, Copy, Debug, Default)]
struct Actor {
    uses: f64,
    waits: f64,
    children_use: f64,
}

/// An alert as the tests name it.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    seconds: u64,
    pid: Pid,
    circumstances: Circumstances,
}

impl Machine {
    fn new() -> Self {
        let now = Now { monotonic: Duration::from_hours(9), boottime: Duration::from_hours(9), unix: 1_800_000_000 };
        let load = Load { cores: 2, ..Load::default() };
        let memory = Memory { total: 8 << 30, available: 4 << 30 };
        let snapshot = Snapshot { now, load, memory, is_exact: true, ..Snapshot::default() };
        let (detector, interval) = (Detector::default(), Duration::from_secs(2));
        let rules = Rules::default();
        let mut machine = Self { detector, rules, now, interval, snapshot, actors: Vec::new() };
        machine.add(1, 0, "systemd", "");
        machine.add(2, 0, "kthreadd", "");
        machine
    }

    /// Adds a process that starts now.
    fn add(&mut self, pid: Pid, parent: Pid, name: &str, command_line: &str) -> &mut Sample {
        let description =
            Description { name: name.into(), command_line: command_line.into(), ..Description::default() };
        let id = Id { pid, start_time: self.now.boottime.as_millis() as u64 / 10 };
        let sample = Sample { waited: Some(Duration::ZERO), ..Sample::running(id, parent, description) };
        let index = self.snapshot.samples.partition_point(|sample| sample.id.pid < pid);
        self.snapshot.samples.insert(index, sample);
        self.actors.insert(index, Actor::default());
        &mut self.snapshot.samples[index]
    }

    /// Adds a process of an application.
    fn add_to(&mut self, cgroup: &str, pid: Pid, parent: Pid, name: &str) {
        let sample = self.add(pid, parent, name, &format!("{name} --child {pid}"));
        let description = Arc::make_mut(&mut sample.description);
        description.cgroup = cgroup.into();
        if cgroup == FIREFOX {
            description.application = Some(Arc::new(Application { id: "firefox".into(), name: "Firefox".into() }));
        }
    }

    /// Adds a process 50 and its ten workers from 100 on, which are over the threshold together.
    fn add_workers(&mut self) {
        self.add(50, 1, "master", "master");
        for pid in 100..110 {
            self.add(pid, 50, "worker", "worker");
            self.uses(pid, 0.15);
        }
    }

    fn index(&self, pid: Pid) -> usize {
        self.snapshot.samples.binary_search_by_key(&pid, |sample| sample.id.pid).unwrap()
    }

    fn sample(&mut self, pid: Pid) -> &mut Sample {
        let index = self.index(pid);
        &mut self.snapshot.samples[index]
    }

    fn actor(&mut self, pid: Pid) -> &mut Actor {
        let index = self.index(pid);
        &mut self.actors[index]
    }

    fn uses(&mut self, pid: Pid, cores: f64) {
        self.actor(pid).uses = cores;
    }

    /// Ends a process: its parent waits for it, or another takes its children over.
    fn end(&mut self, pid: Pid) {
        let index = self.index(pid);
        let ended = self.snapshot.samples.remove(index);
        self.actors.remove(index);
        for sample in &mut self.snapshot.samples {
            if sample.id.pid == ended.parent {
                sample.child_time += ended.cpu_time + ended.child_time;
            }
            if sample.parent == pid {
                sample.parent = 1;
            }
        }
    }

    /// Lets time pass, and processes do what they do.
    fn pass(&mut self, time: Duration) {
        self.now.monotonic += time;
        self.now.boottime += time;
        for (sample, actor) in self.snapshot.samples.iter_mut().zip(&self.actors) {
            sample.age += time;
            sample.cpu_time += time.mul_f64(actor.uses);
            sample.child_time += time.mul_f64(actor.children_use);
            sample.waited = sample.waited.map(|waited| waited + time.mul_f64(actor.waits));
        }
    }

    /// Scans, and gives what fires.
    fn scan(&mut self) -> Vec<Finding> {
        self.scan_all().into_iter().filter(Finding::is_firing).collect()
    }

    /// Lets an interval pass, scans, and gives what fires.
    fn go_on(&mut self) -> Vec<Finding> {
        self.pass(self.interval);
        self.scan()
    }

    /// Scans, and gives all that is found.
    fn scan_all(&mut self) -> Vec<Finding> {
        self.snapshot.now = self.now;
        self.detector.observe(&self.snapshot, &self.rules, |process| &*process.name == "listed").findings
    }

    /// Scans for so long, and gives what first fired, each process once. `each` may change things before each scan.
    fn watch(&mut self, seconds: u64, mut each: impl FnMut(&mut Self, u64)) -> Vec<Told> {
        self.scan();
        let began = self.now.monotonic;
        let mut told: Vec<Told> = Vec::new();
        loop {
            let passed = self.now.monotonic.saturating_sub(began).as_secs();
            if passed >= seconds {
                return told;
            }
            each(self, passed);
            self.pass(self.interval);
            for found in self.scan() {
                let Verdict::Firing(_, Evidence::CpuHigh { circumstances, .. }) = found.verdict else { continue };
                let pid = self.snapshot.samples[found.index.unwrap()].id.pid;
                if told.iter().all(|told| told.pid != pid) {
                    told.push(Told { seconds: self.now.monotonic.saturating_sub(began).as_secs(), pid, circumstances });
                }
            }
        }
    }

    /// Watches without a change, and gives who was told of, and after how long.
    fn pids(&mut self, seconds: u64) -> Vec<(Pid, u64)> {
        self.watch(seconds, |_, _| {}).iter().map(|told| (told.pid, told.seconds)).collect()
    }
}

#[test]
fn one_sample_in_which_others_had_the_core_ends_nothing() {
    let mut machine = Machine::new();
    machine.add(100, 1, "spin", "spin");
    let told = machine.watch(100, |machine, seconds| machine.uses(100, if seconds == 30 { 0.75 } else { 1.0 }));
    assert_eq!(told.iter().map(|told| (told.pid, told.seconds)).collect::<Vec<_>>(), [(100, 60)]);
}

#[test]
fn a_burst_makes_up_for_nothing() {
    let mut machine = Machine::new();
    machine.add(100, 1, "server", "server");
    let told = machine.watch(600, |machine, seconds| machine.uses(100, if seconds < 20 { 2.0 } else { 0.8 }));
    assert_eq!(told, []);
}

#[test]
fn one_that_keeps_below_the_threshold_on_the_whole_is_not_told_of() {
    let mut machine = Machine::new();
    machine.add(100, 1, "server", "server");
    let told = machine.watch(600, |machine, seconds| machine.uses(100, if seconds % 4 == 0 { 0.95 } else { 0.8 }));
    assert_eq!(told, []);
}

#[test]
fn spikes_make_nothing_sustained() {
    let mut machine = Machine::new();
    machine.add(100, 1, "page", "page");
    let told = machine.watch(600, |machine, seconds| machine.uses(100, if seconds % 4 == 0 { 1.5 } else { 0.8 }));
    assert_eq!(told, []);
}

#[test]
fn one_that_outlives_its_parent_is_told_of_sooner() {
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 100, 1, "firefox");
    machine.add_to(FIREFOX, 101, 100, "helper");
    machine.pids(20);
    machine.end(100);
    machine.uses(101, 1.0);
    let told = machine.watch(60, |_, _| {});
    assert_eq!(
        told[0],
        Told { seconds: 20, pid: 101, circumstances: Circumstances { orphan: true, ..told[0].circumstances.clone() } }
    );
}

#[test]
fn a_daemon_is_no_orphan() {
    let mut machine = Machine::new();
    machine.add(100, 1, "starter", "starter");
    machine.add(101, 100, "daemon", "daemon");
    machine.scan();
    machine.pass(Duration::from_secs(2));
    machine.end(100);
    machine.uses(101, 1.0);
    assert_eq!(machine.pids(100), [(101, 60)]);
}

#[test]
fn on_battery_it_is_told_sooner() {
    let mut machine = Machine::new();
    machine.snapshot.on_battery = Some(true);
    machine.add(100, 1, "spin", "spin");
    machine.uses(100, 1.0);
    assert_eq!(machine.pids(100), [(100, 40)]);
}
