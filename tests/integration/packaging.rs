//! What a package brings beside the program: each file is understood by those who read it, and agrees with the program.

use crate::harness::{Home, requires};
use runaway_guard::cli::Arguments;
use std::path::{Path, PathBuf};
use std::process::Command;

const METAINFO: &str = include_str!("../../desktop/io.github.runawayguard.applet.metainfo.xml");
const ENTRY: &str = include_str!("../../desktop/io.github.runawayguard.applet.desktop");
const AUTOSTART: &str = include_str!("../../desktop/autostart/io.github.runawayguard.applet.desktop");
const CHANGES: &str = include_str!("../../packaging/CHANGELOG.md");

#[test]
fn systemd_understands_every_word_of_the_unit() {
    if !requires(&["systemd-analyze"]) {
        return;
    }
    let home = Home::new();
    let unit = std::fs::read_to_string(shipped("desktop/runaway-guard.service")).unwrap();
    let file = home.path("config/runaway-guard.service");
    std::fs::write(&file, unit.replace("/usr/bin/runaway-guard", "/bin/true")).unwrap();
    let mut verify = home.command("systemd-analyze");
    says_nothing(verify.args(["--user", "--man=no", "verify"]).arg(file));
}

#[test]
fn the_desktop_understands_its_entries() {
    if !requires(&["desktop-file-validate"]) {
        return;
    }
    for entry in ["desktop", "desktop/autostart"] {
        let entry = shipped(entry).join("io.github.runawayguard.applet.desktop");
        says_nothing(Command::new("desktop-file-validate").arg(entry));
    }
}

#[test]
fn the_program_takes_every_command_of_its_entries() {
    let commands: Vec<&str> = [ENTRY, AUTOSTART].iter().flat_map(|entry| values(entry, "\nExec=", "\n")).collect();
    assert_eq!(commands.len(), 5, "the window, three actions, and the start at login: {commands:?}");
    for command in commands {
        Arguments::read(command.split(' ')).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}

#[test]
fn software_centres_understand_the_metainfo() {
    if !requires(&["appstreamcli"]) {
        return;
    }
    let metainfo = shipped("desktop/io.github.runawayguard.applet.metainfo.xml");
    let output = Command::new("appstreamcli").args(["validate", "--no-net"]).arg(metainfo).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_newest_release_is_this_version_everywhere() {
    let released = values(METAINFO, "<release version=\"", "\"")[0];
    let date = values(METAINFO, "date=\"", "\"")[0];
    assert_eq!(released, env!("CARGO_PKG_VERSION"));
    assert_eq!(values(CHANGES, "\n## ", "\n")[0], format!("{released} ({date})"));
}

#[test]
fn the_screenshots_are_there_in_the_size_that_is_told() {
    let images = values(METAINFO, "<image type=\"source\" ", "</image>");
    assert!(images.len() >= 3);
    for image in images {
        let (_, path) = image.split_once("/runaway-guard/main/").unwrap();
        let png = std::fs::read(shipped(path)).unwrap();
        let pixels = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        let told = format!("width=\"{}\" height=\"{}\"", pixels(16), pixels(20));
        assert!(image.starts_with(&told), "{path} has {told}");
    }
}

/// What stands in the text between each of these beginnings and the end after it.
fn values<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    text.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap_or(rest)).collect()
}

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a checker that has nothing to say when all is well.
fn says_nothing(checker: &mut Command) {
    let output = checker.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
}
