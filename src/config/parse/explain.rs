//! Sentences for what the TOML parser and serde report.
//!
//! Source: the message forms of `serde::de::Error`: "invalid type: …, expected …", "unknown variant …, expected …",
//! "missing field `…`".

use super::{DeTable, DeValue, Fault, shape};
use std::ops::Range;
use toml::Spanned;
use toml::de::Error;

/// How many characters of a value are repeated.
const SHOWN: usize = 40;

/// Explains a text that is no TOML.
pub(super) fn syntax(text: &str, error: &Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let found = text.get(span.clone()).unwrap_or_default();
    let message = error.message();
    let message = if message == "duplicate key" {
        format!("{} is written twice. Keep one of them.", duplicate(text, &span))
    } else if message.starts_with("key with no value") {
        "a key needs \"=\" and a value after it.".into()
    } else if !is_about_a_value(message) {
        let message = message.trim_end_matches(", expected nothing");
        format!("this is not TOML: {message}.")
    } else if found.is_empty() {
        "the value is missing.".into()
    } else {
        format!("{} is not a value. Write a number, true, false, or text in quotes.", shorten(found))
    };
    Fault { span, path: Vec::new(), message }
}

/// Explains a value that the schema refuses.
pub(super) fn value(text: &str, tree: &DeTable, error: &Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let (path, found) = find(tree, &span).unwrap_or_default();
    let key = path.last().cloned().unwrap_or_default();
    let message = if let Some(missing) = error.message().strip_prefix("missing field ") {
        format!("[[{key}]] needs a key {}.", missing.replace('`', "\""))
    } else if let Some((_, expected)) = error.message().rsplit_once(", expected ") {
        let shown = match found {
            Some(found @ (DeValue::Array(_) | DeValue::Table(_))) => shape::kind(found).to_owned(),
            _ => shorten(text.get(span.clone()).unwrap_or_default()),
        };
        format!("{key} must be {}, not {shown}.{}", allowed(expected), quotes_hint(expected, found))
    } else {
        format!("{key}: {}.", error.message())
    };
    Fault { span, path, message }
}

fn is_about_a_value(message: &str) -> bool {
    ["string values must be quoted", "invalid float", "invalid boolean"].iter().any(|start| message.starts_with(start))
}

fn duplicate(text: &str, span: &Range<usize>) -> String {
    let line_start = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default().trim_start();
    match line.find(']') {
        Some(end) if line.starts_with('[') => line[..=end].to_owned(),
        _ => text[span.clone()].to_owned(),
    }
}

fn allowed(expected: &str) -> String {
    match expected {
        "a boolean" => "true or false".into(),
        "a string" => "text in quotes".into(),
        _ => {
            let words: Vec<_> = expected.split('`').skip(1).step_by(2).map(|word| format!("\"{word}\"")).collect();
            match words.as_slice() {
                [] => expected.to_owned(),
                [only] => only.clone(),
                [first @ .., last] => format!("{} or {last}", first.join(", ")),
            }
        }
    }
}

fn quotes_hint(expected: &str, found: Option<&DeValue>) -> &'static str {
    let quoted = found.and_then(DeValue::as_str).unwrap_or_default();
    let is_plain = quoted.parse::<i64>().is_ok() || quoted.parse::<bool>().is_ok();
    if is_plain && !expected.contains('`') { " Leave out the quotes." } else { "" }
}

fn shorten(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    let shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < value.len() { format!("{shown}…") } else { shown }
}

type Found<'t, 'i> = (Vec<String>, Option<&'t DeValue<'i>>);

fn find<'t, 'i>(table: &'t DeTable<'i>, span: &Range<usize>) -> Option<Found<'t, 'i>> {
    table.iter().find_map(|(key, value)| {
        let (mut path, found) = find_in(value, span)?;
        path.insert(0, key.get_ref().to_string());
        Some((path, found))
    })
}

fn find_in<'t, 'i>(value: &'t Spanned<DeValue<'i>>, span: &Range<usize>) -> Option<Found<'t, 'i>> {
    if value.span() == *span {
        return Some((Vec::new(), Some(value.get_ref())));
    }
    match value.get_ref() {
        DeValue::Table(table) => find(table, span),
        DeValue::Array(array) => array.iter().find_map(|item| find_in(item, span)),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}
