//! One client: its requests one after another, its answers in their order.

use super::outgoing::Outgoing;
use super::{Clients, linger};
use crate::applet::Event;
use crate::protocol::codec::{self, Envelope, Lines, MAX_LINE, Refused, TooLong};
use crate::protocol::{Error, ErrorCode, Reply, Request};
use nix::sys::socket::{MsgFlags, getsockopt, send, setsockopt, sockopt::SndBuf};
use std::io;
use std::os::fd::AsRawFd;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How much is read at once, in bytes.
const CHUNK: usize = 16 << 10;

/// A client and what is known of it.
pub(super) struct Connection {
    stream: UnixStream,
    lines: Lines,
    outgoing: Outgoing,
    events: mpsc::Sender<Event>,
}

/// Why a connection ends before the client has closed it.
#[derive(Debug)]
pub(super) enum End {
    /// The client is gone, or the server closes.
    Gone,
    /// The client sent a line over the limit.
    TooLong,
    /// The client does not read.
    Slow,
}

impl Connection {
    pub(super) fn new(stream: UnixStream, clients: &Clients) -> Self {
        Self {
            stream,
            lines: Lines::default(),
            outgoing: Outgoing::new(clients.pushes.subscribe()),
            events: clients.events.clone(),
        }
    }

    /// Serves the client until one of both closes.
    pub(super) async fn run(mut self) {
        match self.serve().await {
            Ok(()) | Err(End::Gone) => {}
            Err(End::TooLong) => self.end_too_long().await,
            Err(End::Slow) => self.end_slow(),
        }
    }

    async fn serve(&mut self) -> Result<(), End> {
        while self.read().await? > 0 {
            while let Some(line) = self.lines.next_line() {
                let request = codec::parse(line.map_err(|TooLong| End::TooLong)?);
                self.answer(request).await?;
            }
            // A client may write faster than it is read, and then nothing here ever waits.
            tokio::task::yield_now().await;
        }
        if let Some(line) = self.lines.last_line() {
            let request = codec::parse(line);
            self.answer(request).await?;
        }
        self.outgoing.finish(&self.stream).await
    }

    /// Waits for the next bytes and takes them up; 0 where the client sends no more.
    async fn read(&mut self) -> Result<usize, End> {
        loop {
            let readable = self.outgoing.during(&self.stream, self.stream.readable()).await?;
            match readable.and_then(|()| read_chunk(&self.stream, &mut self.lines)) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(End::Gone),
            }
        }
    }

    async fn answer(&mut self, request: Result<Envelope, Refused>) -> Result<(), End> {
        let line = match request {
            Ok(Envelope { id, cmd, request }) => {
                let reply = self.outgoing.during(&self.stream, ask(&self.events, request)).await?;
                codec::answer(id.as_ref(), Some(&cmd), &reply)
            }
            Err(Refused { id, cmd, error }) => {
                // Nobody was asked, so nothing was waited for: the other tasks have their turn here.
                tokio::task::yield_now().await;
                codec::answer(id.as_ref(), cmd.as_deref(), &Reply::Error(error))
            }
        };
        self.outgoing.answer(&self.stream, line).await
    }

    async fn end_too_long(mut self) {
        let message = format!("The line is longer than {MAX_LINE} bytes. Connect again and send shorter lines.");
        let line = last_line(ErrorCode::LineTooLong, message);
        // The time may run out, and the client may be gone: it is closed in any case.
        let _ = timeout(linger::LONGEST, async {
            self.outgoing.answer(&self.stream, line).await?;
            self.outgoing.finish(&self.stream).await?;
            linger::close(self.stream).await;
            Ok::<(), End>(())
        })
        .await;
    }

    fn end_slow(self) {
        tracing::info!("closed a client of the socket that does not read");
        if self.outgoing.is_between_lines() {
            let message = "This client does not read what it is sent. Connect again and read all lines.";
            // Where it does not fit, the client is closed without it.
            let _ = squeeze_in(&self.stream, &last_line(ErrorCode::SlowReader, message));
        }
    }
}

fn read_chunk(stream: &UnixStream, lines: &mut Lines) -> io::Result<usize> {
    let mut chunk = [0; CHUNK];
    let count = stream.try_read(&mut chunk)?;
    lines.feed(&chunk[..count]);
    Ok(count)
}

/// Hands a request to the loop and waits for the answer.
async fn ask(events: &mpsc::Sender<Event>, request: Request) -> Reply {
    let (reply, answer) = oneshot::channel();
    // Where the loop has ended, the event is dropped with its sender, and the answer is an error as well.
    let _ = events.send(Event::Client { request, reply }).await;
    answer.await.unwrap_or_else(|_| {
        Error::new(ErrorCode::Internal, "The guard is ending and did not answer. Ask again once it runs.").into()
    })
}

/// Writes a line to a full socket: its buffer is widened for it, and nothing is waited for.
fn squeeze_in(stream: &UnixStream, line: &str) -> nix::Result<usize> {
    let size = getsockopt(stream, SndBuf)?;
    setsockopt(stream, SndBuf, &size)?;
    send(stream.as_raw_fd(), line.as_bytes(), MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL)
}

fn last_line(code: ErrorCode, message: impl Into<String>) -> String {
    codec::answer(None, None, &Reply::Error(Error::new(code, message)))
}
