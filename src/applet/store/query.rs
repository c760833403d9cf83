//! What `get_alerts` asks, checked and with its defaults filled in.

use crate::protocol::request::{GetAlerts, Since};
use crate::protocol::{Alert, AlertState, Error, ErrorCode, Reason, Severity};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Which alerts are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// How many at most.
    pub(super) limit: usize,
    /// The earliest time that they may have begun, in Unix seconds.
    pub(super) since: i64,
    /// The latest time that they may have begun, in Unix seconds.
    pub(super) until: i64,
    /// Whether only firing ones are wanted.
    pub(super) only_firing: bool,
    /// The alert after which they come in the order of the answer.
    pub(super) before: Option<i64>,
    /// How bad they are.
    pub(super) severity: Option<Severity>,
    /// The rule they broke.
    pub(super) reason: Option<Reason>,
    /// A part of name, command line or summary, its ASCII letters in lower case.
    pub(super) text: Option<String>,
}

/// The place of an alert in the order of time: when it began, and its id.
pub(super) type Place = (i64, i64);

/// Behind every alert that there can be.
pub(super) const LAST: Place = (i64::MAX, i64::MAX);

impl Query {
    /// Understands a request.
    ///
    /// # Errors
    /// `bad_request` where the limit is too large or a time cannot be read; the message shows the right form.
    pub(super) fn new(request: &GetAlerts) -> Result<Self, Error> {
        let limit = request.count()?;
        let since = request.since.as_ref().map_or(Ok(i64::MIN), |since| seconds("since", since, true))?;
        let until = request.until.as_ref().map_or(Ok(i64::MAX), |until| seconds("until", until, false))?;
        Ok(Self {
            limit,
            since,
            until,
            only_firing: request.active == Some(true),
            before: request.before,
            severity: request.severity,
            reason: request.reason,
            text: request.text.as_ref().map(|text| text.to_ascii_lowercase()),
        })
    }

    /// Tells whether an alert is among the wanted ones, of which all are in front of `end`.
    pub(super) fn admits(&self, alert: &Alert, end: Place) -> bool {
        let has = |text: &String| {
            let within = |words: &str| words.to_ascii_lowercase().contains(text.as_str());
            within(&alert.name) || within(&alert.cmdline) || within(&alert.summary)
        };
        (self.since..=self.until).contains(&alert.timestamp)
            && place(alert) < end
            && (!self.only_firing || alert.state == AlertState::Firing)
            && self.severity.is_none_or(|severity| alert.severity == severity)
            && self.reason.is_none_or(|reason| alert.reason == reason)
            && self.text.as_ref().is_none_or(has)
    }
}

/// Tells where an alert stands in the order of time.
pub(super) fn place(alert: &Alert) -> Place {
    (alert.timestamp, alert.id)
}

/// A time in whole seconds: where it falls between two, the later one or the earlier one.
fn seconds(param: &str, written: &Since, later: bool) -> Result<i64, Error> {
    match written {
        Since::Unix(seconds) => Ok(*seconds),
        Since::Rfc3339(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map(|time| time.unix_timestamp() + i64::from(later && time.nanosecond() > 0))
            .map_err(|_| no_time(param, text)),
    }
}

fn no_time(param: &str, text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    let message = format!(
        "{param}: {shown:?} is not a time. Write Unix seconds as a number (1777636800) \
         or RFC 3339 as a string (\"2026-05-01T12:00:00Z\")."
    );
    Error::new(ErrorCode::BadRequest, message)
}
