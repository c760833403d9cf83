//! The program: arguments → applet, window or a client command → exit code.

use runaway_guard::applet;
use runaway_guard::cli::{self, Arguments, Mode, Terminal};
use runaway_guard::client::{self, Client};
use runaway_guard::log;
use runaway_guard::paths::Paths;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long another applet may hold the lock without serving its socket.
const OTHER_ENDS: Duration = Duration::from_secs(10);

/// So often it is looked at meanwhile.
const ANOTHER_LOOK: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    take_name();
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where even the help cannot be written there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(cli::USAGE));
        }
    };
    let paths = match Paths::find() {
        Ok(paths) => paths,
        Err(error) => return end(Err(cli::Error::Failed(error.to_string()))),
    };
    end(dispatch(arguments, &paths))
}

/// What was started by way of /proc/self/exe is called `exe` in every list of processes, our own included.
fn take_name() {
    // One that keeps the wrong name works as well.
    let _ = rustix::thread::set_name(c"runaway-guard");
}

fn dispatch(arguments: Arguments, paths: &Paths) -> Result<(), cli::Error> {
    let mode = arguments.mode();
    let Some(command) = arguments.command else {
        return start(mode, arguments.log.as_deref(), paths);
    };
    let stdout = io::stdout();
    let mut terminal = Terminal {
        width: stdout.is_terminal().then(|| columns(&stdout)).flatten(),
        out: &mut BufWriter::new(stdout.lock()),
        json: arguments.json,
        now: unix_seconds(),
    };
    cli::run(command, paths, &mut terminal)
}

/// Starts the applet, or turns to the one that is running.
fn start(mode: Mode, filter: Option<&str>, paths: &Paths) -> Result<(), cli::Error> {
    let parts = match mode {
        Mode::Foreground | Mode::Background => applet::Parts::Desktop,
        Mode::Headless => applet::Parts::Headless,
    };
    log::start(filter);
    let patience = Instant::now() + OTHER_ENDS;
    loop {
        let is_first = match Client::connect(paths) {
            Ok(other) => applet::session::end_leftover(other),
            Err(client::Error::NotRunning) => true,
            Err(error) => return Err(error.into()),
        };
        if !is_first {
            return turn_to_the_first(mode, paths);
        }
        match applet::run(parts, paths) {
            Ok(applet::Started::AndEnded) => return Ok(()),
            // One that ends, or has just begun, holds the lock and serves no socket.
            Ok(applet::Started::Already) if Instant::now() < patience => thread::park_timeout(ANOTHER_LOOK),
            Ok(applet::Started::Already) => return turn_to_the_first(mode, paths),
            Err(error) => return Err(cli::Error::Failed(error.to_string())),
        }
    }
}

/// An applet runs already: a second one never starts.
fn turn_to_the_first(mode: Mode, paths: &Paths) -> Result<(), cli::Error> {
    match mode {
        Mode::Foreground => match cli::open_window(paths) {
            Ok(()) => {
                say("RunawayGuard is running already. Its window opens in the session that it was started in.");
                Ok(())
            }
            Err(client::Error::Refused(_)) if cfg!(feature = "window") && applet::has_screen() => {
                say("RunawayGuard is running already. Its window opens here.");
                cli::window(paths, None)
            }
            Err(client::Error::Refused(why)) => {
                Err(cli::Error::Failed(format!("RunawayGuard is running already. {why}")))
            }
            Err(error) => Err(error.into()),
        },
        Mode::Background | Mode::Headless => {
            applet::service::superseded();
            say("RunawayGuard is running already.");
            Ok(())
        }
    }
}

fn end(done: Result<(), cli::Error>) -> ExitCode {
    let Err(error) = done else { return ExitCode::from(cli::DONE) };
    if let Some(sentence) = error.sentence() {
        say(&sentence);
    }
    ExitCode::from(error.exit_code())
}

fn say(sentence: &str) {
    // A standard error that is closed leaves the exit code to speak.
    let _ = writeln!(io::stderr(), "{sentence}");
}

fn columns(terminal: &io::Stdout) -> Option<usize> {
    rustix::termios::tcgetwinsize(terminal).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn unix_seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
