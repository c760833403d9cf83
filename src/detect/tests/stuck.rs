//! Hangs of one thread, and of a main thread beside others that work.

use super::*;
use crate::sample::{Object, Wait};

/// How long it takes until a hang is told of, scanned each second; None where it is not, within two minutes.
fn told_after(mut each: impl FnMut(u64, &mut Sample)) -> Option<u64> {
    let mut machine = Machine::new();
    machine.add(100, 1, "player", "player film").state = State::Sleeping;
    (1..=120).find(|second| {
        machine.pass(Duration::from_secs(1));
        each(*second, machine.sample(100));
        machine.scan().iter().any(|found| found.reason == Reason::Hang)
    })
}

fn wait(thread: Pid, timeslices: u64) -> Wait {
    Wait { thread, timeslices: Some(timeslices), ..Wait::default() }
}

#[test]
fn a_thread_that_stands_still_is_told_of_after_the_duration() {
    assert_eq!(told_after(|_, sample| sample.wait = Some(Box::new(wait(101, 7)))), Some(31));
    assert_eq!(
        told_after(|second, sample| sample.wait = Some(Box::new(wait(101, second)))),
        None,
        "it runs in between"
    );
    assert_eq!(
        told_after(|second, sample| sample.wait = Some(Box::new(wait(101 + second as Pid % 2, 7)))),
        None,
        "each for a moment"
    );
    assert_eq!(
        told_after(|second, sample| sample.wait = (second % 20 != 0).then(|| Box::new(wait(101, 7)))),
        None,
        "it goes on"
    );
}

#[test]
fn a_main_thread_is_stuck_though_others_work() {
    let working = |second, sample: &mut Sample, turns| {
        sample.state = State::DiskSleep;
        sample.cpu_time = Duration::from_millis(300 * second);
        sample.wait = Some(Box::new(wait(100, turns)));
    };
    assert_eq!(told_after(|second, sample| working(second, sample, 7)), Some(31));
    assert_eq!(told_after(|second, sample| working(second, sample, second)), None);
}

#[test]
fn an_explanation_says_where_it_waits_and_for_what() {
    let mut machine = Machine::new();
    let object = Object { file: Some("/n/film".into()), mount: Some("/n".into()), device: Some("nas:/n".into()) };
    machine.add(100, 1, "player", "player film").wait =
        Some(Box::new(Wait { function: Some("nfs_wait".into()), object: Some(object), ..wait(101, 7) }));
    for _ in 0..10 {
        machine.pass(Duration::from_secs(1));
        machine.scan();
    }
    let index = machine.index(100);
    let standings = machine.detector.explain(&machine.snapshot, index, 0.0, &Rules::default()).unwrap();
    let hang = standings.into_iter().find(|standing| standing.reason == Reason::Hang).unwrap();
    let sentence = "Its thread 101 has waited in the kernel (nfs_wait) for /n/film on nas:/n, 9 s by now; it is told of after 30 s.";
    assert_eq!(hang.summary, sentence);
}

/// A machine on which five programs have waited for so many seconds for a server that is gone.
fn server_is_gone(seconds: u64, function: &str) -> (Machine, Vec<Finding>) {
    let mut machine = Machine::new();
    for pid in 100..105 {
        let sample = machine.add(pid, 1, "ls", "ls /mnt/nas");
        sample.state = State::DiskSleep;
        let object = Object { device: Some("nas:/export".into()), mount: Some("/mnt/nas".into()), file: None };
        sample.wait =
            Some(Box::new(Wait { function: Some(function.into()), object: Some(object), ..wait(pid, u64::from(pid)) }));
    }
    machine.scan();
    let found = (0..seconds / 2).map(|_| machine.go_on()).last().unwrap();
    (machine, found)
}

#[test]
fn all_that_wait_for_one_server_are_one_group_that_names_them() {
    let (_, found) = server_is_gone(34, "nfs_wait_bit_killable");
    assert_eq!(found.len(), 5);
    for found in &found {
        let Verdict::Firing(_, Evidence::Hang { waits_for, .. }) = &found.verdict else { panic!("{found:?}") };
        assert_eq!((waits_for.others.len(), found.group), (4, Some(Group::of_device("nas:/export"))));
    }
}

#[test]
fn what_is_frozen_hangs_in_nothing() {
    assert_eq!(server_is_gone(200, "__refrigerator").1, []);
}
