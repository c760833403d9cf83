//! What the guard costs and how fast it is: `cargo bench`, or a part of it: `cargo bench -- scan resident window`.
//!
//! Prints its tables from one run; with `RUNAWAY_GUARD_BENCH=write` they go to the README as well, with a plot. The
//! figures are of this machine and moment; compare them only within a run.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on ends there, and says where")]
#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(
    clippy::unused_self,
    reason = "a part of the desktop is acted on through its guard, which proves that it runs"
)]
#![allow(
    dead_code,
    unused_imports,
    reason = "the harness is that of the integration tests, and has more than is used here"
)]

mod crowd;
mod measure;
mod peers;
mod plot;
mod report;
mod resident;
mod scan;
mod suspects;
#[cfg(feature = "window")]
mod window;

#[path = "../integration"]
mod integration {
    pub(crate) mod harness;
}

use integration::harness;
use report::Report;

/// A part of the bench: its name, and what measures it.
type Part = (&'static str, fn(&mut Report));

/// The parts, in the order of their tables.
const PARTS: &[Part] = &[
    ("scan", scan::run),
    ("suspects", suspects::run),
    ("peers", peers::run),
    ("resident", resident::run),
    #[cfg(feature = "window")]
    ("window", window::run),
];

fn main() {
    // Cargo adds its own option to those of the user.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [argument, count] = arguments.as_slice()
        && argument == crowd::THREADS
    {
        return crowd::be_threads(count);
    }
    #[cfg(feature = "window")]
    if arguments.iter().any(|argument| argument == window::EMPTY) {
        return window::empty();
    }
    let unknown = arguments.iter().find(|argument| PARTS.iter().all(|(name, _)| name != argument));
    if let Some(unknown) = unknown {
        let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        eprintln!("There is no part {unknown:?}. Name some of: {}.", names.join(", "));
        std::process::exit(2);
    }
    let mut report = Report::new();
    for (name, run) in PARTS {
        if arguments.is_empty() || arguments.iter().any(|argument| argument == name) {
            run(&mut report);
        }
    }
    // A part would take the place of the whole.
    if arguments.is_empty() && std::env::var("RUNAWAY_GUARD_BENCH").is_ok_and(|value| value == "write") {
        report.write();
    }
}
