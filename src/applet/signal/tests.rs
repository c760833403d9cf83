use super::*;
use crate::core::Origin;
use crate::process::Id;
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const PROC: &str = "/proc";

/// A process of this test, ended with it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts a shell script and waits for its first line.
    fn script(script: &str) -> Self {
        Self::ready(Command::new("sh").args(["-c", script]))
    }

    fn ready(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn();
        let mut running = Self(child.expect("a process"));
        let output = running.0.stdout.as_mut().expect("its output");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        running
    }

    /// Waits in the shell itself, without a child, for a line that never comes.
    fn obedient() -> Self {
        Self::script("echo ready; read line")
    }

    fn id(&self) -> Id {
        identify(Path::new(PROC), self.0.id()).expect("the process").id
    }

    fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("its state").is_none()
    }

    fn signal_that_ended_it(&mut self) -> Option<i32> {
        self.0.wait().expect("its end").signal()
    }

    fn wait_for(&self, state: State) {
        let limit = Instant::now() + Duration::from_secs(10);
        while identify(Path::new(PROC), self.0.id()).is_none_or(|identity| identity.state != state) {
            assert!(Instant::now() < limit, "it never came to {state:?}");
            std::thread::yield_now();
        }
    }
}

/// Whose the processes are said to be.
const OWNER: &str = "root";

fn guard() -> Protection {
    Protection::of_this_process()
}

fn term(target: impl Into<Target>) -> Result<Sent, Error> {
    send(Path::new(PROC), target.into(), Signal::Term, &guard(), OWNER)
}

fn any(pid: Pid) -> Target {
    Target { pid, start_time: None }
}

fn button(id: Id, grace: Duration) -> Kill {
    Kill { alert: Some(1), id, grace, origin: Origin::Tray, asks: false }
}

async fn press(id: Id, grace: Duration) -> KillOutcome {
    kill(Path::new(PROC), button(id, grace), &guard(), OWNER).await
}

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(100);

#[test]
fn a_signal_reaches_the_process_that_is_meant() {
    let mut running = Running::obedient();
    let id = running.id();
    let sent = term(id).expect("a signal");
    assert_eq!((sent.identity.id, sent.identity.name.as_str()), (id, "sh"));
    assert_eq!(running.signal_that_ended_it(), Some(15));
    assert!(has_ended(&sent.pidfd));
}

#[test]
fn every_signal_has_the_kernels_number() {
    for signal in Signal::ALL {
        assert_eq!(i64::from(number(signal).as_raw()), signal.number(), "{}", signal.name());
    }
}

#[test]
fn stop_and_continue_arrive() {
    let running = Running::obedient();
    for (signal, state) in [(Signal::Stop, State::Stopped), (Signal::Cont, State::Sleeping)] {
        send(Path::new(PROC), any(running.0.id()), signal, &guard(), OWNER).expect("a signal");
        running.wait_for(state);
    }
}

#[test]
fn another_start_time_is_another_process_and_is_not_touched() {
    let mut running = Running::obedient();
    let id = running.id();
    let stranger = Id { start_time: id.start_time + 1, ..id };
    let error = term(stranger).expect_err("a refusal");
    assert_eq!(error, Error::IdentityMismatch(id.pid));
    assert_eq!(protocol::Error::from(error).code, ErrorCode::IdentityMismatch);
    assert!(running.is_alive());
    term(id).expect("it is still there and not yet signalled");
    assert_eq!(running.signal_that_ended_it(), Some(15));
}

#[test]
fn what_is_gone_is_not_found() {
    let mut running = Running::obedient();
    let id = running.id();
    running.0.kill().expect("a signal");
    running.wait_for(State::Zombie);
    assert_eq!(term(id).expect_err("a refusal"), Error::NotFound(id.pid), "not yet reaped");
    running.0.wait().expect("its end");
    let error = term(id).expect_err("a refusal");
    assert_eq!(error, Error::NotFound(id.pid));
    let error = protocol::Error::from(error);
    assert_eq!((error.code, error.message), (ErrorCode::NotFound, format!("Process {} is gone.", id.pid)));
    for pid in [0, Pid::MAX, i32::MAX as Pid] {
        assert_eq!(term(any(pid)).expect_err("a refusal"), Error::NotFound(pid));
    }
}

#[test]
fn a_process_that_proc_does_not_show_is_not_called_gone() {
    let mut running = Running::obedient();
    let empty = tempfile::tempdir().expect("a folder");
    let error = send(empty.path(), running.id().into(), Signal::Term, &guard(), OWNER).expect_err("a refusal");
    assert!(matches!(error, Error::Failed { .. }), "{error:?}");
    assert!(running.is_alive());
}

#[test]
fn a_thread_is_no_process() {
    let (end, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::spawn(move || {
        let _ = tell.send(nix::unistd::gettid());
        let _ = wait.recv();
    });
    let thread_id = told.recv().expect("the number of the thread").as_raw() as Pid;
    assert_eq!(term(any(thread_id)).expect_err("a refusal"), Error::NotFound(thread_id));
    drop(end);
    thread.join().expect("the thread's end");
}

#[test]
fn the_first_process_kernel_threads_and_the_guard_are_protected() {
    let mut pids = vec![1, std::process::id()];
    pids.extend(identify(Path::new(PROC), 2).filter(|second| second.kernel_thread).map(|_| 2));
    for pid in pids {
        let error = term(any(pid)).expect_err("a refusal");
        assert!(matches!(&error, Error::Protected { pid: refused, .. } if *refused == pid), "{error:?}");
        assert_eq!(protocol::Error::from(error).code, ErrorCode::Protected);
    }
}

#[test]
fn a_session_is_protected_and_lives_on() {
    let dir = tempfile::tempdir().expect("a folder");
    for name in ["gnome-shell", "dbus-broker-launch", "gnome-session-binary"] {
        let program = dir.path().join(name);
        std::fs::copy("/bin/sh", &program).expect("a copy");
        let mut session = Running::ready(Command::new(&program).args(["-c", "echo ready; read line"]));
        let error = term(session.id()).expect_err("a refusal");
        assert_eq!(error, Error::Protected { pid: session.0.id(), name: name[..name.len().min(15)].to_owned() });
        assert!(error.to_string().starts_with("Not allowed: "), "{error}");
        assert!(session.is_alive());
    }
}

/// Root runs this test again as nobody, who may not signal a process of root; others ask for the first process.
#[test]
fn a_process_of_somebody_else_is_forbidden_and_its_owner_named() {
    const VICTIM: &str = "RUNAWAY_GUARD_TEST_VICTIM";
    if let Ok(victim) = std::env::var(VICTIM) {
        let error = term(any(victim.parse().expect("a pid"))).expect_err("a refusal");
        let said = format!("Not allowed: it belongs to root. Run: sudo kill -TERM {victim}");
        assert_eq!(error.to_string(), said);
        assert_eq!(protocol::Error::from(error).code, ErrorCode::Forbidden);
        return;
    }
    if !nix::unistd::getuid().is_root() {
        let (pidfd, identity) = open(Path::new(PROC), any(1)).expect("the first process");
        let forbidden = Error::Forbidden { id: identity.id, owner: OWNER.to_owned(), signal: Signal::Cont };
        assert_eq!(deliver(&pidfd, &identity, Signal::Cont, OWNER), Err(forbidden));
        return;
    }
    let mut victim = Running::obedient();
    // Nobody may not enter every folder, so the program is copied to where all may.
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a right");
    let program: PathBuf = dir.path().join("test");
    // Another program writes it: a fork of another test may still hold what this one had open for writing.
    let copied = Command::new("cp").arg(std::env::current_exe().expect("this program")).arg(&program).status();
    assert!(copied.expect("a copy").success());
    let own_name = "applet::signal::tests::a_process_of_somebody_else_is_forbidden_and_its_owner_named";
    let mut again = Command::new(&program);
    again.args(["--exact", own_name]).env(VICTIM, victim.0.id().to_string()).uid(65534).current_dir("/");
    let output = again.output().expect("its output");
    let output = String::from_utf8_lossy(&output.stdout);
    assert!(output.contains("1 passed"), "{output}");
    assert!(victim.is_alive());
}

#[tokio::test]
async fn what_obeys_has_ended() {
    let mut running = Running::obedient();
    assert_eq!(press(running.id(), LONG).await, KillOutcome::Ended);
    assert_eq!(running.signal_that_ended_it(), Some(15));
}

#[tokio::test]
async fn what_ignores_the_request_is_killed_after_the_grace_time() {
    let mut running = Running::script("trap '' TERM; echo ready; read line");
    let begun = Instant::now();
    assert_eq!(press(running.id(), SHORT).await, KillOutcome::Killed);
    assert!(begun.elapsed() >= SHORT);
    assert_eq!(running.signal_that_ended_it(), Some(9));
}

#[tokio::test]
async fn what_is_stopped_goes_on_so_that_it_can_end() {
    let mut running = Running::script("trap 'exit 7' TERM; echo ready; while :; do :; done");
    send(Path::new(PROC), running.id().into(), Signal::Stop, &guard(), OWNER).expect("a signal");
    running.wait_for(State::Stopped);
    assert_eq!(press(running.id(), LONG).await, KillOutcome::Ended);
    assert_eq!(running.0.wait().expect("its end").code(), Some(7));
}

#[tokio::test]
async fn what_died_between_the_alert_and_the_click_is_gone() {
    let mut running = Running::obedient();
    let id = running.id();
    running.0.kill().expect("a signal");
    running.wait_for(State::Zombie);
    assert_eq!(press(id, LONG).await, KillOutcome::Gone);
    running.0.wait().expect("its end");
    assert_eq!(press(id, LONG).await, KillOutcome::Gone);
}

#[tokio::test]
async fn a_pid_that_was_used_again_is_gone_and_its_new_process_untouched() {
    let mut running = Running::obedient();
    let id = running.id();
    assert_eq!(press(Id { start_time: id.start_time - 1, ..id }, SHORT).await, KillOutcome::Gone);
    assert!(running.is_alive());
}

#[tokio::test]
async fn a_refusal_says_why() {
    let own = identify(Path::new(PROC), std::process::id()).expect("this process");
    let KillOutcome::Refused(sentence) = press(own.id, SHORT).await else { panic!("no refusal") };
    assert!(sentence.contains("is never signalled"), "{sentence}");
}

#[tokio::test]
async fn the_loop_goes_on_while_kill_waits() {
    let running = Running::script("trap '' TERM; echo ready; read line");
    let mut waiting = std::pin::pin!(press(running.id(), SHORT));
    let mut turns = 0_u32;
    let outcome = loop {
        tokio::select! {
            outcome = &mut waiting => break outcome,
            () = tokio::task::yield_now() => turns += 1,
        }
    };
    assert_eq!(outcome, KillOutcome::Killed);
    assert!(turns > 10, "{turns}");
}
