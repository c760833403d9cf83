//! The table that the bench prints, and that goes to the README with its plot.

use crate::peers::Cost;
use crate::plot;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Between these two lines of the README stands what the bench wrote.
const BEGIN: &str = "<!-- written by the bench: begin -->\n";
const END: &str = "<!-- written by the bench: end -->\n";

/// Where the plot goes.
const PLOT: &str = "tests/bench/cost.svg";

/// What was measured so far, as Markdown.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
    costs: Vec<Cost>,
}

impl Report {
    /// Begins with what the machine is.
    pub(crate) fn new() -> Self {
        let mut report = Self::default();
        report.say(&format!("Measured on {}.\n", machine()));
        report
    }

    /// Begins a table.
    pub(crate) fn table(&mut self, title: &str, columns: &[&str]) {
        self.say(&format!("\n{title}\n"));
        self.say(&format!("| {} |", columns.join(" | ")));
        self.say(&format!(
            "| {} |",
            columns.iter().map(|column| "-".repeat(column.len().max(3))).collect::<Vec<_>>().join(" | ")
        ));
    }

    /// Adds a line to the table.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.say(&format!("| {} |", cells.join(" | ")));
    }

    /// Adds a line of what was measured, and the figure.
    pub(crate) fn figure(&mut self, what: &str, figure: &str) {
        self.row(&[what.to_owned(), figure.to_owned()]);
    }

    /// Adds a sentence.
    pub(crate) fn say(&mut self, line: &str) {
        println!("{line}");
        let _ = writeln!(self.text, "{line}");
    }

    /// Takes what goes into the plot.
    pub(crate) fn plot(&mut self, costs: Vec<Cost>) {
        self.costs = costs;
    }

    /// Writes the tables into the README, and the plot.
    pub(crate) fn write(&self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let readme = fs::read_to_string(root.join("README.md")).unwrap();
        let (before, rest) = readme.split_once(BEGIN).expect("the README has a place for it");
        let (_, after) = rest.split_once(END).expect("that place has an end");
        fs::write(root.join("README.md"), format!("{before}{BEGIN}\n{}\n{END}{after}", self.text)).unwrap();
        fs::write(root.join(PLOT), plot::draw(&self.costs)).unwrap();
    }
}

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let value =
        |key: &str| cpuinfo.lines().find_map(|line| line.strip_prefix(key)?.split_once(": ")).map(|(_, value)| value);
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let release = read("/proc/sys/kernel/osrelease");
    let kernel = release.split(['-', '\n']).next().unwrap_or_default();
    let kibibytes: f64 =
        read("/proc/meminfo").split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0.0);
    let model = value("model name").unwrap_or("an unnamed processor");
    format!("{cores} cores of {model}, {:.0} GiB, Linux {kernel}", kibibytes / 1024.0 / 1024.0)
}
