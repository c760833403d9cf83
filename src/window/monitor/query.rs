//! What the search field means: a part of a name or command line, the beginning of a pid, or a regex between slashes.

use crate::pattern::{Error, Pattern};
use crate::protocol::{MatchType, Process};

/// What is searched for; by default everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    wanted: Wanted,
    /// The digits that a pid begins with.
    pid: Option<String>,
}

/// What a name or command line has to be like.
#[derive(Clone, Debug, Default)]
enum Wanted {
    #[default]
    Everything,
    /// A part of it, in lower case.
    Part(String),
    Regex(Pattern),
}

impl Query {
    /// Understands what was typed. Upper and lower case are the same.
    ///
    /// # Errors
    /// Where it is a regex that cannot be used.
    pub(super) fn new(typed: &str) -> Result<Self, Error> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Self::default());
        }
        let is_number = typed.len() <= 10 && typed.bytes().all(|byte| byte.is_ascii_digit());
        let wanted = match between_slashes(typed) {
            Some(regex) => Wanted::Regex(Pattern::new(&format!("(?i){regex}"), MatchType::Regex)?),
            None => Wanted::Part(typed.to_lowercase()),
        };
        Ok(Self { wanted, pid: is_number.then(|| typed.to_owned()) })
    }

    /// Tells whether everything matches.
    pub(super) fn is_everything(&self) -> bool {
        matches!(self.wanted, Wanted::Everything)
    }

    /// Tells whether a process is looked for.
    pub(super) fn matches(&self, process: &Process) -> bool {
        let has_pid = |pid: &String| process.pid.to_string().starts_with(pid);
        self.pid.as_ref().is_some_and(has_pid)
            || match &self.wanted {
                Wanted::Everything => true,
                Wanted::Part(part) => {
                    [&process.name, &process.cmdline].into_iter().any(|text| text.to_lowercase().contains(part))
                }
                Wanted::Regex(pattern) => pattern.matches_listed(process),
            }
    }
}

/// Gives the regex of `/regex/`.
fn between_slashes(typed: &str) -> Option<&str> {
    typed.strip_prefix('/')?.strip_suffix('/').filter(|regex| !regex.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::monitor::rows::tests::process;

    fn finds(typed: &str) -> bool {
        let server = Process { cmdline: "Node server.js --port 8080".into(), ..process(4711, 1, "node") };
        Query::new(typed).unwrap().matches(&server)
    }

    #[test]
    fn names_command_lines_pids_and_regexes_are_found() {
        for typed in ["", "  ", "NODE", "server.js", "4711", "47", "8080", "/^node$/", "/port \\d+/", " node "] {
            assert!(finds(typed), "{typed:?}");
        }
        for typed in ["nodejs", "711", "serverxjs", "/^port/", "471100", "//"] {
            assert!(!finds(typed), "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_searched_for_is_said() {
        let said = |typed: &str| Query::new(typed).unwrap_err().to_string();
        assert_eq!(said("/(/"), "The regex cannot be used: found open group without closing ')'.");
        assert_eq!(said(&format!("/{}/", "x".repeat(5000))), "The pattern is longer than 4096 bytes. Shorten it.");
        assert!(Query::new("(").is_ok());
        assert!(Query::new("/usr/bin").is_ok());
    }
}
