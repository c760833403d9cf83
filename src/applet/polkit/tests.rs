use super::*;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const ID: Id = Id { pid: 4711, start_time: 98_765 };

fn polkit(folder: &Path) -> Polkit {
    let [pkexec, helper, policy] = ["pkexec", "helper", "policy"].map(|name| folder.join(name));
    Polkit { pkexec, helper, policy }
}

/// What is made of the end of a mock of pkexec: a shell that says what pkexec says and ends as it does.
fn said(mock: &str) -> KillOutcome {
    let output = std::process::Command::new("sh").args(["-c", mock]).output().expect("a shell");
    outcome(ID.pid, &output)
}

fn why(mock: &str) -> String {
    let KillOutcome::Refused(why) = said(mock) else { panic!("{mock} is no refusal") };
    why
}

#[test]
fn pkexec_is_started_outside_of_a_unit_that_may_gain_no_rights() {
    let polkit = Polkit { pkexec: "/usr/bin/pkexec".into(), ..polkit(Path::new("/opt")) };
    let words = |is_confined| {
        let command = polkit.command(ID, is_confined);
        let words = std::iter::once(command.as_std().get_program()).chain(command.as_std().get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    };
    let asks = "/usr/bin/pkexec --disable-internal-agent /opt/helper 4711 98765";
    assert_eq!(words(false), asks);
    let outside = "systemd-run --user --quiet --collect --pipe --wait --description=Ends a process";
    let unset = "--property=UnsetEnvironment=SHELL LANG LINGUAS LANGUAGE LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY \
                 LC_NUMERIC LC_TIME LC_ALL TERM COLORTERM DISPLAY XAUTHORITY";
    assert_eq!(words(true), format!("{outside} {unset} {asks}"));
}

#[test]
fn nothing_that_pkexec_hands_on_reaches_it() {
    let command = polkit(Path::new("/opt")).command(ID, false);
    for variable in ["SHELL", "LANG", "LANGUAGE", "LC_ALL", "LC_TIME", "TERM", "XAUTHORITY", "NOTIFY_SOCKET"] {
        let is_removed = command.as_std().get_envs().any(|entry| entry == (OsStr::new(variable), None));
        assert!(is_removed, "{variable}");
    }
}

#[test]
fn each_end_of_the_helper_is_an_outcome() {
    for (code, expected) in [
        (Code::Ended, KillOutcome::Ended),
        (Code::Killed, KillOutcome::Killed),
        (Code::Gone, KillOutcome::Gone),
        (Code::Stuck, KillOutcome::Stuck),
    ] {
        assert_eq!(said(&format!("exit {}", code as u8)), expected);
    }
    assert_eq!(why("exit 13"), "Not allowed: the system stands on it.");
    assert!(why("exit 14").contains("it belongs to you"));
    assert_eq!(why("exit 17"), "The kernel refused. Run: sudo kill 4711");
    for number in (0..=255).filter(|number| Code::try_from(*number).is_err()) {
        assert!(matches!(said(&format!("exit {number}")), KillOutcome::Refused(_)), "{number} is no success");
    }
}

#[test]
fn each_failure_of_pkexec_is_a_sentence() {
    let pkexec =
        |said: &str, code: u8| why(&format!("echo 'Error executing command as another user: {said}' >&2; exit {code}"));
    assert_eq!(pkexec("Request dismissed", 126), "The question was closed, so nothing was done.");
    assert_eq!(pkexec("Not authorized", 127), "It was not allowed, so nothing was done.");
    let no_agent =
        "Nobody could be asked: this session has no polkit agent. Start your desktop's, or run: sudo kill 4711";
    assert_eq!(pkexec("No authentication agent found.", 127), no_agent);
    let other = why("printf '\\n  pkexec must be \\033[1msetuid root.\\nmore\\n' >&2; exit 127");
    assert_eq!(
        other,
        "An administrator could not be asked: pkexec must be \u{fffd}[1msetuid root. Run: sudo kill 4711"
    );
    assert!(why("kill -9 $$").contains("signal: 9"));
}

#[test]
fn a_command_that_cannot_be_started_is_a_refusal() {
    let missing = Missing::Helper("/nonexistent/helper".into());
    assert_eq!(polkit(Path::new("/nonexistent")).missing(), Some(missing));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = runtime.block_on(polkit(Path::new("/nonexistent")).kill(ID));
    let KillOutcome::Refused(why) = outcome else { panic!("{outcome:?}") };
    assert!(why.starts_with("An administrator cannot be asked: /nonexistent/helper is not installed."), "{why}");
}

/// Root makes files of root's; others have none of their own that would do.
#[test]
fn what_is_missing_is_named_and_a_helper_that_others_can_change_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let polkit = polkit(folder.path());
    let write = |path: &Path, mode: u32| {
        std::fs::write(path, "").expect("a file");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a right");
    };
    for mode in [0o644, 0o775, 0o757, 0o777] {
        write(&polkit.helper, mode);
        assert_eq!(polkit.missing(), Some(Missing::Helper(polkit.helper.clone())), "{mode:o}");
    }
    write(&polkit.helper, 0o755);
    if nix::unistd::getuid().is_root() {
        assert_eq!(polkit.missing(), Some(Missing::Policy(polkit.policy.clone())));
        write(&polkit.policy, 0o644);
        assert_eq!(polkit.missing(), Some(Missing::Pkexec));
        write(&polkit.pkexec, 0o755);
        assert_eq!(polkit.missing(), None);
        std::os::unix::fs::chown(&polkit.helper, Some(65534), None).expect("another owner");
    }
    assert_eq!(polkit.missing(), Some(Missing::Helper(polkit.helper.clone())));
}
