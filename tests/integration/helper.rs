//! The helper that polkit runs as root: whom it ends, and whom it does not. Root stands in for pkexec here; the whole way
//! through polkit is gone in `tests/packages`.

use crate::harness::{LIMIT, wait_until};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

const HELPER: &str = env!("CARGO_BIN_EXE_runaway-guard-kill");

const NOBODY: u32 = 65534;

/// Who asks, as pkexec tells it.
const ASKER: &str = "1000";

/// A process of nobody's, ended with the test.
struct Victim(Child);

impl Victim {
    /// Runs a shell script, and waits for its first line.
    fn run(script: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]).uid(NOBODY).current_dir("/").process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }

    /// Waits in the shell itself, without a child, for a line that never comes.
    fn obedient() -> Self {
        Self::run("echo ready; read line")
    }

    fn words(&self) -> [String; 2] {
        words(self.0.id())
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    fn signal_that_ended_it(&mut self) -> Option<i32> {
        self.0.wait().unwrap().signal()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pid and its start time, as the helper is told them.
fn words(pid: u32) -> [String; 2] {
    [pid.to_string(), field(pid, 22)]
}

/// Source: proc(5), `/proc/pid/stat`.
fn field(pid: u32, number: usize) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(number - 3).unwrap().to_owned()
}

/// Runs the helper with nothing in its environment but who asks, and gives its exit code.
fn helper(asker: Option<&str>, words: &[&str]) -> i32 {
    let mut command = Command::new(HELPER);
    command.args(words).env_clear().envs(asker.map(|asker| ("PKEXEC_UID", asker)));
    command.stdin(Stdio::null()).stderr(Stdio::null()).status().unwrap().code().expect("an exit code")
}

fn asked([pid, start_time]: &[String; 2]) -> i32 {
    helper(Some(ASKER), &[pid, start_time])
}

fn is_root() -> bool {
    let is_root = nix::unistd::getuid().is_root();
    if !is_root {
        eprintln!("skipped: the helper needs root");
    }
    is_root
}

#[test]
fn it_ends_the_process_that_is_meant() {
    if !is_root() {
        return;
    }
    let mut victim = Victim::obedient();
    assert_eq!(asked(&victim.words()), 0);
    assert_eq!(victim.signal_that_ended_it(), Some(15));
    let mut victim = Victim::run("trap '' TERM; echo ready; read line");
    assert_eq!(asked(&victim.words()), 10);
    assert_eq!(victim.signal_that_ended_it(), Some(9));
}

#[test]
fn what_is_stopped_goes_on_so_that_it_can_end() {
    if !is_root() {
        return;
    }
    let mut victim = Victim::run("trap 'exit 7' TERM; echo ready; while :; do :; done");
    let pid = rustix::process::Pid::from_child(&victim.0);
    #[expect(clippy::disallowed_methods, reason = "a child of this test")]
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    wait_until("it is stopped", LIMIT, || field(victim.0.id(), 3) == "T");
    assert_eq!(asked(&victim.words()), 0);
    assert_eq!(victim.0.wait().unwrap().code(), Some(7));
}

#[test]
fn another_process_with_the_pid_is_left_alone() {
    if !is_root() {
        return;
    }
    let mut victim = Victim::obedient();
    let [pid, start_time] = victim.words();
    let later = (start_time.parse::<u64>().unwrap() + 1).to_string();
    assert_eq!(helper(Some(ASKER), &[&pid, &later]), 11);
    assert!(victim.is_alive());
    victim.0.kill().unwrap();
    wait_until("it has ended", LIMIT, || field(victim.0.id(), 3) == "Z");
    assert_eq!(helper(Some(ASKER), &[&pid, &start_time]), 11, "ended, and not yet reaped");
    victim.0.wait().unwrap();
    assert_eq!(helper(Some(ASKER), &[&pid, &start_time]), 11);
}

#[test]
fn the_first_process_kernel_threads_and_those_it_descends_from_are_spared() {
    if !is_root() {
        return;
    }
    let own = std::process::id();
    let parent = field(own, 4).parse().unwrap();
    let mut spared = vec![1, own, parent];
    let is_kernel_thread = |pid: u32| field(pid, 9).parse::<u64>().unwrap() & 0x0020_0000 != 0;
    spared.extend(std::path::Path::new("/proc/2").exists().then_some(2).filter(|pid| is_kernel_thread(*pid)));
    for pid in spared.into_iter().filter(|pid| *pid > 0) {
        assert_eq!(asked(&words(pid)), 13, "{pid}");
    }
}

#[test]
fn what_belongs_to_the_one_who_asks_needs_no_root() {
    if !is_root() {
        return;
    }
    let mut victim = Victim::obedient();
    let [pid, start_time] = victim.words();
    assert_eq!(helper(Some(&NOBODY.to_string()), &[&pid, &start_time]), 14);
    assert!(victim.is_alive());
}

#[test]
fn it_takes_a_pid_and_a_start_time_and_nothing_else() {
    let [pid, start_time] = &words(std::process::id());
    let (pid, start_time, zeroed) = (pid.as_str(), start_time.as_str(), format!("0{pid}"));
    for words in [
        &[][..],
        &[pid],
        &[pid, start_time, "9"],
        &["-1", start_time],
        &["0", start_time],
        &[&zeroed, start_time],
        &[pid, "-1"],
        &[pid, ""],
        &["--help", start_time],
    ] {
        assert_eq!(helper(Some(ASKER), words), 15, "{words:?}");
    }
}

#[test]
fn nobody_but_pkexec_is_listened_to() {
    let [pid, start_time] = words(std::process::id());
    for asker in [None, Some(""), Some("-1"), Some("ada"), Some("1000 "), Some("4294967296")] {
        assert_eq!(helper(asker, &[&pid, &start_time]), 16, "{asker:?}");
    }
    if !is_root() {
        assert_eq!(helper(Some(ASKER), &[&pid, &start_time]), 16, "root it has to be");
        return;
    }
    // Nobody may not enter every folder, so the helper is copied to where all may.
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let copy = folder.path().join("helper");
    // A program of its own writes the copy: a fork of another test may still hold what this one had open for writing.
    assert!(Command::new("cp").arg(HELPER).arg(&copy).status().unwrap().success());
    let mut command = Command::new(&copy);
    command.args([&pid, &start_time]).uid(NOBODY).env("PKEXEC_UID", ASKER).stderr(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(16), "root it has to be");
}
