use super::*;
use crate::process::{Id, Pid, State};
use crate::sample::application::Applications;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A process of this test, ended with it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    Running(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("a process"))
}

fn real() -> Collector {
    Collector::with_applications(Path::new("/proc"), Applications::new(Vec::new())).expect("/proc")
}

fn find(snapshot: &Snapshot, pid: Pid) -> Option<&Sample> {
    snapshot.samples.iter().find(|sample| sample.id.pid == pid)
}

/// Scans until the process looks as it should; a process that starts takes a moment to become its program.
fn scan_until(collector: &mut Collector, pid: Pid, wanted: impl Fn(&Sample) -> bool) -> Sample {
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        let snapshot = collector.scan(Now::read()).expect("a snapshot");
        let sample = find(&snapshot, pid).expect("the process");
        if wanted(sample) {
            return sample.clone();
        }
        assert!(Instant::now() < limit, "{sample:?}");
        std::thread::yield_now();
    }
}

#[test]
fn this_process_is_found_as_it_is() {
    let snapshot = real().scan(Now::read()).expect("a snapshot");
    let own = find(&snapshot, std::process::id()).expect("this process");
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let line = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect(key);
        line.split_whitespace().next().expect(key).parse::<u32>().expect(key)
    };
    assert_eq!(own.parent, std::os::unix::process::parent_id());
    assert_eq!(own.description.uid, line("Uid:"));
    assert!(matches!(own.state, State::Running | State::Sleeping), "{:?}", own.state);
    assert!((1..1000).contains(&own.threads));
    assert!(!own.kernel_thread);
    assert!(own.age < Duration::from_hours(1), "{:?}", own.age);
    assert!(own.description.name.starts_with("runaway_guard-"), "{}", own.description.name);
    let first = std::env::args().next().expect("an argument");
    assert!(own.description.command_line.starts_with(&first), "{}", own.description.command_line);
    assert!(own.resident > 1 << 20 && own.anonymous > 1 << 14 && own.anonymous < own.resident, "{own:?}");
    assert!(snapshot.memory.total > snapshot.memory.available && snapshot.memory.available > 1 << 20);
    assert!(snapshot.took > Duration::ZERO);
    let pids: Vec<Pid> = snapshot.samples.iter().map(|sample| sample.id.pid).collect();
    assert!(pids.is_sorted() && !pids.is_empty());
}

#[test]
fn processor_time_rises_with_work() {
    let mut collector = real();
    let begun = std::time::Instant::now();
    let busy = start(Command::new("sh").args(["-c", "while :; do :; done"]));
    let sample = scan_until(&mut collector, busy.0.id(), |sample| sample.cpu_time >= Duration::from_millis(50));
    assert!(begun.elapsed() >= sample.cpu_time, "{sample:?}");
    assert_eq!(sample.parent, std::process::id());
}

#[test]
fn a_name_with_parentheses_and_a_newline_is_one_name() {
    let dir = tempfile::tempdir().expect("a folder");
    for (file, shown) in [
        (&b"a) R (b\n"[..], "a) R (b\u{fffd}"),
        (b"x\xff\xfey", "x\u{fffd}\u{fffd}y"),
        (b") Z 1 2 3 (", ") Z 1 2 3 ("),
        (b"a long name of a program", "a long name of"),
    ] {
        let program = dir.path().join(OsStr::from_bytes(file));
        std::fs::copy("/bin/sleep", &program).expect("a copy");
        let running = start(Command::new(&program).arg("600"));
        let named = |sample: &Sample| sample.description.name.starts_with(shown);
        let sample = scan_until(&mut real(), running.0.id(), named);
        assert_eq!(sample.parent, std::process::id());
        assert!(sample.description.command_line.ends_with("600"));
        assert!(!sample.description.command_line.contains('\n'));
    }
}

#[test]
fn a_program_keeps_its_path_when_an_upgrade_replaces_its_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let program = dir.path().join("served");
    std::fs::copy("/bin/sleep", &program).expect("a copy");
    let running = start(Command::new(&program).arg("600"));
    scan_until(&mut real(), running.0.id(), |sample| &*sample.description.name == "served");
    std::fs::remove_file(&program).expect("the file goes");
    let sample = scan_until(&mut real(), running.0.id(), |_| true);
    assert_eq!(&*sample.description.executable, program.to_str().expect("a path"));
}

#[test]
fn a_new_program_in_the_same_process_is_described_anew() {
    let mut collector = real();
    let mut shell = Running(
        Command::new("sh").args(["-c", "read line; exec sleep 600"]).stdin(Stdio::piped()).spawn().expect("a shell"),
    );
    scan_until(&mut collector, shell.0.id(), |sample| &*sample.description.name == "sh");
    drop(shell.0.stdin.take());
    let sample = scan_until(&mut collector, shell.0.id(), |sample| &*sample.description.command_line == "sleep 600");
    assert_eq!(&*sample.description.name, "sleep");
}

#[test]
fn secrets_are_masked_on_the_way() {
    let running = start(Command::new("sleep").args(["600"]).arg0("sleep --password=hunter2"));
    let hidden = |sample: &Sample| sample.description.command_line.contains("--password=***");
    let sample = scan_until(&mut real(), running.0.id(), hidden);
    assert!(!sample.description.command_line.contains("hunter2"));
}

#[test]
fn a_zombie_and_a_stopped_process_have_their_states() {
    let mut collector = real();
    let stopped = start(Command::new("sh").args(["-c", "kill -STOP $$; :"]));
    scan_until(&mut collector, stopped.0.id(), |sample| sample.state == State::Stopped);
    let ended = start(&mut Command::new("true"));
    let zombie = scan_until(&mut collector, ended.0.id(), |sample| sample.state == State::Zombie);
    assert_eq!((zombie.anonymous, zombie.resident, zombie.has_ended()), (0, 0, true));
}

#[test]
fn kernel_threads_have_no_command_line_and_no_memory() {
    let snapshot = real().scan(Now::read()).expect("a snapshot");
    for sample in snapshot.samples.iter().filter(|sample| sample.kernel_thread) {
        assert_eq!((&*sample.description.command_line, sample.anonymous, sample.description.uid), ("", 0, 0));
        assert!(!sample.description.name.is_empty());
    }
}

#[test]
fn a_storm_of_short_processes_is_counted_and_never_an_error() {
    let storm = "while :; do /bin/true & /bin/true & /bin/true & wait; done";
    let _storms = [start(Command::new("sh").args(["-c", storm])), start(Command::new("sh").args(["-c", storm]))];
    let mut collector = real();
    let limit = Instant::now() + Duration::from_mins(1);
    let mut vanished = 0;
    let mut scans = 0;
    while vanished == 0 || scans < 200 {
        let snapshot = collector.scan(Now::read()).expect("a snapshot");
        assert!(find(&snapshot, std::process::id()).is_some());
        vanished += snapshot.vanished;
        scans += 1;
        assert!(Instant::now() < limit, "{scans} scans, and none vanished");
    }
}

#[test]
fn what_ended_is_forgotten() {
    let mut collector = real();
    let running = start(Command::new("sleep").arg("600"));
    let id = scan_until(&mut collector, running.0.id(), |_| true).id;
    drop(running);
    let snapshot = collector.scan(Now::read()).expect("a snapshot");
    assert!(snapshot.samples.iter().all(|sample| sample.id != id));
    assert_eq!(collector.table.len(), snapshot.samples.len());
}

#[test]
fn limits_are_those_of_the_mount_and_the_namespace() {
    let mut collector = real();
    collector.scan(Now::read()).expect("a snapshot");
    let namespace = std::fs::read_link("/proc/self/ns/pid").expect("a link");
    let first = namespace.as_os_str() == "pid:[4026531836]";
    let expected = Limits { processes_hidden: !Path::new("/proc/1/stat").exists(), in_pid_namespace: !first };
    assert_eq!(collector.limits(), expected);
}

/// A /proc of files.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().expect("a folder"));
        fixture.write("meminfo", meminfo());
        fixture
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        let path: PathBuf = self.0.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn process(&self, pid: Pid, comm: &str, state: char, resident_pages: u64) {
        let stat =
            format!("{pid} ({comm}) {state} 1 1 1 0 -1 0 0 0 0 0 200 50 0 0 20 0 3 0 1000 99 {resident_pages} 7\n");
        self.write(&format!("{pid}/stat"), stat);
    }

    fn status(&self, pid: Pid, uid: u32, anonymous_kib: u64) {
        let status = format!("Name:\tx\nUid:\t{uid}\t0\t0\t0\nRssAnon:\t{anonymous_kib} kB\nVmSwap:\t0 kB\n");
        self.write(&format!("{pid}/status"), status);
    }

    /// How many cores a scan of it finds.
    fn cores(&self) -> u64 {
        self.collector().scan(at(1)).expect("a snapshot").load.cores.into()
    }

    fn collector(&self) -> Collector {
        Collector::with_applications(self.0.path(), Applications::new(Vec::new())).expect("the folder")
    }
}

/// 1,000 KiB, 400 of them available; the procfs crate asks for the other lines too.
fn meminfo() -> String {
    let others = "MemFree Buffers Cached SwapCached Active Inactive SwapTotal SwapFree Dirty Writeback Mapped Slab \
                  Committed_AS VmallocTotal VmallocUsed VmallocChunk";
    let line = |key| format!("{key}: 1 kB\n");
    "MemTotal: 1000 kB\nMemAvailable: 400 kB\n".to_owned() + &others.split(' ').map(line).collect::<String>()
}

fn at(seconds: u64) -> Now {
    let time = Duration::from_secs(seconds);
    Now { monotonic: time, boottime: time, unix: 0 }
}

fn only(collector: &mut Collector, now: Now) -> Sample {
    let snapshot = collector.scan(now).expect("a snapshot");
    assert_eq!((snapshot.samples.len(), snapshot.vanished), (1, 0));
    snapshot.samples.into_iter().next().expect("one process")
}

#[test]
fn a_folder_of_files_serves_as_root() {
    let fixture = Fixture::new();
    fixture.process(42, "node", 'S', 2560);
    fixture.status(42, 4_000_000_001, 700);
    fixture.write("42/cmdline", b"node\0--token\0abc\0server.js\0\0\0");
    fixture.write("42/cgroup", "0::/user.slice/app.slice/app-code-9.scope\n");
    fixture.write("43/comm", "no stat: it vanished");
    let snapshot = fixture.collector().scan(at(610)).expect("a snapshot");
    assert_eq!((snapshot.samples.len(), snapshot.vanished), (1, 1));
    assert_eq!(snapshot.memory, crate::sample::Memory { total: 1000 << 10, available: 400 << 10 });
    let sample = &snapshot.samples[0];
    let ticks = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).expect("ticks").expect("ticks") as u64;
    assert_eq!(sample.id, Id { pid: 42, start_time: 1000 });
    assert_eq!(sample.cpu_time, Duration::from_millis(250 * 1000 / ticks));
    assert_eq!(sample.age + Duration::from_millis(1000 * 1000 / ticks), Duration::from_secs(610));
    assert_eq!((sample.threads, sample.parent, sample.anonymous), (3, 1, 700 << 10));
    assert_eq!(sample.wait, None);
    let description = &sample.description;
    assert_eq!((&*description.name, &*description.command_line), ("node", "node --token *** server.js"));
    assert_eq!((&*description.user, description.uid), ("4000000001", 4_000_000_001));
    assert_eq!(description.application.as_ref().map(|found| found.name.as_str()), Some("Code"));
}

#[test]
fn a_process_that_waits_in_the_kernel_is_not_asked_for_its_command_line() {
    let fixture = Fixture::new();
    fixture.process(7, "rsync", 'D', 100);
    fixture.status(7, 0, 5);
    fixture.write("7/cmdline", "rsync\0-a\0");
    fixture.write("7/wchan", "nfs_wait_bit_killable");
    let mut collector = fixture.collector();
    for seconds in [1000, 1010, 1020] {
        let stuck = only(&mut collector, at(seconds));
        assert_eq!(function_of(&stuck), Some("nfs_wait_bit_killable"));
        assert_eq!((&*stuck.description.name, &*stuck.description.command_line), ("rsync", ""));
    }
    fixture.process(7, "rsync", 'S', 100);
    let free = only(&mut collector, at(1030));
    assert_eq!((function_of(&free), &*free.description.command_line), (None, "rsync -a"));
    fixture.process(7, "other", 'D', 100);
    fixture.write("7/wchan", "0");
    let stuck = only(&mut collector, at(1040));
    assert_eq!((function_of(&stuck), &*stuck.description.command_line), (None, ""));
    assert_eq!(&*stuck.description.name, "other");
}

#[test]
fn anonymous_memory_is_read_again_when_it_may_have_moved() {
    let fixture = Fixture::new();
    let mebibyte = 256;
    fixture.process(7, "small", 'S', 10 * mebibyte);
    fixture.status(7, 0, 1);
    let mut collector = fixture.collector();
    let mut anonymous = |seconds| only(&mut collector, at(seconds)).anonymous >> 10;
    assert_eq!(anonymous(1000), 1);
    fixture.status(7, 0, 2);
    fixture.process(7, "small", 'S', 14 * mebibyte - 1);
    assert_eq!(anonymous(1100), 1, "moved by less than 4 MiB, and small");
    fixture.process(7, "small", 'S', 14 * mebibyte);
    assert_eq!(anonymous(1110), 2, "moved by 4 MiB");
    fixture.process(7, "small", 'S', 17 * mebibyte);
    fixture.status(7, 0, 3);
    assert_eq!(anonymous(1139), 2, "large, and read 29 s ago");
    assert_eq!(anonymous(1140), 3, "large, and read 30 s ago");
    fixture.process(7, "small", 'Z', 0);
    assert_eq!(anonymous(1150), 0, "a zombie has none");
}

#[test]
fn a_young_process_is_described_again_twice_and_keeps_its_description_while_it_is_the_same() {
    let fixture = Fixture::new();
    fixture.process(7, "sh", 'S', 100);
    fixture.status(7, 0, 5);
    fixture.write("7/cmdline", "sh\0");
    let mut collector = fixture.collector();
    let started = 1000 / nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).expect("ticks").expect("ticks") as u64;
    let first = only(&mut collector, at(started + 1)).description;
    let same = only(&mut collector, at(started + 3)).description;
    assert!(Arc::ptr_eq(&first, &same));
    fixture.write("7/cmdline", "sh\0script\0");
    fixture.status(7, 1, 5);
    let second = only(&mut collector, at(started + 5)).description;
    assert_eq!((&*second.command_line, second.uid), ("sh script", 1));
    fixture.write("7/cmdline", "sh\0too late\0");
    assert_eq!(&*only(&mut collector, at(started + 7)).description.command_line, "sh script");
}

#[test]
fn one_that_ended_has_its_last_name_and_the_command_line_that_was_known() {
    let fixture = Fixture::new();
    fixture.process(7, "worker", 'S', 100);
    fixture.status(7, 0, 5);
    fixture.write("7/cmdline", "worker\0-x\0");
    let mut collector = fixture.collector();
    assert_eq!(&*only(&mut collector, at(1000)).description.name, "worker");
    fixture.process(7, "done", 'Z', 0);
    fixture.write("7/cmdline", "");
    let ended = only(&mut collector, at(1010)).description;
    assert_eq!((&*ended.name, &*ended.command_line), ("done", "worker -x"));
}

#[test]
fn a_root_that_is_gone_is_an_error() {
    assert!(Collector::new("/nonexistent").is_err());
    let fixture = Fixture::new();
    let mut collector = fixture.collector();
    assert_eq!(collector.scan(at(1)).expect("a snapshot").samples.len(), 0);
    assert!(collector.limits().processes_hidden);
}

#[test]
fn a_stuck_thread_is_looked_for_when_the_load_tells_of_one_and_followed_until_it_goes_on() {
    let fixture = Fixture::new();
    let cores = fixture.cores();
    let machine = |seconds: u64, load: &str| {
        fixture.write("loadavg", format!("{load} 0.00 0.00 1/99 9\n"));
        fixture.write("uptime", format!("{seconds}.00 {}.00\n", seconds * cores));
    };
    let thread = |tid: Pid, state: char, turns: u32| {
        fixture.write(
            &format!("7/task/{tid}/stat"),
            format!("{tid} (x) {state} 1 1 1 0 -1 0 0 0 0 0 2 5 0 0 20 0 3 0 10 9 1 7\n"),
        );
        fixture.write(&format!("7/task/{tid}/schedstat"), format!("1 2 {turns}\n"));
        fixture.write(&format!("7/task/{tid}/wchan"), "nfs_wait_bit_killable");
    };
    fixture.process(7, "player", 'S', 100);
    fixture.status(7, 0, 5);
    for (tid, state) in [(7, 'S'), (8, 'D'), (9, 'S')] {
        thread(tid, state, 4);
    }
    let mut collector = fixture.collector();
    let mut wait = |seconds| only(&mut collector, at(seconds)).wait.map(|wait| (wait.thread, wait.object.is_some()));
    machine(1000, "0.00");
    assert_eq!((wait(1000), wait(1005)), (None, None), "nothing tells of it");
    machine(1010, "0.15");
    assert_eq!(wait(1010), Some((8, false)));
    let limit = Instant::now() + Duration::from_secs(10);
    while wait(1014) != Some((8, true)) {
        assert!(Instant::now() < limit, "it is asked once what for");
    }
    fixture.process(7, "player", 'D', 100);
    assert_eq!(wait(1015), Some((8, true)), "its main thread reads from a disk meanwhile");
    fixture.process(7, "player", 'S', 100);
    thread(8, 'D', 5);
    assert_eq!(wait(1016), Some((8, false)), "it has run, and waits anew");
    thread(8, 'D', 6);
    thread(9, 'D', 1);
    assert_eq!(wait(1017), Some((8, false)), "of two nobody stands still yet");
    thread(8, 'D', 7);
    assert_eq!(wait(1018), Some((9, false)), "one of them does");
    thread(9, 'S', 2);
    thread(8, 'S', 8);
    machine(1022, "0.10");
    assert_eq!((wait(1022), wait(1024)), (None, None));
}

#[test]
fn threads_are_looked_at_however_many_a_process_has() {
    const MANY: u32 = 1500;
    let fixture = Fixture::new();
    let cores = fixture.cores();
    let machine = |seconds: u64, load: &str| {
        fixture.write("loadavg", format!("{load} 0.00 0.00 1/99 9\n"));
        fixture.write("uptime", format!("{seconds}.00 {}.00\n", seconds * cores));
    };
    let stat =
        |tid: Pid, state: char| format!("{tid} (x) {state} 1 1 1 0 -1 0 0 0 0 0 2 5 0 0 20 0 {MANY} 0 10 9 1 7\n");
    fixture.write("7/stat", stat(7, 'S'));
    fixture.status(7, 0, 5);
    for tid in 7..7 + MANY {
        fixture.write(&format!("7/task/{tid}/stat"), stat(tid, 'S'));
    }
    let listed = std::fs::read_dir(fixture.0.path().join("7/task")).expect("a folder");
    let names = listed.map(|entry| entry.expect("a thread").file_name().into_string().expect("digits"));
    let threads: Vec<Pid> = names.map(|name| name.parse().expect("a number")).collect();
    let last = *threads.iter().rfind(|tid| **tid != 7).expect("a thread");
    fixture.write(&format!("7/task/{last}/stat"), stat(last, 'D'));
    let mut collector = fixture.collector();
    let mut waits = |seconds| only(&mut collector, at(seconds)).wait.map(|wait| wait.thread);
    machine(1000, "0.00");
    assert_eq!(waits(1000), None);
    machine(1010, "0.15");
    assert_eq!((waits(1010), waits(1011)), (None, Some(last)), "the next scan goes on where this one ended");
    fixture.write(&format!("7/task/{last}/stat"), stat(last, 'S'));
    assert_eq!(waits(1012), None);
}

/// The kernel function that a process waits in.
fn function_of(sample: &Sample) -> Option<&str> {
    sample.wait.as_ref()?.function.as_deref()
}
