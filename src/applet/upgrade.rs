//! An upgrade puts another file in the place of the program that runs: at a quiet moment the applet goes on as that one.
//!
//! Source: proc(5), `/proc/pid/exe`.

use super::child::OWN;
use crate::paths::is_roots_alone;
use nix::unistd::execv;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// How long a program may take to say its version.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks for what takes the program's place.
#[derive(Debug, Default)]
pub(super) struct Upgrade {
    /// Device and inode of a file that did not turn out to be this program.
    refused: Option<(u64, u64)>,
}

impl Upgrade {
    /// Gives the program that root has put in the place of this one's file. None where that is in its place, or gone for
    /// good, or where it is somebody else who has put a file there.
    pub(super) async fn successor(&mut self) -> Option<PathBuf> {
        let path = place(&std::env::current_exe().ok()?)?;
        // Whoever else can write a file must not have his program run in a user's name.
        let file = std::fs::metadata(&path).ok().filter(is_roots_alone)?;
        let id = (file.dev(), file.ino());
        if self.refused == Some(id) {
            return None;
        }
        if says_its_version(&path).await {
            return Some(path);
        }
        tracing::warn!("{} is no RunawayGuard that runs here. This one goes on.", path.display());
        self.refused = Some(id);
        None
    }
}

async fn says_its_version(program: &Path) -> bool {
    let mut version = tokio::process::Command::new(program);
    version.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let said = tokio::time::timeout(LIMIT, version.output()).await;
    let starts = |said: &[u8]| said.starts_with(concat!(env!("CARGO_PKG_NAME"), " ").as_bytes());
    matches!(said, Ok(Ok(said)) if said.status.success() && starts(&said.stdout))
}

/// Gives the path at which a program's file was, where it is there no longer.
pub(super) fn place(running: &Path) -> Option<PathBuf> {
    let path = running.as_os_str().as_bytes().strip_suffix(b" (deleted)")?;
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

/// Goes on as this program, with the same arguments; where it cannot be started, as the one from before. Returns only where
/// neither can.
pub(super) fn go_on_as(program: &Path) -> io::Error {
    let error = start(program);
    tracing::error!("{}: {error}. RunawayGuard goes on as it was before the upgrade.", program.display());
    start(Path::new(OWN))
}

/// Not by way of `Command`, which has a shell run what is no program.
fn start(program: &Path) -> io::Error {
    let arguments: Result<Vec<CString>, _> = std::env::args_os().map(|text| CString::new(text.into_vec())).collect();
    let program = CString::new(program.as_os_str().as_bytes());
    match (program, arguments) {
        (Ok(program), Ok(arguments)) => {
            execv(&program, &arguments).map_or_else(io::Error::from, |never| match never {})
        }
        (Err(error), _) | (_, Err(error)) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn a_program_in_its_place_has_no_successor() {
        assert_eq!(Upgrade::default().successor().await, None);
        assert_eq!(place(Path::new("/usr/bin/runaway-guard")), None);
    }

    #[test]
    fn only_what_root_alone_can_write_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runaway-guard");
        std::fs::write(&file, "").unwrap();
        let allows = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            is_roots_alone(&std::fs::metadata(&file).unwrap())
        };
        assert_eq!(allows(0o755), rustix::process::geteuid().is_root());
        assert!(!allows(0o775) && !allows(0o757));
        assert!(!is_roots_alone(&std::fs::metadata(folder.path()).unwrap()));
    }

    #[tokio::test]
    async fn what_does_not_say_that_it_is_this_program_is_none() {
        assert!(!says_its_version(Path::new("/bin/true")).await);
        assert!(!says_its_version(Path::new("/bin/false")).await);
        assert!(!says_its_version(Path::new("/")).await);
    }

    #[test]
    fn the_place_of_one_that_was_replaced_is_known() {
        let running = Path::new("/opt/a folder (deleted)/runaway-guard (deleted)");
        assert_eq!(place(running), Some("/opt/a folder (deleted)/runaway-guard".into()));
    }
}
