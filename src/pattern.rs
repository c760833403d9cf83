//! Patterns of the whitelist and of `[[rule]]`: how a process is found by name, command line or regular expression.

use crate::process::Description;
use crate::protocol::{self, MatchType};
use regex::{Regex, RegexBuilder};

/// The length of the kernel's process names in bytes.
///
/// Source: proc(5), `/proc/pid/comm`, `TASK_COMM_LEN` less its NUL.
const KERNEL_NAME_BYTES: usize = 15;

/// How long a pattern may be, in bytes.
const MAX_PATTERN_BYTES: usize = 4096;

/// How much memory a compiled regular expression may take, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// A pattern that is ready to be compared.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// The whole name of the process or of its application.
    Name(String),
    /// A part of the command line.
    CommandLine(String),
    /// A regular expression, searched in name and command line.
    Regex(Box<Regex>),
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
    /// Not a regular expression; what is wrong with it.
    #[error("The pattern is not a regular expression: {0}.")]
    NotRegex(String),
    /// A regular expression that would take too much memory.
    #[error("The pattern is too large a regular expression. Make it shorter.")]
    TooLarge,
}

impl Pattern {
    /// Makes a pattern ready.
    ///
    /// # Errors
    /// [`Error`] where it is empty, too long, or no regular expression of a bearable size.
    pub fn new(pattern: &str, match_type: MatchType) -> Result<Self, Error> {
        if pattern.trim().is_empty() {
            return Err(Error::Empty);
        }
        if pattern.len() > MAX_PATTERN_BYTES {
            return Err(Error::TooLong);
        }
        Ok(match match_type {
            MatchType::Name => Self::Name(pattern.to_owned()),
            MatchType::Cmdline => Self::CommandLine(pattern.to_owned()),
            MatchType::Regex => Self::Regex(Box::new(compile(pattern)?)),
        })
    }

    /// Tells whether a process is meant.
    #[must_use]
    pub fn matches(&self, process: &Description) -> bool {
        let is_called = |name: &str| process.application.as_ref().is_some_and(|app| app.id == name || app.name == name);
        self.matches_parts(&process.name, &process.command_line, is_called)
    }

    /// Tells whether a process of the wire is meant.
    #[must_use]
    pub fn matches_listed(&self, process: &protocol::Process) -> bool {
        let is_called =
            |name: &str| [&process.app, &process.app_name].into_iter().any(|app| app.as_deref() == Some(name));
        self.matches_parts(&process.name, &process.cmdline, is_called)
    }

    fn matches_parts(&self, process: &str, command_line: &str, is_called: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Name(name) => has_name(process, name) || is_called(name),
            Self::CommandLine(part) => command_line.contains(part.as_str()),
            Self::Regex(regex) => regex.is_match(process) || regex.is_match(command_line),
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, Error> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| refusal(&error))
}

fn refusal(error: &regex::Error) -> Error {
    if let regex::Error::CompiledTooBig(_) = error {
        return Error::TooLarge;
    }
    let text = error.to_string();
    Error::NotRegex(text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
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
        assert_eq!(Pattern::new("(", MatchType::Regex).unwrap_err(), Error::NotRegex("unclosed group".into()));
        assert_eq!(Pattern::new("(a{1000}){1000}", MatchType::Regex).unwrap_err(), Error::TooLarge);
    }
}
