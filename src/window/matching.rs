//! How a pattern is compared, in words: for the whitelist and for rules.

use crate::config::RuleMatch;
use crate::protocol::MatchType;

/// The ways there are.
pub const MATCH_TYPES: [(MatchType, &str); 3] =
    [(MatchType::Name, "Name"), (MatchType::Cmdline, "Command line"), (MatchType::Regex, "Regex")];

/// The ways that rules have.
pub const RULE_MATCHES: [(RuleMatch, &str); 6] = [
    (RuleMatch::Name, "Name"),
    (RuleMatch::Cmdline, "Command line"),
    (RuleMatch::Regex, "Regex"),
    (RuleMatch::Executable, "Program"),
    (RuleMatch::Application, "Application"),
    (RuleMatch::User, "User"),
];

/// Names a way.
#[must_use]
pub fn name(way: impl Into<RuleMatch>) -> &'static str {
    let way = way.into();
    RULE_MATCHES.iter().find(|(other, _)| *other == way).map_or("", |(_, name)| name)
}

/// Says what belongs into the field of a pattern.
#[must_use]
pub fn hint(way: impl Into<RuleMatch>) -> &'static str {
    match way.into() {
        RuleMatch::Name => "A name: ffmpeg",
        RuleMatch::Cmdline => "A part: /opt/build/run.sh",
        RuleMatch::Regex => "A regex: ^cc1(plus)?$",
        RuleMatch::Executable => "A path or its last part: /usr/bin/ffmpeg",
        RuleMatch::Application => "A name or an id: org.blender.Blender",
        RuleMatch::User => "A login name: backup",
    }
}

/// Says what a way compares.
#[must_use]
pub fn explained(way: impl Into<RuleMatch>) -> &'static str {
    match way.into() {
        RuleMatch::Name => "The whole name of the process or of its application.",
        RuleMatch::Cmdline => "A part of the command line.",
        RuleMatch::Regex => "A regular expression, searched in the name and in the command line.",
        RuleMatch::Executable => {
            "The path of its program, or the last part of that. Of other users' processes it is not known."
        }
        RuleMatch::Application => "The name or the id of its application.",
        RuleMatch::User => "The login name or the number of its owner.",
    }
}
