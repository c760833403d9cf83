//! Logs: to the standard error, in the journal's levels where that is the journal.

use std::fmt;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{self as lines, FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// What the messages of this program are known by.
const PROGRAM: &str = "runaway_guard";

/// Starts logging, for the whole program and only once. `written` is what `--log` says; without it `RUST_LOG` counts.
pub fn start(written: Option<&str>) {
    let asked = written.map(str::to_owned).or_else(|| std::env::var("RUST_LOG").ok());
    let (filter, problem) = match filter(asked.as_deref().unwrap_or_default()) {
        Ok(filter) => (filter, None),
        Err(problem) => (default(), Some(problem)),
    };
    // Who started the program may be gone, and the terminal or pipe with it: what nobody hears is no reason to end.
    let lines = lines::layer().log_internal_errors(false).with_writer(io::stderr);
    let chosen = tracing_subscriber::registry().with(filter);
    // A second start of logging, as in tests, keeps the first.
    let _ = if is_journal(std::env::var("JOURNAL_STREAM").ok().as_deref(), io::stderr()) {
        chosen.with(lines.event_format(Journal)).try_init()
    } else {
        chosen.with(lines.with_ansi(io::stderr().is_terminal())).try_init()
    };
    if let Some(problem) = problem {
        tracing::warn!("RUST_LOG: {problem}. Logging goes on with {}.", default());
    }
}

/// Understands a level, which is then that of this program alone, or a filter as `RUST_LOG` writes it.
///
/// # Errors
/// A sentence that says what cannot be understood.
pub fn filter(written: &str) -> Result<Targets, String> {
    let written = written.trim();
    let filter = match written.parse::<Level>() {
        Ok(level) => return Ok(default().with_target(PROGRAM, level)),
        Err(_) if written.is_empty() => return Ok(default()),
        Err(_) if is_misspelt(written) => return Err(unknown(written)),
        Err(_) => written.parse::<Targets>(),
    };
    filter.map_err(|error| format!("{error}; {}", unknown(written)))
}

/// What is logged where nobody says otherwise: what other crates have to say is mostly of no use here.
fn default() -> Targets {
    Targets::new().with_default(Level::WARN).with_target(PROGRAM, Level::INFO)
}

/// A single word that is no level would be taken for the name of a crate, and everything else would be silent.
fn is_misspelt(written: &str) -> bool {
    written.chars().all(char::is_alphanumeric) && written != "off"
}

fn unknown(written: &str) -> String {
    format!("{written:?} is neither error, warn, info, debug or trace, nor a filter like runaway_guard=debug,zbus=info")
}

/// Tells whether a stream is the one that systemd connected to the journal.
///
/// Source: systemd.exec(5), `$JOURNAL_STREAM`: device and inode number of the stream, with a colon between them.
fn is_journal(variable: Option<&str>, stream: impl AsFd) -> bool {
    let Some((device, inode)) = variable.and_then(|variable| variable.split_once(':')) else { return false };
    rustix::fs::fstat(stream).is_ok_and(|stat| device.parse() == Ok(stat.st_dev) && inode.parse() == Ok(stat.st_ino))
}

/// The journal's way: the level as a number in front, and no time, for the journal has its own.
///
/// Source: sd-daemon(3), `SD_DEBUG` and its neighbours.
struct Journal;

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = String::new();
        context.field_format().format_fields(Writer::new(&mut text), event)?;
        let meta = event.metadata();
        // The journal takes each line for a message of its own: a line break within one would lose its level.
        let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        write!(writer, "<{}>", priority(*meta.level()))?;
        if !meta.target().starts_with(PROGRAM) {
            write!(writer, "{}: ", meta.target())?;
        }
        writeln!(writer, "{}", text.trim_end())
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_level_is_that_of_this_program_alone() {
        assert_eq!(filter("debug").unwrap().to_string(), "runaway_guard=debug,warn");
        assert_eq!(filter("INFO").unwrap().to_string(), "runaway_guard=info,warn");
        assert_eq!(filter(" ").unwrap().to_string(), "runaway_guard=info,warn");
        assert_eq!(filter("zbus=trace").unwrap().to_string(), "zbus=trace");
        assert_eq!(filter("off").unwrap().to_string(), "off");
        assert!(filter("verbose").unwrap_err().starts_with("\"verbose\" is neither error, warn"));
        assert!(filter("zbus=loud").is_err());
    }

    #[test]
    fn the_journal_is_known_by_its_stream() {
        let file = tempfile::tempfile().unwrap();
        let meta = file.metadata().unwrap();
        let named = |device: u64, inode: u64| is_journal(Some(&format!("{device}:{inode}")), &file);
        assert!(named(meta.dev(), meta.ino()));
        assert!(!named(meta.dev(), meta.ino() + 1) && !named(meta.dev() + 1, meta.ino()));
        assert!(!is_journal(None, &file) && !is_journal(Some("8"), &file) && !is_journal(Some("a:b"), &file));
    }

    #[test]
    fn the_journal_gets_levels_and_one_line_a_message() {
        let mut file = tempfile::tempfile().unwrap();
        let writer = file.try_clone().unwrap();
        let lines = tracing_subscriber::fmt()
            .event_format(Journal)
            .with_max_level(Level::TRACE)
            .with_writer(move || writer.try_clone().unwrap())
            .finish();
        tracing::subscriber::with_default(lines, || {
            tracing::error!(pid = 7, "lost");
            tracing::warn!("a\n<0>forged\x1b[31m");
            tracing::info!(target: "zbus::proxy", "fine");
            tracing::debug!("d");
            tracing::trace!("t");
        });
        let mut written = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut written).unwrap();
        let expected = "<3>lost pid=7\n<4>a <0>forged\\x1b[31m\n<6>zbus::proxy: fine\n<7>d\n<7>t\n";
        assert_eq!(written, expected);
    }
}
