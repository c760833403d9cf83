//! `replay`.

use super::table::{Align, Table};
use super::{Error, Terminal, show};
use crate::config::{Config, parse};
use crate::trace::{self, Event, What};
use std::io;
use std::path::Path;

pub(super) fn run(file: &Path, config: Option<&Path>, terminal: &mut Terminal) -> Result<(), Error> {
    let config = config.map_or_else(|| Ok(Config::default()), read)?;
    let mut table = table();
    let replayed = trace::run(file, config, |event| {
        if terminal.json {
            return terminal.json(&serde_json::to_value(&event).map_err(io::Error::from)?);
        }
        add(&mut table, &event);
        Ok(())
    });
    if !terminal.json && (replayed.is_ok() || !table.is_empty()) {
        terminal.table(&table, "No alerts.")?;
    }
    terminal.out.flush()?;
    match replayed.map_err(explain)? {
        Some(line) => Err(Error::Remark(format!(
            "{}: line {line}, the last, is cut off: the recording was killed. What is before it was replayed.",
            file.display()
        ))),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Result<Config, Error> {
    let failed = |what: String| Error::Failed(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(format!("{error}. Check the path.")))?;
    parse::parse(&text).map_err(|error| failed(error.to_string()))
}

fn explain(error: trace::Error) -> Error {
    match error {
        trace::Error::Output(error) => Error::Output(error),
        error @ (trace::Error::Open { .. } | trace::Error::Read { .. } | trace::Error::Line { .. }) => {
            Error::Failed(error.to_string())
        }
    }
}

fn table() -> Table {
    use Align::{Left, Right};
    Table::new(&[
        ("AT", Right),
        ("EVENT", Left),
        ("ID", Right),
        ("SEVERITY", Left),
        ("REASON", Left),
        ("PID", Right),
        ("START TIME", Right),
        ("NAME", Left),
        ("WHAT", Left),
    ])
}

fn add(table: &mut Table, event: &Event) {
    let what = match event.event {
        What::Begun => "begun",
        What::Worsened => "worsened",
        What::Ended => "ended",
    };
    table.row([
        &event.at.to_string(),
        what,
        &event.id.to_string(),
        show::severity(event.severity),
        show::reason(event.reason),
        &event.pid.to_string(),
        &event.start_time.to_string(),
        &event.name,
        &event.summary,
    ]);
}
