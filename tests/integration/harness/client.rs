//! A client of the socket, as anybody could write it.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A blocking connection to the applet.
pub(crate) struct Client {
    stream: UnixStream,
    received: Vec<u8>,
    pushes: VecDeque<Value>,
    last_id: u64,
}

/// Why nothing came.
#[derive(Debug)]
enum Silent {
    /// The applet has closed the connection.
    Closed,
    /// It said nothing in time.
    Late,
    /// The system refused to read.
    Failed(#[expect(dead_code, reason = "it is shown where a test fails")] io::Error),
}

impl Client {
    /// Connects; None where nobody listens.
    pub(crate) fn connect(socket: &Path) -> Option<Self> {
        let stream = UnixStream::connect(socket).ok()?;
        Some(Self { stream, received: Vec::new(), pushes: VecDeque::new(), last_id: 0 })
    }

    /// Sends the bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    #[allow(dead_code, reason = "the bench of the resident applet uses it")]
    /// Sends the bytes; false where the other end is gone.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that nothing more will be sent.
    pub(crate) fn close_writing(&self) {
        self.stream.shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// The next line without its end; None at the end of the stream or after the time.
    pub(crate) fn read_line(&mut self, within: Duration) -> Option<String> {
        self.line(within).ok()
    }

    fn line(&mut self, within: Duration) -> Result<String, Silent> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Ok(String::from_utf8(line).unwrap().trim_end().to_owned());
            }
            self.receive(deadline)?;
        }
    }

    fn receive(&mut self, deadline: Instant) -> Result<(), Silent> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Silent::Late);
        }
        self.stream.set_read_timeout(Some(left)).unwrap();
        let mut chunk = [0; 16 * 1024];
        let count = match self.stream.read(&mut chunk) {
            Ok(0) => return Err(Silent::Closed),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => 0,
            Err(error) => return Err(Silent::Failed(error)),
        };
        self.received.extend_from_slice(&chunk[..count]);
        Ok(())
    }

    /// Asks, and returns the whole answer; the pushes that come before it are kept for [`Client::push`].
    pub(crate) fn ask(&mut self, cmd: &str, params: &Value) -> Value {
        self.last_id += 1;
        let request = json!({ "cmd": cmd, "params": params, "id": self.last_id });
        self.send(format!("{request}\n").as_bytes());
        loop {
            let message = self.message().unwrap_or_else(|why| panic!("no answer to {request}: {why:?}"));
            if message["id"] == self.last_id {
                return message;
            }
            self.pushes.push_back(message);
        }
    }

    /// Asks for something that must succeed, and returns its data.
    pub(crate) fn data(&mut self, cmd: &str, params: &Value) -> Value {
        let mut answer = self.ask(cmd, params);
        assert!(answer["type"] != "error", "{cmd} {params}: {answer}");
        answer["data"].take()
    }

    /// The next push of this type; those of other types are dropped.
    pub(crate) fn push(&mut self, kind: &str) -> Value {
        loop {
            let next = self.pushes.pop_front().map_or_else(|| self.message(), Ok);
            let mut message = next.unwrap_or_else(|why| panic!("no push of the type {kind}: {why:?}"));
            if message["type"] == kind {
                return message["data"].take();
            }
        }
    }

    fn message(&mut self) -> Result<Value, Silent> {
        let line = self.line(PATIENCE)?;
        Ok(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}")))
    }
}
