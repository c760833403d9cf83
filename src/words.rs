//! The sentences that people read about a process: what, how much, how long, and what became of it.

pub mod why;

use crate::figures;
use crate::process::{Description, Reach};
use crate::protocol::{Circumstances, Evidence, Grower, MOST_NAMED, MatchType, Unit, WaitsFor, WhitelistEntry};
use std::time::Duration;

/// How many characters of a name are shown.
const MAX_NAME: usize = 60;

/// How many characters of another program's words are shown.
const MAX_LINE: usize = 200;

/// A process as sentences name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `Isolated Web Co`.
    name: String,
    /// `Firefox`, where it belongs to an application.
    application: Option<String>,
    /// 4711.
    pid: u32,
}

impl Subject {
    /// Takes the names of a process.
    #[must_use]
    pub fn new(pid: u32, process: &Description) -> Self {
        let name = shortened(&process.name);
        let application = process.application.as_ref().map(|app| shortened(&app.name));
        Self { name, application, pid }
    }

    /// Takes the names of a process of which only the name is known.
    #[must_use]
    pub fn named(pid: u32, name: &str) -> Self {
        Self { name: shortened(name), application: None, pid }
    }

    fn headline(&self) -> &str {
        self.application.as_deref().unwrap_or(&self.name)
    }

    fn with_pid(&self) -> String {
        format!("{} ({})", self.name, self.pid)
    }

    fn in_full(&self) -> String {
        match &self.application {
            Some(application) if application.eq_ignore_ascii_case(&self.name) => self.with_pid(),
            Some(application) => format!("{application}'s {}", self.with_pid()),
            None => self.with_pid(),
        }
    }
}

/// Gives the headline of an alert: `Firefox is using 1.4 cores`.
#[must_use]
pub fn title(subject: &Subject, evidence: &Evidence) -> String {
    let who = subject.headline();
    match evidence {
        Evidence::CpuHigh { cpu_percent, circumstances, .. } => match circumstances.wanted_percent {
            Some(wanted) if circumstances.members.is_empty() => format!("{who} wants {}", cores(wanted)),
            _ => format!("{who} is using {}", cores(*cpu_percent)),
        },
        Evidence::MemoryLeak { grown_mb, window_minutes, .. } => {
            format!("{who} has grown by {} in {}", memory(*grown_mb), minutes(u64::from(*window_minutes)))
        }
        Evidence::Timeout { runtime_seconds, .. } => {
            format!("{who} has been running for {}", seconds(*runtime_seconds))
        }
        Evidence::Hang { seconds: lasted, waits_for, .. } => match waits_for.thread {
            Some(_) => format!("{who} has had a stuck thread for {}", seconds(*lasted)),
            None => format!("{who} has been stuck for {}", seconds(*lasted)),
        },
    }
}

/// Gives the sentence under the headline: which process, the figures, and what limits what can be done.
#[must_use]
pub fn body(subject: &Subject, evidence: &Evidence) -> String {
    let who = subject.with_pid();
    match evidence {
        Evidence::CpuHigh { cpu_percent, seconds: lasted, circumstances, .. } => {
            busy(subject, *cpu_percent, &seconds(*lasted), circumstances)
        }
        Evidence::MemoryLeak { memory_mb, full_in_minutes, members, .. } => {
            let end =
                full_in_minutes.map_or(String::new(), |left| format!("; memory is full in about {}", minutes(left)));
            grows(subject, &memory(*memory_mb), members) + &end + "."
        }
        Evidence::Timeout { limit_seconds, rule, .. } => {
            format!("{who} has a limit of {} (rule \"{}\").", seconds(*limit_seconds), shortened(rule))
        }
        Evidence::Hang { wait_channel, waits_for, .. } => waits(&who, wait_channel.as_deref(), waits_for),
    }
}

fn grows(subject: &Subject, held: &str, members: &[Grower]) -> String {
    match members {
        [worst, ..] => {
            let (of, name) = (subject.headline(), shortened(&worst.name));
            format!("Processes of {of} hold {held} and are still growing, most of all {name} ({})", worst.pid)
        }
        [] => format!("{} holds {held} and is still growing", subject.with_pid()),
    }
}

fn waits(who: &str, function: Option<&str>, waits_for: &WaitsFor) -> String {
    let thread = waits_for.thread.map_or(String::new(), |thread| format!("Thread {thread} of "));
    let place = place(function, waits_for);
    let end = match function.and_then(is_killable) {
        Some(true) => "A kill ends that wait.",
        Some(false) => "It cannot be killed before that wait ends.",
        None => "A kill may not reach it before that wait ends.",
    };
    let others = match waits_for.others.len() {
        0 => String::new(),
        1 => " Another process waits for the same.".to_owned(),
        count if count < MOST_NAMED => format!(" {count} more processes wait for the same."),
        count => format!(" {count} or more others wait for the same."),
    };
    format!("{thread}{who} waits in the kernel{place}.{others} {end}")
}

/// Where and for what a thread waits in the kernel, as far as it is known: ` (io_schedule) for /srv/film on /dev/sdb1`.
fn place(function: Option<&str>, waits_for: &WaitsFor) -> String {
    let WaitsFor { file, mount, device, .. } = waits_for;
    let function = function.map_or(String::new(), |function| format!(" ({})", shortened(function)));
    let what = file.as_ref().or(mount.as_ref()).map_or(String::new(), |path| format!(" for {}", path_shown(path)));
    let device = device.as_ref().map_or(String::new(), |device| format!(" on {}", path_shown(device)));
    function + &what + &device
}

/// Shows a path as far as a notification has room: its end tells more than its beginning.
fn path_shown(path: &str) -> String {
    const LONGEST: usize = 60;
    let shown = figures::harmless(path);
    let count = shown.chars().count();
    if count <= LONGEST { shown } else { format!("…{}", shown.chars().skip(count + 1 - LONGEST).collect::<String>()) }
}

/// Tells whether a kill reaches what waits in this function of the kernel; None where it depends. State D does not tell.
///
/// Source: the kernel's `TASK_KILLABLE`, in `include/linux/sched.h`, and the functions that wait with it.
fn is_killable(function: &str) -> Option<bool> {
    const ALWAYS: [&str; 3] = ["autofs_wait", "wait_for_vfork_done", "kernel_clone"];
    const AT_TIMES: [&str; 2] = ["folio_wait_bit_common", "request_wait_answer"];
    let depends = AT_TIMES.contains(&function);
    (!depends).then(|| function.contains("killable") || ALWAYS.contains(&function))
}

fn busy(subject: &Subject, cpu_percent: f64, lasted: &str, circumstances: &Circumstances) -> String {
    let (who, cores_used) = (subject.with_pid(), cores(cpu_percent));
    let Circumstances { wanted_percent, orphan, short_lived_percent, unit, members, member_count } = circumstances;
    if let Some(unit) = unit {
        return restarted(unit, &cores_used, lasted);
    }
    let is_storm = short_lived_percent.is_some_and(|short_lived| 2.0 * short_lived >= cpu_percent);
    match (&members[..], wanted_percent) {
        _ if is_storm => {
            format!("{who} starts processes again and again. They have kept {cores_used} busy for {lasted}.")
        }
        ([worst, _, ..], _) => {
            let (count, name) = (member_count.unwrap_or(members.len() as u32), shortened(&worst.name));
            let of = subject.headline();
            format!(
                "{count} processes of {of} have kept {cores_used} busy for {lasted}, most of all {name} ({}).",
                worst.pid
            )
        }
        (_, Some(wanted)) => {
            let wanted = cores(*wanted);
            format!("{who} has wanted {wanted} for {lasted} and was given {cores_used}: others want the cores too.")
        }
        _ if *orphan => {
            format!("{who} has kept {cores_used} busy for {lasted}, though the process that started it has ended.")
        }
        _ => format!("{who} has kept {cores_used} busy for {lasted}."),
    }
}

/// A unit that ends and is started again and again: to end its process would be of no use.
fn restarted(Unit { name, user }: &Unit, cores_used: &str, lasted: &str) -> String {
    let option = if *user { "--user " } else { "" };
    let is_of = |others: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c));
    let unit = shortened(name);
    let said = format!("{unit} ends and is started again and again. It has kept {cores_used} busy for {lasted}.");
    if &unit != name || !is_of(r":_.@-\") {
        return said;
    }
    let quote = if is_of(":_.@-") { "" } else { "'" };
    format!("{said} To stop it, run: systemctl {option}stop {quote}{unit}{quote}")
}

/// Says whose a process is that belongs to another user, and what can be done about it; None where that is not in the way.
#[must_use]
pub fn of_another_user(subject: &Subject, owner: &str, reach: Reach) -> Option<String> {
    match reach {
        Reach::Protected | Reach::Free => None,
        Reach::Asks => Some(format!("It belongs to {owner}: Kill asks for an administrator's password.")),
        Reach::Foreign => Some(format!("It belongs to {owner}. To end it, run: sudo kill {}", subject.pid)),
    }
}

/// What became of a process, in two lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The headline.
    pub title: String,
    /// The sentence under it; it may be empty.
    pub body: String,
}

impl Outcome {
    fn new(title: String, body: impl Into<String>) -> Self {
        Self { title, body: body.into() }
    }
}

/// It ended on SIGTERM.
#[must_use]
pub fn ended(subject: &Subject) -> Outcome {
    Outcome::new(format!("{} ended.", subject.in_full()), "")
}

/// It ignored SIGTERM and got SIGKILL.
#[must_use]
pub fn killed(subject: &Subject, grace: Duration) -> Outcome {
    let body = format!("It ignored the request to end; killed after {}.", seconds(grace.as_secs()));
    Outcome::new(format!("{} was killed.", subject.in_full()), body)
}

/// It was gone before the signal.
#[must_use]
pub fn gone(subject: &Subject) -> Outcome {
    Outcome::new(format!("{} has ended.", subject.in_full()), "It was already gone.")
}

/// It got SIGKILL and is still there.
#[must_use]
pub fn stuck(subject: &Subject) -> Outcome {
    let body = "It waits in the kernel. It ends when that wait does.";
    Outcome::new(format!("{} cannot be killed yet.", subject.in_full()), body)
}

/// The signal was refused.
#[must_use]
pub fn refused(subject: &Subject, why: &str) -> Outcome {
    Outcome::new(format!("{} goes on.", subject.in_full()), why)
}

/// It was stopped.
#[must_use]
pub fn paused(subject: &Subject) -> Outcome {
    let body = format!("Continue it from the tray's menu, or run: runaway-guard kill {} --signal CONT", subject.pid);
    Outcome::new(format!("{} is paused.", subject.in_full()), body)
}

/// It was put on the whitelist.
#[must_use]
pub fn whitelisted(entry: &WhitelistEntry) -> Outcome {
    let what = match entry.match_type {
        MatchType::Name => "processes of this name",
        MatchType::Cmdline => "processes with this in their command line",
        MatchType::Regex => "processes that this regex finds",
    };
    let body = format!("No alerts for {what}. To undo it, run: runaway-guard whitelist remove {}", entry.id);
    Outcome::new(format!("\"{}\" is on the whitelist.", shortened(&entry.pattern)), body)
}

/// The whitelist could not be changed.
#[must_use]
pub fn not_whitelisted(subject: &Subject, why: &str) -> Outcome {
    Outcome::new(format!("{} is not on the whitelist.", subject.in_full()), why)
}

/// Something about the guard itself that people must know.
#[must_use]
pub fn about_the_guard(sentence: String) -> Outcome {
    Outcome::new("RunawayGuard".to_owned(), sentence)
}

/// More processes have run away than have a notification of their own.
#[must_use]
pub fn more(count: usize) -> Outcome {
    let what = if count == 1 {
        "1 more process has run away".to_owned()
    } else {
        format!("{count} more processes have run away")
    };
    Outcome::new(what, "The tray's menu lists them, and so does: runaway-guard alerts --active")
}

/// The window was asked for, and is not to be had for this reason.
#[must_use]
pub fn no_window(why: &str) -> Outcome {
    Outcome::new(NO_WINDOW.to_owned(), harmless(why))
}

/// The headline of [`no_window`].
pub const NO_WINDOW: &str = "The window could not be opened";

/// Why there is no window in a program that was built without it.
pub const WITHOUT_WINDOW: &str =
    "This program was built without it. The tray's menu and the command line do its work: runaway-guard --help";

/// Why there is no window where the guard runs without a desktop.
pub const HEADLESS: &str = "It runs without a desktop (--headless): without icon, notifications and window. To see its \
                            window in a desktop, run there: runaway-guard window. To have all of it, end it and start it \
                            there.";

/// Why there is no window where the guard was started without a screen.
pub const NO_SCREEN: &str = "It was started where there is no screen, as over SSH, so it opens no window. To see its \
                             window in a desktop, run there: runaway-guard window";

/// Makes a line of another program fit into a sentence: no control characters, and not too long.
#[must_use]
pub fn harmless(line: &str) -> String {
    cut(line, MAX_LINE)
}

/// Gives a time that people can picture: `62 s`, `35 min`, `2 h 10 min`, `3 d 4 h`.
#[must_use]
pub fn seconds(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..3600 => format!("{minutes} min"),
        3600..86_400 => two(hours, "h", minutes % 60, "min"),
        _ => two(days, "d", hours % 24, "h"),
    }
}

/// Gives an amount of memory from MiB: `620 MiB`, `3.1 GiB`.
#[must_use]
pub fn memory(mebibytes: f64) -> String {
    if mebibytes < 1000.0 { format!("{mebibytes:.0} MiB") } else { format!("{:.1} GiB", mebibytes / 1024.0) }
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    }
}

fn minutes(count: u64) -> String {
    match count {
        1 => "1 minute".to_owned(),
        2..120 => format!("{count} minutes"),
        _ => seconds(count * 60),
    }
}

fn cores(percent: f64) -> String {
    let tenths = (percent / 10.0).round();
    if (tenths - 10.0).abs() < f64::EPSILON {
        "1 core".to_owned()
    } else if tenths < 1.0 {
        format!("{:.0} % of a core", percent.round().max(1.0))
    } else {
        format!("{:.1} cores", tenths / 10.0)
    }
}

fn shortened(name: &str) -> String {
    cut(name, MAX_NAME)
}

fn cut(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= most {
        return clean;
    }
    let kept: String = clean.chars().take(most - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests;
