//! Which processes are shown, and in what order: pure, and made once for each change.

use super::columns::{Key, Order};
use super::query::Query;
use crate::process::Id;
use crate::protocol::Process;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The process.
    pub(super) id: Id,
    /// How many ancestors stand above it.
    pub(super) depth: usize,
    /// What stands below it.
    pub(super) branch: Branch,
    /// Whether it is looked for; it is only an ancestor of one that is otherwise.
    pub(super) is_match: bool,
}

/// What stands below a row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    /// Nothing.
    Leaf,
    /// Its children.
    Open,
    /// So many descendants, which are not shown.
    Folded(usize),
}

/// Gives what identifies a process.
pub(super) fn id(process: &Process) -> Id {
    Id { pid: process.pid, start_time: process.start_time }
}

/// Makes the rows of the processes that are looked for, sorted.
pub(super) fn list(processes: &[Process], query: &Query, order: Order) -> Vec<Row> {
    let row = |index: usize| Row { id: id(&processes[index]), depth: 0, branch: Branch::Leaf, is_match: true };
    let wanted = (0..processes.len()).filter(|index| query.matches(&processes[*index])).collect();
    sorted(processes, wanted, order).into_iter().map(row).collect()
}

/// Makes the rows with children under their parents, siblings sorted. Ancestors of what is looked for stay, and then
/// nothing is folded.
pub(super) fn tree(processes: &[Process], query: &Query, order: Order, folded: &HashSet<Id>) -> Vec<Row> {
    let parents = parents(processes);
    let matches: Vec<bool> = processes.iter().map(|process| query.matches(process)).collect();
    let kept = with_ancestors(&matches, &parents);
    let wanted = (0..processes.len()).filter(|index| kept[*index]).collect();
    let lines = Family::new(sorted(processes, wanted, order), &parents).lines();
    let is_folded = |id: &Id| query.is_everything() && folded.contains(id);
    let mut rows = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(&(index, depth)) = lines.get(at) {
        let id = id(&processes[index]);
        let below = lines[at + 1..].iter().take_while(|(_, below)| *below > depth);
        let is_leaf = lines.get(at + 1).is_none_or(|(_, next)| *next <= depth);
        let branch = match (is_leaf, is_folded(&id)) {
            (true, _) => Branch::Leaf,
            (false, false) => Branch::Open,
            (false, true) => Branch::Folded(below.count()),
        };
        at += 1 + if let Branch::Folded(hidden) = branch { hidden } else { 0 };
        rows.push(Row { id, depth, branch, is_match: matches[index] });
    }
    rows
}

/// Finds each one's parent. A pid that was given to another process since then is no parent: that one is younger.
fn parents(processes: &[Process]) -> Vec<Option<usize>> {
    let by_pid: HashMap<u32, usize> =
        processes.iter().enumerate().map(|(index, process)| (process.pid, index)).collect();
    let parent = |process: &Process| {
        let parent = *by_pid.get(&process.ppid)?;
        let is_older = processes[parent].start_time <= process.start_time;
        (is_older && process.pid != process.ppid).then_some(parent)
    };
    processes.iter().map(parent).collect()
}

fn with_ancestors(matches: &[bool], parents: &[Option<usize>]) -> Vec<bool> {
    let mut kept = matches.to_vec();
    for index in (0..matches.len()).filter(|index| matches[*index]) {
        let mut above = parents[index];
        while let Some(parent) = above.filter(|parent| !kept[*parent]) {
            kept[parent] = true;
            above = parents[parent];
        }
    }
    kept
}

/// Who stands under whom: by their places in the list of processes.
struct Family {
    roots: Vec<usize>,
    first_child: Vec<Option<usize>>,
    next_sibling: Vec<Option<usize>>,
    sorted: Vec<usize>,
}

impl Family {
    fn new(sorted: Vec<usize>, parents: &[Option<usize>]) -> Self {
        let nobody = vec![None; parents.len()];
        let (mut roots, mut first_child, mut next_sibling) = (Vec::new(), nobody.clone(), nobody);
        for index in sorted.iter().rev() {
            match parents[*index] {
                None => roots.push(*index),
                Some(parent) => next_sibling[*index] = first_child[parent].replace(*index),
            }
        }
        roots.reverse();
        Self { roots, first_child, next_sibling, sorted }
    }

    /// Gives each one once, under its parent, with its depth. Those that are their own ancestors begin a tree where
    /// they are met first.
    fn lines(&self) -> Vec<(usize, usize)> {
        let mut lines = Vec::with_capacity(self.sorted.len());
        let mut is_met = vec![false; self.first_child.len()];
        for root in self.roots.iter().chain(&self.sorted) {
            let mut waiting = vec![(*root, 0)];
            while let Some((index, depth)) = waiting.pop() {
                if std::mem::replace(&mut is_met[index], true) {
                    continue;
                }
                lines.push((index, depth));
                waiting.extend(self.next_sibling[index].filter(|_| depth > 0).map(|next| (next, depth)));
                waiting.extend(self.first_child[index].map(|child| (child, depth + 1)));
            }
        }
        lines
    }
}

/// What one process is compared by.
struct Sorted<'p> {
    number: u64,
    text: &'p str,
    process: &'p Process,
    index: usize,
}

/// Sorts by the order's key; those that are equal stand by name and pid, whichever way the others go.
fn sorted(processes: &[Process], wanted: Vec<usize>, order: Order) -> Vec<usize> {
    let key = |index| {
        let process: &Process = &processes[index];
        let (number, text) = compared(process, order.key);
        Sorted { number, text, process, index }
    };
    let mut keys: Vec<Sorted> = wanted.into_iter().map(key).collect();
    keys.sort_unstable_by(|one, other| {
        let by_key = one.number.cmp(&other.number).then_with(|| compare_text(one.text, other.text));
        let by_key = if order.is_descending { by_key.reverse() } else { by_key };
        by_key
            .then_with(|| one.process.name.cmp(&other.process.name))
            .then_with(|| one.process.pid.cmp(&other.process.pid))
            .then_with(|| one.index.cmp(&other.index))
    });
    keys.into_iter().map(|key| key.index).collect()
}

fn compared(process: &Process, key: Key) -> (u64, &str) {
    match key {
        Key::Name => (0, &process.name),
        Key::Pid => (process.pid.into(), ""),
        Key::Cpu => (ordered(process.cpu_percent), ""),
        Key::Memory => (ordered(process.memory_mb), ""),
        Key::Runtime => (process.runtime_seconds, ""),
        Key::State => (u64::from(u32::from(process.state.letter())), ""),
        Key::User => (0, &process.user),
        Key::Threads => (process.threads.into(), ""),
        Key::Parent => (process.ppid.into(), ""),
        Key::Application => (0, application(process).unwrap_or_default()),
    }
}

/// Gives the name of its application for people, or its id.
pub(super) fn application(process: &Process) -> Option<&str> {
    process.app_name.as_deref().or(process.app.as_deref()).filter(|name| !name.is_empty())
}

/// Gives a number that sorts as the figure does. What is less than nothing, or no number, is nothing.
fn ordered(figure: f64) -> u64 {
    if figure > 0.0 { figure.to_bits() } else { 0 }
}

/// Compares as people do, upper and lower case alike.
fn compare_text(one: &str, other: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    one.bytes().map(lower).cmp(other.bytes().map(lower))
}

#[cfg(test)]
pub(super) mod tests;
