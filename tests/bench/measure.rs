//! Clocks and sizes.

use crate::harness::{LIMIT, wait_until};
use std::fs;
use std::time::{Duration, Instant};

/// The middle of some figures.
pub(crate) fn median<T: Copy + PartialOrd>(figures: &mut [T]) -> T {
    figures.sort_by(|a, b| a.partial_cmp(b).expect("figures that can be compared"));
    figures[figures.len() / 2]
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Lets time pass.
pub(crate) fn settle(time: Duration) {
    let began = Instant::now();
    wait_until("time to pass", LIMIT, || began.elapsed() >= time);
}

/// A size of a process in MiB, by its key of `smaps_rollup`.
pub(crate) fn mebibytes(pid: u32, key: &str) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let line = rollup.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// The threads of a process.
pub(crate) fn threads(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    tasks.map(|task| task.unwrap().file_name().to_string_lossy().parse().unwrap()).collect()
}

/// The CPU time of all threads that a process has now.
pub(crate) fn cpu_of(pid: u32) -> Duration {
    threads(pid).into_iter().map(|thread| cpu_of_thread(pid, thread)).sum()
}

/// The CPU time of one thread of a process.
pub(crate) fn cpu_of_thread(pid: u32, thread: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat")).unwrap_or_default();
    Duration::from_nanos(stat.split_whitespace().next().unwrap_or("0").parse().unwrap())
}
