//! How answers look to people.

use super::table::{Align, Table};
use super::{Error, Terminal};
use crate::applet::autostart;
use crate::figures::{age, percent, size, span};
use crate::protocol::{
    Alert, AlertState, Explanation, GroupStanding, Level, MatchType, Process, Reason, Severity, Status, WhitelistEntry,
};
use crate::words::why;
use serde_json::json;
use std::io;

pub(super) fn processes(processes: &[Process], terminal: &mut Terminal) -> io::Result<()> {
    use Align::{Left, Right};
    let mut table = Table::new(&[
        ("PID", Right),
        ("CPU %", Right),
        ("MEMORY", Right),
        ("RUNTIME", Right),
        ("STATE", Left),
        ("USER", Left),
        ("NAME", Left),
        ("COMMAND", Left),
    ]);
    for process in processes {
        table.row([
            &process.pid.to_string(),
            &percent(process.cpu_percent),
            &size(process.memory_mb),
            &span(process.runtime_seconds),
            &process.state.letter().to_string(),
            &process.user,
            &process.name,
            &process.cmdline,
        ]);
    }
    terminal.table(&table, "No process matches. Leave --filter out to see them all.")
}

pub(super) fn alerts(alerts: &[Alert], terminal: &mut Terminal) -> io::Result<()> {
    use Align::{Left, Right};
    let mut table = Table::new(&[
        ("ID", Right),
        ("BEGAN", Right),
        ("STATE", Left),
        ("SEVERITY", Left),
        ("PID", Right),
        ("NAME", Left),
        ("WHAT", Left),
    ]);
    for alert in alerts {
        table.row([
            &alert.id.to_string(),
            &format!("{} ago", age(alert.timestamp, terminal.now)),
            state(alert.state),
            severity(alert.severity),
            &alert.pid.to_string(),
            &alert.name,
            &what(alert),
        ]);
    }
    terminal.table(&table, "No alerts.")
}

pub(super) fn whitelist(entries: &[WhitelistEntry], terminal: &mut Terminal) -> io::Result<()> {
    use Align::{Left, Right};
    let mut table =
        Table::new(&[("ID", Right), ("MATCH", Left), ("ADDED", Right), ("PATTERN", Left), ("REASON", Left)]);
    for entry in entries {
        table.row([
            &entry.id.to_string(),
            match_type(entry.match_type),
            &format!("{} ago", age(entry.created, terminal.now)),
            &entry.pattern,
            entry.reason.as_deref().unwrap_or(""),
        ]);
    }
    terminal.table(&table, "The whitelist is empty. Add to it with: runaway-guard whitelist add NAME")
}

pub(super) fn explanation(explained: &Explanation, terminal: &mut Terminal) -> io::Result<()> {
    let Explanation { pid, name, whitelist, rule, reasons, groups, .. } = explained;
    terminal.line(&format!("{name} ({pid})"))?;
    if let Some(pattern) = whitelist {
        terminal.line(&why::whitelisted(pattern))?;
    }
    if let Some(title) = rule {
        terminal.line(&why::ruled(title))?;
    }
    let mut table = Table::new(&[("ALERT", Align::Left), ("STATE", Align::Left), ("WHY", Align::Left)]);
    for standing in reasons {
        table.row([reason(standing.reason), why::state(standing.state), &standing.summary]);
    }
    for GroupStanding { standing, .. } in groups {
        table.row(["together", why::state(standing.state), &standing.summary]);
    }
    // The reason stands at the end of its sentence: no line is cut.
    terminal.out.write_all(table.render(None).as_bytes())
}

pub(super) fn status(status: &Status, terminal: &mut Terminal) -> io::Result<()> {
    terminal.line(&format!("Level       {}", level(status.level)))?;
    terminal.line(&format!("Alerts      {} firing", status.alert_count))?;
    terminal.line(&format!("Processes   {}", status.monitored_count))?;
    terminal.line(&format!("Monitoring  {}", monitoring(status, terminal.now)))?;
    for problem in &status.problems {
        terminal.line(&format!("Problem     {problem}"))?;
    }
    Ok(())
}

/// One line of `watch` for an alert that began, worsened or ended.
pub(super) fn alert_line(alert: &Alert) -> String {
    let Alert { id, pid, name, .. } = alert;
    let (state, severity) = (state(alert.state), severity(alert.severity));
    format!("alert {id}  {state}  {severity}  {name} ({pid})  {}", what(alert))
}

/// One line of `watch` for the state of the guard, without what changes at every scan.
pub(super) fn status_line(status: &Status) -> String {
    let Status { alert_count, .. } = status;
    let paused = if status.paused { ", paused" } else { "" };
    format!("status  {}, {alert_count} firing{paused}", level(status.level))
}

pub(super) fn autostart(status: &autostart::Status, terminal: &mut Terminal) -> Result<(), Error> {
    let (word, reason) = match status {
        autostart::Status::On => ("on", None),
        autostart::Status::Off => ("off", None),
        autostart::Status::Invalid(reason) => ("invalid", Some(reason)),
    };
    if terminal.json {
        terminal.json(&json!({ "autostart": word, "reason": reason }))?;
    } else if let Some(reason) = reason {
        terminal.line(&format!("invalid: {reason} Mend it with: runaway-guard autostart on"))?;
    } else {
        terminal.line(word)?;
    }
    terminal.out.flush()?;
    if reason.is_some() { Err(Error::BadNews) } else { Ok(()) }
}

fn what(alert: &Alert) -> String {
    match &alert.action {
        Some(action) => format!("{} [{action}]", alert.summary),
        None => alert.summary.clone(),
    }
}

fn monitoring(status: &Status, now: i64) -> String {
    match (status.paused, status.paused_until) {
        (true, Some(until)) => format!("paused for another {}", age(now, until)),
        (true, None) => "paused; go on with: runaway-guard resume".into(),
        (false, _) => {
            format!("every {}; the last scan took {:.1} ms", span(status.interval_seconds), status.scan_ms)
        }
    }
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Green => "green",
        Level::Yellow => "yellow",
        Level::Red => "red",
    }
}

fn state(state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => "firing",
        AlertState::Resolved => "resolved",
        AlertState::Dismissed => "dismissed",
        AlertState::Acted => "acted",
    }
}

pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::CpuHigh => "cpu_high",
        Reason::Hang => "hang",
        Reason::MemoryLeak => "memory_leak",
        Reason::Timeout => "timeout",
    }
}

fn match_type(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Name => "name",
        MatchType::Cmdline => "cmdline",
        MatchType::Regex => "regex",
    }
}
