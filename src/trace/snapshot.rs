//! From a line to a snapshot, and back.

use super::format::{Line, Pressure, Process, VERSION, Wait};
use crate::process::{Description, Id, Pid, State};
use crate::protocol;
use crate::sample::application::{self, Applications};
use crate::sample::{self, Load, Memory, Now, Object, Sample, Snapshot};
use serde_json::Number;
use std::sync::Arc;
use std::time::Duration;

/// A clock tick of `start_time`.
const TICK: Duration = Duration::from_millis(10);

/// The pid of the thread that begets all others of the kernel.
const KTHREADD: u32 = 2;

/// What makes a line no snapshot, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is of a later format.
    #[error("this is version {0} of the format, and this program reads version {VERSION}: a later one may read it.")]
    Version(u32),
    /// It does not tell its time.
    #[error("\"at\" is missing, the seconds since the machine started.")]
    NoTime,
    /// A time is negative, or no time that can be.
    #[error("{key:?} is {value}, which is no time in seconds.")]
    NoSuchTime {
        /// Which key.
        key: &'static str,
        /// What it says.
        value: Number,
    },
    /// A process has no id.
    #[error("a process has no \"pid\".")]
    NoPid,
    /// A process has no start time, so that nobody can tell it from another with its pid.
    #[error("the process {0} has no \"start_time\", the clock ticks between the machine's start and its own.")]
    NoStartTime(u32),
}

impl Line {
    /// Makes the snapshot that it tells of.
    ///
    /// # Errors
    /// What is missing that must be there.
    pub fn snapshot(self, applications: &mut Applications) -> Result<Snapshot, Fault> {
        if let Some(version) = self.v.filter(|version| *version > VERSION) {
            return Err(Fault::Version(version));
        }
        let boottime = time("at", self.at.as_ref())?.ok_or(Fault::NoTime)?;
        let monotonic = time("awake", self.awake.as_ref())?.unwrap_or(boottime);
        let unix = self.wall.unwrap_or(boottime.as_secs().cast_signed());
        let now = Now { monotonic, boottime, unix };
        let read = |process: Process| process.sample(now, applications);
        let mut samples: Vec<Sample> =
            self.processes.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        samples.sort_by_key(|sample| sample.id);
        samples.dedup_by_key(|sample| sample.id.pid);
        let bytes = |kibibytes: Option<u64>| kibibytes.unwrap_or(0).saturating_mul(1024);
        Ok(Snapshot {
            now,
            samples,
            memory: Memory { total: bytes(self.mem_total_kb), available: bytes(self.mem_available_kb) },
            load: Load {
                cores: self.cores.unwrap_or(0),
                idle: None,
                pressure: self.pressure.unwrap_or_default().into(),
            },
            is_exact: true,
            on_battery: self.on_battery,
            ..Snapshot::default()
        })
    }
}

/// Reads seconds, whole or not.
fn time(key: &'static str, seconds: Option<&Number>) -> Result<Option<Duration>, Fault> {
    let Some(value) = seconds else { return Ok(None) };
    let read = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    read.map(Some).ok_or_else(|| Fault::NoSuchTime { key, value: value.clone() })
}

impl Process {
    fn sample(mut self, now: Now, applications: &mut Applications) -> Result<Sample, Fault> {
        let pid = self.pid.ok_or(Fault::NoPid)?;
        let start_time = self.start_time.ok_or(Fault::NoStartTime(pid))?;
        let parent = self.ppid.unwrap_or(0);
        let terminal = self.tty.unwrap_or(0);
        let started = Duration::from_millis(start_time.saturating_mul(TICK.as_millis() as u64));
        let bytes = |kibibytes: u64| kibibytes.saturating_mul(1024);
        let swapped = self.swap_kb.unwrap_or(0);
        let held = self.anon_kb.or(self.rss_kb).unwrap_or(0);
        Ok(Sample {
            id: Id { pid, start_time },
            parent,
            state: self
                .state
                .as_ref()
                .and_then(|state| state.bytes().next())
                .map_or(State::Sleeping, State::from_letter),
            cpu_time: Duration::from_nanos(self.cpu_ns.unwrap_or(0)),
            child_time: Duration::from_nanos(self.child_cpu_ns.unwrap_or(0)),
            waited: self.wait_ns.map(Duration::from_nanos),
            resident: bytes(self.rss_kb.or(self.anon_kb).unwrap_or(0)),
            anonymous: bytes(held.saturating_add(swapped)),
            mapped: u32::try_from(self.vm_kb.unwrap_or(0) / 1024).unwrap_or(u32::MAX),
            threads: self.threads.unwrap_or(1),
            terminal,
            is_foreground: terminal != 0 && self.foreground.unwrap_or(true),
            nice: self.nice.unwrap_or(0),
            policy: self.policy.unwrap_or(0),
            age: now.boottime.saturating_sub(started),
            kernel_thread: (pid == KTHREADD || parent == KTHREADD)
                && self.cmdline.as_ref().is_none_or(String::is_empty),
            wait: self.wait.take().map(|wait| Box::new(wait.of(pid))),
            description: Arc::new(self.description(applications)),
        })
    }

    fn description(self, applications: &mut Applications) -> Description {
        let uid = self.uid.unwrap_or(0);
        let executable = self.exe.unwrap_or_default();
        let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let text = self.cgroup.map(|cgroup| if cgroup.starts_with('/') { format!("0::{cgroup}") } else { cgroup });
        let text = text.unwrap_or_default();
        Description {
            name: self.name.unwrap_or_else(|| base(&executable)).into(),
            command_line: self.cmdline.unwrap_or_default().into(),
            uid,
            // Its login name is that of another machine.
            user: uid.to_string().into(),
            application: applications.find(&text),
            cgroup: application::path(&text).unwrap_or_default().into(),
            executable: executable.into(),
        }
    }
}

impl From<&Snapshot> for Line {
    fn from(snapshot: &Snapshot) -> Self {
        let Snapshot { now, memory, load, .. } = snapshot;
        let known = |bytes: u64| Some(bytes / 1024).filter(|_| memory.total > 0);
        Self {
            v: Some(VERSION),
            at: seconds(now.boottime),
            awake: seconds(now.monotonic),
            wall: Some(now.unix),
            cores: Some(load.cores).filter(|cores| *cores > 0),
            mem_total_kb: known(memory.total),
            mem_available_kb: known(memory.available),
            pressure: Some(load.pressure.into()).filter(|pressure| *pressure != Pressure::default()),
            on_battery: snapshot.on_battery,
            processes: Some(snapshot.samples.iter().map(Process::from).collect()),
        }
    }
}

/// Writes a time to the microsecond.
fn seconds(time: Duration) -> Option<Number> {
    Number::from_f64(time.as_micros() as f64 / 1e6)
}

impl Wait {
    fn of(self, pid: Pid) -> sample::Wait {
        let Self { thread, function, timeslices, file, mount, device } = self;
        let shared = |text: Option<String>| text.map(Into::into);
        let object = Object { file: shared(file), mount: shared(mount), device: shared(device) };
        let object = Some(object).filter(|object| *object != Object::default());
        sample::Wait { thread: thread.unwrap_or(pid), function: shared(function), timeslices, object }
    }
}

impl From<&sample::Wait> for Wait {
    fn from(wait: &sample::Wait) -> Self {
        let Object { file, mount, device } = wait.object.clone().unwrap_or_default();
        let text = |text: Option<Box<str>>| text.map(String::from);
        Self {
            thread: Some(wait.thread),
            function: text(wait.function.clone()),
            timeslices: wait.timeslices,
            file: text(file),
            mount: text(mount),
            device: text(device),
        }
    }
}

impl From<&Sample> for Process {
    fn from(sample: &Sample) -> Self {
        let description = &sample.description;
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            pid: Some(sample.id.pid),
            start_time: Some(sample.id.start_time),
            ppid: Some(sample.parent),
            uid: Some(description.uid),
            name: Some(description.name.to_string()),
            cmdline: Some(description.command_line.to_string()),
            exe: told(&description.executable),
            state: Some(sample.state.letter().to_string()),
            cpu_ns: Some(nanoseconds(sample.cpu_time)),
            wait_ns: sample.waited.map(nanoseconds),
            child_cpu_ns: Some(nanoseconds(sample.child_time)),
            rss_kb: Some(sample.resident / 1024),
            anon_kb: Some(sample.anonymous / 1024),
            swap_kb: None,
            vm_kb: Some(u64::from(sample.mapped) * 1024).filter(|mapped| *mapped > 0),
            threads: Some(sample.threads),
            cgroup: told(&description.cgroup),
            tty: Some(sample.terminal),
            foreground: (sample.terminal != 0).then_some(sample.is_foreground),
            nice: Some(sample.nice),
            policy: Some(sample.policy).filter(|policy| *policy != 0),
            wait: sample.wait.as_deref().map(Wait::from),
        }
    }
}

impl From<Pressure> for protocol::Pressure {
    fn from(pressure: Pressure) -> Self {
        let Pressure { cpu_some, mem_some, mem_full, io_full } = pressure;
        Self { cpu_some, memory_some: mem_some, memory_full: mem_full, io_full }
    }
}

impl From<protocol::Pressure> for Pressure {
    fn from(pressure: protocol::Pressure) -> Self {
        let protocol::Pressure { cpu_some, memory_some, memory_full, io_full } = pressure;
        Self { cpu_some, mem_some: memory_some, mem_full: memory_full, io_full }
    }
}
