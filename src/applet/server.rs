//! The socket's server: carries requests to the loop, and answers and pushes back.
//!
//! One task accepts, and each client has one of its own. A client that is slow, silent, endless or gone costs the
//! others nothing: nobody waits for it, and what is held for it is bounded.

mod accept;
mod connection;
mod linger;
mod outgoing;
mod socket;
#[cfg(test)]
mod tests;

pub use socket::Error;

use crate::applet::Event;
use crate::protocol::{Push, codec};
use socket::Socket;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;

/// The most clients at a time; one more is told `busy` and closed.
pub const MOST_CLIENTS: usize = 64;

/// The most clients at a time that are being told `busy`; one more is closed without a word.
const MOST_REFUSALS: usize = 16;

/// The most pushes between two turns of the clients' tasks: so many alerts may begin in one scan.
const PUSH_BURST: usize = 512;

/// The bound socket with its clients; dropping it closes it.
#[derive(Debug)]
pub struct Server {
    path: PathBuf,
    socket: Socket,
    accepting: Accepting,
    clients: Clients,
}

/// The task that lets clients in.
#[derive(Debug)]
struct Accepting {
    task: JoinHandle<()>,
    /// Once this is dropped it ends, after all that have connected.
    _over: oneshot::Sender<()>,
}

/// What each client's task is given.
#[derive(Clone, Debug)]
struct Clients {
    events: mpsc::Sender<Event>,
    /// Each client holds one receiver, so that their count is the clients'.
    pushes: broadcast::Sender<Arc<str>>,
    refusals: Arc<Semaphore>,
}

impl Accepting {
    fn begin(listener: UnixListener, clients: &Clients) -> Self {
        let (end, over) = oneshot::channel();
        Self { task: tokio::spawn(accept::run(listener, clients.clone(), over)), _over: end }
    }
}

impl Server {
    /// Binds the socket (0600 from its first instant) in place of a stale one, and begins to serve.
    ///
    /// Requests arrive at `events` as [`Event::Client`]. It must be called within a tokio runtime, by the holder of
    /// the [lock](crate::applet::lock::Lock).
    ///
    /// # Errors
    /// [`Error`] where something that is no stale socket is in the way, the path is too long, or the system refuses;
    /// its text says what to do.
    pub fn bind(path: &Path, events: mpsc::Sender<Event>) -> Result<Self, Error> {
        let clients = Clients {
            events,
            pushes: broadcast::Sender::new(PUSH_BURST),
            refusals: Arc::new(Semaphore::new(MOST_REFUSALS)),
        };
        let (socket, listener) = Socket::bind(path)?;
        let accepting = Accepting::begin(listener, &clients);
        Ok(Self { path: path.to_owned(), socket, accepting, clients })
    }

    /// Tells every client; it is written as JSON once for all of them, and not at all where there is none.
    pub fn push(&self, push: &Push) {
        if self.client_count() > 0 {
            // An error says that the last client has gone in the meantime.
            let _ = self.clients.pushes.send(codec::push(push).into());
        }
    }

    /// Tells whether the socket at the path is still ours: its folder may vanish.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        !self.accepting.task.is_finished() && self.socket.is_in_place()
    }

    /// Binds the socket again where it is no longer at its path; the clients stay connected.
    ///
    /// Where the folder vanished, the lock vanished with it: acquire it again first.
    ///
    /// # Errors
    /// As [`Server::bind`]; the clients are served on, and it may be tried again.
    pub fn rebind(&mut self) -> Result<(), Error> {
        if !self.is_bound() {
            let (socket, listener) = Socket::bind(&self.path)?;
            self.accepting = Accepting::begin(listener, &self.clients);
            self.socket = socket;
        }
        Ok(())
    }

    /// Counts the clients.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.clients.pushes.receiver_count()
    }

    /// Unlinks the socket, where it is ours, and lets the clients go.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Server {
    /// The clients' tasks end as the last sender of pushes goes.
    fn drop(&mut self) {
        self.accepting.task.abort();
    }
}
