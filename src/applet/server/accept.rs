//! Letting clients in: the owner's and root's, so many at a time.

use super::connection::Connection;
use super::{Clients, MOST_CLIENTS, linger};
use crate::protocol::{Error, ErrorCode, Reply, codec};
use nix::unistd::geteuid;
use std::io;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;

/// How long to wait after the system refused to accept: out of descriptors, it refuses again at once.
const PAUSE: Duration = Duration::from_millis(250);

/// Accepts until the other end of `over` is dropped: those that have connected by then are let in.
pub(super) async fn run(listener: UnixListener, clients: Clients, mut over: oneshot::Receiver<()>) {
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            _ = &mut over => return let_in_the_rest(listener, &clients),
        };
        match accepted {
            Ok((stream, _)) => {
                failing = false;
                admit(stream, &clients);
            }
            Err(error) => {
                if !failing {
                    tracing::warn!("cannot accept clients of the socket: {error}. It is tried again.");
                }
                failing = true;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Lets in who has connected: the runtime may not have heard of them yet.
fn let_in_the_rest(listener: UnixListener, clients: &Clients) {
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, _)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| UnixStream::from_std(stream));
        if let Ok(stream) = stream {
            admit(stream, clients);
        }
    }
}

fn admit(stream: UnixStream, clients: &Clients) {
    match owner(&stream) {
        Ok(uid) if may_ask(uid, geteuid().as_raw()) => {}
        Ok(uid) => return tracing::warn!("closed a client of the socket: it belongs to user {uid}"),
        Err(error) => return tracing::warn!("closed a client of the socket: its owner is unknown: {error}"),
    }
    if clients.pushes.receiver_count() < MOST_CLIENTS {
        tokio::spawn(Connection::new(stream, clients).run());
    } else if let Ok(permit) = clients.refusals.clone().try_acquire_owned() {
        tokio::spawn(async move {
            linger::say_and_close(stream, &busy()).await;
            drop(permit);
        });
    }
}

fn owner(stream: &UnixStream) -> io::Result<u32> {
    stream.peer_cred().map(|peer| peer.uid())
}

/// Tells whether a user may ask the guard of another one.
fn may_ask(uid: u32, guard: u32) -> bool {
    uid == guard || uid == 0
}

fn busy() -> String {
    let message = format!("{MOST_CLIENTS} clients are connected, and no more can be. Close one and connect again.");
    codec::answer(None, None, &Reply::Error(Error::new(ErrorCode::Busy, message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_and_root_may_ask_and_nobody_else() {
        assert!(may_ask(1000, 1000));
        assert!(may_ask(0, 1000));
        assert!(may_ask(0, 0));
        assert!(!may_ask(1001, 1000));
        assert!(!may_ask(1000, 0));
    }
}
