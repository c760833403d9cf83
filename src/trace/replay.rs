//! Feeds a core with a trace, as the shell does with what the collector gives.

use super::Error;
use super::event::{Event, What};
use super::format::Line;
use super::reader::Reader;
use super::snapshot::Fault;
use crate::config::Config;
use crate::core::{Core, Effect, Start};
use crate::process::{Description, Id, Pid};
use crate::protocol::{Alert, AlertState, Circumstances, Evidence, Push};
use crate::sample::Snapshot;
use crate::sample::application::Applications;
use serde_json::Number;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A core that lives in the time of a trace. The same lines give the same events, on any machine.
#[derive(Debug)]
pub struct Replay {
    config: Config,
    /// None before the first line.
    core: Option<Core>,
    applications: Applications,
    /// The application of each alert that was told.
    told: HashMap<i64, Option<String>>,
}

impl Replay {
    /// Begins with a config, no whitelist and no history.
    #[must_use]
    pub fn new(config: Config) -> Self {
        // Desktop files are those of one machine: without them, applications have the names of their units.
        Self { config, core: None, applications: Applications::new(Vec::new()), told: HashMap::new() }
    }

    /// Takes the next line, and gives what it brought.
    ///
    /// # Errors
    /// What makes the line no snapshot.
    pub fn feed(&mut self, line: Line) -> Result<Vec<Event>, Fault> {
        let at = line.at.as_ref().map_or_else(|| Number::from(0), to_milliseconds);
        let snapshot = line.snapshot(&mut self.applications)?;
        let now = snapshot.now;
        let start = || Core::new(Start { config: self.config.clone(), ..Start::default() }, now).0;
        let descriptions = descriptions(&snapshot);
        let effects = self.core.get_or_insert_with(start).tick(snapshot);
        let alert = |effect| if let Effect::Push(Push::Alert(alert)) = effect { Some(*alert) } else { None };
        Ok(effects.into_iter().filter_map(alert).map(|alert| self.event(at.clone(), alert, &descriptions)).collect())
    }

    fn event(&mut self, at: Number, alert: Alert, descriptions: &HashMap<Id, Arc<Description>>) -> Event {
        let event = match (alert.state, self.told.contains_key(&alert.id)) {
            (AlertState::Firing, false) => What::Begun,
            (AlertState::Firing, true) => What::Worsened,
            (AlertState::Resolved | AlertState::Dismissed | AlertState::Acted, _) => What::Ended,
        };
        let id = Id { pid: alert.pid, start_time: alert.start_time };
        let app = self.told.entry(alert.id).or_insert_with(|| {
            let application = descriptions.get(&id).and_then(|process| process.application.as_ref());
            application.map(|application| application.id.clone())
        });
        let app = app.clone();
        let members = members(id, &alert.evidence);
        let Alert { id, pid, start_time, name, reason, severity, summary, evidence, .. } = alert;
        Event { at, event, id, pid, start_time, name, app, members, reason, severity, summary, evidence }
    }
}

/// Gives whom an alert is about: its own process first, then those that are at it together.
fn members(id: Id, evidence: &Evidence) -> Vec<(Pid, u64)> {
    let own = (id.pid, id.start_time);
    let others: Vec<(Pid, u64)> = match evidence {
        Evidence::CpuHigh { circumstances: Circumstances { members, .. }, .. } => {
            members.iter().map(|member| (member.pid, member.start_time)).collect()
        }
        Evidence::MemoryLeak { members, .. } => members.iter().map(|member| (member.pid, member.start_time)).collect(),
        Evidence::Hang { waits_for, .. } => {
            waits_for.others.iter().map(|waiter| (waiter.pid, waiter.start_time)).collect()
        }
        Evidence::Timeout { .. } => Vec::new(),
    };
    std::iter::once(own).chain(others.into_iter().filter(|other| *other != own)).collect()
}

fn descriptions(snapshot: &Snapshot) -> HashMap<Id, Arc<Description>> {
    snapshot.samples.iter().map(|sample| (sample.id, Arc::clone(&sample.description))).collect()
}

/// Rounds to three decimals; a whole number stays whole.
fn to_milliseconds(at: &Number) -> Number {
    let rounded = || Number::from_f64((at.as_f64()? * 1000.0).round() / 1000.0);
    if at.is_f64() { rounded().unwrap_or_else(|| at.clone()) } else { at.clone() }
}

/// Replays a file, and hands out each event as it comes. Gives the line that was cut off, where the last one was.
///
/// # Errors
/// Why it could not go on; the events before that were handed out.
pub fn run(path: &Path, config: Config, mut each: impl FnMut(Event) -> io::Result<()>) -> Result<Option<usize>, Error> {
    let mut reader = Reader::open(path)?;
    let mut replay = Replay::new(config);
    while let Some(line) = reader.next_line()? {
        let fault = |fault: Fault| Error::Line { path: path.to_owned(), line: reader.at(), what: fault.to_string() };
        for event in replay.feed(line).map_err(fault)? {
            each(event).map_err(Error::Output)?;
        }
    }
    Ok(reader.cut())
}
