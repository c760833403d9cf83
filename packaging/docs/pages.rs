//! The generated files: name and text of each. They come from the definitions that the program itself uses.

mod commands;
mod markdown;
mod settings;

use clap_mangen::roff::{Inline, Roff, bold, roman};
use std::fmt::Display;

const README: &str = include_str!("../../README.md");
const SOCKET: &str = include_str!("../../src/protocol/README.md");
const CHANGES: &str = include_str!("../CHANGELOG.md");

/// Gives all of them.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("runaway-guard.1", commands::page()),
        ("runaway-guard-config.5", settings::page()),
        ("runaway-guard-socket.7", socket()),
        ("runaway-guard.bash", commands::completion(clap_complete::Shell::Bash)),
        ("_runaway-guard", commands::completion(clap_complete::Shell::Zsh)),
        ("runaway-guard.fish", commands::completion(clap_complete::Shell::Fish)),
    ]
}

fn socket() -> String {
    let mut page = begin("runaway-guard-socket", "7", "the socket of RunawayGuard");
    heading(&mut page, "DESCRIPTION");
    let (_, text) = SOCKET.split_once('\n').unwrap_or_default();
    markdown::append(&mut page, text.trim());
    see_also(&mut page, &["runaway-guard(1)", "runaway-guard-config(5)", "unix(7)"]);
    page.to_roff()
}

/// Begins a page with its title and name.
fn begin(name: &str, number: &str, what: &str) -> Roff {
    let source = format!("RunawayGuard {}", env!("CARGO_PKG_VERSION"));
    let mut page = Roff::new();
    page.control("TH", [name, number, released(), &source, "RunawayGuard"]);
    heading(&mut page, "NAME");
    page.text([roman(format!("{name} - {what}"))]);
    page
}

fn heading(page: &mut Roff, words: &str) {
    page.control("SH", [words]);
}

/// Adds a term and what is said of it.
fn term(page: &mut Roff, term: Vec<Inline>, text: Vec<Inline>) {
    page.control("TP", []).text(term).text(text);
}

/// Adds a paragraph of lines that stay as they are.
fn verbatim(page: &mut Roff, lines: &str) {
    page.control("PP", []);
    block(page, lines);
}

/// Adds lines that stay as they are, just after a heading.
fn block(page: &mut Roff, lines: &str) {
    page.control("RS", ["4"]).control("nf", []);
    for line in lines.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []).control("RE", []);
}

fn see_also(page: &mut Roff, pages: &[&str]) {
    heading(page, "SEE ALSO");
    let mut words = Vec::new();
    for (place, name) in pages.iter().enumerate() {
        let (name, number) = name.split_once('(').unwrap_or((name, ""));
        let comma = if place + 1 < pages.len() { ", " } else { "" };
        words.extend([bold(name), roman(format!("({number}{comma}"))]);
    }
    page.text(words);
}

/// The text of a section of the README, up to the next one.
fn section(title: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("\n## {title}\n")).unwrap_or_default();
    rest.split("\n## ").next().unwrap_or(rest).trim()
}

/// The date of the newest release.
pub(crate) fn released() -> &'static str {
    let (_, rest) = CHANGES.split_once('(').unwrap_or_default();
    rest.split(')').next().unwrap_or(rest)
}

fn joined<T: Display>(words: impl IntoIterator<Item = T>, between: &str) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(between)
}
