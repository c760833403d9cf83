//! The connection to the applet: requests go out, answers and pushes come in, and a lost one is made again.
//!
//! It runs away from the thread that draws; an applet that answers late or never costs the window nothing.

mod pending;

use super::ask::{Ask, Failure};
use crate::client::LONGEST_LINE;
use crate::protocol::codec::Lines;
use crate::protocol::{self, Push};
use iced::futures::channel::mpsc::Sender;
use iced::futures::{SinkExt, Stream};
use pending::Pending;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long to wait between two attempts to connect.
pub const PAUSE: Duration = Duration::from_secs(3);

/// How many attempts in a row are made.
pub const ATTEMPTS: u32 = 10;

/// How long a request may go unanswered.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many requests may wait to be sent.
const QUEUE: usize = 64;

/// What is told of the connection.
#[expect(clippy::large_enum_variant, reason = "it is moved once, and a push is what it mostly is")]
pub enum Event<M> {
    /// It is there; requests go here.
    Connected(mpsc::Sender<Ask<M>>),
    /// There is none, and how often that was so in a row. The next attempt follows after [`PAUSE`].
    Missing(u32, Missing),
    /// There was none [`ATTEMPTS`] times in a row. No further attempt is made.
    GaveUp,
    /// The applet tells something unasked.
    Push(Push),
    /// What an answer became.
    Answered(M),
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody listens.
    NotRunning,
    /// It was there, and broke.
    Lost,
    /// The socket cannot be used; the sentence says why.
    Refused(String),
}

/// Connects to a socket and follows the connection, until nobody listens to what is told or it gives up.
pub fn follow<M: Send + 'static>(socket: PathBuf) -> impl Stream<Item = Event<M>> {
    iced::stream::channel(QUEUE, async move |mut told| {
        let mut failures = 0;
        while failures < ATTEMPTS {
            let missing = match UnixStream::connect(&socket).await {
                Ok(stream) => {
                    failures = 0;
                    match serve(stream, &mut told).await {
                        Ok(()) => return,
                        Err(missing) => missing,
                    }
                }
                Err(error) => absent(&socket, &error),
            };
            failures += 1;
            if told.send(Event::Missing(failures, missing)).await.is_err() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        // Where the window is gone there is nobody to tell.
        let _ = told.send(Event::GaveUp).await;
    })
}

fn absent(socket: &std::path::Path, error: &io::Error) -> Missing {
    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) {
        return Missing::NotRunning;
    }
    Missing::Refused(format!("{}: {error}. Check who owns the socket.", socket.display()))
}

/// Serves one connection; Ok where the window is gone.
async fn serve<M: Send + 'static>(stream: UnixStream, told: &mut Sender<Event<M>>) -> Result<(), Missing> {
    let (requests, mut inbox) = mpsc::channel(QUEUE);
    if told.send(Event::Connected(requests)).await.is_err() {
        return Ok(());
    }
    let (mut input, mut output) = stream.into_split();
    let mut lines = Lines::new(LONGEST_LINE);
    let mut pending = Pending::default();
    let outcome = loop {
        let turn = tokio::select! {
            asked = inbox.recv() => match asked {
                Some(ask) => send(&mut output, &mut pending, ask).await,
                None => break Ok(()),
            },
            read = receive(&mut input, &mut lines) => read,
            () = due(pending.earliest()) => Ok(()),
        };
        if turn.is_err() {
            break Err(Missing::Lost);
        }
        let mut events = understand(&mut lines, &mut pending);
        events.extend(pending.late(Instant::now()).into_iter().map(Event::Answered));
        if tell(told, events).await.is_err() {
            break Ok(());
        }
    };
    // Where the window is gone there is nobody to tell.
    let _ = tell(told, pending.lost().into_iter().map(Event::Answered).collect()).await;
    outcome
}

async fn tell<M>(
    told: &mut Sender<Event<M>>,
    events: Vec<Event<M>>,
) -> Result<(), iced::futures::channel::mpsc::SendError> {
    for event in events {
        told.send(event).await?;
    }
    Ok(())
}

async fn send<M>(output: &mut OwnedWriteHalf, pending: &mut Pending<M>, ask: Ask<M>) -> io::Result<()> {
    let line = pending.register(ask);
    // An applet that takes no more is lost, and is told to the tabs as one.
    let written = tokio::time::timeout(TIME_LIMIT, output.write_all(line.as_bytes())).await;
    written.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

async fn receive(input: &mut OwnedReadHalf, lines: &mut Lines) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    match input.read(&mut buffer).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        count => {
            lines.feed(&buffer[..count]);
            Ok(())
        }
    }
}

async fn due(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// A message of the applet, its data not yet looked at.
#[derive(Deserialize)]
struct Incoming<'l> {
    #[serde(rename = "type")]
    kind: &'l str,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default, borrow)]
    data: Option<&'l RawValue>,
    #[serde(default)]
    error: Option<protocol::Error>,
}

/// Makes events of the lines that are there. A line that is not understood, of a newer applet, is passed over.
fn understand<M>(lines: &mut Lines, pending: &mut Pending<M>) -> Vec<Event<M>> {
    let mut events = Vec::new();
    while let Some(Ok(line)) = lines.next_line() {
        let Ok(incoming) = serde_json::from_slice::<Incoming>(line) else { continue };
        match (incoming.kind, incoming.id) {
            ("response" | "config", Some(id)) => {
                let data = incoming.data.map(ToOwned::to_owned).unwrap_or_default();
                events.extend(pending.answer(id, Ok(data)).map(Event::Answered));
            }
            ("error", Some(id)) => {
                let failure = incoming.error.map_or_else(|| Failure::unanswered("It was refused."), Failure::from);
                events.extend(pending.answer(id, Err(failure)).map(Event::Answered));
            }
            _ => events.extend(serde_json::from_slice(line).ok().map(Event::Push)),
        }
    }
    events
}

#[cfg(test)]
mod tests;
