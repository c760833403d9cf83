//! Which processes belong together: those of an application, of a unit or of a parent.

use super::parent_of;
use crate::process::Id;
use crate::protocol::Unit;
use crate::sample::{Sample, application};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// The name of a group of processes, the same from scan to scan, and after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group(u64);

impl Group {
    /// Those that wait for one device or server.
    pub(in crate::detect) fn of_device(device: &str) -> Self {
        let mut hasher = Fnv::default();
        ("device", device).hash(&mut hasher);
        Self(hasher.finish())
    }
}

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

/// Gives the group that a process counts for as long as it lives: its application, those of its name in its unit, or those of
/// its name below one parent. Of those in a session whose parent has ended nothing but the session is known.
pub(super) fn whole(samples: &[Sample], sample: &Sample) -> Option<Key> {
    if let Some(group) = application(sample) {
        return Some(Key { group, kind: Kind::Application });
    }
    if let Some(group) = unit(sample) {
        return Some(Key { group, kind: Kind::Unit });
    }
    let first = first_of_forks(samples, sample);
    let parent = parent_of(samples, first).filter(|parent| !is_manager(parent));
    match parent {
        Some(parent) => {
            let of = if first.id == sample.id { parent.id } else { first.id };
            let kind = Kind::Siblings { of };
            Some(Key { group: named(kind, &sample.description.name), kind })
        }
        None => Some(Key { group: of_name(sample)?, kind: Kind::Unit }),
    }
}

/// Gives the group that a process counts for where it is started again and again.
pub(super) fn children(samples: &[Sample], sample: &Sample) -> Option<Key> {
    parent_of(samples, sample).and_then(of_children)
}

/// Tells whether a process has the name of its parent: it has forked from it, or does the same.
pub(super) fn is_fork(sample: &Sample, parent: &Sample) -> bool {
    parent.description.name == sample.description.name && !is_manager(parent)
}

/// Gives the first of those of one name of which each is the parent of the next.
fn first_of_forks<'a>(samples: &'a [Sample], sample: &'a Sample) -> &'a Sample {
    const GENERATIONS: usize = 32;
    let before = |fork: &&'a Sample| parent_of(samples, fork).filter(|parent| is_fork(fork, parent));
    std::iter::successors(Some(sample), before).take(GENERATIONS).last().unwrap_or(sample)
}

/// Gives the group that the children of a process count for; None for the managers of services, whose children are none
/// of one another.
pub(super) fn of_children(sample: &Sample) -> Option<Key> {
    if let Some(group) = application(sample) {
        return Some(Key { group, kind: Kind::Application });
    }
    let kind = Kind::Children { of: sample.id };
    (!is_manager(sample) && !sample.kernel_thread).then(|| Key { group: named(kind, ""), kind })
}

fn is_manager(sample: &Sample) -> bool {
    sample.id.pid <= 1 || innermost(sample).is_some_and(|unit| unit == "init.scope")
}

/// Gives the group of the application that a process belongs to.
pub(super) fn application(sample: &Sample) -> Option<Group> {
    sample.description.application.as_ref()?;
    Some(named(Kind::Application, innermost_path(sample)?))
}

/// Gives the group of the processes of its name in its unit.
pub(super) fn unit(sample: &Sample) -> Option<Group> {
    let unit = innermost(sample)?;
    if is_session(unit) || is_slice(unit) { None } else { of_name(sample) }
}

fn is_slice(unit: &str) -> bool {
    unit.rsplit_once('.').is_some_and(|(_, kind)| kind == "slice")
}

fn is_session(unit: &str) -> bool {
    SESSIONS.iter().any(|session| unit.starts_with(session))
}

/// Gives the group of the processes of its name in its unit, whatever that holds.
fn of_name(sample: &Sample) -> Option<Group> {
    Some(named(Kind::Unit, (innermost_path(sample)?, &sample.description.name)))
}

/// Gives the service of systemd's that a process was started for: that of the machine's manager or of a user's, and of none
/// within a container.
pub(super) fn service_of_a_manager(samples: &[Sample], sample: &Sample) -> Option<Unit> {
    let mut path: Vec<&str> = innermost_path(sample)?.split('/').filter(|part| !part.is_empty()).collect();
    let name = path.pop().filter(|name| name.ends_with(".service") && !is_session(name))?;
    let is_user_manager = |part: &&str| part.starts_with("user@") && part.ends_with(".service");
    let is_ours = path.iter().all(|part| is_slice(part) || is_user_manager(part));
    let was_started = parent_of(samples, sample).is_none_or(is_manager);
    let user = path.iter().any(is_user_manager);
    (is_ours && was_started).then(|| Unit { name: name.to_owned(), user })
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
    let mut hasher = Fnv::default();
    (kind, name).hash(&mut hasher);
    Group(hasher.finish())
}

/// A hash that is the same in every build, since it is stored: FNV-1a with 64 bits.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
