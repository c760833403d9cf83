//! Processes that run away.

use super::{Home, LIMIT, Running, fixture, wait_until};
use std::fmt::Write as _;

/// A process that keeps one core busy.
pub(crate) struct Burner {
    name: String,
    process: Running,
}

impl Burner {
    /// Starts one with this name, of at most 15 bytes, as name and as first word of its command line.
    pub(crate) fn start(home: &Home, name: &str) -> Self {
        Self::run(home, name, "while :; do :; done")
    }

    /// Starts one that ignores SIGTERM.
    pub(crate) fn start_stubborn(home: &Home, name: &str) -> Self {
        Self::run(home, name, "trap '' TERM; while :; do :; done")
    }

    fn run(home: &Home, name: &str, script: &str) -> Self {
        assert!(name.len() <= 15, "the kernel would cut {name}");
        // A program of its own writes the copy: a file that this one had open for writing could not be run while a
        // fork of another test still holds it.
        home.run("cp", &["/bin/sh", home.bin().join(name).to_str().unwrap()]);
        let mut command = home.command(name);
        let process = Running::start(home, name, command.args(["-c", script]));
        wait_until(&format!("{name} runs under its name"), LIMIT, || comm_of(process.pid()) == name);
        Self { name: name.to_owned(), process }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        self.process.signal(signal);
    }

    /// Whether it lives; reaps it where it does not.
    pub(crate) fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// Waits until it was ended by others, and reaps it.
    pub(crate) fn wait_for_end(&mut self) {
        self.process.wait_for_end();
    }

    /// The kernel's letter for its state.
    pub(crate) fn state(&self) -> Option<char> {
        state_of(self.pid())
    }

    /// A regular expression for the whitelist that fits everything on the machine but what begins with this name, so
    /// that other busy programs cannot disturb a test.
    pub(crate) fn all_others(&self) -> String {
        all_but(&self.name)
    }
}

/// A process in state D for as long as this lives.
pub(crate) struct Stuck {
    process: Running,
}

impl Stuck {
    /// Compiles and starts one with this name, of at most 15 bytes. The machine needs gcc: see [`super::requires`].
    pub(crate) fn start(home: &Home, name: &str) -> Self {
        compile(home, "desktop/stuck.c", name);
        let process = Running::start(home, name, &mut home.command(name));
        wait_until(&format!("{name} is stuck"), LIMIT, || state_of(process.pid()) == Some('D'));
        Self { process }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }
}

/// A process that a monitor may misread; see `tests/fixtures/processes/odd.c`.
pub(crate) struct Odd {
    process: Running,
}

impl Odd {
    /// Compiles and starts one of a kind. The machine needs gcc: see [`super::requires`].
    pub(crate) fn start(home: &Home, kind: &str, words: &[&str]) -> Self {
        compile(home, "processes/odd.c", kind);
        Self { process: Running::start(home, kind, home.command(kind).arg(kind).args(words)) }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        self.process.signal(signal);
    }
}

/// Makes a program of a fixture in C.
fn compile(home: &Home, source: &str, name: &str) {
    let copy = home.path(name).with_extension("c");
    std::fs::write(&copy, fixture(source)).unwrap();
    home.run("gcc", &["-pthread", "-o", home.bin().join(name).to_str().unwrap(), copy.to_str().unwrap()]);
}

/// The kernel's letter for the state of a process; None where it is gone.
pub(crate) fn state_of(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The kernel's name of a process; empty where it is gone.
pub(crate) fn comm_of(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim_end().to_owned()
}

/// What does not begin with `prefix`, without look-ahead: it ends early, or one character is another one.
fn all_but(prefix: &str) -> String {
    let mut pattern = String::from("^(?:");
    for (at, character) in prefix.char_indices() {
        let (before, character) = (regex_lite::escape(&prefix[..at]), regex_lite::escape(&character.to_string()));
        write!(pattern, "{before}(?:$|[^{character}])|").unwrap();
    }
    pattern.pop();
    pattern + ")"
}

#[test]
fn all_but_fits_everything_but_the_prefix() {
    let pattern = regex_lite::Regex::new(&all_but("burn-1")).unwrap();
    for other in ["", "b", "burn", "burn-", "burn-2", "cargo", "/bin/burn-1", "xburn-1", "burnx1"] {
        assert!(pattern.is_match(other), "{other}");
    }
    for ours in ["burn-1", "burn-1 -c while :; do :; done"] {
        assert!(!pattern.is_match(ours), "{ours}");
    }
}
