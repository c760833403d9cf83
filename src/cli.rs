//! The command line: what was written, what it asks of the applet, and how the answer looks.
//!
//! A command writes to the [`Terminal`] that it is handed and gives an exit code: 0 done, 1 it failed, 2 usage,
//! 3 no applet is running.

pub mod args;
mod ask;
mod config;
pub mod doctor;
mod record;
mod replay;
mod show;
mod table;

pub use args::{Arguments, Command, Mode};

use crate::applet::autostart;
use crate::client;
use crate::figures;
use crate::paths::Paths;
use serde_json::Value;
use std::io::{self, Write};

/// Exit code: it is done.
pub const DONE: u8 = 0;
/// Exit code: it failed.
pub const FAILED: u8 = 1;
/// Exit code: the command line is wrong.
pub const USAGE: u8 = 2;
/// Exit code: no applet is running.
pub const NOT_RUNNING: u8 = 3;

/// Where a command writes its answer, and what it needs to know of that place.
pub struct Terminal<'a> {
    /// The standard output.
    pub out: &'a mut dyn Write,
    /// How many columns a line may have; None where nobody looks, and nothing is cut.
    pub width: Option<usize>,
    /// Whether the answer is printed as JSON.
    pub json: bool,
    /// The wall clock in Unix seconds, for ages.
    pub now: i64,
}

impl Terminal<'_> {
    /// Writes a line for people, with what could steer their terminal made harmless.
    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{}", figures::harmless(line))
    }

    /// Writes one JSON document on one line.
    fn json(&mut self, data: &Value) -> io::Result<()> {
        writeln!(self.out, "{}", figures::harmless_json(data))
    }

    /// Writes a table, or a sentence where it has no rows.
    fn table(&mut self, table: &table::Table, none: &str) -> io::Result<()> {
        if table.is_empty() {
            return self.line(none);
        }
        self.out.write_all(table.render(self.width).as_bytes())
    }
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The applet did not do it.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// Start at login could not be changed.
    #[error(transparent)]
    Autostart(#[from] autostart::Error),
    /// The output could not be written.
    #[error("The output could not be written: {0}. Check where it goes.")]
    Output(#[from] io::Error),
    /// What was asked for is not there, or not right; the sentence says what to do.
    #[error("{0}")]
    Failed(String),
    /// It is done, and there is something to say about it beside the answer.
    #[error("{0}")]
    Remark(String),
    /// The answer was printed and is itself bad news.
    #[error("")]
    BadNews,
}

impl Error {
    /// Gives the exit code that stands for it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Client(client::Error::NotRunning) => NOT_RUNNING,
            // Whoever reads has seen enough: `runaway-guard ps | head`.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
            Self::Remark(_) => DONE,
            Self::Client(_) | Self::Autostart(_) | Self::Output(_) | Self::Failed(_) | Self::BadNews => FAILED,
        }
    }

    /// Gives the sentence for the standard error, where there is something to say.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let speaks = matches!(self, Self::Remark(_)) || self.exit_code() != DONE;
        (speaks && !matches!(self, Self::BadNews)).then(|| figures::harmless(&self.to_string()))
    }
}

/// Runs a command that is not the applet itself.
///
/// # Errors
/// [`Error`], whose sentence says what to do next, and whose exit code is the program's.
pub fn run(command: Command, paths: &Paths, terminal: &mut Terminal) -> Result<(), Error> {
    match command {
        Command::Ask(ask) => ask::run(ask, paths, terminal)?,
        Command::Config { command } => config::run(command, paths, terminal)?,
        Command::Autostart { command } => autostart_command(command, terminal)?,
        Command::Doctor => doctor::run(paths, terminal)?,
        Command::Record { file, seconds, interval } => record::run(&file, seconds, interval, terminal)?,
        Command::Replay { file, config } => replay::run(&file, config.as_deref(), terminal)?,
        Command::Window { tab } => window(paths, tab)?,
        Command::Popup => popup(paths)?,
    }
    Ok(terminal.out.flush()?)
}

/// Becomes the window, until it is closed.
///
/// # Errors
/// The sentence that says why it does not open.
#[cfg(feature = "window")]
pub fn window(paths: &Paths, tab: Option<crate::protocol::Tab>) -> Result<(), Error> {
    crate::log::start(Some("warn,winit=error"));
    crate::window::run(paths, tab).map_err(|error| Error::Failed(format!("The window does not open: {error}")))
}

/// Becomes the popup, until it has nothing to show.
#[cfg(feature = "window")]
fn popup(paths: &Paths) -> Result<(), Error> {
    crate::log::start(Some("warn,winit=error"));
    let error = match crate::window::popup::run(paths) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    // Where nobody would see it, there is nobody to tell.
    if matches!(error, crate::window::Error::NoDisplay | crate::window::Error::Display(_)) {
        return Err(Error::BadNews);
    }
    Err(Error::Failed(format!("The popup does not open: {error}")))
}

#[cfg(not(feature = "window"))]
fn popup(paths: &Paths) -> Result<(), Error> {
    window(paths, None)
}

/// Says that there is no window.
///
/// # Errors
/// The sentence that says so.
#[cfg(not(feature = "window"))]
pub fn window(_paths: &Paths, _tab: Option<crate::protocol::Tab>) -> Result<(), Error> {
    let message = "This RunawayGuard was built without its window. Install one that has it, or use the commands.";
    Err(Error::Failed(message.into()))
}

/// Asks the applet that is running to show its window.
///
/// # Errors
/// [`client::Error::NotRunning`] where none is running, or what it answered.
pub fn open_window(paths: &Paths) -> Result<(), client::Error> {
    client::Client::connect(paths)?.request("open_window", serde_json::json!({})).map(drop)
}

fn autostart_command(command: args::Autostart, terminal: &mut Terminal) -> Result<(), Error> {
    let autostart = autostart::Autostart::new()?;
    match command {
        args::Autostart::On => autostart.enable()?,
        args::Autostart::Off => autostart.disable()?,
        args::Autostart::Status => {}
    }
    show::autostart(&autostart.status(), terminal)
}

#[cfg(test)]
mod tests;
