//! The list of crates that the program carries in its section `.dep-v0`, in the format of cargo-auditable.
//!
//! cargo-auditable itself is not used: the path at which it is installed gets into the program, so that two machines build
//! different ones, and it lists what no feature of ours turns on.

use crate::parts::{Key, Part, Parts};
use auditable_serde::{DependencyKind, Package, Source, VersionInfo};
use flate2::{Compression, write::ZlibEncoder};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, Result, Write};

pub(crate) fn of(parts: &Parts) -> Result<Vec<u8>> {
    let crates: BTreeMap<&Key, &Part> = parts.all.iter().filter(|(_, part)| part.checksum.is_some()).collect();
    let places: BTreeMap<&Key, usize> = crates.keys().copied().zip(0..).collect();
    let needed = |needs: &BTreeSet<Key>| needs.iter().filter_map(|key| places.get(key).copied()).collect();
    let mut packages = Vec::new();
    for ((name, version), part) in crates {
        packages.push(package(name, version, Source::CratesIo, needed(&part.needs))?);
    }
    let program = package(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), Source::Local, needed(&parts.program))?;
    packages.push(Package { root: true, ..program });
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&serde_json::to_vec(&VersionInfo { packages, format: 1 })?)?;
    packed.finish()
}

fn package(name: &str, version: &str, source: Source, dependencies: Vec<usize>) -> Result<Package> {
    let version = version.parse().map_err(Error::other)?;
    Ok(Package { name: name.to_owned(), version, source, kind: DependencyKind::Runtime, dependencies, root: false })
}
