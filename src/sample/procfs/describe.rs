//! Reads what seldom changes about a process: name, command line, owner, application.

use super::root::{Folder, Root, Unreadable};
use super::stat::Stat;
use super::status::Status;
use super::text;
use crate::process::{Description, State};
use crate::sample::application::{self, Applications};
use crate::sample::secrets;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is read of a command line, a cgroup or a status at the most.
const LONGEST: usize = 8 * 1024;

/// The reader of descriptions with its caches.
#[derive(Debug)]
pub(super) struct Describer {
    users: HashMap<u32, Arc<str>>,
    applications: Applications,
    cgroups: Shared,
    executables: Shared,
    buffer: Vec<u8>,
}

impl Describer {
    pub(super) fn new(applications: Applications) -> Self {
        let (users, cgroups, executables) = (HashMap::new(), Shared::default(), Shared::default());
        Self { users, applications, cgroups, executables, buffer: vec![0; LONGEST] }
    }

    pub(super) fn status(&mut self, root: &Root, folder: &Folder) -> Result<Status, Unreadable> {
        Status::parse(root.read(folder, "status", &mut self.buffer)?).ok_or(Unreadable::Gone)
    }

    pub(super) fn kernel_thread(&mut self, stat: &Stat<'_>) -> Description {
        let name = text::clean(stat.comm).into();
        Description { name, user: self.user(0), ..Description::default() }
    }

    /// Describes a process of a program.
    ///
    /// The command line lies in the memory of the process. In state D that may be locked, and the read would wait
    /// as long as the process does: then the command line stays empty.
    pub(super) fn process(&mut self, root: &Root, folder: &Folder, stat: &Stat<'_>, uid: u32) -> Description {
        let user = self.user(uid);
        let cgroup = root.read(folder, "cgroup", &mut self.buffer).unwrap_or_default();
        let cgroup = String::from_utf8_lossy(cgroup);
        let application = self.applications.find(&cgroup);
        let cgroup = self.cgroups.one(application::path(&cgroup).unwrap_or_default());
        let readable = !matches!(stat.state, State::DiskSleep | State::Zombie | State::Dead);
        let raw = if readable { root.read(folder, "cmdline", &mut self.buffer).unwrap_or_default() } else { &[] };
        let arguments = arguments(raw);
        let executable = || without_mark(root.link(folder, "exe").unwrap_or_default());
        Description {
            name: name(stat.comm, &arguments, executable).into(),
            command_line: text::clean_line(&secrets::mask(&arguments)).into(),
            uid,
            user,
            application,
            cgroup,
            executable: self.executables.one(&text::clean(&executable())),
        }
    }

    fn user(&mut self, uid: u32) -> Arc<str> {
        Arc::clone(self.users.entry(uid).or_insert_with(|| login_name(uid).into()))
    }
}

/// Paths that are in use: hundreds of processes share one.
#[derive(Debug, Default)]
struct Shared {
    met: HashSet<Arc<str>>,
    cleaned_at: usize,
}

impl Shared {
    fn one(&mut self, path: &str) -> Arc<str> {
        const FEWEST: usize = 64;
        if let Some(found) = self.met.get(path) {
            return Arc::clone(found);
        }
        if self.met.len() >= self.cleaned_at.max(FEWEST) {
            self.met.retain(|path| Arc::strong_count(path) > 1);
            self.cleaned_at = 2 * self.met.len();
        }
        let new: Arc<str> = path.into();
        self.met.insert(Arc::clone(&new));
        new
    }
}

/// Gives the login name of a user, or the number where there is none.
#[must_use]
pub fn login_name(uid: u32) -> String {
    let user = nix::unistd::User::from_uid(uid.into()).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

fn name(comm: &[u8], arguments: &[&[u8]], executable: impl FnOnce() -> Vec<u8>) -> String {
    let argument = |index: usize| arguments.get(index).copied().unwrap_or_default();
    let short = text::name(comm, []);
    let first = argument(0);
    let completed = text::name(comm, [first.strip_prefix(b"-").unwrap_or(first), argument(1)]);
    if completed != short || comm.len() < 15 {
        return completed;
    }
    let executable = executable();
    text::name(comm, [executable.as_slice()])
}

/// Cuts off what the kernel adds to the path of a program whose file is gone, as after an upgrade.
///
/// Source: proc(5), `/proc/pid/exe`.
fn without_mark(mut path: Vec<u8>) -> Vec<u8> {
    let length = path.strip_suffix(b" (deleted)").unwrap_or(&path).len();
    path.truncate(length);
    path
}

/// Divides what the kernel keeps: a NUL behind each argument, or more of them where a title was written over it.
fn arguments(raw: &[u8]) -> Vec<&[u8]> {
    let length = raw.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    raw[..length].split(|&byte| byte == 0).filter(|argument| !argument.is_empty()).collect()
}
