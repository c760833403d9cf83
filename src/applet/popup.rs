//! The popup: a small window of the guard's own for its notices, where the desktop shows none.
//!
//! It is a program of its own that asks for the notices itself, and ends when there has been none for a while.

use super::Event;
use super::child::{End, Program};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// So many failures within [`FAILURES_WITHIN`], and it is not tried again.
const MOST_FAILURES: usize = 3;
const FAILURES_WITHIN: Duration = Duration::from_mins(1);

/// A popup that ends sooner while there are notices has failed, whatever it says.
const SOON: Duration = Duration::from_secs(2);

/// Starts the popup where it is wanted and does not run, and gives up where it always fails.
#[derive(Debug)]
pub(super) struct Popup {
    program: Program,
    events: mpsc::Sender<Event>,
    child: Option<JoinHandle<()>>,
    since: Instant,
    wanted: bool,
    failures: VecDeque<Instant>,
    gave_up: bool,
    /// Whether there is a screen to show it on.
    has_screen: bool,
}

impl Popup {
    /// Begins without a popup; the popups are to talk to this socket.
    pub(super) fn new(socket: &Path, events: mpsc::Sender<Event>) -> Self {
        Self::of(Program::own(socket), cfg!(feature = "window") && has_screen(), events)
    }

    fn of(program: Program, has_screen: bool, events: mpsc::Sender<Event>) -> Self {
        let (since, failures) = (Instant::now(), VecDeque::new());
        let program = program.bound();
        Self { program, events, child: None, since, wanted: false, failures, gave_up: false, has_screen }
    }

    /// Starts it where there are notices that it is to show and none is running.
    pub(super) fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
        if wanted && self.child.is_none() && self.has_screen && !self.gave_up {
            self.since = Instant::now();
            self.child = Some(tokio::spawn(follow(self.program.clone(), self.events.clone())));
        }
    }

    /// Ends it: its notices are shown elsewhere.
    pub(super) fn end(&mut self) {
        self.wanted = false;
        if let Some(child) = self.child.take() {
            child.abort();
        }
    }

    /// Takes note of its end; [`Popup::want`] starts it again. Gives the sentence to say once it is not tried any more.
    pub(super) fn ended(&mut self, end: &End, now: Instant) -> Option<String> {
        self.child = None;
        let why = self.failure(end, now)?;
        tracing::warn!("the popup ended: {why}");
        self.failures.push_back(now);
        self.failures.retain(|failed| now.duration_since(*failed) < FAILURES_WITHIN);
        self.gave_up = self.failures.len() >= MOST_FAILURES;
        self.gave_up.then(|| {
            format!("The popup failed {MOST_FAILURES} times ({why}), so it is not tried again before the next start.")
        })
    }

    fn failure(&self, end: &End, now: Instant) -> Option<String> {
        match end {
            End::Failed(why) => Some(crate::words::harmless(why.trim_end_matches('.'))),
            End::Killed => Some("a signal ended it".to_owned()),
            End::Well if self.wanted && now.duration_since(self.since) < SOON => Some("it ended at once".to_owned()),
            End::Well => None,
        }
    }
}

async fn follow(program: Program, events: mpsc::Sender<Event>) {
    let end = program.run(vec!["popup"]).await;
    // A loop that is gone needs no word.
    let _ = events.send(Event::PopupEnded(end)).await;
}

/// Tells whether this process was started where there is a screen.
#[must_use]
pub fn has_screen() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn popup(script: &str, has_screen: bool) -> (Popup, mpsc::Receiver<Event>) {
        let (events, heard) = mpsc::channel(8);
        (Popup::of(Program::script(script, Path::new("/run/guard.sock")), has_screen, events), heard)
    }

    async fn end(heard: &mut mpsc::Receiver<Event>) -> End {
        let event = tokio::time::timeout(Duration::from_secs(30), heard.recv()).await;
        let Ok(Some(Event::PopupEnded(end))) = event else { panic!("{event:?}") };
        end
    }

    #[tokio::test]
    async fn one_popup_is_started_and_started_again_when_it_is_wanted() {
        let (mut popup, mut heard) = popup("test \"$1\" = popup", true);
        popup.want(false);
        assert!(popup.child.is_none());
        popup.want(true);
        popup.want(true);
        popup.want(false);
        assert_eq!(end(&mut heard).await, End::Well);
        assert_eq!(popup.ended(&End::Well, Instant::now()), None);
        assert!(heard.try_recv().is_err(), "there was one");
        popup.want(true);
        assert_eq!(end(&mut heard).await, End::Well);
    }

    #[tokio::test]
    async fn one_that_is_ended_is_gone_and_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("held");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let (events, mut heard) = mpsc::channel(8);
        // It holds the other end of the fifo for as long as it is there.
        let program = Program::script("exec >\"$RUNAWAY_GUARD_SOCKET\"; echo; exec sleep 600", &fifo);
        let mut popup = Popup::of(program, true, events);
        popup.want(true);
        let mut held = tokio::net::unix::pipe::OpenOptions::new().open_receiver(&fifo).unwrap();
        let limit = Duration::from_secs(30);
        tokio::time::timeout(limit, held.readable()).await.unwrap().unwrap();
        popup.end();
        let mut said = Vec::new();
        let ended = tokio::io::AsyncReadExt::read_to_end(&mut held, &mut said);
        assert_eq!(tokio::time::timeout(limit, ended).await.expect("its end").unwrap(), 1);
        assert!(heard.try_recv().is_err() && popup.failures.is_empty());
    }

    #[tokio::test]
    async fn without_a_screen_there_is_none() {
        let (mut popup, _heard) = popup("exit 0", false);
        popup.want(true);
        assert!(popup.child.is_none());
    }

    #[tokio::test]
    async fn three_failures_in_a_minute_are_enough_and_said_once() {
        let (mut popup, mut heard) = popup("echo no display. >&2; exit 1", true);
        let mut said = Vec::new();
        for _ in 0..5 {
            popup.want(true);
            if popup.child.is_none() {
                break;
            }
            let end = end(&mut heard).await;
            said.extend(popup.ended(&end, Instant::now()));
        }
        let sentence = "The popup failed 3 times (no display), so it is not tried again before the next start.";
        assert_eq!(said, [sentence]);
        popup.want(true);
        assert!(popup.child.is_none());
    }

    #[tokio::test]
    async fn failures_now_and_then_are_forgiven() {
        let (mut popup, _heard) = popup("exit 0", true);
        let start = Instant::now();
        for minutes in 0..10 {
            assert_eq!(popup.ended(&End::Killed, start + minutes * FAILURES_WITHIN), None);
        }
        (popup.wanted, popup.since) = (true, start + 20 * FAILURES_WITHIN);
        let at_once = |popup: &mut Popup| popup.ended(&End::Well, popup.since + SOON / 2);
        assert_eq!((at_once(&mut popup), at_once(&mut popup)), (None, None));
        assert!(at_once(&mut popup).is_some_and(|said| said.contains("it ended at once")));
    }
}
