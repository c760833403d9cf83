//! What cargo tells of the crates.

use super::Key;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
const LOCK: &str = include_str!("../../../Cargo.lock");

/// A crate's own words.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    manifest_path: PathBuf,
    #[serde(skip)]
    pub(crate) checksum: Option<String>,
}

impl Package {
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("/"))
    }
}

/// What builds the program.
pub(crate) struct Toolchain {
    pub(crate) host: String,
    pub(crate) version: String,
    pub(crate) folder: PathBuf,
}

/// The crates that are linked, with what each needs. Macros that run as the program is built are left out, and so is what no
/// feature of ours turns on, which `cargo metadata` has.
pub(crate) fn graph() -> Result<(Key, BTreeMap<Key, BTreeSet<Key>>)> {
    let edges = ["--edges", "normal,no-proc-macro", "--no-dedupe", "--prefix", "depth", "--format", " {p}"];
    let tree = ask(cargo().args(["tree", "--locked", "--manifest-path", MANIFEST]).args(edges))?;
    let mut graph: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    let mut above: Vec<Key> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(depth), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else { continue };
        let key = (name.to_owned(), version.trim_start_matches('v').to_owned());
        above.truncate(depth.parse().map_err(Error::other)?);
        if let Some(parent) = above.last() {
            graph.entry(parent.clone()).or_default().insert(key.clone());
        }
        graph.entry(key.clone()).or_default();
        above.push(key);
    }
    let root = above.into_iter().next().ok_or_else(|| Error::other("cargo tree names no crate"))?;
    Ok((root, graph))
}

/// All crates that the lock file names for a machine of this kind.
pub(crate) fn packages(host: &str) -> Result<BTreeMap<Key, Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let only = ["--format-version", "1", "--filter-platform", host];
    let told = ask(cargo().args(["metadata", "--locked", "--manifest-path", MANIFEST]).args(only))?;
    let Metadata { packages } = serde_json::from_str(&told)?;
    let mut checksums = checksums()?;
    let with_checksum = |mut package: Package| {
        let key = (package.name.clone(), package.version.clone());
        package.checksum = checksums.remove(&key);
        (key, package)
    };
    Ok(packages.into_iter().map(with_checksum).collect())
}

fn checksums() -> Result<BTreeMap<Key, String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let Lock { package } = toml::from_str(LOCK).map_err(Error::other)?;
    Ok(package.into_iter().filter_map(|locked| Some(((locked.name, locked.version), locked.checksum?))).collect())
}

pub(crate) fn toolchain() -> Result<Toolchain> {
    let told = ask(Command::new("rustc").arg("-vV"))?;
    let value = |key: &str| told.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned).unwrap_or_default();
    let folder = ask(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(Toolchain { host: value("host: "), version: value("release: "), folder: folder.trim().into() })
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn ask(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    String::from_utf8(output.stdout).map_err(Error::other)
}
