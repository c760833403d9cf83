//! What the sweep of the CPU clocks must not hide, made to happen on this machine.

use crate::harness::{Home, LIMIT, Odd, Running, kill, requires, run_alone, skip, wait_for, wait_until};
use runaway_guard::process::State;
use runaway_guard::sample::procfs::Collector;
use runaway_guard::sample::{Now, Sample, Snapshot};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::time::Duration;

/// After so much time everything has been read again.
const ROTATION: Duration = Duration::from_mins(10);

/// The last pid that the kernel gave out, which root may set.
const LAST_PID: &str = "/proc/sys/kernel/ns_last_pid";

fn sweep() -> Collector {
    let mut collector = Collector::new("/proc").unwrap();
    assert!(scan(&mut collector).is_exact, "this kernel has CPU clocks");
    collector
}

fn scan(collector: &mut Collector) -> Snapshot {
    collector.scan(Now::read()).unwrap()
}

fn find(snapshot: &Snapshot, pid: u32) -> Option<&Sample> {
    snapshot.samples.iter().find(|sample| sample.id.pid == pid)
}

fn look(collector: &mut Collector, pid: u32) -> Sample {
    find(&scan(collector), pid).expect("the process").clone()
}

/// Scans until the process looks as it should.
fn wait_for_sample(collector: &mut Collector, pid: u32, what: &str, looks: impl Fn(&Sample) -> bool) -> Sample {
    wait_for(what, LIMIT, || Some(look(collector, pid)).filter(&looks))
}

/// The parent of a process as the kernel tells it now.
fn parent_of(pid: u32) -> u32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_burner_below_a_tick_has_a_use() {
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    let crumbs = Odd::start(&home, "crumbs", &[]);
    let mut collector = sweep();
    let mut last = look(&mut collector, crumbs.pid()).cpu_time;
    let mut is_fine = false;
    for _ in 0..5 {
        let more = wait_for_sample(&mut collector, crumbs.pid(), "it used more", |sample| sample.cpu_time > last);
        let used = more.cpu_time.saturating_sub(last);
        is_fine |= used < Duration::from_millis(10) || used.subsec_nanos() % 10_000_000 != 0;
        last = more.cpu_time;
    }
    assert!(is_fine, "its use is told finer than in ticks");
}

#[test]
fn a_leader_that_exited_while_another_thread_burns_has_not_ended() {
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    let leader = Odd::start(&home, "leader", &[]);
    let mut collector = sweep();
    let zombie =
        wait_for_sample(&mut collector, leader.pid(), "it looks like a zombie", |sample| sample.state == State::Zombie);
    assert!(!zombie.has_ended(), "{zombie:?}");
    wait_for_sample(&mut collector, leader.pid(), "it burns", |sample| {
        sample.cpu_time > zombie.cpu_time + Duration::from_millis(100) && !sample.has_ended()
    });
}

#[test]
fn one_that_is_stuck_is_in_state_d_in_every_scan() {
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    let stuck = crate::harness::Stuck::start(&home, "stuck-sweep");
    let mut collector = sweep();
    for _ in 0..60 {
        let sample = look(&mut collector, stuck.pid());
        assert_eq!(sample.state, State::DiskSleep);
        let function = sample.wait.expect("a wait").function;
        assert!(function.is_some() || !fs::metadata("/proc/self/wchan").is_ok_and(|file| file.is_file()));
    }
}

#[test]
fn a_child_has_its_new_parent_once_the_old_one_ended() {
    let home = Home::new();
    let mut command = home.command("sh");
    let mut parent = Running::start_piped(&home, "parent", command.args(["-c", "sleep 600 & echo $!; wait"]));
    let mut line = String::new();
    BufReader::new(parent.take_stdout()).read_line(&mut line).unwrap();
    let child: u32 = line.trim().parse().unwrap();
    let mut collector = sweep();
    assert_eq!(look(&mut collector, child).parent, parent.pid());
    parent.kill();
    let orphan = look(&mut collector, child);
    assert_eq!(orphan.parent, parent_of(child));
    assert_ne!(orphan.parent, parent.pid());
    kill(child);
}

#[test]
fn memory_that_others_take_away_is_seen_within_the_rotation() {
    const SIZE: u64 = 16 << 20;
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    let file = home.path("mapped");
    fs::write(&file, vec![1; usize::try_from(SIZE).unwrap()]).unwrap();
    let mapped = Odd::start(&home, "mapped", &[file.to_str().unwrap()]);
    let mut collector = sweep();
    wait_for_sample(&mut collector, mapped.pid(), "it has touched all", |sample| sample.resident > SIZE);
    let before = wait_for_sample(&mut collector, mapped.pid(), "it rests", |sample| sample.state == State::Sleeping);
    // Its file becomes empty: the kernel takes the pages away, and it sleeps on.
    fs::OpenOptions::new().write(true).truncate(true).open(&file).unwrap();
    let now = Now::read();
    let later = collector.scan(Now { monotonic: now.monotonic + ROTATION, ..now }).unwrap();
    let seen = find(&later, mapped.pid()).unwrap();
    assert!(seen.resident < SIZE / 4, "{seen:?}");
    assert_eq!(seen.cpu_time, before.cpu_time, "its clock stood still");
}

#[test]
fn a_pid_that_is_used_again_is_another_process() {
    if !std::path::Path::new(LAST_PID).exists() {
        return skip("this kernel lets nobody choose pids");
    }
    run_alone("sweep::pids_used_again");
}

/// The test itself, which [`a_pid_that_is_used_again_is_another_process`] runs: no other test may see pids go back.
#[test]
#[ignore = "another test runs it in a namespace"]
fn pids_used_again() {
    let home = Home::new();
    let mut collector = sweep();
    for busy in ["while :; do :; done", "exec sleep 600"] {
        let mut first = Running::start(&home, "first", home.command("sh").args(["-c", busy]));
        let pid = first.pid();
        let before =
            wait_for_sample(&mut collector, pid, "it is seen", |sample| sample.age > Duration::from_millis(50));
        first.kill();
        let second = start_at(&home, pid).expect("the pid is free");
        let seen = (0..4).map(|_| look(&mut collector, pid)).find(|sample| sample.id != before.id);
        assert_eq!(&*seen.expect("another process").description.name, "second");
        drop(second);
    }
}

/// Starts a process under a pid that is free, as if the kernel had come around to it.
fn start_at(home: &Home, pid: u32) -> Option<Running> {
    home.run("cp", &["/bin/sleep", home.bin().join("second").to_str().unwrap()]);
    let wanted = (0..50).find_map(|_| {
        let newest = fs::read_to_string(LAST_PID).unwrap();
        fs::write(LAST_PID, (pid - 1).to_string()).unwrap();
        let second = Running::start(home, "second", home.command("second").arg("600"));
        // Nothing tells that the pids went back.
        fs::write(LAST_PID, newest.trim()).unwrap();
        (second.pid() == pid).then_some(second)
    })?;
    wait_until("it is its program", LIMIT, || {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm == "second\n")
    });
    Some(wanted)
}

#[test]
fn where_others_are_hidden_ones_own_are_seen() {
    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        return skip("only root may hide processes");
    }
    let home = Home::new();
    let program = home.bin().join("runaway-guard");
    home.run("cp", &[env!("CARGO_BIN_EXE_runaway-guard"), program.to_str().unwrap()]);
    home.run("chown", &["-R", "65534:65534", home.path("").to_str().unwrap()]);
    let as_nobody = |words: &[&str]| {
        let mut command = home.command("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--pdeathsig", "KILL"]).args(words);
        command
    };
    let mut hidden = home.command("unshare");
    hidden.args(["--mount", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"", "sh"]);
    hidden.args(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--pdeathsig", "KILL"]);
    hidden.args(["runaway-guard", "--headless"]);
    let guard = Running::start(&home, "hidden", &mut hidden);
    wait_until("it says so", LIMIT, || guard.log().contains("/proc hides the processes of other users"));
    let _theirs = Running::start(&home, "theirs", home.command("sleep").arg("600"));
    let own = Running::start(&home, "own", &mut as_nobody(&["sleep", "600"]));
    wait_until("its own new process is seen, and no other user's", LIMIT, || {
        let told = as_nobody(&["runaway-guard", "ps", "--json"]).output().unwrap().stdout;
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&told).unwrap_or_default();
        assert!(rows.iter().all(|row| row["uid"] == NOBODY), "{rows:?}");
        rows.iter().any(|row| row["pid"] == own.pid())
    });
}

#[test]
fn another_pid_namespace_is_scanned_plainly() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root may enter namespaces here");
    }
    let home = Home::new();
    let mut command = home.command("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", "sleep 600; :"]);
    let unshare = Running::start(&home, "unshare", &mut command);
    let children = format!("/proc/{0}/task/{0}/children", unshare.pid());
    let init = wait_for("its first process", LIMIT, || {
        let child: u32 = fs::read_to_string(&children).ok()?.trim().parse().ok()?;
        fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|comm| comm == "sh\n").then_some(child)
    });
    let mut collector = Collector::new(format!("/proc/{init}/root/proc")).unwrap();
    let snapshot = wait_for("its two processes", LIMIT, || {
        Some(scan(&mut collector)).filter(|snapshot| snapshot.samples.len() == 2)
    });
    assert!(!snapshot.is_exact);
    assert_eq!(snapshot.samples[0].id.pid, 1);
}
