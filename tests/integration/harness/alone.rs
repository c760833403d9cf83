//! Tests that need the machine's pids for themselves.

use super::{Home, Running, skip};

/// Runs an ignored test in a pid namespace of its own, where nothing else runs and pids may be chosen.
pub(crate) fn run_alone(test: &str) {
    if !rustix::process::geteuid().is_root() {
        return skip("only root may enter namespaces here");
    }
    let home = Home::new();
    let mut command = home.command("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]).arg(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", test]);
    let mut alone = Running::start(&home, "alone", &mut command);
    let status = alone.wait_for_end();
    assert!(status.success() && alone.log().contains("1 passed"), "{}", alone.log());
}
