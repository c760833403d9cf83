//! The packages, built by the script that people run: every format that this machine can, twice.

use crate::harness::{Home, PROGRAM, is_installed, requires, skip};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What each has to bring, beside the program; Debian has completions of zsh elsewhere.
pub(crate) const INSTALLED: [&str; 10] = [
    "usr/bin/runaway-guard",
    "usr/share/applications/io.github.runawayguard.applet.desktop",
    "usr/share/bash-completion/completions/runaway-guard",
    "usr/share/doc/runaway-guard/third-party.txt.gz",
    "usr/share/fish/vendor_completions.d/runaway-guard.fish",
    "usr/share/icons/hicolor/scalable/apps/io.github.runawayguard.applet.svg",
    "usr/share/icons/hicolor/symbolic/status/io.github.runawayguard.applet-ok-symbolic.svg",
    "usr/share/man/man1/runaway-guard.1.gz",
    "usr/share/man/man7/runaway-guard-socket.7.gz",
    "usr/share/metainfo/io.github.runawayguard.applet.metainfo.xml",
];

/// What has its place only where root installs it: start at login for all, and the helper that polkit starts.
pub(crate) const FOR_ROOT: [&str; 4] = [
    "etc/xdg/autostart/io.github.runawayguard.applet.desktop",
    "usr/lib/systemd/user/runaway-guard.service",
    "usr/libexec/runaway-guard-kill",
    "usr/share/polkit-1/actions/io.github.runawayguard.applet.policy",
];

/// What is used to build any of them.
const BUILDERS: [&str; 4] = ["dpkg-deb", "gzip", "objcopy", "unshare"];

/// What came of one run of the script.
pub(crate) struct Built {
    folder: PathBuf,
    said: String,
}

/// Both runs; the first who asks waits for them.
pub(crate) fn built() -> &'static [Built; 2] {
    static BUILT: OnceLock<[Built; 2]> = OnceLock::new();
    BUILT.get_or_init(|| ["first", "second"].map(Built::new))
}

/// The package whose name has this in it.
pub(crate) fn package(part: &str) -> PathBuf {
    let [first, _] = built();
    first.packages().into_iter().find(|path| name(path).contains(part)).unwrap_or_else(|| panic!("{}", first.said))
}

/// What an `AppImage` begins with: fetched by tests/run, which names it here.
const RUNTIME: &str = "RUNAWAY_GUARD_APPIMAGE_RUNTIME";

/// Whether there is one. Where it is missing the test is skipped.
pub(crate) fn has_runtime() -> bool {
    let has = runtime().is_some();
    if !has {
        skip(&format!("{RUNTIME} names nothing that an AppImage begins with; run tests/run"));
    }
    has
}

fn runtime() -> Option<OsString> {
    std::env::var_os(RUNTIME).filter(|path| !path.is_empty())
}

/// A command that runs as anybody but root, by its own account: makepkg does not run as root.
pub(crate) fn as_somebody(program: impl Into<OsString>) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-user=1000", "--map-group=1000"]).arg(program.into());
    command
}

pub(crate) fn succeeds(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{command:?}: {status}: {said}{}", String::from_utf8_lossy(&stderr));
    said
}

impl Built {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        let mut script = as_somebody(script());
        // A setting of makepkg's that many have.
        script.env("BUILDDIR", "/nonexistent");
        script.args(["--quick", "--binary", PROGRAM, "--out"]).arg(&folder);
        script.args(runtime().iter().flat_map(|runtime| [OsStr::new("--runtime"), runtime]));
        let output = script.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        Self { folder, said }
    }

    /// Their paths, sorted.
    fn packages(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

#[test]
fn two_builds_are_the_same() {
    if !requires(&BUILDERS) {
        return;
    }
    let [first, second] = built().each_ref().map(Built::packages);
    let names = |paths: &[PathBuf]| paths.iter().map(|path| name(path).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&first), names(&second));
    assert!(!first.is_empty());
    // Of Arch Linux's the folder is a part in which it was built.
    for (one, other) in first.iter().zip(&second).filter(|(path, _)| !name(path).contains(".pkg.tar")) {
        assert!(std::fs::read(one).unwrap() == std::fs::read(other).unwrap(), "{} differs", name(one));
    }
}

#[test]
fn what_cannot_be_built_is_named() {
    if !requires(&BUILDERS) {
        return;
    }
    let [first, _] = built();
    assert!(first.said.contains("cannot build flake: Nix does that itself"), "{}", first.said);
    for (tool, format, part) in
        [("dpkg-deb", "deb", ".deb"), ("rpmbuild", "rpm", ".rpm"), ("makepkg", "pkgbuild", ".pkg.tar")]
    {
        let is_there = first.packages().iter().any(|path| name(path).contains(part));
        assert_eq!(is_there, is_installed(tool), "{format}: {}", first.said);
        assert_eq!(first.said.contains(&format!("cannot build {format}: ")), !is_there, "{}", first.said);
    }
}

#[test]
fn what_is_asked_for_and_cannot_be_built_is_refused() {
    let home = Home::new();
    for program in ["bash", "date", "dirname", "head", "realpath", "sed"] {
        let found = succeeds(Command::new("sh").args(["-c", &format!("command -v {program}")]));
        symlink(found.trim(), home.bin().join(program)).unwrap();
    }
    refuses(Command::new(script()).env("PATH", home.bin()), "cannot build deb: dpkg-deb is not installed.");
    refuses(Command::new(script()).arg("msi"), "msi is none of: deb rpm appimage pkgbuild flake");
    refuses(Command::new(script()).args(["--binary", "/away/program"]), "there is no file /away/program.");
    refuses(
        Command::new(script()).env("SOURCE_DATE_EPOCH", "99999999999"),
        "is yet to come. Correct it, or the clock.",
    );
    refuses(Command::new(script()).arg("flake"), "cannot build flake: Nix does that itself: nix build");
    if ["mksquashfs", "objcopy", "gzip"].iter().all(|tool| is_installed(tool)) {
        refuses(Command::new(script()).arg("appimage"), "cannot build appimage: name a runtime by --runtime FILE");
        let command = &mut Command::new(script());
        command.args(["appimage", "--binary", PROGRAM, "--runtime", PROGRAM, "--out"]).arg(home.path("out"));
        refuses(command, "runaway-guard is no runtime of an AppImage of type 2.");
    }
}

fn refuses(command: &mut Command, sentence: &str) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(sentence), "{said}");
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build")
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
