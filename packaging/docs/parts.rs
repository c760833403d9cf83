//! What the program is made of: the crates that are linked into it, the works within these that have terms of their own, and
//! Rust's library.

mod cargo;
mod texts;
mod within;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, Result};

/// Name and version.
pub(crate) type Key = (String, String);

/// One part.
pub(crate) struct Part {
    /// An SPDX expression.
    pub(crate) licence: String,
    /// The texts of its licences.
    pub(crate) texts: Vec<String>,
    /// Where its source is worked on.
    pub(crate) home: String,
    /// A package URL.
    pub(crate) purl: String,
    /// The SHA-256 of its package, of crates.
    pub(crate) checksum: Option<String>,
    pub(crate) needs: BTreeSet<Key>,
}

/// All parts, and what the program itself needs of them.
pub(crate) struct Parts {
    pub(crate) all: BTreeMap<Key, Part>,
    pub(crate) program: BTreeSet<Key>,
}

/// Finds all parts.
///
/// # Errors
/// Where cargo cannot tell, or a licence's text is nowhere.
pub(crate) fn linked() -> Result<Parts> {
    let toolchain = cargo::toolchain()?;
    let packages = cargo::packages(&toolchain.host)?;
    let (root, mut graph) = cargo::graph()?;
    let mut program = graph.remove(&root).unwrap_or_default();
    let mut all = BTreeMap::new();
    for (key, mut needs) in graph {
        let package = packages.get(&key).ok_or_else(|| Error::other(format!("cargo metadata lacks {}", key.0)))?;
        if let Some((inner, part)) = within::of(package)? {
            needs.insert(inner.clone());
            all.insert(inner, part);
        }
        let texts = texts::of(package, packages.values())?;
        let part = Part {
            licence: package.license.clone().unwrap_or_default().replace('/', " OR "),
            texts,
            home: package.repository.clone().unwrap_or_default(),
            purl: format!("pkg:cargo/{}@{}", key.0, key.1.replace('+', "%2B")),
            checksum: package.checksum.clone(),
            needs,
        };
        all.insert(key, part);
    }
    let (key, library) = within::library(&toolchain)?;
    program.insert(key.clone());
    all.insert(key, library);
    Ok(Parts { all, program })
}
