//! Rows of processes as they are, and as nobody would make them.

use super::Branch::{Leaf, Open};
use super::*;
use crate::process::State;
use proptest::prelude::*;

/// A process that does nothing.
pub(in crate::window::monitor) fn process(pid: u32, parent: u32, name: &str) -> Process {
    Process {
        pid,
        name: name.to_owned(),
        cmdline: format!("/usr/bin/{name}"),
        cpu_percent: 0.0,
        memory_mb: 0.0,
        runtime_seconds: 60,
        state: State::Sleeping,
        start_time: u64::from(pid),
        ppid: parent,
        uid: 1000,
        user: "ada".into(),
        threads: 1,
        app: None,
        app_name: None,
    }
}

const CPU: Order = Order { key: Key::Cpu, is_descending: true };

fn pids(rows: &[Row]) -> Vec<u32> {
    rows.iter().map(|row| row.id.pid).collect()
}

fn everything() -> Query {
    Query::default()
}

/// 1 → 2 → 4, 1 → 3; 9 has a parent that is not there.
fn family() -> Vec<Process> {
    vec![
        process(1, 0, "init"),
        process(2, 1, "shell"),
        process(3, 1, "bus"),
        process(4, 2, "make"),
        process(9, 7, "odd"),
    ]
}

#[test]
fn equal_ones_stand_by_name_and_pid_whichever_way_the_rest_goes() {
    let mut processes = vec![process(5, 0, "b"), process(3, 0, "a"), process(4, 0, "b"), process(8, 0, "z")];
    processes[3].cpu_percent = 12.0;
    assert_eq!(pids(&list(&processes, &everything(), CPU)), [8, 3, 4, 5]);
    assert_eq!(pids(&list(&processes, &everything(), Order { is_descending: false, ..CPU })), [3, 4, 5, 8]);
}

#[test]
fn each_column_sorts() {
    let mut one = process(10, 2, "Beta");
    let mut other = process(20, 1, "alpha");
    (one.memory_mb, one.threads, one.runtime_seconds, one.state) = (5.0, 9, 7, State::Running);
    (other.user, other.app) = ("bob".into(), Some("x".into()));
    one.user = "Carol".into();
    let processes = [one, other];
    let first = |key| pids(&list(&processes, &everything(), Order { key, is_descending: false }))[0];
    let ascending = [Key::Name, Key::Pid, Key::Memory, Key::Runtime, Key::State, Key::User, Key::Threads, Key::Parent];
    assert_eq!(ascending.map(first), [20, 10, 20, 10, 10, 20, 20, 20]);
    assert_eq!(first(Key::Application), 10);
}

#[test]
fn figures_that_are_no_numbers_are_nothing() {
    let mut processes: Vec<_> = (1..5).map(|pid| process(pid, 0, "p")).collect();
    for (process, cpu) in processes.iter_mut().zip([f64::NAN, -1.0, f64::INFINITY, 3.0]) {
        process.cpu_percent = cpu;
    }
    assert_eq!(pids(&list(&processes, &everything(), CPU)), [3, 4, 1, 2]);
}

#[test]
fn children_stand_under_their_parents_and_siblings_are_sorted() {
    let mut processes = family();
    processes[2].cpu_percent = 50.0;
    let rows = tree(&processes, &everything(), CPU, &HashSet::new());
    let lines: Vec<_> = rows.iter().map(|row| (row.id.pid, row.depth, row.branch)).collect();
    assert_eq!(lines, [(1, 0, Open), (3, 1, Leaf), (2, 1, Open), (4, 2, Leaf), (9, 0, Leaf)]);
}

#[test]
fn a_folded_parent_counts_what_it_hides() {
    let folded = HashSet::from([id(&family()[0]), id(&family()[3])]);
    let rows = tree(&family(), &everything(), CPU, &folded);
    assert_eq!(pids(&rows), [1, 9]);
    assert_eq!(rows[0].branch, Branch::Folded(3));
}

#[test]
fn a_search_keeps_ancestors_and_unfolds() {
    let folded = HashSet::from([id(&family()[0])]);
    let rows = tree(&family(), &Query::new("make").unwrap(), CPU, &folded);
    let lines: Vec<_> = rows.iter().map(|row| (row.id.pid, row.is_match)).collect();
    assert_eq!(lines, [(1, false), (2, false), (4, true)]);
    assert_eq!(pids(&list(&family(), &Query::new("make").unwrap(), CPU)), [4]);
}

#[test]
fn a_pid_that_was_used_again_is_no_parent() {
    let mut processes = family();
    processes[1].start_time = 100;
    assert_eq!(pids(&tree(&processes, &everything(), CPU, &HashSet::new())), [1, 3, 2, 4, 9]);
    assert_eq!(tree(&processes, &everything(), CPU, &HashSet::new())[3].depth, 0);
}

#[test]
fn ten_thousand_generations_are_no_danger() {
    let processes: Vec<_> = (1..=10_000).map(|pid| process(pid, pid - 1, "p")).collect();
    let rows = tree(&processes, &everything(), CPU, &HashSet::new());
    assert_eq!((rows.len(), rows[9999].depth), (10_000, 9999));
    let rows = tree(&processes, &everything(), CPU, &HashSet::from([id(&processes[0])]));
    assert_eq!((rows.len(), rows[0].branch), (1, Branch::Folded(9999)));
}

proptest! {
    /// Whatever parents they name, themselves and each other included, each one is shown once.
    #[test]
    fn each_is_shown_once(parents in proptest::collection::vec((0..40u32, 0..3u64), 0..40)) {
        let make = |(index, (parent, start_time)): (usize, &(u32, u64))| {
            Process { start_time: *start_time, ..process(index as u32, *parent, "p") }
        };
        let processes: Vec<_> = parents.iter().enumerate().map(make).collect();
        let rows = tree(&processes, &everything(), CPU, &HashSet::new());
        let mut shown = pids(&rows);
        shown.sort_unstable();
        prop_assert_eq!(shown, (0..processes.len() as u32).collect::<Vec<_>>());
        for pair in rows.windows(2) {
            prop_assert!(pair[1].depth <= pair[0].depth + 1);
        }
        let folded = rows.iter().map(|row| row.id).collect();
        let hidden: usize = tree(&processes, &everything(), CPU, &folded)
            .iter()
            .map(|row| 1 + if let Branch::Folded(hidden) = row.branch { hidden } else { 0 })
            .sum();
        prop_assert_eq!(hidden, processes.len());
    }
}
