//! What a trace must give: its runaways, and that all else is silent.

use serde::{Deserialize, Serialize};

/// Pid and start time.
pub(crate) type Identity = (u32, u64);

/// The label of one trace. Recorded traces have it as JSON beside them; scripted ones make it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Label {
    /// What happens in it, in a sentence.
    pub(crate) what: String,
    /// How it was made: the command, or the function that scripts it.
    pub(crate) how: String,
    /// What must be told; nothing else may be.
    pub(crate) runaways: Vec<Runaway>,
}

/// One runaway: a process, or an application or group of which any member may be named.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Runaway {
    /// What it is, in a few words.
    pub(crate) what: String,
    /// An alert that is about any of these is about this runaway.
    pub(crate) members: Vec<Identity>,
    /// So is one about this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) app: Option<String>,
    /// The reasons that may be given.
    pub(crate) reasons: Vec<String>,
    /// When it began to run away: seconds since the machine started, as `at` in the trace.
    pub(crate) from: f64,
    /// When it ended, likewise; left out it lasts to the trace's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<f64>,
    /// How long the rule itself waits, in seconds in which the machine is awake.
    pub(crate) rule_seconds: f64,
}

impl Runaway {
    /// Tells whether an alert with these words is about this runaway, at a time when it ran away.
    pub(crate) fn is_meant_by(&self, alert: &Alert) -> bool {
        let is_member = alert.members.iter().any(|member| self.members.contains(member));
        let is_app = self.app.is_some() && self.app == alert.app;
        (is_member || is_app)
            && self.reasons.contains(&alert.reason)
            && alert.at >= self.from
            && self.until.is_none_or(|until| alert.at <= until)
    }
}

/// An alert as it began, of ours or of the plain rules.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    /// As `at` in the trace.
    pub(crate) at: f64,
    /// As `awake` in the trace.
    pub(crate) awake: f64,
    /// The rule that it broke.
    pub(crate) reason: String,
    /// The application that it names.
    pub(crate) app: Option<String>,
    /// The process that it names and all others that it is about.
    pub(crate) members: Vec<Identity>,
    /// One line for people.
    pub(crate) summary: String,
}
