//! The page of the config file, from the file that holds the defaults and from the README.

use super::{begin, block, heading, joined, markdown, section, see_also, term};
use clap_mangen::roff::{Roff, bold, italic, roman};

const DEFAULTS: &str = include_str!("../../src/config/default.toml");

/// Where the README turns from the defaults to the rules.
const RULES: &str = "\nA `[[rule]]` says";

/// The page of section 5.
pub(super) fn page() -> String {
    let mut page = begin("runaway-guard-config", "5", "the settings of RunawayGuard");
    heading(&mut page, "SYNOPSIS");
    page.text([italic("~/.config/runaway-guard/config.toml")]);
    heading(&mut page, "DESCRIPTION");
    page.text([roman("A file in TOML. Every key may be left out, and so may the file.")]);
    tables(&mut page);
    heading(&mut page, "RULES");
    let (_, rules) = section("Settings").split_once(RULES).unwrap_or_default();
    markdown::append(&mut page, &(RULES.trim().to_owned() + rules));
    heading(&mut page, "EXAMPLE");
    block(&mut page, &example());
    see_also(&mut page, &["runaway-guard(1)", "runaway-guard-socket(7)"]);
    page.to_roff()
}

/// Adds each table with its keys, as the comments of the defaults explain them.
fn tables(page: &mut Roff) {
    let mut said = Vec::new();
    // The first paragraph is about the whole file, and what follows the last key is about rules.
    let (_, body) = DEFAULTS.split_once("\n\n").unwrap_or_default();
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            said.push(comment);
        } else if line.starts_with('[') {
            heading(page, line);
            page.text([roman(if said.is_empty() { "What holds for all of them.".into() } else { said.join(" ") })]);
            said.clear();
        } else if let Some((key, value)) = line.split_once(" = ") {
            let default = format!(" By default {value}.");
            term(page, vec![bold(key)], vec![roman(said.join(" ") + &default)]);
            said.clear();
        }
    }
}

/// The rules that the defaults show, commented out there.
fn example() -> String {
    let lines = DEFAULTS.lines().skip_while(|line| *line != "# [[rule]]");
    joined(lines.map(|line| line.trim_start_matches(['#', ' '])), "\n")
}
