//! Markdown as a manual page: headings, paragraphs, tables, and blocks of code.

use super::{heading, term, verbatim};
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// Adds this text to a page.
pub(super) fn append(page: &mut Roff, text: &str) {
    let mut is_first = true;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            heading(page, &title.to_uppercase());
        } else if line.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            verbatim(page, &code.join("\n"));
        } else if line.starts_with('|') {
            let rows = std::iter::from_fn(|| lines.next_if(|line| line.starts_with('|')));
            // The first two lines are the names of the columns and what draws them.
            rows.skip(1).for_each(|row| self::row(page, row));
        } else if !line.is_empty() {
            let more = std::iter::from_fn(|| lines.next_if(|line| !line.is_empty() && !line.starts_with("```")));
            let paragraph: Vec<&str> = std::iter::once(line).chain(more).collect();
            if !is_first {
                page.control("PP", []);
            }
            page.text(inlines(&paragraph.join(" ")));
        }
        is_first = line.starts_with("## ") || is_first && line.is_empty();
    }
}

/// Adds a row of a table: what is in its first column, and what the others say of it.
fn row(page: &mut Roff, row: &str) {
    let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
    let first = cells.next().unwrap_or_default();
    let others: Vec<&str> = cells.collect();
    term(page, inlines(first), inlines(&others.join("; ")));
}

/// Prints code and what is stressed bold.
fn inlines(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    parts.flat_map(|(place, part)| if place % 2 == 1 { vec![bold(part)] } else { stressed(part) }).collect()
}

fn stressed(text: &str) -> Vec<Inline> {
    let parts = text.split("**").enumerate();
    parts.map(|(place, part)| if place % 2 == 1 { bold(part) } else { roman(part) }).collect()
}
