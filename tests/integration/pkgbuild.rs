//! The package for Arch Linux.

use crate::harness::{Home, requires};
use crate::packages::{FOR_ROOT, INSTALLED, as_somebody, package, succeeds};
use std::path::Path;
use std::process::Command;

#[test]
fn makepkg_understands_its_recipe() {
    if !requires(&["makepkg", "pacman", "unshare"]) {
        return;
    }
    let home = Home::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/arch");
    let told =
        succeeds(as_somebody("makepkg").arg("--printsrcinfo").current_dir(folder).env("BUILDDIR", home.path("")));
    let version = concat!("pkgver = ", env!("CARGO_PKG_VERSION"));
    for line in [version, "arch = x86_64", "install = runaway-guard.install", "depends = glibc"] {
        assert!(told.lines().any(|told| told.trim() == line), "{line} is missing: {told}");
    }
}

#[test]
fn the_package_is_complete() {
    if !requires(&["makepkg", "fakeroot", "bsdtar", "unshare", "objcopy", "gzip"]) {
        return;
    }
    let package = package(".pkg.tar");
    let listed = succeeds(Command::new("bsdtar").arg("-tvf").arg(&package));
    for file in INSTALLED.iter().chain(&FOR_ROOT).chain(&[".INSTALL", "usr/share/licenses/runaway-guard/LICENSE-MIT"]) {
        assert!(listed.lines().any(|line| line.ends_with(&format!(" {file}"))), "{file} is missing: {listed}");
    }
    for line in listed.lines() {
        assert!(line.contains(" root "), "it belongs to root: {line}");
    }
}
