//! Lays out the `[[rule]]` tables: the n-th one in the text becomes the n-th one that is wanted.
//!
//! A rule that stays takes its block of text along: header, keys and the comments that stand directly above and below.

use super::place::{blank_line_after, is_comment, line_start, next_line, with_comment_above};
use super::set::to_toml;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::ops::Range;
use toml_edit::{ArrayOfTables, Document, Item, Table};

/// Moves, adds and cuts blocks until there are as many as the patch wants, in its order.
pub(super) fn lay_out(text: String, patch: &Map<String, Value>) -> String {
    let Some(wanted) = wanted(patch) else { return text };
    let Ok(document) = Document::parse(text.as_str()) else { return text };
    match document.get("rule") {
        None => append(&text, &wanted),
        Some(Item::ArrayOfTables(found)) => arrange(&text, found, &wanted),
        Some(_) => text,
    }
}

/// Adds a null for each key of a rule in the text that the wanted one has not.
pub(super) fn with_removals(text: &str, mut patch: Map<String, Value>) -> Map<String, Value> {
    let document = Document::parse(text).ok();
    let found = document.as_ref().and_then(|document| document.get("rule")).and_then(Item::as_array_of_tables);
    let wanted = patch.get_mut("rule").and_then(Value::as_array_mut);
    for (found, wanted) in found.into_iter().flatten().zip(wanted.into_iter().flatten()) {
        if let Value::Object(wanted) = wanted {
            for (key, _) in found {
                wanted.entry(key).or_insert(Value::Null);
            }
        }
    }
    patch
}

/// Gives the wanted rules; None where the patch leaves them alone, or is no list of tables.
fn wanted(patch: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    match patch.get("rule")? {
        Value::Null => Some(Vec::new()),
        Value::Array(rules) => rules.iter().map(Value::as_object).collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
    }
}

fn append(text: &str, wanted: &[&Map<String, Value>]) -> String {
    let mut text = text.to_owned();
    for rule in wanted {
        text.push_str(blank_line_after(&text));
        text.push_str(&fresh(rule));
    }
    text
}

fn arrange(text: &str, found: &ArrayOfTables, wanted: &[&Map<String, Value>]) -> String {
    let slots: Vec<_> = found.iter().map(|rule| block(text, rule)).collect();
    let stays = assign(found, wanted);
    let mut blocks: Vec<_> = wanted
        .iter()
        .zip(stays)
        .map(|(rule, stays)| match stays {
            Some(slot) => ended(&text[slots[slot].clone()]),
            None => fresh(rule),
        })
        .collect();
    let more = blocks.split_off(slots.len().min(blocks.len()));
    let more = more.iter().fold(String::new(), |more, block| more + "\n" + block);
    let mut text = text.to_owned();
    for (place, slot) in slots.into_iter().enumerate().rev() {
        let more = if place + 1 == found.len() { more.as_str() } else { "" };
        match blocks.get(place) {
            Some(block) => text.replace_range(slot, &format!("{block}{more}")),
            None => text.replace_range(without_gap(&text, slot), ""),
        }
    }
    text
}

/// Finds for each wanted rule the one in the text that it continues: by pattern, else by name, else by its place where
/// their number is the same.
fn assign(found: &ArrayOfTables, wanted: &[&Map<String, Value>]) -> Vec<Option<usize>> {
    let found: Vec<_> = found.iter().collect();
    let same = |key: &str, i: usize, j: usize| {
        let wanted = wanted[i].get(key).and_then(Value::as_str);
        wanted.is_some() && wanted == found[j].get(key).and_then(Item::as_str)
    };
    let by_pattern = |i, j| same("match", i, j);
    let by_name = |i, j| same("name", i, j);
    let by_place = |i, j| i == j && wanted.len() == found.len();
    let mut stays: Vec<Option<usize>> = vec![None; wanted.len()];
    let ways: [&dyn Fn(usize, usize) -> bool; 3] = [&by_pattern, &by_name, &by_place];
    for continues in ways {
        for i in 0..wanted.len() {
            if stays[i].is_none() {
                stays[i] = (0..found.len()).find(|j| !stays.contains(&Some(*j)) && continues(i, *j));
            }
        }
    }
    stays
}

/// Finds a rule's block: from the comment above its header to the comment below its last key.
fn block(text: &str, rule: &Table) -> Range<usize> {
    let header = rule.span().unwrap_or(0..0);
    let values = rule.iter().filter_map(|(_, item)| item.span());
    let end = next_line(text, values.map(|span| span.end).max().unwrap_or(header.end));
    let comment_end =
        text[end..].split_inclusive('\n').take_while(|line| is_comment(line)).map(str::len).sum::<usize>();
    let runs_into_header = text[end + comment_end..].trim_start_matches([' ', '\t']).starts_with('[');
    let end = if runs_into_header { end } else { end + comment_end };
    with_comment_above(text, line_start(text, header.start))..end
}

/// Takes the empty line before a block that goes, where there is one after it too.
fn without_gap(text: &str, block: Range<usize>) -> Range<usize> {
    let after = &text[block.end..];
    let gap = text[..block.start].ends_with("\n\n") && (after.is_empty() || after.starts_with('\n'));
    block.start - usize::from(gap)..block.end
}

fn ended(block: &str) -> String {
    if block.ends_with('\n') { block.to_owned() } else { format!("{block}\n") }
}

fn fresh(rule: &Map<String, Value>) -> String {
    let mut block = String::from("[[rule]]\n");
    for (key, value) in rule.iter().filter(|(_, value)| !value.is_null()) {
        let key = toml_edit::Key::new(key);
        // Writing to a string cannot fail.
        let _ = writeln!(block, "{key} = {}", to_toml(value));
    }
    block
}
