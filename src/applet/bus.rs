//! The session bus: one connection, watched for its own end and for the names that the tray and the notifications need.

#[cfg(test)]
pub(crate) mod private;

use crate::applet::Event;
use crate::applet::event::Part;
use std::ffi::OsString;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::AbortHandle;
use zbus::address::transport::{Transport, UnixSocket};
use zbus::connection::Builder;
use zbus::export::futures_core::Stream;
use zbus::fdo::{DBusProxy, NameOwnerChanged};
use zbus::names::OwnedUniqueName;
use zbus::{Address, Connection, MatchRule, Message, MessageStream};

/// How many messages may wait to be handled.
pub(super) const QUEUED: usize = 16;

/// The name that the tray host owns.
///
/// Source: StatusNotifierItem specification, section "The Status Notifier Watcher".
pub const TRAY_HOST: &str = "org.kde.StatusNotifierWatcher";

/// The name that the notification server owns.
///
/// Source: Desktop Notifications Specification, "D-BUS Protocol".
pub const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

const DAEMON: &str = "org.freedesktop.DBus";
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const LOST: &str = "The session bus ended, so there is no tray icon and no notification. The guard goes on, and looks \
                    for the bus at every scan.";

/// What is known of the session bus at this moment.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The connection, while it lives.
    pub connection: Option<Connection>,
    /// Counts the connections: unique names of one say nothing on the next.
    pub era: u64,
    /// Whether a tray host is there.
    pub tray_host: bool,
    /// Whether a notification server is there.
    pub notifications: Server,
}

/// Whether a notification server is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Server {
    /// None, and the bus knows of none that it could start.
    #[default]
    Absent,
    /// None, but the bus starts one when it is asked to.
    Activatable,
    /// One is running; a new owner of the name is a new server.
    Running(OwnedUniqueName),
}

/// The session bus could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none, or it refuses.
    #[error(
        "No session bus answers ({0}), so there is no tray icon and no notification. Start the guard from a desktop \
         session, or set DBUS_SESSION_BUS_ADDRESS."
    )]
    Refused(#[from] zbus::Error),
    /// Its socket is there, but nobody answers.
    #[error(
        "The session bus does not answer within {} seconds, so there is no tray icon and no notification. Log out and \
         in again.",
        CONNECT_LIMIT.as_secs()
    )]
    Silent,
}

/// The watch of the session bus: a task that keeps [`State`] up to date.
#[derive(Debug)]
pub struct Bus {
    state: watch::Receiver<State>,
    again: Arc<Notify>,
    task: AbortHandle,
}

impl Bus {
    /// Connects, to the session's own bus where no address is given, and tells the loop when that fails or ends.
    #[must_use]
    pub fn start(address: Option<String>, events: mpsc::Sender<Event>) -> Self {
        let (state, watched) = watch::channel(State::default());
        let again = Arc::new(Notify::new());
        let task = tokio::spawn(keep(address, state, Arc::clone(&again), events)).abort_handle();
        Self { state: watched, again, task }
    }

    /// Gives the state to follow.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Tries once more to connect, where there is no connection.
    pub fn retry(&self) {
        if self.state.borrow().connection.is_none() {
            self.again.notify_one();
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits for the next message of a stream; None when the bus has ended.
pub(crate) async fn next(stream: &mut MessageStream) -> Option<zbus::Result<Message>> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

/// Turns what went wrong on the bus into words that fit into a sentence.
pub(crate) fn words(error: &zbus::Error) -> String {
    let words = if let zbus::Error::MethodError(name, text, _) = error {
        text.clone().unwrap_or_else(|| name.to_string())
    } else {
        error.to_string()
    };
    words.trim_end_matches('.').to_owned()
}

async fn keep(address: Option<String>, state: watch::Sender<State>, again: Arc<Notify>, events: mpsc::Sender<Event>) {
    let mut told = false;
    for era in 1.. {
        match tokio::time::timeout(CONNECT_LIMIT, Link::open(address.as_deref())).await.unwrap_or(Err(Error::Silent)) {
            Ok(link) => {
                if std::mem::take(&mut told) {
                    tell(&events, None).await;
                }
                link.follow(&state, era).await;
                state.send_replace(State { era, ..State::default() });
                tell(&events, Some(LOST.to_owned())).await;
                told = true;
            }
            Err(problem) if !told => {
                tell(&events, Some(problem.to_string())).await;
                told = true;
            }
            Err(_) => {}
        }
        again.notified().await;
    }
}

async fn tell(events: &mpsc::Sender<Event>, problem: Option<String>) {
    // A loop that is gone needs no word.
    let _ = events.send(Event::Part { part: Part::Bus, problem }).await;
}

/// A connection with what is watched on it.
struct Link {
    connection: Connection,
    tray: MessageStream,
    server: MessageStream,
    tray_host: bool,
    owner: Option<OwnedUniqueName>,
    activatable: bool,
}

impl Link {
    async fn open(address: Option<&str>) -> Result<Self, Error> {
        let connection = connect(address.map_or_else(Address::session, str::parse)?).await?;
        // Watched before it is asked: a change in between is seen twice, not missed.
        let tray = owners(&connection, TRAY_HOST).await?;
        let server = owners(&connection, NOTIFICATIONS).await?;
        let daemon = DBusProxy::new(&connection).await?;
        let tray_host = owner(&daemon, TRAY_HOST).await?.is_some();
        let owner = owner(&daemon, NOTIFICATIONS).await?;
        let known = daemon.list_activatable_names().await.map_err(zbus::Error::from)?;
        let activatable = known.iter().any(|name| name.as_str() == NOTIFICATIONS);
        Ok(Self { connection, tray, server, tray_host, owner, activatable })
    }

    /// Keeps the state up to date until the bus ends.
    async fn follow(mut self, state: &watch::Sender<State>, era: u64) {
        loop {
            state.send_replace(self.state(era));
            tokio::select! {
                () = self.connection.closed() => return,
                Some(message) = next(&mut self.tray) => {
                    if let Some(change) = change(message) {
                        self.tray_host = change.new.is_some();
                    }
                }
                Some(message) = next(&mut self.server) => {
                    if let Some(change) = change(message) {
                        self.owner = change.new;
                    }
                }
            }
        }
    }

    fn state(&self, era: u64) -> State {
        let notifications = match &self.owner {
            Some(owner) => Server::Running(owner.clone()),
            None if self.activatable => Server::Activatable,
            None => Server::Absent,
        };
        State { connection: Some(self.connection.clone()), era, tray_host: self.tray_host, notifications }
    }
}

/// Connects to a socket itself: zbus would start a thread for that.
async fn connect(address: Address) -> zbus::Result<Connection> {
    let builder = if let Some(path) = socket(&address) {
        let stream = UnixStream::connect(path).await.map_err(|error| zbus::Error::Connection(error.into(), address))?;
        Builder::unix_stream(stream)
    } else {
        Builder::address(address)?
    };
    builder.max_queued(QUEUED).build().await
}

/// Gives the path of a socket as tokio takes it; an abstract one begins with a zero byte.
fn socket(address: &Address) -> Option<OsString> {
    let Transport::Unix(unix) = address.transport() else { return None };
    if let UnixSocket::File(path) = unix.path() {
        return Some(path.clone().into());
    }
    let UnixSocket::Abstract(name) = unix.path() else { return None };
    let mut path = OsString::from("\0");
    path.push(name);
    Some(path)
}

async fn owners(connection: &Connection, name: &'static str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(DAEMON)?
        .interface(DAEMON)?
        .member("NameOwnerChanged")?
        .arg(0, name)?
        .build();
    MessageStream::for_match_rule(rule, connection, Some(QUEUED)).await
}

async fn owner(daemon: &DBusProxy<'_>, name: &'static str) -> zbus::Result<Option<OwnedUniqueName>> {
    match daemon.get_name_owner(name.try_into()?).await {
        Ok(owner) => Ok(Some(owner)),
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// A name has another owner than before.
struct Change {
    new: Option<OwnedUniqueName>,
}

/// Reads who owns the name now; None where the message is not the daemon's own.
fn change(message: zbus::Result<Message>) -> Option<Change> {
    let message = message.ok().filter(|message| message.header().sender().is_some_and(|sender| sender == DAEMON))?;
    let signal = NameOwnerChanged::from_message(message)?;
    let new = signal.args().ok()?.new_owner().as_ref().map(|owner| owner.to_owned().into());
    Some(Change { new })
}

#[cfg(test)]
mod tests {
    use super::private::{LIMIT, PrivateBus, until};
    use super::*;

    async fn problem(events: &mut mpsc::Receiver<Event>) -> Option<String> {
        let event = tokio::time::timeout(LIMIT, events.recv()).await.unwrap().unwrap();
        let Event::Part { part: Part::Bus, problem } = event else { panic!("unexpected: {event:?}") };
        problem
    }

    async fn retry_until_up(bus: &Bus, watched: &mut watch::Receiver<State>) -> State {
        let up = async {
            while watched.borrow_and_update().connection.is_none() {
                bus.retry();
                let _ = tokio::time::timeout(Duration::from_millis(20), watched.changed()).await;
            }
        };
        tokio::time::timeout(LIMIT, up).await.unwrap();
        watched.borrow().clone()
    }

    #[tokio::test]
    async fn a_missing_bus_is_said_once_and_found_when_it_comes() {
        let mut daemon = PrivateBus::start(&[]);
        daemon.stop();
        let (events, mut heard) = mpsc::channel(8);
        let bus = Bus::start(Some(daemon.address()), events);
        let mut watched = bus.watch();
        let sentence = problem(&mut heard).await.unwrap();
        assert!(sentence.starts_with("No session bus answers ("), "{sentence}");
        assert!(sentence.ends_with("set DBUS_SESSION_BUS_ADDRESS."), "{sentence}");
        for _ in 0..3 {
            bus.retry();
            tokio::task::yield_now().await;
        }
        daemon.start_again();
        let state = retry_until_up(&bus, &mut watched).await;
        assert_eq!(problem(&mut heard).await, None);
        assert_eq!((state.tray_host, state.notifications), (false, Server::Absent));
    }

    #[tokio::test]
    async fn a_bus_that_dies_is_noticed_and_its_successor_is_another_era() {
        let mut daemon = PrivateBus::start(&[]);
        let (events, mut heard) = mpsc::channel(8);
        let bus = Bus::start(Some(daemon.address()), events);
        let mut watched = bus.watch();
        let first = until(&mut watched, |state| state.connection.is_some()).await;
        daemon.stop();
        let down = until(&mut watched, |state| state.connection.is_none()).await;
        assert_eq!(problem(&mut heard).await.as_deref(), Some(LOST));
        assert_eq!((down.tray_host, down.notifications), (false, Server::Absent));
        daemon.start_again();
        let second = retry_until_up(&bus, &mut watched).await;
        assert_eq!(problem(&mut heard).await, None);
        assert!(second.era > first.era);
    }

    #[tokio::test]
    async fn owners_are_followed_as_they_come_and_go() {
        let daemon = PrivateBus::start(&[]);
        let (events, _heard) = mpsc::channel(8);
        let bus = Bus::start(Some(daemon.address()), events);
        let mut watched = bus.watch();
        until(&mut watched, |state| state.connection.is_some() && !state.tray_host).await;
        let desktop = daemon.connect().await;
        desktop.request_name(TRAY_HOST).await.unwrap();
        desktop.request_name(NOTIFICATIONS).await.unwrap();
        let owner = desktop.unique_name().unwrap().clone();
        until(&mut watched, |state| state.tray_host && state.notifications == Server::Running(owner.clone())).await;
        drop(desktop);
        until(&mut watched, |state| !state.tray_host && state.notifications == Server::Absent).await;
    }

    #[tokio::test]
    async fn a_server_that_the_bus_can_start_counts_as_there() {
        let daemon = PrivateBus::start(&[(NOTIFICATIONS, "/bin/false")]);
        let (events, _heard) = mpsc::channel(8);
        let bus = Bus::start(Some(daemon.address()), events);
        let mut watched = bus.watch();
        until(&mut watched, |state| state.notifications == Server::Activatable).await;
    }

    #[tokio::test]
    async fn only_the_daemon_says_who_owns_a_name() {
        let daemon = PrivateBus::start(&[]);
        let (events, _heard) = mpsc::channel(8);
        let bus = Bus::start(Some(daemon.address()), events);
        let mut watched = bus.watch();
        let ours = until(&mut watched, |state| state.connection.is_some()).await.connection.unwrap();
        let liar = daemon.connect().await;
        let target = ours.unique_name().unwrap().clone();
        let lie = |name: &'static str| (name, "", ":1.666");
        let path = "/org/freedesktop/DBus";
        liar.emit_signal(Some(target), path, DAEMON, "NameOwnerChanged", &lie(NOTIFICATIONS)).await.unwrap();
        liar.request_name(TRAY_HOST).await.unwrap();
        let state = until(&mut watched, |state| state.tray_host).await;
        assert_eq!(state.notifications, Server::Absent);
    }

    #[test]
    fn sockets_are_found_in_addresses() {
        let socket = |address: &str| socket(&address.parse().unwrap()).map(|path| path.into_string().unwrap());
        assert_eq!(socket("unix:path=/run/user/1000/bus").as_deref(), Some("/run/user/1000/bus"));
        assert_eq!(
            socket("unix:abstract=/tmp/dbus-x,guid=0123456789abcdef0123456789abcdef").as_deref(),
            Some("\0/tmp/dbus-x")
        );
        assert_eq!(socket("tcp:host=localhost,port=1"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bus_that_does_not_answer_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bus");
        let _silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let (events, mut heard) = mpsc::channel(8);
        let _bus = Bus::start(Some(format!("unix:path={}", path.display())), events);
        assert_eq!(problem(&mut heard).await, Some(Error::Silent.to_string()));
    }
}
