//! What waits to be written to one client: pushes, of which there may be so many, and answers.

use super::connection::End;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use tokio::net::UnixStream;
use tokio::sync::broadcast::{self, error::RecvError};

/// The most pushes that wait for a client; with one more it is too slow.
pub(super) const MOST_PUSHES: usize = 64;

/// How many bytes of answers may wait before no further request is read.
const ANSWER_BYTES: usize = 1 << 20;

/// The lines for one client, in order.
///
/// Whatever the client's task waits for, it waits within [`Outgoing::during`], so that pushes are taken and lines
/// written all the while, and a client that is too slow is found at once.
pub(super) struct Outgoing {
    pushes: broadcast::Receiver<Arc<str>>,
    lines: VecDeque<Line>,
    /// How much of the first line is written.
    written: usize,
    waiting_pushes: usize,
    answer_bytes: usize,
}

enum Line {
    Push(Arc<str>),
    Answer(String),
}

impl Line {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Push(line) => line.as_bytes(),
            Self::Answer(line) => line.as_bytes(),
        }
    }
}

impl Outgoing {
    pub(super) fn new(pushes: broadcast::Receiver<Arc<str>>) -> Self {
        Self { pushes, lines: VecDeque::new(), written: 0, waiting_pushes: 0, answer_bytes: 0 }
    }

    /// Waits for something else, and writes meanwhile.
    pub(super) async fn during<T>(&mut self, stream: &UnixStream, other: impl Future<Output = T>) -> Result<T, End> {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                biased;
                step = self.step(stream) => step?,
                value = &mut other => return Ok(value),
            }
        }
    }

    /// Adds an answer, and waits only while too much is unwritten.
    pub(super) async fn answer(&mut self, stream: &UnixStream, line: String) -> Result<(), End> {
        self.answer_bytes += line.len();
        self.lines.push_back(Line::Answer(line));
        self.flush(stream)?;
        while self.answer_bytes > ANSWER_BYTES {
            self.step(stream).await?;
        }
        Ok(())
    }

    /// Writes all that waits.
    pub(super) async fn finish(&mut self, stream: &UnixStream) -> Result<(), End> {
        while !self.lines.is_empty() {
            self.step(stream).await?;
        }
        Ok(())
    }

    /// Tells whether the last line that was begun is written to its end.
    pub(super) fn is_between_lines(&self) -> bool {
        self.written == 0
    }

    /// Takes one push, or writes as much as fits.
    async fn step(&mut self, stream: &UnixStream) -> Result<(), End> {
        tokio::select! {
            biased;
            push = self.pushes.recv() => match push {
                Ok(line) => self.push(stream, line).await,
                Err(RecvError::Lagged(_)) => Err(End::Slow),
                Err(RecvError::Closed) => Err(End::Gone),
            },
            writable = stream.writable(), if !self.lines.is_empty() => {
                writable.map_err(|_| End::Gone)?;
                self.flush(stream)
            }
        }
    }

    async fn push(&mut self, stream: &UnixStream, line: Arc<str>) -> Result<(), End> {
        self.waiting_pushes += 1;
        self.lines.push_back(Line::Push(line));
        self.flush(stream)?;
        if self.waiting_pushes > MOST_PUSHES {
            // A socket counts as full until the loop has looked at it again. A burst of pushes comes in between, and is
            // no fault of the client.
            tokio::task::yield_now().await;
            self.flush(stream)?;
        }
        if self.waiting_pushes > MOST_PUSHES { Err(End::Slow) } else { Ok(()) }
    }

    /// Writes as much as fits without waiting.
    fn flush(&mut self, stream: &UnixStream) -> Result<(), End> {
        while !self.lines.is_empty() {
            match self.write(stream) {
                Ok(count) => self.advance(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Err(End::Gone),
            }
        }
        if self.lines.is_empty() {
            self.lines.shrink_to(MOST_PUSHES);
        }
        Ok(())
    }

    fn write(&self, stream: &UnixStream) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); MOST_PUSHES];
        let mut skip = self.written;
        let mut count = 0;
        for (slice, line) in slices.iter_mut().zip(&self.lines) {
            *slice = IoSlice::new(&line.bytes()[skip..]);
            skip = 0;
            count += 1;
        }
        stream.try_write_vectored(&slices[..count])
    }

    fn advance(&mut self, count: usize) {
        self.written += count;
        while let Some(line) = self.lines.front()
            && self.written >= line.bytes().len()
        {
            self.written -= line.bytes().len();
            match line {
                Line::Push(_) => self.waiting_pushes -= 1,
                Line::Answer(text) => self.answer_bytes -= text.len(),
            }
            self.lines.pop_front();
        }
    }
}
