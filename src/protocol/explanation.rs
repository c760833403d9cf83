//! Why a process is told of, or is not.

use super::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a process is told of, or is not: the answer of `explain_process`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The process id.
    pub pid: u32,
    /// With `pid` the identity of the process.
    pub start_time: u64,
    /// Its name.
    pub name: String,
    /// The pattern of the whitelist under which it falls: then nothing is told of it.
    pub whitelist: Option<String>,
    /// The title of the `[[rule]]` that holds for it.
    pub rule: Option<String>,
    /// Each reason in turn.
    pub reasons: Vec<Standing>,
    /// The groups that it may count for: first its application, or the processes of its name in its unit or of its
    /// parent; then the children that come and go with it or are started by it, while they are over the limit together.
    #[serde(default)]
    pub groups: Vec<GroupStanding>,
}

/// How a process stands under one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The rule.
    pub reason: Reason,
    /// How it stands.
    pub state: StandingState,
    /// One sentence for people.
    pub summary: String,
    /// The figures behind it, by the names that `evidence` and the config have for them.
    pub figures: BTreeMap<String, f64>,
}

/// How a process stands under a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingState {
    /// It is not looked at.
    Off,
    /// It is over the limit, and not told of, for a reason.
    Silent,
    /// Nothing is the matter.
    Calm,
    /// It would fire if it went on.
    Suspicious,
    /// The limit is reached.
    Firing,
}

/// How processes stand together that a process may count for: one alert tells of all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupStanding {
    /// What makes them a group.
    pub kind: GroupKind,
    /// How they stand, with the keys of a [`Standing`]. Among the figures `own_percent` is what the process itself used
    /// on average since the group is over the threshold, in percent of one core.
    #[serde(flatten)]
    pub standing: Standing,
}

/// What makes processes a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// They are of one application.
    Application,
    /// They have one name, and are in the unit of one service or scope.
    Unit,
    /// They have one name, and one parent.
    Siblings,
    /// One parent starts them, and they end soon.
    Children,
}
