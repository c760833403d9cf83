//! An imitated desktop: processes that do as a script says, among sixty that idle along, the same every time.

use super::label::Identity;
use super::score::Run;
use runaway_guard::trace::{Line, Pressure, Process};
use serde_json::Number;
use std::collections::BTreeMap;

/// Seconds after the machine's start at which every script begins.
const BEGIN: f64 = 50_000.0;

/// Seconds since 1970 at the machine's start.
const BOOTED: i64 = 1_800_000_000;

/// Where the applications of the user are.
const APPS: &str = "/user.slice/user-1000.slice/user@1000.service/app.slice";

/// Where the user's session is.
const SESSION: &str = "/user.slice/user-1000.slice/user@1000.service/session.slice";

/// The manager of the user's services.
pub(crate) const USER_MANAGER: u32 = 900;

/// The user's shell, which starts what no one else does.
pub(crate) const SHELL: u32 = 1200;

/// A desktop on which time goes on from line to line.
pub(crate) struct Desktop {
    pub(crate) cores: u32,
    pub(crate) interval: f64,
    pub(crate) on_battery: Option<bool>,
    pub(crate) memory_total_mb: f64,
    /// How much of what processes hold is in swap, in MiB; below 0 so much more is in use.
    pub(crate) swapped_mb: f64,
    pub(crate) pressure: Pressure,
    at: f64,
    awake: f64,
    actors: BTreeMap<u32, Actor>,
    next_pid: u32,
    random: u64,
    run: Run,
    lines: Option<Vec<Line>>,
}

/// A process and what it does from now on.
pub(crate) struct Actor {
    pub(crate) process: Process,
    /// CPU use in cores.
    pub(crate) cores: f64,
    /// How much that varies from line to line, as a part of it.
    pub(crate) varies: f64,
    /// How long it waits for a core, in cores.
    pub(crate) waits: f64,
    /// What its children use that are never seen, in cores.
    pub(crate) children: f64,
    /// How much its anonymous memory grows, in MiB a second.
    pub(crate) grows: f64,
    cpu: f64,
    wait: f64,
    child: f64,
    memory_mb: f64,
}

impl Actor {
    fn id(&self) -> Identity {
        super::plain::identity(&self.process)
    }

    pub(crate) fn memory(&mut self, mebibytes: f64) {
        self.memory_mb = mebibytes;
    }

    pub(crate) fn state(&mut self, letter: &str) {
        self.process.state = Some(letter.to_owned());
    }
}

impl Desktop {
    /// Begins with a machine of four cores and 16 GiB, looked at every 10 s, whose processes idle.
    pub(crate) fn new(keep_lines: bool) -> Self {
        let mut desktop = Self {
            cores: 4,
            interval: 10.0,
            on_battery: Some(false),
            memory_total_mb: 16_384.0,
            swapped_mb: 0.0,
            pressure: Pressure { cpu_some: Some(0.4), mem_some: Some(0.0), mem_full: Some(0.0), io_full: Some(0.1) },
            at: BEGIN,
            awake: BEGIN,
            actors: BTreeMap::new(),
            next_pid: 5000,
            random: 0x9e37_79b9_7f4a_7c15,
            run: Run::new(),
            lines: keep_lines.then(Vec::new),
        };
        desktop.populate();
        desktop.pass(1.0);
        desktop
    }

    fn populate(&mut self) {
        self.add(1, 0, "systemd", "/sbin/init", "/init.scope");
        self.add(2, 0, "kthreadd", "", "");
        for (pid, name) in (3..).zip(["rcu_preempt", "kswapd0", "kcompactd0", "kworker/0:1", "kworker/u8:2"]) {
            self.add(pid, 2, name, "", "");
        }
        for (pid, name) in (400..).zip(["systemd-journal", "systemd-udevd", "NetworkManager", "cron", "sshd", "cupsd"])
        {
            self.add(pid, 1, name, &format!("/usr/sbin/{name}"), &format!("/system.slice/{name}.service"));
        }
        let manager = "/user.slice/user-1000.slice/user@1000.service/init.scope";
        self.add(USER_MANAGER, 1, "systemd", "/usr/lib/systemd/systemd --user", manager);
        for (pid, name) in (901..).zip(["dbus-daemon", "pipewire", "wireplumber", "gnome-shell", "gvfsd", "Xwayland"]) {
            self.add(pid, USER_MANAGER, name, &format!("/usr/bin/{name}"), &format!("{SESSION}/{name}.service"));
            self.actor(pid).cores = if name == "gnome-shell" { 0.06 } else { 0.004 };
        }
        for pid in 1000..1030 {
            let name = format!("gsd-part-{pid}");
            self.add(pid, USER_MANAGER, &name, &format!("/usr/libexec/{name}"), &format!("{SESSION}/{name}.service"));
            self.actor(pid).cores = if pid % 7 == 0 { 0.002 } else { 0.0 };
        }
        let session = "/user.slice/user-1000.slice/session-2.scope";
        self.add(SHELL, 1, "sh", "sh -l", session);
        for actor in self.actors.values_mut() {
            actor.varies = 0.5;
        }
    }

    fn add(&mut self, pid: u32, parent: u32, name: &str, cmdline: &str, cgroup: &str) {
        let uid = if pid < 900 { 0 } else { 1000 };
        let ticks = if self.at > BEGIN { self.at * 100.0 } else { f64::from(pid) * 10.0 };
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let process = Process {
            pid: Some(pid),
            start_time: Some(ticks.round() as u64),
            ppid: Some(parent),
            uid: Some(uid),
            name: told(name),
            cmdline: Some(cmdline.to_owned()),
            state: Some("S".to_owned()),
            threads: Some(1),
            cgroup: told(cgroup),
            tty: Some(0),
            nice: Some(0),
            ..Process::default()
        };
        let quiet = (0.0, 0.0, 0.0, 0.0);
        let (cores, waits, children, grows) = quiet;
        let (cpu, wait, child, _) = quiet;
        let actor = Actor { process, cores, varies: 0.0, waits, children, grows, cpu, wait, child, memory_mb: 12.0 };
        self.actors.insert(pid, actor);
    }

    /// Starts a process of the user's session, outside any unit of its own, and gives its pid.
    pub(crate) fn start(&mut self, parent: u32, name: &str, cmdline: &str) -> u32 {
        let cgroup = self.actors[&parent].process.cgroup.clone().unwrap_or_default();
        self.next_pid += 1;
        self.add(self.next_pid, parent, name, cmdline, &cgroup);
        self.next_pid
    }

    /// Starts the first process of an application, in a scope of its own.
    pub(crate) fn launch(&mut self, id: &str, name: &str) -> u32 {
        self.next_pid += 1;
        let cgroup = format!("{APPS}/app-gnome-{id}-{}.scope", self.next_pid);
        self.add(self.next_pid, USER_MANAGER, name, &format!("/usr/bin/{name}"), &cgroup);
        self.next_pid
    }

    /// Starts a process in a unit of the system or of the user.
    pub(crate) fn serve(&mut self, cgroup: &str, name: &str, cmdline: &str) -> u32 {
        self.next_pid += 1;
        self.add(self.next_pid, 1, name, cmdline, cgroup);
        self.next_pid
    }

    /// Ends a process, and has another of the same parent begin with its pid.
    pub(crate) fn reuse(&mut self, pid: u32, name: &str) -> u32 {
        let (parent, cgroup) = (self.actors[&pid].process.ppid, self.actors[&pid].process.cgroup.clone());
        self.end(pid);
        self.add(pid, parent.unwrap_or(1), name, name, &cgroup.unwrap_or_default());
        pid
    }

    pub(crate) fn actor(&mut self, pid: u32) -> &mut Actor {
        self.actors.get_mut(&pid).expect("the process runs")
    }

    pub(crate) fn id(&self, pid: u32) -> Identity {
        self.actors[&pid].id()
    }

    /// Ends a process: its parent is credited with what it used, and the user's manager takes its children.
    pub(crate) fn end(&mut self, pid: u32) {
        let ended = self.actors.remove(&pid).expect("the process runs");
        if let Some(parent) = ended.process.ppid.and_then(|parent| self.actors.get_mut(&parent)) {
            parent.child += ended.cpu + ended.child;
        }
        for actor in self.actors.values_mut().filter(|actor| actor.process.ppid == Some(pid)) {
            actor.process.ppid = Some(USER_MANAGER);
        }
    }

    /// Tells the time: as `at` of the last line.
    pub(crate) fn at(&self) -> f64 {
        self.at
    }

    /// Gives what is left of the machine's memory, in MiB.
    pub(crate) fn left_mb(&self) -> f64 {
        let held: f64 = self.actors.values().map(|actor| actor.memory_mb).sum();
        self.memory_total_mb + self.swapped_mb - 1500.0 - held
    }

    /// Lets the machine sleep.
    pub(crate) fn sleep(&mut self, seconds: f64) {
        self.at += seconds;
    }

    /// Lets time pass without a line.
    pub(crate) fn pass(&mut self, seconds: f64) {
        self.at += seconds;
        self.awake += seconds;
        for actor in self.actors.values_mut() {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let chance = (self.random >> 33) as f64 / f64::from(1_u32 << 30) - 1.0;
            actor.cpu += seconds * actor.cores * (1.0 + actor.varies * chance);
            actor.wait += seconds * actor.waits;
            actor.child += seconds * actor.children;
            actor.memory_mb += seconds * actor.grows;
        }
    }

    /// Goes on for so long, a line an interval.
    pub(crate) fn go_on(&mut self, seconds: f64) {
        self.each(seconds, |_, _| {});
    }

    /// Goes on for so long; before each interval the script may change something.
    pub(crate) fn each(&mut self, seconds: f64, mut change: impl FnMut(&mut Self, f64)) {
        let begun = self.awake;
        while self.awake - begun + 0.001 < seconds {
            let passed = self.awake - begun;
            change(self, passed);
            self.pass(self.interval);
            self.look();
        }
    }

    /// Writes a line.
    pub(crate) fn look(&mut self) {
        let line = self.line();
        if let Some(lines) = &mut self.lines {
            lines.push(line.clone());
        }
        self.run.feed(line).expect("a line that can be read");
    }

    fn line(&self) -> Line {
        let kib = |mebibytes: f64| Some((mebibytes.max(0.0) * 1024.0) as u64);
        Line {
            v: Some(1),
            at: Number::from_f64(self.at),
            awake: Number::from_f64(self.awake),
            wall: Some(BOOTED + self.at as i64),
            cores: Some(self.cores),
            mem_total_kb: kib(self.memory_total_mb),
            mem_available_kb: kib(self.left_mb()),
            pressure: Some(self.pressure),
            on_battery: self.on_battery,
            processes: Some(self.actors.values().map(Actor::shown).collect()),
        }
    }

    /// Ends, and gives the lines if they were kept.
    pub(crate) fn finish(self) -> (Run, Vec<Line>) {
        (self.run, self.lines.unwrap_or_default())
    }
}

impl Actor {
    fn shown(&self) -> Process {
        let nanoseconds = |seconds: f64| Some((seconds * 1e9) as u64);
        let kib = (self.memory_mb.max(0.0) * 1024.0) as u64;
        let mut process = self.process.clone();
        let is_busy = self.cores > 0.2 && process.state.as_deref() == Some("S");
        process.state = if is_busy { Some("R".to_owned()) } else { process.state };
        process.cpu_ns = nanoseconds(self.cpu);
        process.wait_ns = process.wait_ns.or(nanoseconds(self.wait));
        process.child_cpu_ns = nanoseconds(self.child);
        process.rss_kb = process.rss_kb.or(Some(kib + 6000));
        process.vm_kb = process.vm_kb.or(Some(kib + 300_000));
        process.anon_kb = Some(kib.saturating_sub(process.swap_kb.unwrap_or(0)));
        process
    }
}
