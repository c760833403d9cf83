//! Parts that are no crates: works within crates that have terms of their own, and Rust's library.

use super::cargo::{Package, Toolchain};
use super::{Key, Part};
use regex_lite::Regex;
use std::collections::BTreeSet;
use std::io::{Error, Result};

/// Gives the work that a crate has within it.
pub(crate) fn of(package: &Package) -> Result<Option<(Key, Part)>> {
    match package.name.as_str() {
        "libsqlite3-sys" => sqlite(package).map(Some),
        "sctk-adwaita" => Ok(Some(cantarell())),
        _ => Ok(None),
    }
}

fn sqlite(package: &Package) -> Result<(Key, Part)> {
    let header = std::fs::read_to_string(package.folder().join("sqlite3/sqlite3.h"))?;
    let (_, rest) =
        header.split_once("#define SQLITE_VERSION ").ok_or_else(|| Error::other("SQLite has no version"))?;
    let version = rest.split('"').nth(1).unwrap_or_default();
    let text = include_str!("../../third-party/sqlite.txt");
    Ok(part("sqlite", version, "blessing", "https://sqlite.org", text.to_owned()))
}

/// The font of the title that windows draw for themselves where the compositor draws none.
fn cantarell() -> (Key, Part) {
    let text = include_str!("../../third-party/cantarell.txt");
    part("cantarell", "0.05", "OFL-1.1", "https://gitlab.gnome.org/GNOME/cantarell-fonts", text.to_owned())
}

/// Rust's library. A toolchain brings its notices along as a page.
pub(crate) fn library(toolchain: &Toolchain) -> Result<(Key, Part)> {
    let page = toolchain.folder.join("share/doc/rust/COPYRIGHT-library.html");
    let text = match std::fs::read_to_string(&page) {
        Ok(page) => plain(&page)?,
        Err(_) => "Its notices come with the toolchain that has built the program.".to_owned(),
    };
    Ok(part("rust-std", &toolchain.version, "MIT OR Apache-2.0", "https://github.com/rust-lang/rust", text))
}

fn plain(page: &str) -> Result<String> {
    let text = Regex::new("<[^>]*>").map_err(Error::other)?.replace_all(page, "");
    let signs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")];
    let text = signs.iter().fold(text.into_owned(), |text, (written, sign)| text.replace(written, sign));
    let gaps = Regex::new(r"\n\s*\n\s*\n").map_err(Error::other)?;
    Ok(gaps.replace_all(&text, "\n\n").into_owned())
}

fn part(name: &str, version: &str, licence: &str, home: &str, text: String) -> (Key, Part) {
    let part = Part {
        licence: licence.to_owned(),
        texts: vec![text],
        home: home.to_owned(),
        purl: format!("pkg:generic/{name}@{version}"),
        checksum: None,
        needs: BTreeSet::new(),
    };
    ((name.to_owned(), version.to_owned()), part)
}
