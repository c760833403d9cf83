//! The licences of all parts, for people.

use crate::parts::{Key, Parts};
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = "\
The program contains the works of others that are listed here, under the terms behind each. The texts follow, each once,
with the works that carry it. Where a work offers several licences, take the one that suits you.

An AppImage begins with the runtime of the AppImage project, which is under the MIT licence, and linked with musl, libfuse
(LGPL-2.1), squashfuse, zlib, zstd and mimalloc: https://github.com/AppImage/type2-runtime has its source and terms.
";

pub(crate) fn of(parts: &Parts) -> String {
    let mut page = format!("Works within RunawayGuard {}\n\n{HEAD}\n", env!("CARGO_PKG_VERSION"));
    // Texts that differ in spaces alone are one.
    let mut texts: BTreeMap<String, (&str, Vec<&Key>)> = BTreeMap::new();
    for (key, part) in &parts.all {
        let _ = writeln!(page, "{} {}: {}, {}", key.0, key.1, part.licence, part.home);
        for text in &part.texts {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            texts.entry(words).or_insert((text, Vec::new())).1.push(key);
        }
    }
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by(|one, other| one.1.cmp(&other.1));
    for (text, keys) in texts {
        let _ = writeln!(page, "\n{}\n{}\n\n{}", "=".repeat(120), listed(&keys), text.trim_matches(['\r', '\n']));
    }
    page.replace('\r', "")
}

/// Names the works in lines that fit on a screen.
fn listed(keys: &[&Key]) -> String {
    let mut lines = String::new();
    for (name, version) in keys {
        let word = format!("{name} {version}");
        let width = lines.len() - lines.rfind('\n').map_or(0, |at| at + 1);
        let gap = match width {
            0 => "",
            _ if width + word.len() > 116 => ",\n",
            _ => ", ",
        };
        lines.extend([gap, &word]);
    }
    lines
}
