//! What the program is made of: the lists that packages bring name all of it, and agree.

use crate::harness::{Home, PROGRAM, requires};
use auditable_info::audit_info_from_file;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::Command;

/// Rust's library, and the crates within it.
const OF_RUST: [&str; 10] = [
    "__rustc",
    "addr2line",
    "alloc",
    "compiler_builtins",
    "core",
    "gimli",
    "panic_unwind",
    "rustc_demangle",
    "std",
    "std_detect",
];

#[test]
fn the_list_for_scanners_is_sound_and_the_same_twice() {
    if !requires(&["cargo"]) {
        return;
    }
    let home = Home::new();
    let [first, second] = ["first", "second"].map(|folder| list_for_scanners(&home.path(folder)));
    assert!(first == second, "two lists differ");
    assert!(!first.contains(env!("CARGO_MANIFEST_DIR")) && !first.contains("serialNumber"));
    let list: Value = serde_json::from_str(&first).unwrap();
    let version = list["metadata"]["component"]["version"].as_str();
    assert_eq!((list["specVersion"].as_str(), version), (Some("1.6"), Some(env!("CARGO_PKG_VERSION"))));

    let components = list["components"].as_array().unwrap();
    let mut known: BTreeSet<&str> = components.iter().map(|part| part["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(known.len(), components.len(), "each is there once");
    for part in components {
        let told =
            ["/licenses/0/expression", "/externalReferences/0/url"].map(|place| part.pointer(place).unwrap().as_str());
        assert!(told.iter().flatten().all(|word| !word.is_empty()), "{part}");
        let is_crate = part["purl"].as_str().unwrap().starts_with("pkg:cargo/");
        assert_eq!(part.pointer("/hashes/0/content").is_some(), is_crate, "{part}");
    }
    for begin in ["pkg:generic/sqlite@3.", "pkg:generic/cantarell@", "pkg:generic/rust-std@1."] {
        assert!(known.iter().any(|purl| purl.starts_with(begin)), "{begin} is missing");
    }
    known.insert(list["metadata"]["component"]["bom-ref"].as_str().unwrap());
    let dependencies = list["dependencies"].as_array().unwrap();
    let mut needed = dependencies.iter().flat_map(|each| each["dependsOn"].as_array().unwrap());
    assert!(needed.all(|part| known.contains(part.as_str().unwrap())));
    assert_eq!(dependencies.len(), known.len());
}

/// Looks into what a package installs: the program's own list has every crate of which the program has code, and the page of
/// licences has every crate of that list.
pub(crate) fn are_told(installed: &Path) {
    let listed =
        audit_info_from_file(&installed.join("usr/bin/runaway-guard"), auditable_info::Limits::default()).unwrap();
    let known: BTreeSet<String> = listed.packages.iter().map(|package| package.name.replace('-', "_")).collect();
    let with_code = crates_with_code();
    assert!(with_code.len() > 100, "{with_code:?}");
    for name in with_code {
        assert!(known.contains(&name) || OF_RUST.contains(&name.as_str()), "{name} is not listed");
    }

    let page = std::fs::File::open(installed.join("usr/share/doc/runaway-guard/third-party.txt.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(page).read_to_string(&mut text).unwrap();
    assert!(!text.contains(env!("CARGO_MANIFEST_DIR")));
    for package in listed.packages.iter().filter(|package| !package.root) {
        let named = format!("{} {}", package.name, package.version);
        assert!(text.contains(&format!("\n{named}: ")), "{named} is missing");
        let (_, texts) = text.split_once("\n===").unwrap();
        assert!(texts.contains(&named), "{named} has no text");
    }
    for words in ["SIL OPEN FONT LICENSE", "May you do good and not evil", "Copyright (c) 2013 Nicolas Silva"] {
        assert!(text.contains(words), "{words} is missing");
    }
}

/// The crates that the program's symbols name.
fn crates_with_code() -> BTreeSet<String> {
    let output = Command::new("nm").args(["--demangle", "--defined-only", PROGRAM]).output().unwrap();
    let symbols = String::from_utf8_lossy(&output.stdout);
    let paths = symbols.lines().filter_map(|line| line.splitn(3, ' ').nth(2)?.trim_start_matches('<').split_once("::"));
    let names = paths.map(|(name, _)| name.split('[').next().unwrap_or(name));
    let is_name =
        |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    names.filter(is_name).map(str::to_owned).collect()
}

fn list_for_scanners(out: &Path) -> String {
    let mut script = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build"));
    let output = script.args(["sbom", "--out"]).arg(out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = String::from_utf8(output.stdout).unwrap();
    std::fs::read_to_string(file.trim()).unwrap()
}
