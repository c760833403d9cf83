//! From the text of `config.toml` to a [`Config`], or to a sentence with line and column.

mod explain;
mod shape;

pub(super) use shape::{model, unknown_key};

use super::{Config, RuleMatch};
use crate::pattern::{self, Pattern};
use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// What is wrong with the text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Error {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The key with its tables: `detection.cpu_high.enabled`; empty where the text is no TOML.
    pub key: String,
    /// A sentence that says what is allowed.
    pub message: String,
}

/// Reads a config; keys that are left out have their defaults.
///
/// # Errors
/// The first key or value that is refused: mend it where the error points, in the way that it names.
pub fn parse(text: &str) -> Result<Config, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    read(text).map_err(|fault| fault.at(text))
}

/// Finds line and column of a place in a text, both counted from 1, the column in characters.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// An error that still points with bytes.
struct Fault {
    span: Range<usize>,
    path: Vec<String>,
    message: String,
}

impl Fault {
    fn at(self, text: &str) -> Error {
        let (line, column) = position(text, self.span.start);
        Error { line, column, key: self.path.join("."), message: self.message }
    }
}

fn read(text: &str) -> Result<Config, Fault> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    if let Some(first) = first_line(text, &errors) {
        return Err(explain::syntax(text, first));
    }
    shape::check(tree.get_ref())?;
    let config = Config::deserialize(toml::de::Deserializer::from(tree.clone()))
        .map_err(|error| explain::value(text, tree.get_ref(), &error))?;
    check_rules(&config, tree.get_ref())?;
    Ok(config)
}

/// Finds the first error of the first line that has any: the parser reports them stage by stage.
fn first_line<'e>(text: &str, errors: &'e [toml::de::Error]) -> Option<&'e toml::de::Error> {
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let earliest = errors.iter().map(start).min()?;
    let line_end = text[earliest..].find('\n').map_or(text.len(), |newline| earliest + newline);
    errors.iter().find(|error| start(error) <= line_end)
}

/// What is wrong with a rule that only matches.
const SAYS_NOTHING: &str =
    "[[rule]] says nothing of what it matches. Add max_runtime_minutes, silence, severity, or a limit of its own.";

fn check_rules(config: &Config, tree: &DeTable) -> Result<(), Fault> {
    let written = tree.get("rule").and_then(|rules| rules.get_ref().as_array());
    for (rule, written) in config.rules.iter().zip(written.into_iter().flatten()) {
        if let Some(message) = refuse_pattern(&rule.pattern, rule.match_type) {
            let span = written.get_ref().get("match").unwrap_or(written).span();
            return Err(Fault { span, path: vec!["rule".into(), "match".into()], message });
        }
        if !rule.says_something() {
            return Err(Fault { span: written.span(), path: vec!["rule".into()], message: SAYS_NOTHING.to_owned() });
        }
    }
    Ok(())
}

fn refuse_pattern(pattern: &str, match_type: RuleMatch) -> Option<String> {
    Some(match Pattern::of_rule(pattern, match_type).err()? {
        pattern::Error::Empty => "match must not be empty.".into(),
        pattern::Error::TooLong => "match is too long. Make it shorter.".into(),
        pattern::Error::NotRegex(reason) => format!("match is a regex that cannot be used: {reason}."),
    })
}

#[cfg(test)]
mod tests;
