//! Which processes belong together: those of an application, of a unit or of a parent.

use crate::process::Id;
use crate::sample::{Sample, application};
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The name of a group of processes, the same from scan to scan, and after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group(u64);

/// A group, and what makes it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) group: Group,
    pub(super) kind: Kind,
}

/// What makes a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The scope or service of one application of the desktop, a Flatpak or a Snap.
    Application,
    /// The processes of one name in the scope or service of anything else.
    Unit,
    /// The processes of one name that one parent started, where nothing is known of units.
    Siblings { of: Id },
    /// What a process starts and what ends again soon.
    Children { of: Id },
}

/// Units that hold whole sessions, or nothing but a manager.
const SESSIONS: [&str; 3] = ["session-", "user@", "init.scope"];

/// Gives the groups that the use of a process counts for.
pub(super) fn of(sample: &Sample, parent: Option<&Sample>) -> [Option<Key>; 2] {
    if let Some(group) = application(sample) {
        return [Some(Key { group, kind: Kind::Application }), None];
    }
    let children = parent.and_then(of_children);
    if let Some(group) = unit(sample) {
        return [Some(Key { group, kind: Kind::Unit }), children];
    }
    let siblings = parent.filter(|parent| parent.id.pid > 1).map(|parent| {
        let kind = Kind::Siblings { of: parent.id };
        Key { group: named(kind, &sample.description.name), kind }
    });
    [siblings, children]
}

/// Gives the group that the children of a process count for; None for the managers of services, whose children are none
/// of one another.
pub(super) fn of_children(sample: &Sample) -> Option<Key> {
    if let Some(group) = application(sample) {
        return Some(Key { group, kind: Kind::Application });
    }
    let is_manager = sample.id.pid <= 1 || innermost(sample).is_some_and(|unit| unit == "init.scope");
    let kind = Kind::Children { of: sample.id };
    (!is_manager && !sample.kernel_thread).then(|| Key { group: named(kind, ""), kind })
}

/// Gives the group of the application that a process belongs to.
pub(super) fn application(sample: &Sample) -> Option<Group> {
    sample.description.application.as_ref()?;
    Some(named(Kind::Application, innermost_path(sample)?))
}

/// Gives the group of the processes of its name in its unit.
pub(super) fn unit(sample: &Sample) -> Option<Group> {
    let unit = innermost(sample)?;
    let is_session = SESSIONS.iter().any(|session| unit.starts_with(session));
    let group = || named(Kind::Unit, (innermost_path(sample), &sample.description.name));
    let is_slice = unit.rsplit_once('.').is_some_and(|(_, kind)| kind == "slice");
    (!is_session && !is_slice).then(group)
}

/// Gives the name of the unit that a process is in.
pub(super) fn innermost(sample: &Sample) -> Option<&str> {
    innermost_path(sample)?.rsplit('/').next()
}

/// The path of the cgroup up to the innermost unit.
fn innermost_path(sample: &Sample) -> Option<&str> {
    application::unit_path(&sample.description.cgroup)
}

fn named(kind: Kind, name: impl Hash) -> Group {
    let mut hasher = DefaultHasher::new();
    (kind, name).hash(&mut hasher);
    Group(hasher.finish())
}
