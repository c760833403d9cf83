//! One bounded JSON line: how requests are read and answers written.
//!
//! [`Lines`] cuts the bytes of a connection into lines, [`parse`] understands a request, [`answer`] and [`push`] write
//! what the guard says, and [`request`] what a client asks. All of it is pure.

mod envelope;
mod lines;
#[cfg(test)]
mod tests;

pub use envelope::{Envelope, Refused, parse};
pub use lines::{Lines, MAX_LINE, TooLong};

use super::{Push, Reply, Request, RequestId};
use serde_json::json;

/// Writes the answer of a request as one line, its `\n` included.
///
/// `id` and `cmd` are the request's. A `pong` carries an id only where one was sent; the others say `null`.
#[must_use]
pub fn answer(id: Option<&RequestId>, cmd: Option<&str>, reply: &Reply) -> String {
    let written = id.map_or_else(|| "null".to_owned(), RequestId::to_string);
    let cmd = json!(cmd);
    match (reply, id) {
        (Reply::Pong, None) => "{\"type\":\"pong\"}\n".to_owned(),
        (Reply::Pong, Some(id)) => format!("{{\"type\":\"pong\",\"id\":{id}}}\n"),
        (Reply::Response(data), _) => {
            format!("{{\"type\":\"response\",\"id\":{written},\"cmd\":{cmd},\"data\":{data}}}\n")
        }
        (Reply::Config(data), _) => format!("{{\"type\":\"config\",\"id\":{written},\"data\":{data}}}\n"),
        (Reply::Error(error), _) => {
            format!("{{\"type\":\"error\",\"id\":{written},\"cmd\":{cmd},\"error\":{}}}\n", json!(error))
        }
    }
}

/// Writes what every client is told as one line, its `\n` included.
#[must_use]
pub fn push(push: &Push) -> String {
    format!("{}\n", json!(push))
}

/// Writes a request as one line, its `\n` included; parameters that are left out are not named.
#[must_use]
pub fn request(id: Option<&RequestId>, request: &Request) -> String {
    let params = request.params().map_or_else(String::new, |params| format!(",\"params\":{params}"));
    let id = id.map_or_else(String::new, |id| format!(",\"id\":{id}"));
    format!("{{\"cmd\":\"{}\"{params}{id}}}\n", request.name())
}
