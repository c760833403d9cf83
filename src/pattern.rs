//! Patterns of the whitelist and of `[[rule]]`: how a process is found by name, command line or regular expression.

use crate::config::RuleMatch;
use crate::process::Description;
use crate::protocol::{self, MatchType};
use regex_lite::{Regex, RegexBuilder};

/// The length of the kernel's process names in bytes.
///
/// Source: proc(5), `/proc/pid/comm`, `TASK_COMM_LEN` less its NUL.
const KERNEL_NAME_BYTES: usize = 15;

/// How long a pattern may be, in bytes.
const MAX_PATTERN_BYTES: usize = 4096;

/// How much memory a compiled regular expression may take, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 18;

/// A pattern that is ready to be compared.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// The whole name of the process or of its application.
    Name(String),
    /// A part of the command line.
    CommandLine(String),
    /// A regular expression, searched in name and command line.
    Regex(Box<Regex>),
    /// The path of the program, or the last part of that.
    Executable(String),
    /// The id or the name of the application.
    Application(String),
    /// The login name of the owner, or the number.
    User(String),
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing to look for: it would match every process, or none.
    #[error("The pattern is empty. Give a name, a part of a command line, or a regex.")]
    Empty,
    /// Longer than any name or command line.
    #[error("The pattern is longer than {MAX_PATTERN_BYTES} bytes. Shorten it.")]
    TooLong,
    /// Not a regular expression of a bearable size; what is wrong with it.
    #[error("The regex cannot be used: {0}.")]
    NotRegex(String),
}

impl Pattern {
    /// Makes a pattern ready.
    ///
    /// # Errors
    /// [`Error`] where it is empty, too long, or no regular expression of a bearable size.
    pub fn new(pattern: &str, match_type: MatchType) -> Result<Self, Error> {
        Self::of_rule(pattern, match_type.into())
    }

    /// As [`Pattern::new`], for a `[[rule]]`.
    ///
    /// # Errors
    /// As [`Pattern::new`].
    pub fn of_rule(pattern: &str, match_type: RuleMatch) -> Result<Self, Error> {
        if pattern.trim().is_empty() {
            return Err(Error::Empty);
        }
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(Error::TooLong);
        }
        Ok(match match_type {
            RuleMatch::Name => Self::Name(pattern.to_owned()),
            RuleMatch::Cmdline => Self::CommandLine(pattern.to_owned()),
            RuleMatch::Regex => Self::Regex(Box::new(compile(pattern)?)),
            RuleMatch::Executable => Self::Executable(pattern.to_owned()),
            RuleMatch::Application => Self::Application(pattern.to_owned()),
            RuleMatch::User => Self::User(pattern.to_owned()),
        })
    }

    /// Tells whether a process is meant.
    #[must_use]
    pub fn matches(&self, process: &Description) -> bool {
        let application = process.application.as_ref();
        self.matches_facts(&Facts {
            name: &process.name,
            command_line: &process.command_line,
            executable: &process.executable,
            application: [application.map(|app| app.id.as_str()), application.map(|app| app.name.as_str())],
            uid: process.uid,
            user: &process.user,
        })
    }

    /// Tells whether a process of the wire is meant. The wire does not tell of its executable: the command line's first
    /// word stands for it.
    #[must_use]
    pub fn matches_listed(&self, process: &protocol::Process) -> bool {
        self.matches_facts(&Facts {
            name: &process.name,
            command_line: &process.cmdline,
            executable: process.cmdline.split(' ').next().unwrap_or_default(),
            application: [process.app.as_deref(), process.app_name.as_deref()],
            uid: process.uid,
            user: &process.user,
        })
    }

    fn matches_facts(&self, process: &Facts) -> bool {
        let is_called = |name: &str| process.application.contains(&Some(name));
        match self {
            Self::Name(name) => has_name(process.name, name) || is_called(name),
            Self::CommandLine(part) => process.command_line.contains(part.as_str()),
            Self::Regex(regex) => regex.is_match(process.name) || regex.is_match(process.command_line),
            Self::Executable(path) => process.executable == path || process.executable.rsplit('/').next() == Some(path),
            Self::Application(name) => is_called(name),
            Self::User(user) => process.user == user || user.parse() == Ok(process.uid),
        }
    }
}

/// What patterns look at.
struct Facts<'a> {
    name: &'a str,
    command_line: &'a str,
    executable: &'a str,
    application: [Option<&'a str>; 2],
    uid: u32,
    user: &'a str,
}

fn compile(pattern: &str) -> Result<Regex, Error> {
    RegexBuilder::new(pattern).size_limit(MAX_REGEX_BYTES).build().map_err(|error| Error::NotRegex(error.to_string()))
}

fn has_name(process: &str, name: &str) -> bool {
    process == name || process.as_bytes().get(..KERNEL_NAME_BYTES) == Some(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Application;
    use std::sync::Arc;

    fn firefox_tab() -> Description {
        Description {
            name: "Isolated Web Content".into(),
            command_line: "/usr/lib/firefox/firefox -contentproc -childID 7".into(),
            uid: 1000,
            user: "ada".into(),
            application: Some(Arc::new(Application { id: "org.mozilla.firefox".into(), name: "Firefox".into() })),
            ..Description::default()
        }
    }

    fn matches(pattern: &str, match_type: MatchType) -> bool {
        Pattern::new(pattern, match_type).unwrap().matches(&firefox_tab())
    }

    #[test]
    fn a_name_is_whole_and_may_be_the_kernels_or_the_applications() {
        assert!(matches("Isolated Web Content", MatchType::Name));
        assert!(matches("Isolated Web Co", MatchType::Name));
        assert!(matches("org.mozilla.firefox", MatchType::Name));
        assert!(matches("Firefox", MatchType::Name));
        assert!(!matches("Isolated", MatchType::Name));
        assert!(!matches("firefox", MatchType::Name));
    }

    #[test]
    fn a_command_line_is_matched_in_part_and_a_regex_searches_both() {
        assert!(matches("-childID 7", MatchType::Cmdline));
        assert!(!matches("-childID 8", MatchType::Cmdline));
        assert!(matches("^Isolated", MatchType::Regex));
        assert!(matches(r"childID \d$", MatchType::Regex));
        assert!(!matches("^firefox", MatchType::Regex));
    }

    #[test]
    fn a_process_of_the_wire_is_matched_alike() {
        let listed: protocol::Process = serde_json::from_value(serde_json::json!({
            "pid": 4711, "name": "Isolated Web Content", "cmdline": "/usr/lib/firefox/firefox -contentproc -childID 7",
            "cpu_percent": 0.0, "memory_mb": 0.0, "runtime_seconds": 1, "state": "S", "start_time": 1, "ppid": 1,
            "uid": 1000, "user": "ada", "threads": 1, "app": "org.mozilla.firefox",
            "app_name": "Firefox"
        }))
        .unwrap();
        let types = [MatchType::Name, MatchType::Cmdline, MatchType::Regex];
        for pattern in [
            "Isolated Web Content",
            "Isolated Web Co",
            "Isolated",
            "Firefox",
            "org.mozilla.firefox",
            "childID 7",
            "^/usr",
        ] {
            for match_type in types {
                let ready = Pattern::new(pattern, match_type).unwrap();
                assert_eq!(ready.matches_listed(&listed), ready.matches(&firefox_tab()), "{pattern} {match_type:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert_eq!(Pattern::new(" ", MatchType::Name).unwrap_err(), Error::Empty);
        assert_eq!(Pattern::new(&"x".repeat(5000), MatchType::Cmdline).unwrap_err(), Error::TooLong);
        assert_eq!(
            Pattern::new("(", MatchType::Regex).unwrap_err(),
            Error::NotRegex("found open group without closing ')'".into())
        );
        assert_eq!(
            Pattern::new("(a{1000}){1000}", MatchType::Regex).unwrap_err(),
            Error::NotRegex("compiled regex exceeded size limit".into())
        );
    }
}
