//! Where things stand in the text: what is cut, and where a table is added.

use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::ops::Range;
use toml_edit::{Document, Item, Table};

/// The tables that a patch may need, with their paths.
const TABLES: [&[&str]; 4] =
    [&["detection", "cpu_high"], &["detection", "hang"], &["detection", "memory_leak"], &["general"]];

/// Cuts the keys that the patch gives as null; their comments stay.
pub(super) fn cut(mut text: String, patch: &Map<String, Value>) -> String {
    let mut cuts = Vec::new();
    if let Ok(document) = Document::parse(text.as_str()) {
        find_cuts(&text, document.as_table(), patch, &mut cuts);
    }
    cuts.sort_by_key(|range| Reverse(range.start));
    for range in cuts {
        text.replace_range(range, "");
    }
    text
}

/// Adds the headers of the tables that the patch sets keys in and that are not there: after the last one of the same
/// parent, else at the end.
pub(super) fn add_tables(mut text: String, patch: &Map<String, Value>) -> String {
    for path in TABLES {
        let at = match Document::parse(text.as_str()) {
            Ok(document) if sets_keys(patch, path) && is_missing(&document, path) => place(&text, &document, path),
            _ => continue,
        };
        let lead = blank_line_after(&text[..at]);
        let trail = if at == text.len() { "" } else { "\n" };
        text.insert_str(at, &format!("{lead}[{}]\n{trail}", path.join(".")));
    }
    text
}

/// Gives what must follow a text so that the next line stands after an empty one.
pub(super) fn blank_line_after(before: &str) -> &'static str {
    if before.is_empty() || before.ends_with("\n\n") {
        ""
    } else if before.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    }
}

/// Finds the start of the line that an offset is in.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Finds the start of the line after the one that an offset is in.
pub(super) fn next_line(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |newline| offset + newline + 1)
}

/// Finds where the comment begins that stands directly above a line.
pub(super) fn with_comment_above(text: &str, line: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let above = line_start(text, start - 1);
        if !is_comment(&text[above..start]) {
            break;
        }
        start = above;
    }
    start
}

/// Tells whether a line has nothing but a comment.
pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn find_cuts(text: &str, table: &Table, patch: &Map<String, Value>, cuts: &mut Vec<Range<usize>>) {
    for (name, value) in patch {
        match (table.get_key_value(name), value) {
            (Some((key, Item::Value(found))), Value::Null) => {
                cuts.extend(key.span().zip(found.span()).map(|(key, value)| entry(text, key.start, value.end)));
            }
            (Some((_, Item::Table(found))), Value::Null) => find_cuts(text, found, &all_of(found), cuts),
            (Some((_, Item::Table(found))), Value::Object(patch)) => find_cuts(text, found, patch, cuts),
            (Some((_, Item::ArrayOfTables(found))), Value::Array(patches)) => {
                for (found, patch) in found.iter().zip(patches.iter().filter_map(Value::as_object)) {
                    find_cuts(text, found, patch, cuts);
                }
            }
            _ => {}
        }
    }
}

fn all_of(table: &Table) -> Map<String, Value> {
    table.iter().map(|(key, _)| (key.to_owned(), Value::Null)).collect()
}

/// Finds what a key and its value take up: the whole line, or all of it before its comment.
fn entry(text: &str, key: usize, value_end: usize) -> Range<usize> {
    let line = line_start(text, key);
    let end = next_line(text, value_end);
    match text[value_end..end].find('#') {
        Some(comment) => {
            let indent = text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len();
            line + indent..value_end + comment
        }
        None => line..end,
    }
}

fn sets_keys(patch: &Map<String, Value>, table: &[&str]) -> bool {
    let (first, rest) = (patch.get(table[0]), &table[1..]);
    let found = rest.iter().fold(first, |found, key| found.and_then(|found| found.get(key)));
    found.and_then(Value::as_object).is_some_and(|keys| keys.values().any(|value| !value.is_null()))
}

/// Tells whether a table can be added with a header: it is not there, and its parents are not written on one line.
fn is_missing(root: &Table, path: &[&str]) -> bool {
    let mut table = root;
    for key in path {
        match table.get(key) {
            None => return true,
            Some(Item::Table(found)) if !found.is_dotted() => table = found,
            Some(_) => return false,
        }
    }
    false
}

fn place(text: &str, root: &Table, path: &[&str]) -> usize {
    let mut all = Vec::new();
    headers(root, &mut all);
    let mut siblings = Vec::new();
    if let (2.., Some(Item::Table(parent))) = (path.len(), root.get(path[0])) {
        siblings.extend(header(parent));
        headers(parent, &mut siblings);
    }
    let last = siblings.iter().map(|span| span.end).max();
    let next = last.and_then(|last| all.iter().map(|span| span.start).filter(|start| *start > last).min());
    next.map_or(text.len(), |next| with_comment_above(text, line_start(text, next)))
}

fn header(table: &Table) -> Option<Range<usize>> {
    table.span().filter(|span| !table.is_implicit() && !table.is_dotted() && !span.is_empty())
}

fn headers(table: &Table, found: &mut Vec<Range<usize>>) {
    for (_, item) in table {
        if let Some(table) = item.as_table() {
            found.extend(header(table));
            headers(table, found);
        }
        for table in item.as_array_of_tables().into_iter().flatten() {
            found.extend(header(table));
            headers(table, found);
        }
    }
}
