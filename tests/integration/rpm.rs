//! The package for Fedora, openSUSE and their kin.

use crate::harness::{Home, cannot, requires};
use crate::packages::{FOR_ROOT, INSTALLED, package, succeeds};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const PRESET: &str = "usr/lib/systemd/user-preset/80-runaway-guard.preset";

/// What starts it at login for all users, once systemd was told.
const ENABLED: &str = "etc/systemd/user/graphical-session.target.wants/runaway-guard.service";

#[test]
fn the_package_is_complete_and_without_a_flaw() {
    if !requires(&["rpmbuild", "rpm", "rpmlint", "objcopy", "gzip"]) {
        return;
    }
    let package = package(".rpm");
    assert!(query(&["-K"], &package).contains("digests OK"));
    let listed = query(&["-qpl"], &package);
    for file in INSTALLED.iter().chain(&FOR_ROOT).chain(&[PRESET, "usr/share/zsh/site-functions/_runaway-guard"]) {
        assert!(listed.lines().any(|line| line.strip_prefix('/') == Some(file)), "{file} is missing");
    }
    assert_eq!(query(&["-qpc"], &package).trim(), format!("/{}", FOR_ROOT[0]), "what an administrator may change");
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/rpm/rpmlint.toml");
    succeeds(Command::new("rpmlint").args(["--strict", "-c", config]).arg(&package));
}

#[test]
fn it_needs_the_libraries_that_it_is_linked_with_and_recommends_those_that_it_opens() {
    if !requires(&["rpmbuild", "rpm", "objcopy", "gzip"]) {
        return;
    }
    let package = package(".rpm");
    let needed = query(&["-qp", "--requires"], &package);
    let needed = needed.lines().filter_map(|line| line.split(['(', ' ']).next());
    let needed: BTreeSet<&str> = needed.filter(|name| !name.starts_with("ld-linux")).collect();
    assert_eq!(
        needed,
        BTreeSet::from(["/bin/sh", "config", "libc.so.6", "libgcc_s.so.1", "libm.so.6", "rpmlib", "rtld"])
    );
    let recommended = query(&["-qp", "--recommends"], &package);
    for library in ["libX11.so.6", "libX11-xcb.so.1", "libXcursor.so.1", "libXi.so.6", "libwayland-client.so.0"] {
        assert!(recommended.contains(&format!("{library}()(64bit)")), "{library}: {recommended}");
    }
}

#[test]
fn it_is_started_at_login_from_its_installation_to_its_removal_and_leaves_nothing() {
    if !requires(&["rpmbuild", "rpm", "systemctl", "chroot", "ldd", "objcopy", "gzip"]) {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        return cannot("packages are installed by root");
    }
    let package = package(".rpm");
    let home = Home::new();
    let root = home.path("root");
    make_root(&root);
    let before = files(&root);
    let rpm = |arguments: &[&str]| {
        let mut rpm = Command::new("rpm");
        succeeds(rpm.arg("--root").arg(&root).args(["--dbpath", "/var/lib/rpm", "--nodeps"]).args(arguments));
    };

    rpm(&["-i", package.to_str().unwrap()]);
    rpm(&["-V", "runaway-guard"]);
    assert!(root.join(ENABLED).is_symlink());
    let version = succeeds(Command::new("chroot").arg(&root).args(["/usr/bin/runaway-guard", "--version"]));
    assert_eq!(version.trim(), concat!("runaway-guard ", env!("CARGO_PKG_VERSION")));

    rpm(&["-e", "runaway-guard"]);
    assert_eq!(files(&root).difference(&before).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn an_administrators_preset_has_the_last_word() {
    if !requires(&["rpmbuild", "rpm", "systemctl", "ldd", "objcopy", "gzip"]) {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        return cannot("packages are installed by root");
    }
    let home = Home::new();
    let root = home.path("root");
    make_root(&root);
    write(&root.join("etc/systemd/user-preset/10-ours.preset"), "disable runaway-guard.service\n");
    let mut rpm = Command::new("rpm");
    succeeds(rpm.arg("--root").arg(&root).args(["--dbpath", "/var/lib/rpm", "--nodeps", "-i"]).arg(package(".rpm")));
    assert!(root.join(FOR_ROOT[1]).is_file() && !root.join(ENABLED).is_symlink());
}

/// Lays out what the package's scripts use, and the libraries of that and of the program. As Fedora does, its presets disable
/// what no other preset enables.
fn make_root(root: &Path) {
    for (program, place) in [("sh", "bin/sh"), ("systemctl", "usr/bin/systemctl")] {
        let found = succeeds(Command::new("sh").args(["-c", &format!("realpath $(command -v {program})")]));
        bring(root, found.trim(), place);
    }
    bring(root, crate::harness::PROGRAM, "opt/program");
    write(&root.join("usr/lib/systemd/user-preset/99-default-disable.preset"), "disable *\n");
    write(&root.join("dev/null"), "");
}

fn bring(root: &Path, program: &str, place: &str) {
    copy(Path::new(program), &root.join(place));
    let linked = succeeds(Command::new("ldd").arg(program));
    for library in linked.split_whitespace().filter(|word| word.starts_with('/')) {
        copy(Path::new(library), &root.join(&library[1..]));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// What is below this folder and no folder itself, or named for the program, but for rpm's own notes.
fn files(root: &Path) -> BTreeSet<String> {
    let ours = ["(", "-not", "-type", "d", "-or", "-name", "*runaway-guard*", ")"];
    let found = succeeds(Command::new("find").arg(root).args(["-not", "-path", "*/var/*"]).args(ours));
    found.lines().map(str::to_owned).collect()
}

fn query(arguments: &[&str], package: &Path) -> String {
    succeeds(Command::new("rpm").args(arguments).arg(package))
}
