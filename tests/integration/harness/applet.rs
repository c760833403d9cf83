//! The program under test.

use super::{Client, Home, LIMIT, Running, wait_for};
use std::path::PathBuf;
use std::process::Command;

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_runaway-guard");

/// A running `runaway-guard` whose files are all in a test's home.
pub(crate) struct Applet {
    process: Running,
    socket: PathBuf,
}

impl Applet {
    /// Starts it with these arguments, and waits until its socket answers.
    pub(crate) fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut applet = Self::spawn(home, arguments);
        applet.client();
        applet
    }

    /// Starts it and does not wait.
    pub(crate) fn spawn(home: &Home, arguments: &[&str]) -> Self {
        let mut command = Self::command(home, arguments);
        Self { process: Running::start(home, "runaway-guard", &mut command), socket: home.socket() }
    }

    /// A command of the program, for one that is to be run to its end.
    pub(crate) fn command(home: &Home, arguments: &[&str]) -> Command {
        let mut command = home.command(PROGRAM);
        command.args(arguments);
        command
    }

    /// A new connection to its socket.
    pub(crate) fn client(&mut self) -> Client {
        wait_for("the applet's socket", LIMIT, || {
            assert!(self.process.is_running(), "the applet ended");
            Client::connect(&self.socket)
        })
    }

    /// The process.
    pub(crate) fn process(&mut self) -> &mut Running {
        &mut self.process
    }
}
