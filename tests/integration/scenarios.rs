//! Every scenario under `tests/fixtures/scenarios`: a small /proc that changes with time, and the timeline of alerts that
//! must come of it. The real collector reads it from real files; time is in the data.
//!
//! A scenario has sections. `config` holds lines of config.toml. `at SECONDS` holds what happens at that time:
//!
//! ```text
//! start PID NAME [ARGUMENT…]      a process begins
//! PID cpu CORES                   it keeps so many cores busy from now on
//! PID memory MIB | PID grow MIB   it holds so much anonymous memory; it grows by so much a second
//! PID state LETTER                it is in this state
//! PID runs N                      its main thread was given a CPU so many times
//! PID exit                        it ends
//! sleep SECONDS                   the machine sleeps
//! clock SECONDS                   the wall clock is set, by so much
//! whitelist PATTERN | unwhitelist ID
//! ```
//!
//! `until SECONDS` ends it. `expect` holds the timeline: `SECONDS begin|worsen|end PID REASON SEVERITY|STATE`, then `|` and the
//! alert's summary.

use runaway_guard::config::{Config, parse};
use runaway_guard::core::{Core, Effect, Origin, Start, Ticket};
use runaway_guard::protocol::request::{AddWhitelist, ById};
use runaway_guard::protocol::{Alert, AlertState, MatchType, Push, Request};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BOOTED: u64 = 10_000;
const UNIX: i64 = 1_800_000_000;

#[test]
fn every_scenario_gives_its_timeline() {
    let mut files: Vec<_> =
        std::fs::read_dir(fixture_folder().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12, "the scenarios are there");
    let mut wrong = String::new();
    for file in files {
        let scenario = Scenario::read(&std::fs::read_to_string(&file).unwrap());
        let told = scenario.run();
        if told != scenario.expected {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            write!(wrong, "\n{name}\nexpected:\n{}\ngot:\n{}\n", scenario.expected.join("\n"), told.join("\n"))
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn fixture_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

struct Scenario {
    config: Config,
    events: Vec<(u64, String)>,
    until: u64,
    expected: Vec<String>,
}

impl Scenario {
    fn read(text: &str) -> Self {
        let mut config = String::new();
        let (mut events, mut expected, mut until, mut at) = (Vec::new(), Vec::new(), 0, 0);
        let mut section = "";
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.trim().is_empty()) {
            if let Some(content) = line.strip_prefix("  ") {
                match section {
                    "config" => writeln!(config, "{content}").unwrap(),
                    "expect" => expected.push(content.trim_end().to_owned()),
                    "at" => events.push((at, content.trim().to_owned())),
                    other => panic!("{content:?} stands in no section, after {other:?}"),
                }
                continue;
            }
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            section = word;
            match word {
                "at" => at = rest.parse().unwrap(),
                "until" => until = rest.parse().unwrap(),
                "config" | "expect" => {}
                other => panic!("unknown section {other:?}"),
            }
        }
        assert!(events.is_sorted_by_key(|(at, _)| *at) && until > 0, "a scenario has its events in order, and an end");
        Self { config: parse::parse(&config).unwrap(), events, until, expected }
    }

    fn run(&self) -> Vec<String> {
        let mut machine = Machine::new(self.config.clone());
        let mut events = self.events.iter().peekable();
        let mut next_scan = Duration::ZERO;
        let end = Duration::from_secs(self.until);
        while machine.time <= end {
            let due = events.peek().map(|(at, _)| Duration::from_secs(*at)).filter(|at| *at <= next_scan);
            if let Some(at) = due {
                machine.advance_to(at);
                machine.apply(&events.next().unwrap().1);
            } else {
                machine.advance_to(next_scan);
                machine.scan();
                next_scan = machine.time + machine.core.interval(machine.now()).unwrap();
            }
        }
        machine.told
    }
}

/// A machine whose clock and processes follow the scenario.
struct Machine {
    root: tempfile::TempDir,
    collector: Collector,
    core: Core,
    time: Duration,
    slept: Duration,
    clock: i64,
    processes: BTreeMap<u32, Process>,
    told: Vec<String>,
    known: BTreeMap<i64, Alert>,
}

struct Process {
    name: String,
    arguments: Vec<String>,
    start: u64,
    state: char,
    cores: f64,
    cpu: f64,
    memory: f64,
    grow: f64,
    runs: u64,
}

impl Machine {
    fn new(config: Config) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::copy(fixture_folder().join("meminfo"), root.path().join("meminfo")).unwrap();
        let collector = Collector::new(root.path()).unwrap();
        let (time, slept, clock) = (Duration::ZERO, Duration::ZERO, 0);
        let (core, _) = Core::new(Start { config, ..Start::default() }, now(time, slept, clock));
        let (processes, told, known) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { root, collector, core, time, slept, clock, processes, told, known }
    }

    fn now(&self) -> Now {
        now(self.time, self.slept, self.clock)
    }

    fn advance_to(&mut self, time: Duration) {
        let seconds = time.saturating_sub(self.time).as_secs_f64();
        for process in self.processes.values_mut().filter(|process| process.state != 'T') {
            process.cpu += process.cores * seconds;
            process.memory += process.grow * seconds;
        }
        self.time = time;
    }

    fn apply(&mut self, event: &str) {
        let words: Vec<&str> = event.split(' ').collect();
        match words[..] {
            ["start", pid, name, ref arguments @ ..] => self.start(pid.parse().unwrap(), name, arguments),
            ["sleep", seconds] => self.slept += Duration::from_secs(seconds.parse().unwrap()),
            ["clock", seconds] => self.clock += seconds.parse::<i64>().unwrap(),
            ["whitelist", ref pattern @ ..] => self.whitelist(&pattern.join(" ")),
            ["unwhitelist", id] => self.ask(Request::RemoveWhitelist(ById { id: id.parse().unwrap() })),
            [pid, "exit"] => self.exit(pid.parse().unwrap()),
            [pid, what, value] => {
                let process = self.processes.get_mut(&pid.parse().unwrap()).expect("the process runs");
                match what {
                    "cpu" => process.cores = value.parse().unwrap(),
                    "memory" => process.memory = value.parse().unwrap(),
                    "grow" => process.grow = value.parse().unwrap(),
                    "runs" => process.runs = value.parse().unwrap(),
                    "state" => process.state = value.parse().unwrap(),
                    _ => panic!("unknown event {event:?}"),
                }
            }
            _ => panic!("unknown event {event:?}"),
        }
    }

    fn start(&mut self, pid: u32, name: &str, arguments: &[&str]) {
        let boottime = self.now().boottime;
        let process = Process {
            name: name.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            start: (boottime.as_secs_f64() * 100.0) as u64,
            state: 'S',
            cores: 0.0,
            cpu: 0.0,
            memory: 8.0,
            grow: 0.0,
            runs: 1,
        };
        self.processes.insert(pid, process);
    }

    fn exit(&mut self, pid: u32) {
        self.processes.remove(&pid).expect("the process runs");
        std::fs::remove_dir_all(self.root.path().join(pid.to_string())).unwrap();
    }

    fn whitelist(&mut self, pattern: &str) {
        let (pattern, match_type, reason) = (pattern.to_owned(), MatchType::Name, None);
        self.ask(Request::AddWhitelist(AddWhitelist { pattern, match_type, reason }));
    }

    fn ask(&mut self, request: Request) {
        let effects = self.core.request(Ticket(0), Origin::Socket, request, self.now());
        let stored = |effect: &Effect| if let Effect::Store(_, write) = effect { *write } else { None };
        let write = effects.iter().find_map(stored);
        self.core.stored(write.expect("it is stored"), Ok(()), self.now());
    }

    fn scan(&mut self) {
        for (pid, process) in &self.processes {
            process.write(*pid, self.root.path());
        }
        let snapshot = self.collector.scan(self.now()).unwrap();
        assert_eq!(snapshot.samples.len(), self.processes.len());
        for effect in self.core.tick(snapshot) {
            if let Effect::Push(Push::Alert(alert)) = effect {
                self.note(*alert);
            }
        }
    }

    fn note(&mut self, alert: Alert) {
        let reason = serde_json::to_value(alert.reason).unwrap();
        let severity = serde_json::to_value(alert.severity).unwrap();
        let state = serde_json::to_value(alert.state).unwrap();
        let (what, how) = match (alert.state, self.known.contains_key(&alert.id)) {
            (AlertState::Firing, false) => ("begin", severity),
            (AlertState::Firing, true) => ("worsen", severity),
            (AlertState::Resolved | AlertState::Dismissed | AlertState::Acted, _) => ("end", state),
        };
        let (seconds, pid, summary) = (self.time.as_secs(), alert.pid, &alert.summary);
        let (reason, how) = (reason.as_str().unwrap(), how.as_str().unwrap());
        let detail = if what == "end" { String::new() } else { format!(" | {summary}") };
        self.told.push(format!("{seconds} {what} {pid} {reason} {how}{detail}"));
        self.known.insert(alert.id, alert);
    }
}

impl Process {
    fn write(&self, pid: u32, root: &Path) {
        let folder = root.join(pid.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let kib = (self.memory * 1024.0) as u64;
        let (ticks, pages) = ((self.cpu * 100.0).round() as u64, kib / 4);
        let Self { name, state, start, runs, .. } = self;
        let stat = format!(
            "{pid} ({name}) {state} 1 {pid} {pid} 0 -1 4194304 0 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 1000000 {pages} \
             18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        );
        let status = format!(
            "Name:\t{name}\nState:\t{state} (x)\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\n\
             VmSwap:\t0 kB\nRssAnon:\t{kib} kB\nThreads:\t1\n"
        );
        let mut command_line = vec![self.name.clone()];
        command_line.extend(self.arguments.iter().cloned());
        for (file, content) in [
            ("stat", stat),
            ("status", status),
            ("comm", format!("{name}\n")),
            ("cmdline", command_line.join("\0") + "\0"),
            ("cgroup", "0::/user.slice\n".to_owned()),
            ("schedstat", format!("1000 1000 {runs}\n")),
            ("wchan", if *state == 'D' { "nfs_wait_bit_killable".to_owned() } else { "0".to_owned() }),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
    }
}

fn now(time: Duration, slept: Duration, clock: i64) -> Now {
    Now {
        monotonic: Duration::from_secs(BOOTED) + time,
        boottime: Duration::from_secs(BOOTED) + time + slept,
        unix: UNIX + clock + (time + slept).as_secs().cast_signed(),
    }
}
