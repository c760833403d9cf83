use super::*;

fn read(written: &str) -> Result<Arguments, clap::Error> {
    Arguments::read(format!("runaway-guard {written}").split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn starts_are_told_apart() {
    let mode = |written: &str| read(written).unwrap().mode();
    assert_eq!(mode(""), Mode::Foreground);
    assert_eq!(mode("--background --log debug"), Mode::Background);
    assert_eq!(mode("--headless --log=zbus=info"), Mode::Headless);
}

#[test]
fn what_is_wrong_ends_with_2() {
    let wrong = [
        "--background --headless",
        "--background status",
        "status --log debug",
        "--log loud",
        "--json",
        "nonsense",
        "kill",
        "kill 0",
        "kill -- -1",
        "kill 4294967296",
        "kill 7 --signal SEGV",
        "ps --sort colour",
        "alerts --since yesterday",
        "whitelist",
        "whitelist add x --match glob",
        "config set only-a-key",
        "autostart maybe",
        "window --tab processes",
    ];
    for written in wrong {
        assert_eq!(read(written).map_err(|error| error.exit_code()), Err(2), "{written}");
    }
    let asked = ["--help", "--version", "help ps", "ps --help"].map(|written| read(written).unwrap_err().exit_code());
    assert_eq!(asked, [0; 4]);
}

#[test]
fn times_are_written_in_many_ways() {
    let since = |written: &str| match read(&format!("alerts --since {written}")).unwrap().command {
        Some(Command::Ask(Ask::Alerts { since, .. })) => since.unwrap().since(10_000),
        other => panic!("{other:?}"),
    };
    assert_eq!(since("90min"), Since::Unix(4_600));
    assert_eq!(since("1767225600"), Since::Unix(1_767_225_600));
    assert_eq!(since("2026-01-01T00:00:00Z"), Since::Rfc3339("2026-01-01T00:00:00Z".into()));
}

#[test]
fn json_may_stand_before_and_behind_the_command() {
    for written in ["--json status", "status --json", "whitelist --json list", "whitelist list --json"] {
        assert!(read(written).unwrap().json, "{written}");
    }
    assert!(!read("status").unwrap().json);
}

#[test]
fn a_value_may_begin_with_a_hyphen() {
    let set = Config::Set { key: "a.b".into(), value: "-1".into() };
    assert_eq!(read("config set a.b -1").unwrap().command, Some(Command::Config { command: set }));
}

#[test]
fn the_help_teaches() {
    let help = Arguments::command().term_width(100).render_help().to_string();
    insta::assert_snapshot!(help);
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}
