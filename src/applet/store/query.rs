//! What `get_alerts` asks, checked and with its defaults filled in.

use crate::protocol::request::{GetAlerts, Since};
use crate::protocol::{Alert, AlertState, Error, ErrorCode};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Which alerts are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// How many at most.
    pub(super) limit: usize,
    /// The earliest time that they may have begun, in Unix seconds.
    pub(super) since: i64,
    /// Whether only firing ones are wanted.
    pub(super) only_firing: bool,
}

impl Query {
    /// Understands a request.
    ///
    /// # Errors
    /// `bad_request` where the limit is too large or the time cannot be read; the message shows the right form.
    pub(super) fn new(request: &GetAlerts) -> Result<Self, Error> {
        let limit = request.count()?;
        let since = request.since.as_ref().map_or(Ok(i64::MIN), seconds)?;
        Ok(Self { limit, since, only_firing: request.active == Some(true) })
    }

    /// Tells whether an alert is among the wanted ones.
    pub(super) fn admits(&self, alert: &Alert) -> bool {
        alert.timestamp >= self.since && (!self.only_firing || alert.state == AlertState::Firing)
    }
}

/// The first whole second that is not before this time.
fn seconds(since: &Since) -> Result<i64, Error> {
    match since {
        Since::Unix(seconds) => Ok(*seconds),
        Since::Rfc3339(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map(|time| time.unix_timestamp() + i64::from(time.nanosecond() > 0))
            .map_err(|_| no_time(text)),
    }
}

fn no_time(text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    bad_request(format!(
        "since: {shown:?} is not a time. Write Unix seconds as a number (1777636800) \
         or RFC 3339 as a string (\"2026-05-01T12:00:00Z\")."
    ))
}

fn bad_request(message: String) -> Error {
    Error::new(ErrorCode::BadRequest, message)
}
