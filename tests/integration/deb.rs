//! The Debian package, built by the script that people run.

use crate::harness::{Home, requires};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_runaway-guard");

/// What has to be in it, beside the program.
const FILES: [&str; 14] = [
    "etc/xdg/autostart/io.github.runawayguard.applet.desktop",
    "usr/lib/systemd/user/runaway-guard.service",
    "usr/libexec/runaway-guard-kill",
    "usr/share/applications/io.github.runawayguard.applet.desktop",
    "usr/share/bash-completion/completions/runaway-guard",
    "usr/share/doc/runaway-guard/changelog.gz",
    "usr/share/doc/runaway-guard/copyright",
    "usr/share/fish/vendor_completions.d/runaway-guard.fish",
    "usr/share/icons/hicolor/scalable/apps/io.github.runawayguard.applet.svg",
    "usr/share/man/man1/runaway-guard.1.gz",
    "usr/share/man/man7/runaway-guard-socket.7.gz",
    "usr/share/polkit-1/actions/io.github.runawayguard.applet.policy",
    "usr/share/metainfo/io.github.runawayguard.applet.metainfo.xml",
    "usr/share/zsh/vendor-completions/_runaway-guard",
];

#[test]
fn the_package_is_complete_the_same_twice_and_without_a_flaw() {
    if !requires(&["dpkg-deb", "dpkg-shlibdeps", "strip", "gzip", "lintian"]) {
        return;
    }
    let home = Home::new();
    let [first, second] = ["first", "second"].map(|folder| built(&home.path(folder)));
    assert!(std::fs::read(&first).unwrap() == std::fs::read(second).unwrap(), "two builds differ");
    let lintian = Command::new("lintian").args(["--allow-root", "--fail-on", "error,warning"]).arg(&first).output();
    succeeds(&lintian.unwrap());

    let root = home.path("unpacked");
    succeeds(&Command::new("dpkg-deb").arg("--extract").arg(&first).arg(&root).output().unwrap());
    for file in FILES {
        assert!(root.join(file).is_file(), "{file} is missing");
    }
    let version = succeeds(&Command::new(root.join("usr/bin/runaway-guard")).arg("--version").output().unwrap());
    assert_eq!(version.trim(), concat!("runaway-guard ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_cannot_be_built_is_named() {
    let home = Home::new();
    for program in ["bash", "date", "dirname", "head", "sed"] {
        let found = succeeds(&Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap());
        symlink(found.trim(), home.bin().join(program)).unwrap();
    }
    let output = script().env("PATH", home.bin()).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot build deb: dpkg-deb is not installed."), "{said}");
    let output = script().arg("msi").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("msi is none of: deb"));
}

fn built(out: &Path) -> PathBuf {
    let mut script = script();
    script.args(["deb", "--binary", PROGRAM, "--out"]).arg(out);
    // Packed quickly: how small it gets is not the question.
    script.env("DPKG_DEB_COMPRESSOR_TYPE", "gzip").env("DPKG_DEB_COMPRESSOR_LEVEL", "1");
    let said = succeeds(&script.output().unwrap());
    PathBuf::from(said.lines().last().expect("the path of the package"))
}

fn script() -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build"))
}

fn succeeds(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    said
}
