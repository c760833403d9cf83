//! What the guard needs of this machine, what was found of it, and what to do about the rest.

mod bus;
mod files;

use super::{Error, Terminal, table};
use crate::applet::autostart::{self, Autostart};
use crate::applet::polkit::{self, Polkit};
use crate::client::{self, Client};
use crate::paths::Paths;
use crate::protocol::{Hello, Status};
use crate::sample::procfs::{Collector, Limits};
use serde::Serialize;
use serde_json::json;
use std::io;
use std::time::Duration;

/// How long the bus, and then the applet, may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is there and works.
    Ok,
    /// It is not there; the guard goes on without it.
    Missing,
    /// It is there and does not work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub check: &'static str,
    /// How it was found.
    pub found: Found,
    /// What was seen.
    pub detail: String,
    /// What to do about it, where there is something to do.
    pub remedy: Option<String>,
}

impl Check {
    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, found: Found::Ok, detail: detail.into(), remedy: None }
    }

    fn missing(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, found: Found::Missing, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { check, found: Found::Wrong, detail: detail.into(), remedy: Some(remedy.into()) }
    }
}

pub(super) fn run(paths: &Paths, terminal: &mut Terminal) -> Result<(), Error> {
    let checks = look(paths);
    if terminal.json {
        terminal.json(&json!(checks))?;
    } else {
        terminal.table(&table(&checks), "")?;
    }
    terminal.out.flush()?;
    if checks.iter().any(|check| check.found == Found::Wrong) { Err(Error::BadNews) } else { Ok(()) }
}

/// Looks at everything, in the order in which one thing needs the other.
#[must_use]
pub fn look(paths: &Paths) -> Vec<Check> {
    let mut checks = bus::checks();
    checks.push(display(|name| std::env::var(name).ok()));
    checks.extend(files::runtime(paths));
    checks.extend(applet(paths));
    checks.push(files::config(paths));
    checks.push(files::database(paths));
    checks.push(match Autostart::new() {
        Ok(autostart) => at_login(autostart.status(), || if autostart.file().exists() { None } else { bus::unit() }),
        Err(error) => Check::wrong("autostart", error.to_string(), "Then ask again."),
    });
    let collector = Collector::new("/proc");
    checks.extend(collector.as_ref().ok().map(|collector| kernel(collector.sweeps())));
    checks.extend(processes(collector.map(|collector| collector.limits())));
    checks.push(others(Polkit::find().missing()));
    checks
}

fn table(checks: &[Check]) -> table::Table {
    use table::Align::Left;
    let mut table = table::Table::new(&[("", Left), ("", Left), ("", Left)]);
    for Check { check, found, detail, remedy } in checks {
        let found = match found {
            Found::Ok => "ok",
            Found::Missing => "missing",
            Found::Wrong => "wrong",
        };
        let remedy = remedy.as_ref().map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        table.row([found, check, &format!("{detail}{remedy}")]);
    }
    table
}

fn display(variable: impl Fn(&str) -> Option<String>) -> Check {
    let found = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().find_map(|name| {
        let value = variable(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={value}"))
    });
    match found {
        Some(found) => Check::ok("display", found),
        None => Check::missing("display", "none", "The window needs one. Start it from a desktop's session."),
    }
}

fn applet(paths: &Paths) -> Vec<Check> {
    let asked = Client::connect_within(&paths.socket, LIMIT).and_then(|mut client| {
        let hello: Hello = client.ask("hello", json!({}))?;
        Ok((hello, client.ask::<Status>("get_status", json!({}))?))
    });
    match asked {
        Ok((hello, status)) => {
            let own_words =
                status.problems.iter().map(|problem| Check::wrong("applet", problem, "The applet says so."));
            std::iter::once(answering(&hello, &status)).chain(own_words).collect()
        }
        Err(client::Error::NotRunning) => {
            vec![Check::missing("applet", "not running", "Start it with: runaway-guard --background")]
        }
        // The sentence says what to do already.
        Err(error) => vec![Check { found: Found::Wrong, ..Check::ok("applet", error.to_string()) }],
    }
}

fn answering(hello: &Hello, status: &Status) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    let Status { monitored_count, alert_count, .. } = status;
    let (version, level) = (&hello.version, super::show::level(status.level));
    let seen = format!("version {version}, level {level}, {monitored_count} processes, {alert_count} firing");
    if hello.version == own {
        Check::ok("applet", seen)
    } else {
        Check::wrong("applet", seen, format!("This program is version {own}. End the applet and start it again."))
    }
}

/// A packaged entry is left to the unit, where systemd runs the desktop.
fn at_login(status: autostart::Status, unit: impl FnOnce() -> Option<Check>) -> Check {
    match status {
        autostart::Status::On => unit().unwrap_or_else(|| Check::ok("autostart", "on")),
        autostart::Status::Off => {
            Check::missing("autostart", "off", "Start the applet at login with: runaway-guard autostart on")
        }
        autostart::Status::Invalid(reason) => {
            Check::wrong("autostart", reason, "Mend it with: runaway-guard autostart on")
        }
    }
}

/// Tells the kernel's version, and how processes are looked at.
fn kernel(sweeps: bool) -> Check {
    let version = procfs::sys::kernel::Version::current();
    let version = version.map_or_else(
        |_| "Linux".to_owned(),
        |procfs::sys::kernel::Version { major, minor, patch }| format!("Linux {major}.{minor}.{patch}"),
    );
    let how =
        if sweeps { "has CPU clocks of processes" } else { "has no CPU clocks of processes, so a scan reads more" };
    Check::ok("kernel", format!("{version}; {how}"))
}

/// Tells what keeps the guard from seeing every process.
fn processes(limits: io::Result<Limits>) -> Vec<Check> {
    let limits = match limits {
        Ok(limits) => limits,
        Err(error) => return vec![Check::wrong("processes", format!("/proc: {error}"), "Mount procfs there.")],
    };
    let hidden = limits.processes_hidden.then(|| {
        let remedy = "Mount /proc without hidepid, or add yourself to the group that its gid= names.";
        Check::missing("processes", "other users' processes are hidden", remedy)
    });
    let inside = limits.in_pid_namespace.then(|| {
        Check::missing("processes", "only those of this container are seen", "Start the guard outside of it.")
    });
    let limited: Vec<Check> = hidden.into_iter().chain(inside).collect();
    if limited.is_empty() { vec![Check::ok("processes", "all of them are seen")] } else { limited }
}

/// Tells whether processes of other users can be ended.
fn others(missing: Option<polkit::Missing>) -> Check {
    match missing {
        None => Check::ok("other users", "an administrator is asked where one of their processes is killed"),
        Some(missing) => Check::missing("other users", "their processes cannot be killed", missing.to_string()),
    }
}

#[cfg(test)]
mod tests;
