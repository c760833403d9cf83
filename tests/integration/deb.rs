//! The Debian package.

use crate::harness::{Home, requires};
use crate::packages::{FOR_ROOT, INSTALLED, package, succeeds};
use crate::parts;
use std::process::Command;

/// What Debian has elsewhere, or alone.
const FILES: [&str; 3] = [
    "usr/share/doc/runaway-guard/changelog.gz",
    "usr/share/doc/runaway-guard/copyright",
    "usr/share/zsh/vendor-completions/_runaway-guard",
];

#[test]
fn the_package_is_complete_and_without_a_flaw() {
    if !requires(&["dpkg-deb", "dpkg-shlibdeps", "objcopy", "gzip", "lintian"]) {
        return;
    }
    let package = package(".deb");
    succeeds(Command::new("lintian").args(["--allow-root", "--fail-on", "error,warning"]).arg(&package));

    let home = Home::new();
    let root = home.path("unpacked");
    succeeds(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root));
    for file in INSTALLED.iter().chain(&FOR_ROOT).chain(&FILES) {
        assert!(root.join(file).is_file(), "{file} is missing");
    }
    let version = succeeds(Command::new(root.join("usr/bin/runaway-guard")).arg("--version"));
    assert_eq!(version.trim(), concat!("runaway-guard ", env!("CARGO_PKG_VERSION")));
    parts::are_told(&root);
}

#[test]
fn it_tells_its_size_whatever_the_file_system_that_it_was_built_on() {
    if !requires(&["dpkg-deb", "dpkg-shlibdeps", "objcopy", "gzip"]) {
        return;
    }
    let package = package(".deb");
    let listed = succeeds(Command::new("dpkg-deb").arg("--contents").arg(&package));
    let bytes = |line: &str| line.split_whitespace().nth(2).unwrap().parse::<u64>().unwrap();
    let kibibytes = |line: &str| if line.starts_with('d') { 1 } else { bytes(line).div_ceil(1024) };
    let told = succeeds(Command::new("dpkg-deb").arg("--field").arg(&package).arg("Installed-Size"));
    assert_eq!(told.trim().parse::<u64>().unwrap(), listed.lines().map(kibibytes).sum::<u64>());
}
