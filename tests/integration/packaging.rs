//! What a package brings beside the program: each file is understood by those who read it, and agrees with the program.

use crate::harness::{Home, requires};
use crate::pages;
use clap::{Command as Definition, CommandFactory};
use runaway_guard::applet::polkit;
use runaway_guard::cli::Arguments;
use runaway_guard::config::{Config, parse};
use std::path::{Path, PathBuf};
use std::process::Command;

const METAINFO: &str = include_str!("../../desktop/io.github.runawayguard.applet.metainfo.xml");
const ENTRY: &str = include_str!("../../desktop/io.github.runawayguard.applet.desktop");
const AUTOSTART: &str = include_str!("../../desktop/autostart/io.github.runawayguard.applet.desktop");
const POLICY: &str = include_str!("../../desktop/io.github.runawayguard.applet.policy");
const CHANGES: &str = include_str!("../../packaging/CHANGELOG.md");
const SPEC: &str = include_str!("../../packaging/rpm/runaway-guard.spec");
const PKGBUILD: &str = include_str!("../../packaging/arch/PKGBUILD");

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
fn the_policy_is_about_the_helper_and_asks_each_time() {
    assert_eq!(values(POLICY, "<annotate key=\"org.freedesktop.policykit.exec.path\">", "<"), [polkit::HELPER]);
    assert!(polkit::POLICY.ends_with("/polkit-1/actions/io.github.runawayguard.applet.policy"));
    let allowed = ["any", "inactive", "active"].map(|who| values(POLICY, &format!("<allow_{who}>"), "<").concat());
    assert_eq!(allowed, ["no", "no", "auth_admin"]);
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
    assert_eq!(values(SPEC, "\nVersion:", "\n")[0].trim(), released);
    assert!(values(SPEC, "%changelog\n", "\n")[0].ends_with(&format!(" - {released}-1")), "the spec's own changelog");
    assert_eq!(values(PKGBUILD, "\npkgver=", "\n")[0], released);
}

#[test]
fn the_licence_is_the_same_everywhere() {
    assert_eq!(env!("CARGO_PKG_LICENSE"), "MIT OR Apache-2.0");
    assert_eq!(values(METAINFO, "<project_license>", "<")[0], env!("CARGO_PKG_LICENSE"));
    assert!(include_str!("../../README.md").contains("Licensed under MIT or Apache-2.0"));
    let debian = include_str!("../../packaging/deb/copyright");
    // Debian's name of that text is Expat.
    assert!(debian.contains("License: Expat or Apache-2.0\n"));
    let words = |text: &str| text.split_whitespace().filter(|word| *word != ".").collect::<Vec<_>>().join(" ");
    let mit = words(include_str!("../../packaging/LICENSE-MIT"));
    let (_, granted) = mit.split_once("Permission").unwrap();
    assert!(words(debian).contains(granted));
    assert!(include_str!("../../packaging/LICENSE-APACHE").contains("Version 2.0, January 2004"));
}

#[test]
fn the_workflows_name_each_action_by_its_commit() {
    let mut actions = 0;
    for file in shipped(".github/workflows").read_dir().unwrap() {
        let workflow = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for action in values(&workflow, "uses: ", "\n") {
            let (_, commit) = action.split_once('@').unwrap();
            let (commit, version) = commit.split_once("  # v").unwrap_or_else(|| panic!("{action} names no version"));
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
            assert_eq!(version.split('.').count(), 3, "{action}");
            actions += 1;
        }
    }
    assert!(actions > 0);
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

#[test]
fn the_manual_pages_are_read_without_a_warning() {
    if !requires(&["mandoc"]) {
        return;
    }
    let home = written_pages();
    for page in ["runaway-guard.1", "runaway-guard-config.5", "runaway-guard-socket.7"] {
        says_nothing(Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(home.path(page)));
    }
}

#[test]
fn the_manual_tells_of_every_command_and_option() {
    let page = page("runaway-guard.1");
    let mut whole = Arguments::command();
    whole.build();
    for command in leaves(&whole) {
        let usage = command.clone().render_usage().to_string();
        assert!(page.contains(usage.trim_start_matches("Usage: ")), "{usage} is missing");
        for option in command.get_arguments().filter_map(clap::Arg::get_long).filter(|long| *long != "help") {
            assert!(page.contains(&format!("--{option}")), "--{option} is missing");
        }
    }
    assert!(!page.contains("popup ["), "what is hidden stays hidden");
    assert!(page.contains("--headless") && page.contains("EXIT CODES"));
}

#[test]
fn the_manual_tells_of_every_setting_and_its_default() {
    let page = page("runaway-guard-config.5");
    let config = serde_json::to_value(Config::default()).unwrap();
    let detection = config["detection"].as_object().unwrap().values();
    let tables = detection.chain([&config["general"]]).filter_map(serde_json::Value::as_object);
    let keys: Vec<_> = tables.flatten().collect();
    assert!(keys.len() > 10);
    for (key, default) in keys {
        let (_, said) = page.split_once(&format!("\n\\fB{key}\\fR\n")).unwrap_or_else(|| panic!("{key} is missing"));
        let said = said.split("\n.").next().unwrap();
        assert!(said.contains("By default "), "{key}: {said}");
        assert!(page.contains(&format!("By default {default}.")), "{key}");
    }
    let (_, example) = page.split_once(".nf\n").unwrap();
    let example = parse::parse(example.split(".fi").next().unwrap()).unwrap();
    assert_eq!(example.rules.len(), 2);
}

#[test]
fn the_manual_tells_of_every_request_of_the_socket() {
    let page = page("runaway-guard-socket.7");
    for command in runaway_guard::protocol::request::COMMANDS {
        assert!(page.contains(&format!("\\fB{command}\\fR")), "{command} is missing");
    }
}

#[test]
fn the_shells_complete_every_command() {
    if !requires(&["bash", "zsh", "fish"]) {
        return;
    }
    let home = written_pages();
    says_nothing(Command::new("zsh").arg("-n").arg(home.path("_runaway-guard")));
    let mut whole = Arguments::command();
    whole.build();
    for shell in ["bash", "fish"] {
        assert_offers(&home, shell, &whole, "runaway-guard ");
        for below in whole.get_subcommands().filter(|command| command.has_subcommands() && command.get_name() != "help")
        {
            assert_offers(&home, shell, below, &format!("runaway-guard {} ", below.get_name()));
        }
    }
}

/// Has a shell complete a line, and compares what it offers with the commands that go there.
fn assert_offers(home: &Home, shell: &str, command: &Definition, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let last = words[words.len() - 1];
    let ask = match shell {
        "bash" => format!(
            "source runaway-guard.bash; COMP_WORDS=({line} ''); COMP_CWORD={}; \
             _runaway__guard runaway-guard '' {last}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.len()
        ),
        _ => format!("source runaway-guard.fish; complete -C '{line}'"),
    };
    let said = String::from_utf8(home.run(shell, &["-c", &ask])).unwrap();
    let offered: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for below in command.get_subcommands() {
        assert_eq!(offered.contains(&below.get_name()), !below.is_hide_set(), "{shell}, {line}: {said}");
    }
}

/// The commands that have none below them, and are not hidden.
fn leaves(command: &Definition) -> Vec<&Definition> {
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    shown.flat_map(|below| if below.has_subcommands() { leaves(below) } else { vec![below] }).collect()
}

/// A manual page, its hyphens plain.
fn page(name: &str) -> String {
    let (_, text) = pages::all().into_iter().find(|(known, _)| *known == name).unwrap();
    text.replace("\\-", "-")
}

fn written_pages() -> Home {
    let home = Home::new();
    for (name, text) in pages::all() {
        std::fs::write(home.path(name), text).unwrap();
    }
    home
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
