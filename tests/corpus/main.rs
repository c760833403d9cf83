//! The corpus: labelled traces, and how well the detection does on them.
//!
//! `cargo test --test corpus` runs all of them and prints the figures beside those of the plain rules; it fails where
//! one is below its floor. Words behind ` -- ` pick traces by a part of their names; `--write FOLDER` writes the
//! scripted ones, each as a trace with its label, to be replayed or recorded anew. `--folder FOLDER` runs the traces of
//! that folder instead, `NAME.jsonl.zst` with its label in `NAME.json` each, with floors of their own; `made/make.py` makes some.
//!
//! Recorded traces are in `recorded/` with their labels; `record.py` made them. Scripted ones are made by the functions
//! in `scripted/` on a desktop that `desktop` imitates, with the same bytes every time.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends there, and says where")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what it is for")]

mod desktop;
mod label;
mod plain;
mod recorded;
mod report;
mod score;
mod scripted;

use label::Label;
use score::{Result, Total};
use serde_json::Number;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

/// What the detection must reach over all traces. In those of honest work nothing may be told.
struct Floors {
    traces: usize,
    precision: f64,
    recall: f64,
    median_delay_intervals: f64,
}

const OURS: Floors = Floors { traces: 140, precision: 0.995, recall: 0.995, median_delay_intervals: 1.01 };

const OF_A_FOLDER: Floors = Floors { traces: 1, precision: 0.98, recall: 0.96, median_delay_intervals: 1.01 };

/// A trace that can be run: its name, and what does so.
struct Trace {
    name: String,
    run: Box<dyn Fn(&str) -> Result + Send + Sync>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut words, mut folder) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--write" => {
                let folder = arguments.next().expect("--write is followed by a folder");
                scripted::write(Path::new(&folder));
                return ExitCode::SUCCESS;
            }
            "--folder" => folder = Some(arguments.next().expect("--folder is followed by a folder")),
            "--list" => return ExitCode::SUCCESS,
            option if option.starts_with('-') => {}
            _ => words.push(argument),
        }
    }
    let mut traces = folder.as_deref().map_or_else(ours, |folder| recorded::within(Path::new(folder)));
    traces.retain(|trace| words.is_empty() || words.iter().any(|word| trace.name.contains(word.as_str())));
    let results = run(&traces);
    println!("{}", report::text(&results));
    let floors = if folder.is_some() { OF_A_FOLDER } else { OURS };
    // A part of the traces says nothing of the whole.
    let faults = if words.is_empty() { below_floors(&results, &floors) } else { Vec::new() };
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The traces that the floors are for.
fn ours() -> Vec<Trace> {
    let mut traces = recorded::all();
    traces.extend(scripted::all());
    traces
}

/// Runs all traces, on as many threads as there are cores; the results are in the order of the traces.
fn run(traces: &[Trace]) -> Vec<Result> {
    let next = Mutex::new(traces.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some((index, trace)) = next.lock().unwrap().next() else { return };
            let result = (trace.run)(&trace.name);
            results.lock().unwrap().push((index, result));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn below_floors(results: &[Result], floors: &Floors) -> Vec<String> {
    let total = Total::of(results, |result| &result.ours);
    let honest = total.wrong_in_honest;
    let checks = [
        (results.len() >= floors.traces, "traces", results.len() as f64),
        (total.precision() >= floors.precision, "precision", total.precision()),
        (total.recall() >= floors.recall, "recall", total.recall()),
        (total.median_intervals() <= floors.median_delay_intervals, "median delay", total.median_intervals()),
        (honest == 0, "false alarms in honest traces", honest as f64),
    ];
    let missed = checks.into_iter().filter(|(is_reached, ..)| !is_reached);
    missed.map(|(_, what, figure)| format!("The floor of {what} is not reached: {figure:.3}.")).collect()
}

/// Reads seconds; 0 where they are not told.
fn seconds(number: Option<&Number>) -> f64 {
    number.and_then(Number::as_f64).unwrap_or(0.0)
}

/// Checks what every label must have.
fn check(name: &str, label: &Label) {
    assert!(!label.what.is_empty() && !label.how.is_empty(), "{name}: the label does not tell what it is");
    for runaway in &label.runaways {
        assert!(!runaway.members.is_empty() && !runaway.reasons.is_empty(), "{name}: {runaway:?}");
        assert!(runaway.until.is_none_or(|until| until > runaway.from), "{name}: {runaway:?}");
    }
}
