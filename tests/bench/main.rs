//! What the guard costs and how fast it is: `cargo bench`, or a part of it: `cargo bench -- scan resident window`.
//!
//! Prints one table from one run. The figures are of this machine and moment; compare them only within a run.

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
mod resident;
mod scan;
#[cfg(feature = "window")]
mod window;

#[path = "../integration"]
mod integration {
    pub(crate) mod harness;
}

use integration::harness;

/// The parts of the bench by their names, in the order of the table.
const PARTS: &[(&str, fn())] = &[
    ("scan", scan::run),
    ("peers", peers::run),
    ("resident", resident::run),
    #[cfg(feature = "window")]
    ("window", window::run),
];

fn main() {
    // Cargo adds its own option to those of the user.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
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
    for (name, run) in PARTS {
        if arguments.is_empty() || arguments.iter().any(|argument| argument == name) {
            run();
        }
    }
}
