//! An upgrade puts another file in the place of the program that runs: at a quiet moment the applet goes on as that one.
//!
//! Source: proc(5), `/proc/pid/exe`.

use super::child::OWN;
use crate::paths::is_roots_alone;
use nix::unistd::execv;
use rustix::io::Errno;
use std::ffi::{CString, OsStr};
use std::future::pending;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long a program may take to say its version.
const LIMIT: Duration = Duration::from_secs(5);

/// So often a program is asked that cannot answer at the time.
const MOST_QUESTIONS: u32 = 10;

/// Looks for what takes the program's place.
#[derive(Debug, Default)]
pub(super) struct Upgrade {
    /// The last file that was asked whether it is this program, and what it said.
    asked: Option<(Place, Answer)>,
    /// How often it was asked.
    questions: u32,
    /// The one that is asked at the moment.
    asking: Option<(Place, JoinHandle<Answer>)>,
}

/// A file that has taken the program's place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// What a file says to the question whether it is this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// It could not be asked, or had no time to answer.
    NotNow,
}

impl Upgrade {
    /// Gives the program that root has put in the place of this one's file, once it was asked whether it is this program;
    /// has it asked where it was not. None where the file is in its place, or gone for good, or where it is somebody else who
    /// has put a file there.
    pub(super) fn successor(&mut self) -> Option<PathBuf> {
        let place = Place::of(own_place()?)?;
        let answer = self.asked.as_ref().filter(|(asked, _)| *asked == place).map(|(_, answer)| *answer);
        match answer {
            Some(Answer::Yes) => return Some(place.path),
            Some(Answer::No) => return None,
            Some(Answer::NotNow) => {}
            None => self.questions = 0,
        }
        if self.asking.is_none() {
            self.questions += 1;
            let asked = ask(place.path.clone());
            self.asking = Some((place, tokio::spawn(asked)));
        }
        None
    }

    /// Waits until the program that is asked has answered, and tells whether it is this one; without end where none is asked. It
    /// may be dropped at any time and nothing is lost.
    pub(super) async fn answered(&mut self) -> bool {
        let Some((_, answer)) = &mut self.asking else { return pending().await };
        let answer = answer.await.unwrap_or(Answer::NotNow);
        let Some((place, _)) = self.asking.take() else { return false };
        let answer = if self.questions >= MOST_QUESTIONS && answer == Answer::NotNow { Answer::No } else { answer };
        if answer == Answer::No {
            tracing::warn!("{} is no RunawayGuard that runs here. This one goes on.", place.path.display());
        }
        self.asked = Some((place, answer));
        answer == Answer::Yes
    }
}

impl Place {
    /// Finds the file; whoever else than root can write it must not have his program run in a user's name.
    fn of(path: PathBuf) -> Option<Self> {
        let file = std::fs::metadata(&path).ok().filter(is_roots_alone)?;
        Some(Self { path, device: file.dev(), inode: file.ino() })
    }
}

async fn ask(program: PathBuf) -> Answer {
    let mut version = tokio::process::Command::new(program);
    version.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let said = match tokio::time::timeout(LIMIT, version.output()).await {
        Ok(Ok(said)) => said,
        Ok(Err(error)) if !is_passing(&error) => return Answer::No,
        Ok(Err(_)) | Err(_) => return Answer::NotNow,
    };
    let starts = said.stdout.starts_with(concat!(env!("CARGO_PKG_NAME"), " ").as_bytes());
    match said.status.code() {
        Some(0) if starts => Answer::Yes,
        Some(_) => Answer::No,
        // A signal ended it, as where memory is used up.
        None => Answer::NotNow,
    }
}

/// Tells whether a program that could not be started may be a moment later: processes, memory or descriptors ran out, or its
/// file is being written.
fn is_passing(error: &io::Error) -> bool {
    let passing = [Errno::AGAIN, Errno::NOMEM, Errno::MFILE, Errno::NFILE, Errno::TXTBSY];
    error.raw_os_error().is_some_and(|code| passing.iter().any(|errno| errno.raw_os_error() == code))
}

/// Tells whether root has removed the file of this program, which root had put there, and nothing is in its place.
pub(super) fn is_removed() -> bool {
    let is_missing = own_place().is_some_and(|place| matches!(place.try_exists(), Ok(false)));
    is_missing && std::fs::metadata(OWN).is_ok_and(|own| is_roots_alone(&own))
}

/// Gives the path at which the file of this program was, where it is there no longer.
fn own_place() -> Option<PathBuf> {
    place(&std::env::current_exe().ok()?)
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
        let mut upgrade = Upgrade::default();
        assert_eq!(upgrade.successor(), None);
        assert!(upgrade.asking.is_none());
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
        for other in ["/bin/true", "/bin/false", "/"] {
            assert_eq!(ask(other.into()).await, Answer::No, "{other}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_started_now_is_asked_again_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("runaway-guard");
        std::fs::write(&program, "#!/bin/sh\necho runaway-guard 9.9.9\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut answer = Answer::NotNow;
        while answer == Answer::NotNow {
            // A fork of another test may hold the file open for writing, for a moment.
            answer = ask(program.clone()).await;
        }
        assert_eq!(answer, Answer::Yes);
        std::fs::write(&program, "#!/bin/sh\nkill -KILL $$\n").unwrap();
        assert_eq!(ask(program.clone()).await, Answer::NotNow, "a signal ended it");

        assert!(is_passing(&Errno::AGAIN.into()) && !is_passing(&Errno::NOEXEC.into()));

        let place = Place { path: program, device: 1, inode: 2 };
        let mut upgrade = Upgrade::default();
        for question in 1..=MOST_QUESTIONS {
            upgrade.questions = question;
            upgrade.asking = Some((place.clone(), tokio::spawn(async { Answer::NotNow })));
            upgrade.answered().await;
            let expected = if question < MOST_QUESTIONS { Answer::NotNow } else { Answer::No };
            assert_eq!(upgrade.asked, Some((place.clone(), expected)));
        }
    }

    #[test]
    fn the_place_of_one_that_was_replaced_is_known() {
        let running = Path::new("/opt/a folder (deleted)/runaway-guard (deleted)");
        assert_eq!(place(running), Some("/opt/a folder (deleted)/runaway-guard".into()));
    }
}
