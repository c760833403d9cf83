//! How a pattern is compared, in words: for the whitelist and for rules.

use crate::protocol::MatchType;

/// The ways there are.
pub const MATCH_TYPES: [(MatchType, &str); 3] =
    [(MatchType::Name, "Name"), (MatchType::Cmdline, "Command line"), (MatchType::Regex, "Regex")];

/// Names a way.
#[must_use]
pub fn name(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Name => "Name",
        MatchType::Cmdline => "Command line",
        MatchType::Regex => "Regex",
    }
}

/// Says what belongs into the field of a pattern.
#[must_use]
pub fn hint(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Name => "A name: ffmpeg",
        MatchType::Cmdline => "A part: /opt/build/run.sh",
        MatchType::Regex => "A regex: ^cc1(plus)?$",
    }
}

/// Says what a way compares.
#[must_use]
pub fn explained(match_type: MatchType) -> &'static str {
    match match_type {
        MatchType::Name => "The whole name of the process or of its application.",
        MatchType::Cmdline => "A part of the command line.",
        MatchType::Regex => "A regular expression, searched in the name and in the command line.",
    }
}
