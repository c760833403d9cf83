//! The socket's other end: a blocking client that the command line and the window share.
//!
//! Every request has a time limit, so that an applet that hangs makes nobody hang with it; every line has a bound.

use crate::paths::Paths;
use crate::protocol;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, setsockopt, socket, sockopt};
use nix::sys::time::TimeVal;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a request waits for its answer.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long a line of the applet may be, in bytes.
pub const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody listens at the socket.
    #[error("No applet is running. Start it with: runaway-guard --background")]
    NotRunning,
    /// The socket is there and cannot be used.
    #[error("{}: {source}. Check who owns the socket, or set {}.", .path.display(), crate::paths::SOCKET_VARIABLE)]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the kernel answered.
        source: io::Error,
    },
    /// The time limit passed.
    #[error("The applet did not answer within {} s. If it goes on, end the applet and start it again.", .0.as_secs())]
    Late(Duration),
    /// The applet ended, or closed this connection.
    #[error("The applet closed the connection. Ask again, or start it with: runaway-guard --background")]
    Closed,
    /// What the applet sent is not of the protocol.
    #[error("The applet's answer is not understood: {0}. Is it of another version? Restart it.")]
    BadAnswer(String),
    /// The applet refused the request.
    #[error(transparent)]
    Refused(#[from] protocol::Error),
    /// The connection broke.
    #[error("The connection to the applet broke: {0}. Ask again.")]
    Io(io::Error),
}

/// A connection to the applet.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    limit: Duration,
    last_id: u64,
}

impl Client {
    /// Connects to the applet at the usual place, with the usual time limit.
    ///
    /// # Errors
    /// [`Error::NotRunning`] where nobody listens; [`Error::Connect`] where the socket cannot be used.
    pub fn connect(paths: &Paths) -> Result<Self, Error> {
        Self::connect_within(&paths.socket, TIME_LIMIT)
    }

    /// Connects to a socket; connecting and each request may take as long as `limit`.
    ///
    /// # Errors
    /// As [`Client::connect`], and [`Error::Late`] where the applet does not take the connection in time.
    pub fn connect_within(path: &Path, limit: Duration) -> Result<Self, Error> {
        let stream = open(path, limit).map_err(|source| {
            let is = |kinds: &[ErrorKind]| kinds.contains(&source.kind());
            if is(&[ErrorKind::NotFound, ErrorKind::ConnectionRefused]) {
                Error::NotRunning
            } else if is(&[ErrorKind::WouldBlock]) {
                Error::Late(limit)
            } else {
                Error::Connect { path: path.to_path_buf(), source }
            }
        })?;
        Ok(Self { stream: BufReader::new(stream), limit, last_id: 0 })
    }

    /// Asks, and gives the data of the answer: the reply of `ping` has none and gives null.
    ///
    /// # Errors
    /// [`Error::Refused`] with the applet's own sentence, or what happened to the connection.
    pub fn request(&mut self, cmd: &str, params: Value) -> Result<Value, Error> {
        let deadline = Instant::now() + self.limit;
        self.last_id += 1;
        let id = Value::from(self.last_id);
        let message = [("cmd", cmd.into()), ("params", params), ("id", id.clone())];
        self.send(&message.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())?;
        loop {
            let message = self.receive(Some(deadline))?;
            if let Some(answer) = answer_to(&id, message)? {
                return Ok(answer);
            }
        }
    }

    /// Asks as [`Client::request`] does, and reads the answer's data as a type of the protocol.
    ///
    /// # Errors
    /// As [`Client::request`], and [`Error::BadAnswer`] where the data is of another shape.
    pub fn ask<T: DeserializeOwned>(&mut self, cmd: &str, params: Value) -> Result<T, Error> {
        read(self.request(cmd, params)?)
    }

    /// Gives what the applet tells unasked, as it comes and without end: objects with `type` and `data`, the types that
    /// [`protocol::Push`] does not know included.
    pub fn pushes(&mut self) -> impl Iterator<Item = Result<Value, Error>> {
        std::iter::repeat_with(|| self.receive(None)).filter(|message| message.as_ref().map_or(true, is_push))
    }

    fn send(&mut self, message: &Value) -> Result<(), Error> {
        let stream = self.stream.get_mut();
        stream.set_write_timeout(Some(self.limit)).map_err(Error::Io)?;
        match stream.write_all(format!("{message}\n").as_bytes()) {
            // An applet that turns a client away has said why, and that can still be read.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(self.name(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn receive(&mut self, deadline: Option<Instant>) -> Result<Value, Error> {
        let line = self.read_line(deadline)?;
        serde_json::from_slice(&line).map_err(|error| Error::BadAnswer(error.to_string()))
    }

    fn read_line(&mut self, deadline: Option<Instant>) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        loop {
            self.wait_until(deadline)?;
            let part = match self.stream.fill_buf() {
                Ok([]) => return Err(Error::Closed),
                Ok(part) => part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.name(error)),
            };
            let end = part.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(part.len(), |end| end + 1);
            line.extend_from_slice(&part[..taken]);
            self.stream.consume(taken);
            if line.len() > LONGEST_LINE {
                return Err(Error::BadAnswer(format!("a line of more than {LONGEST_LINE} bytes")));
            }
            if end.is_some() {
                return Ok(line);
            }
        }
    }

    /// Pushes come all the time: each read may take what is left of the whole request's time, and no more.
    fn wait_until(&self, deadline: Option<Instant>) -> Result<(), Error> {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Err(Error::Late(self.limit));
        }
        self.stream.get_ref().set_read_timeout(left).map_err(Error::Io)
    }

    fn name(&self, error: io::Error) -> Error {
        if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
            Error::Late(self.limit)
        } else if error.kind() == ErrorKind::ConnectionReset {
            Error::Closed
        } else {
            Error::Io(error)
        }
    }
}

/// Reads the data of an answer as a type of the protocol.
///
/// # Errors
/// [`Error::BadAnswer`] where it is of another shape.
pub fn read<T: DeserializeOwned>(data: Value) -> Result<T, Error> {
    serde_json::from_value(data).map_err(|error| Error::BadAnswer(error.to_string()))
}

/// A connect to a full backlog waits as long as a send may: std has no limit for it.
fn open(path: &Path, limit: Duration) -> io::Result<UnixStream> {
    let socket: OwnedFd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let seconds = limit.as_secs().try_into().unwrap_or(i64::MAX);
    setsockopt(&socket, sockopt::SendTimeout, &TimeVal::new(seconds, limit.subsec_micros().into()))?;
    connect(socket.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(UnixStream::from(socket))
}

fn is_push(message: &Value) -> bool {
    !matches!(message["type"].as_str(), None | Some("response" | "config" | "error" | "pong"))
}

/// Finds the answer to `id` in a message. Pushes and answers to requests that were given up are none.
fn answer_to(id: &Value, mut message: Value) -> Result<Option<Value>, Error> {
    let given = &message["id"];
    match message["type"].as_str() {
        Some("error") if given.is_null() || given == id => Err(Error::Refused(read(message["error"].take())?)),
        Some("response" | "config") if given == id => Ok(Some(message["data"].take())),
        Some("pong") if given == id => Ok(Some(Value::Null)),
        Some(_) => Ok(None),
        None => Err(Error::BadAnswer("a message without a type".into())),
    }
}

#[cfg(test)]
mod tests;
