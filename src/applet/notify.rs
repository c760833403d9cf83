//! Notifications: what the core wants open is open on the screen, and what the user does there reaches the loop.
//!
//! One task owns them all. The loop hands it the list of what should be open and never waits for it.

pub mod board;
pub mod content;
pub mod server;

use crate::applet::event::Part;
use crate::applet::{Event, bus};
use crate::core::view::Notice;
use crate::paths;
use board::{Board, Call};
use content::Capabilities;
use server::Server;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::Instant;
use zbus::{Connection, Message, MessageStream};

const ABSENT: &str = "No notification server is running, so alerts show in the tray, and in popups if they may. Install one, for example dunst.";

/// How long a server may take before it counts as hung; what it was asked stays asked.
const ANSWER_LIMIT: Duration = Duration::from_secs(25);

/// How long the applet's end waits for its notifications to be closed.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// The notifications of all alerts.
#[derive(Debug)]
pub struct Notifier {
    notices: watch::Sender<Option<Vec<Notice>>>,
    task: JoinHandle<()>,
}

impl Notifier {
    /// Begins with nothing open, on the bus that is watched; what the user does is told to the loop.
    #[must_use]
    pub fn new(bus: watch::Receiver<bus::State>, events: mpsc::Sender<Event>) -> Self {
        let (notices, wanted) = watch::channel(Some(Vec::new()));
        Self { notices, task: tokio::spawn(Keeper::new(wanted, bus, events).run()) }
    }

    /// Takes the list of notifications that should be open now, at most one an alert; None where the desktop's are not to
    /// be used, and whether there is a server makes no difference. Returns at once.
    pub fn show(&self, notices: Option<&[Notice]>) {
        self.notices.send_if_modified(|wanted| {
            let differs = wanted.as_deref() != notices;
            if differs {
                *wanted = notices.map(<[Notice]>::to_vec);
            }
            differs
        });
    }

    /// Closes all of them: nobody would listen to their buttons. Gives up on a server that does not answer.
    pub async fn close(self) {
        let Self { notices, task } = self;
        drop(notices);
        // A server that hangs must not keep the applet from ending.
        let _ = tokio::time::timeout(CLOSE_LIMIT, task).await;
    }
}

/// The task that owns the notifications.
struct Keeper {
    wanted: watch::Receiver<Option<Vec<Notice>>>,
    bus: watch::Receiver<bus::State>,
    events: mpsc::Sender<Event>,
    data_dirs: Vec<PathBuf>,
    board: Board,
    link: Option<Link>,
    server: bus::Server,
    capabilities: Option<Capabilities>,
    answers: JoinSet<Answer>,
    pending: Vec<(Pending, AbortHandle)>,
    /// Whether the start of a server, or its capabilities, were asked for.
    asked: bool,
    deadline: Option<Instant>,
    failure: Option<Failure>,
    /// Whether the desktop's notifications are to be used at all.
    is_used: bool,
    told: Option<String>,
}

/// A connection of the bus, and what servers say on it.
struct Link {
    connection: Connection,
    era: u64,
    signals: MessageStream,
}

/// A notification that the server was asked to show, and has not answered.
#[derive(Clone, Copy, PartialEq)]
struct Pending {
    alert: i64,
    asked: Instant,
}

enum Answer {
    Started(zbus::Result<()>),
    Capable(zbus::Result<Capabilities>),
    Shown { call: Pending, id: zbus::Result<u32> },
    Closed,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(
        "The notification server does not answer, so alerts show in the tray, and in popups if they may. Restart it."
    )]
    Slow,
    #[error(
        "The notification server did not start ({0}), so alerts show in the tray, and in popups if they may. Start it by hand, or install \
         another one, for example dunst."
    )]
    Start(String),
    #[error(
        "The notification server refused a notification ({0}), so alerts show in the tray, and in popups if they may. Restart it, or install \
         another one, for example dunst."
    )]
    Refused(String),
}

impl Keeper {
    fn new(
        wanted: watch::Receiver<Option<Vec<Notice>>>,
        bus: watch::Receiver<bus::State>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self {
            wanted,
            bus,
            events,
            data_dirs: paths::data_dirs(),
            board: Board::default(),
            link: None,
            server: bus::Server::Absent,
            capabilities: None,
            answers: JoinSet::new(),
            pending: Vec::new(),
            asked: false,
            deadline: None,
            failure: None,
            is_used: true,
            told: None,
        }
    }

    async fn run(mut self) {
        self.follow_bus().await;
        loop {
            self.act();
            self.report().await;
            let deadline = self.deadline;
            tokio::select! {
                // A signal that came before an answer is taken up before it.
                biased;
                Some(message) = next(&mut self.link) => self.hear(message).await,
                Some(answer) = self.answers.join_next() => self.take_up(answer.ok()).await,
                Ok(()) = self.bus.changed() => self.follow_bus().await,
                changed = self.wanted.changed() => match changed {
                    Ok(()) => self.take_wanted(),
                    Err(_) => return self.finish().await,
                },
                () = sleep_until(deadline) => self.failure = Some(Failure::Slow),
            }
        }
    }

    fn take_wanted(&mut self) {
        let wanted = self.wanted.borrow_and_update().clone();
        self.is_used = wanted.is_some();
        self.board.want(wanted.unwrap_or_default());
    }

    /// Closes what is open, and waits until that is done.
    async fn finish(mut self) {
        self.board.want(Vec::new());
        self.act();
        while let Some(answer) = self.answers.join_next().await {
            self.take_up(answer.ok()).await;
            self.act();
        }
    }

    async fn follow_bus(&mut self) {
        let state = self.bus.borrow_and_update().clone();
        let era = state.connection.as_ref().map(|_| state.era);
        if self.link.as_ref().map(|link| link.era) != era {
            self.start_over();
            self.link = match state.connection {
                Some(connection) => Link::open(connection, state.era).await,
                None => None,
            };
        }
        if self.server != state.notifications {
            self.server = state.notifications;
            self.start_over();
        }
    }

    /// Forgets the server that was there: another one starts counting its ids anew.
    fn start_over(&mut self) {
        self.answers = JoinSet::new();
        self.pending.clear();
        self.capabilities = None;
        self.asked = false;
        self.failure = None;
        self.board.lost();
    }

    /// Asks for whatever brings the screen to what is wanted.
    fn act(&mut self) {
        if let Some(Link { connection, .. }) = &self.link {
            let connection = connection.clone();
            match (self.server.clone(), self.capabilities) {
                (bus::Server::Running(owner), Some(capabilities)) => {
                    self.update(&Server { connection, owner }, capabilities);
                }
                (bus::Server::Running(owner), None) if !self.asked && self.board.is_waiting() => {
                    self.asked = true;
                    let server = Server { connection, owner };
                    self.answers.spawn(async move { Answer::Capable(server.capabilities().await) });
                }
                // Even where none is known: one may have been installed since.
                (bus::Server::Activatable | bus::Server::Absent, _) if !self.asked && self.board.is_urgent() => {
                    self.asked = true;
                    self.answers.spawn(async move { Answer::Started(server::start(&connection).await) });
                }
                (bus::Server::Running(_) | bus::Server::Activatable | bus::Server::Absent, _) => {}
            }
        }
        let pending = !self.answers.is_empty() && self.failure.is_none();
        self.deadline = pending.then(|| self.deadline.unwrap_or_else(|| Instant::now() + ANSWER_LIMIT));
    }

    fn update(&mut self, server: &Server, capabilities: Capabilities) {
        for call in self.board.calls() {
            let server = server.clone();
            match call {
                Call::Show { replaces, notice } => {
                    let content = content::content(&notice, capabilities);
                    let icon = content::icon(notice.kind, capabilities, &self.data_dirs);
                    let call = Pending { alert: notice.alert, asked: Instant::now() };
                    let shown = async move { Answer::Shown { call, id: server.show(replaces, &content, &icon).await } };
                    self.pending.push((call, self.answers.spawn(shown)));
                }
                Call::Close(id) => {
                    self.answers.spawn(async move {
                        // One that is gone already is as good as closed.
                        let _ = server.close(id).await;
                        Answer::Closed
                    });
                }
            }
        }
    }

    async fn take_up(&mut self, answer: Option<Answer>) {
        self.deadline = None;
        self.failure = self.failure.take().filter(|failure| !matches!(failure, Failure::Slow));
        match answer {
            Some(Answer::Started(started)) => {
                self.asked = false;
                self.board.tried();
                let failed = started.err().filter(|_| self.server != bus::Server::Absent);
                self.failure = failed.map(|error| Failure::Start(bus::words(&error)));
            }
            // A server that does not even say what it can is shown plain text.
            Some(Answer::Capable(capabilities)) => self.capabilities = Some(capabilities.unwrap_or_default()),
            Some(Answer::Shown { call, id }) => {
                self.give_up_lost(call);
                let failed = id.as_ref().err().filter(|error| !server::is_gone(error));
                self.failure = failed.map(|error| Failure::Refused(bus::words(error)));
                for event in self.board.answered(call.alert, id.ok()) {
                    self.tell(event).await;
                }
            }
            Some(Answer::Closed) | None => {}
        }
    }

    /// Begins anew with what was asked long before a call that is answered: a server that lives has lost it.
    fn give_up_lost(&mut self, answered: Pending) {
        self.pending.retain(|(call, task)| {
            let is_lost = call.asked + ANSWER_LIMIT <= answered.asked;
            if is_lost {
                tracing::debug!("the notification server has lost a notification");
                task.abort();
                self.board.call_is_lost(call.alert);
            }
            !is_lost && *call != answered
        });
    }

    async fn hear(&mut self, message: zbus::Result<Message>) {
        let bus::Server::Running(owner) = &self.server else { return };
        let Some((id, signal)) = message.ok().and_then(|message| server::signal(&message, owner)) else { return };
        if let Some(event) = self.board.heard(id, signal, std::time::Instant::now()) {
            self.tell(event).await;
        }
    }

    /// Says what is wrong, once, and once that it is over. A bus that is down speaks for itself, and nothing is wrong with
    /// what is not used.
    async fn report(&mut self) {
        let absent = self.server == bus::Server::Absent;
        let failure = self.failure.as_ref().map(ToString::to_string);
        let problem =
            failure.or_else(|| absent.then(|| ABSENT.to_owned())).filter(|_| self.is_used && self.link.is_some());
        if problem != self.told {
            self.told.clone_from(&problem);
            self.tell(Event::Part { part: Part::Notifications, problem }).await;
        }
    }

    async fn tell(&self, event: Event) {
        // A loop that is gone needs no word.
        let _ = self.events.send(event).await;
    }
}

impl Link {
    /// Listens on a connection; None where it has ended meanwhile.
    async fn open(connection: Connection, era: u64) -> Option<Self> {
        let signals = server::listen(&connection).await.ok()?;
        Some(Self { connection, era, signals })
    }
}

async fn next(link: &mut Option<Link>) -> Option<zbus::Result<Message>> {
    match link {
        Some(link) => bus::next(&mut link.signals).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
