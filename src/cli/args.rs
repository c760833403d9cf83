//! What may be written on the command line.

use crate::core::Signal;
use crate::figures;
use crate::protocol::request::{SignalName, Since, Sort};
use crate::protocol::{MatchType, Tab};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  runaway-guard                            start the applet; where one runs, open its window
  runaway-guard --background               start it without a window, as at login
  runaway-guard ps --sort memory --limit 5 the five that hold the most memory
  runaway-guard alerts --active            what is running away now
  runaway-guard kill 4711 --signal KILL    end a process that ignores SIGTERM
  runaway-guard whitelist add ffmpeg --reason \"may use every core\"
  runaway-guard config set cpu_high.threshold_percent 150
  runaway-guard watch --json | jq .data    follow alerts and scans in a script
  runaway-guard doctor                     what the guard found of this desktop
  runaway-guard record today.zst           record what processes do, until Ctrl+C
  runaway-guard replay today.zst           what the guard would have said of it

Exit codes:
  0  done
  1  it failed; the sentence on the standard error says why
  2  the command line is wrong
  3  no applet is running";

/// Watches every process, notices the one that has run away, and says so once.
#[derive(Clone, Debug, Parser, PartialEq)]
#[command(name = "runaway-guard", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(subcommand_value_name = "COMMAND")]
pub struct Arguments {
    /// Starts the applet without ever opening a window, as at login
    #[arg(long, conflicts_with = "headless")]
    pub background: bool,
    /// Starts only monitor and socket: no tray, no notifications, no display
    #[arg(long)]
    pub headless: bool,
    /// What the applet logs: error, warn, info, debug, trace, or a filter like that of `RUST_LOG`, which it overrides
    #[arg(long, value_name = "LEVEL", value_parser = filter)]
    pub log: Option<String>,
    /// Prints the data of the answer as one JSON document, `watch` and `replay` as one line an event
    #[arg(long, global = true)]
    pub json: bool,
    /// None starts the applet.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How the applet is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By a user who wants to see something.
    Foreground,
    /// At login: never a window.
    Background,
    /// Monitor and socket only.
    Headless,
}

/// Everything but the applet itself.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Command {
    /// What the running applet is asked.
    #[command(flatten)]
    Ask(Ask),
    /// Reads and changes the settings
    #[command(after_help = "\
Examples:
  runaway-guard config get                             every setting of the running applet
  runaway-guard config get general.kill_grace_seconds
  runaway-guard config set hang.enabled false          changes the running applet and the user's file
  $EDITOR \"$(runaway-guard config path)\"")]
    Config {
        /// What to do.
        #[command(subcommand)]
        command: Config,
    },
    /// Starts the applet at login, or not
    Autostart {
        /// What to do.
        #[command(subcommand)]
        command: Autostart,
    },
    /// Looks at everything that the guard needs of this machine, and says what to do about it
    #[command(after_help = "\
Each line begins with what was found:
  ok       it is there and works
  missing  it is not there; the guard goes on without it
  wrong    it is there and does not work; the exit code is then 1")]
    Doctor,
    /// Shows the notifications in a small window, until there are none
    #[command(hide = true)]
    Popup,
    /// Records snapshots of all processes in a file; it needs no running applet
    #[command(after_help = "\
The file is a line of JSON a snapshot, compressed where its name ends with .zst or .gz. Secrets on
command lines are masked, and only you may read it.

Examples:
  runaway-guard record today.zst                         until Ctrl+C
  runaway-guard record /tmp/a.jsonl --seconds 600 --interval 1")]
    Record {
        /// The file to write, or to write over
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// For how long; until it is interrupted where it is left out
        #[arg(long, value_name = "N", value_parser = duration)]
        seconds: Option<Duration>,
        /// The time between two snapshots
        #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = duration)]
        interval: Duration,
    },
    /// Tells which alerts a recording would have raised, faster than real time
    #[command(after_help = "\
The same file and settings give the same lines on any machine. Where the last line of a recording is
cut off, it is left out, and the standard error says so.

Examples:
  runaway-guard replay today.zst
  runaway-guard replay today.zst --config stricter.toml
  runaway-guard replay today.zst --json | jq 'select(.event == \"begun\")'")]
    Replay {
        /// The recording
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The settings; the defaults where it is left out
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Opens the window
    Window {
        /// The tab to show
        #[arg(long)]
        tab: Option<Tab>,
    },
}

/// What the running applet is asked.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Ask {
    /// Shows how the guard is: level, alerts, pause, problems
    Status,
    /// Lists the processes of the last scan
    #[command(after_help = "\
Examples:
  runaway-guard ps --limit 10
  runaway-guard ps --sort runtime --filter ssh
  runaway-guard ps --json | jq '.[] | select(.memory_mb > 1000) | .name'")]
    Ps {
        /// By what they are sorted: numbers from the largest, pid and name from the smallest
        #[arg(long, value_enum, value_name = "KEY", default_value = "cpu")]
        sort: Sort,
        /// How many at most
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Only those with this text in name or command line
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
    /// Lists what ran away, newest first
    #[command(after_help = "\
Examples:
  runaway-guard alerts --active
  runaway-guard alerts --since 2h
  runaway-guard alerts --since 2026-05-01T00:00:00Z --limit 1000 --json")]
    Alerts {
        /// How many at most; 50 where it is left out
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Only those that began since: `90min`, `2h`, `3d` ago, Unix seconds or RFC 3339
        #[arg(long, value_name = "TIME", value_parser = when)]
        since: Option<When>,
        /// Only those that are firing now
        #[arg(long)]
        active: bool,
    },
    /// Tells every alert as it happens, until it is interrupted
    Watch,
    /// Sends a signal to a process
    Kill {
        /// The process id
        #[arg(value_parser = clap::value_parser!(i64).range(1..=i64::from(i32::MAX)))]
        pid: i64,
        /// TERM, KILL, STOP, CONT, INT, HUP, USR1 or USR2, with or without SIG, or the number
        #[arg(long, short, default_value = "TERM", value_parser = signal)]
        signal: Signal,
        /// The `start_time` that `ps --json` showed: another process at this pid is left alone
        #[arg(long, value_name = "T")]
        start_time: Option<u64>,
    },
    /// Pauses monitoring
    Pause {
        /// For how long; until `resume` where it is left out
        seconds: Option<u64>,
    },
    /// Goes on monitoring after a pause
    Resume,
    /// Says why a process is told of, or is not: each rule with its figures
    #[command(after_help = "\
Examples:
  runaway-guard explain 4711
  runaway-guard explain 4711 --json | jq '.reasons[] | select(.state == \"silent\") | .summary'")]
    Explain {
        /// The process id
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        pid: u32,
        /// The `start_time` that `ps --json` showed: another process at this pid is not explained
        #[arg(long, value_name = "T")]
        start_time: Option<u64>,
    },
    /// Dismisses every alert that is firing
    Clear,
    /// Dismisses one alert: it stays quiet until its process has calmed down
    Dismiss {
        /// The id that `alerts` shows
        id: i64,
    },
    /// Lists and changes what is never alerted about
    #[command(after_help = "\
Examples:
  runaway-guard whitelist add ffmpeg                     the whole name of a process or application
  runaway-guard whitelist add /opt/build --match cmdline a part of the command line
  runaway-guard whitelist add '^cc1(plus)?$' --match regex
  runaway-guard whitelist remove 3                       the id that `whitelist list` shows")]
    Whitelist {
        /// What to do.
        #[command(subcommand)]
        command: Whitelist,
    },
}

/// What may be done with the whitelist.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Whitelist {
    /// Lists the entries
    List,
    /// Adds an entry
    Add {
        /// What to look for
        pattern: String,
        /// How: the whole name, a part of the command line, or a regex in both
        #[arg(long = "match", value_enum, value_name = "HOW", default_value = "name")]
        match_type: MatchType,
        /// Why it is there, for people
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Removes an entry
    Remove {
        /// The id that `whitelist list` shows
        id: i64,
    },
}

/// What may be done with the settings.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Config {
    /// Prints a setting of the running applet, or all of them
    Get {
        /// `cpu_high.threshold_percent`, or a table: `general`
        key: Option<String>,
    },
    /// Changes a setting of the running applet and of the user's file, whose comments stay
    Set {
        /// `cpu_high.threshold_percent`
        key: String,
        /// The new value as TOML writes it; words need no quotes
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Prints where the file is; it need not exist
    Path,
}

/// What may be done about start at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Autostart {
    /// Starts the applet at login from now on
    On,
    /// No longer starts it at login
    Off,
    /// Tells whether it is started at login
    Status,
}

/// A point in time as people write it.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// So many seconds before now.
    Ago(i64),
    /// As the protocol writes it.
    At(Since),
}

impl When {
    /// Gives the protocol's way to write it, for a clock that shows `now`.
    #[must_use]
    pub fn since(self, now: i64) -> Since {
        match self {
            Self::Ago(seconds) => Since::Unix(now.saturating_sub(seconds)),
            Self::At(since) => since,
        }
    }
}

impl Arguments {
    /// Understands a command line, the program's name at its begin.
    ///
    /// # Errors
    /// What clap has to say: the help, the version, or what is wrong; its `exit_code` is 0 or 2.
    pub fn read(written: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let arguments = Self::try_parse_from(written)?;
        let starts = arguments.background || arguments.headless || arguments.log.is_some();
        if arguments.command.is_some() && starts {
            let what = "--background, --headless and --log start the applet: leave them or the command out.";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, what));
        }
        if arguments.command.is_none() && arguments.json {
            let what = "--json needs a command: runaway-guard status --json";
            return Err(Self::command().error(ErrorKind::MissingSubcommand, what));
        }
        Ok(arguments)
    }

    /// Tells how the applet is to be started.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match (self.headless, self.background) {
            (true, _) => Mode::Headless,
            (false, true) => Mode::Background,
            (false, false) => Mode::Foreground,
        }
    }
}

fn duration(written: &str) -> Result<Duration, String> {
    let seconds = written.parse().ok().filter(|seconds| (0.05..=1e9).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "write it in seconds: 0.5, 2 or 600".into())
}

fn filter(written: &str) -> Result<String, String> {
    crate::log::filter(written).map(|_| written.to_owned())
}

fn signal(written: &str) -> Result<Signal, String> {
    let name = SignalName::Name(written.to_owned());
    Signal::parse(&name).ok_or_else(|| format!("it is none of {}", Signal::ALL.map(Signal::name).join(", ")))
}

fn when(written: &str) -> Result<When, String> {
    if let Some(seconds) = figures::seconds(written) {
        return Ok(When::Ago(seconds));
    }
    if let Ok(unix) = written.parse() {
        return Ok(When::At(Since::Unix(unix)));
    }
    // The applet judges the rest of RFC 3339; a word that is no date at all is caught here.
    if written.len() >= 10 && written.as_bytes().get(4) == Some(&b'-') {
        return Ok(When::At(Since::Rfc3339(written.to_owned())));
    }
    Err("write it as 90min, 2h, 3d, 1767225600 or 2026-01-01T00:00:00Z".into())
}

#[cfg(test)]
mod tests;
