//! The window: a program of its own, so that nothing of it stays in the applet once it is closed.
//!
//! A window that is open raises itself when another one starts, and the other one ends: so one is started each time.

use super::Event;
use super::child::{End, Program};
use crate::protocol::Tab;
use std::path::Path;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How many may be on their way at once: more are asked for only by somebody who hammers a key.
const MOST: usize = 16;

/// Starts windows, and says why one could not be had.
#[derive(Debug)]
pub(super) struct Window {
    program: Program,
    events: mpsc::Sender<Event>,
    children: JoinSet<()>,
}

impl Window {
    /// Begins without a window; the windows are to talk to this socket.
    pub(super) fn new(socket: &Path, events: mpsc::Sender<Event>) -> Self {
        Self::of(Program::own(socket), events)
    }

    fn of(program: Program, events: mpsc::Sender<Event>) -> Self {
        Self { program, events, children: JoinSet::new() }
    }

    /// Opens the window, or raises the one that is open.
    pub(super) fn open(&mut self, tab: Option<Tab>) {
        while self.children.try_join_next().is_some() {}
        if self.children.len() >= MOST {
            tracing::warn!("{MOST} windows are on their way: no other one is opened");
            return;
        }
        let mut arguments = vec!["window"];
        arguments.extend(tab.iter().flat_map(|tab| ["--tab", tab.name()]));
        self.children.spawn(follow(self.program.clone(), arguments, self.events.clone()));
    }
}

async fn follow(program: Program, arguments: Vec<&'static str>, events: mpsc::Sender<Event>) {
    match program.run(arguments).await {
        End::Well | End::Killed => {}
        // A loop that is gone needs no word.
        End::Failed(why) => drop(events.send(Event::WindowFailed(why)).await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// How long a window of a test may take.
    const LIMIT: Duration = Duration::from_mins(1);

    fn window(script: &str) -> (Window, mpsc::Receiver<Event>) {
        let (events, heard) = mpsc::channel(256);
        (Window::of(Program::script(script, Path::new("/run/guard.sock")), events), heard)
    }

    async fn settle(window: &mut Window) {
        let all = async { while window.children.join_next().await.is_some() {} };
        tokio::time::timeout(LIMIT, all).await.expect("they end in time");
    }

    #[tokio::test]
    async fn a_window_is_opened_at_its_tab_and_its_failure_told() {
        let (mut window, mut heard) = window("echo \"$*\" >&2; exit 1");
        for (tab, told) in [(None, "window"), (Some(Tab::Settings), "window --tab settings")] {
            window.open(tab);
            settle(&mut window).await;
            assert!(matches!(heard.try_recv(), Ok(Event::WindowFailed(why)) if why == told));
        }
    }

    #[tokio::test]
    async fn a_window_that_is_closed_or_killed_is_no_failure() {
        for script in ["exit 0", "kill -KILL $$", "kill -HUP $$"] {
            let (mut window, mut heard) = window(script);
            window.open(None);
            settle(&mut window).await;
            assert!(heard.try_recv().is_err(), "{script}");
        }
    }

    #[tokio::test]
    async fn no_more_than_a_few_are_on_their_way() {
        let (mut window, _heard) = window("exec sleep 5");
        for _ in 0..100 {
            window.open(None);
        }
        assert_eq!(window.children.len(), MOST);
    }

    /// The children of this process's thread that have ended and were not reaped.
    fn zombies() -> usize {
        let own = std::process::id().to_string();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let stats = all.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        let is_ours = |stat: &String| {
            let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
            let mut fields = rest.split(' ');
            let name = stat.contains("(window-test)");
            name && fields.next() == Some("Z") && fields.next() == Some(&own)
        };
        stats.filter(is_ours).count()
    }

    fn open_pipes() -> usize {
        let fds = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let is_pipe = |link: std::path::PathBuf| link.to_string_lossy().starts_with("pipe:");
        fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).filter(|link| is_pipe(link.clone())).count()
    }

    /// Other tests of this process have threads and pipes of their own, so this one runs in a process of its own.
    #[test]
    fn a_hundred_windows_leave_nothing_behind() {
        let own = std::env::current_exe().unwrap();
        let alone = ["--exact", "applet::window::tests::a_hundred_windows", "--ignored", "--test-threads=1"];
        let output = std::process::Command::new(own).args(alone).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }

    #[tokio::test]
    #[ignore = "run by a_hundred_windows_leave_nothing_behind in a process of its own"]
    async fn a_hundred_windows() {
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        let fds = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let (mut window, mut heard) = window("printf window-test >/proc/$$/comm; echo bye >&2; exit 5");
        let mut before = None;
        for _ in 0..100 {
            window.open(None);
            settle(&mut window).await;
            assert!(matches!(heard.try_recv(), Ok(Event::WindowFailed(why)) if why == "bye"));
            before.get_or_insert_with(|| (threads(), fds(), open_pipes()));
        }
        assert_eq!(Some((threads(), fds(), open_pipes())), before);
        assert_eq!(zombies(), 0);
    }
}
