//! An upgrade puts another file in the place of the program that runs: at a quiet moment the applet goes on as that one.
//!
//! Source: proc(5), `/proc/pid/exe`.

use nix::unistd::execv;
use rustix::fs::{Access, access};
use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The program that runs, though its file is gone.
const OWN: &str = "/proc/self/exe";

/// Gives the file that has taken the place of this program's; None where that is in its place, or gone for good.
pub(super) fn successor() -> Option<PathBuf> {
    let running = std::env::current_exe().ok()?;
    place(&running).filter(|path| access(path, Access::EXEC_OK).is_ok())
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

    #[test]
    fn a_program_in_its_place_has_no_successor() {
        assert_eq!(successor(), None);
        assert_eq!(place(Path::new("/usr/bin/runaway-guard")), None);
    }

    #[test]
    fn the_place_of_one_that_was_replaced_is_known() {
        let running = Path::new("/opt/a folder (deleted)/runaway-guard (deleted)");
        assert_eq!(place(running), Some("/opt/a folder (deleted)/runaway-guard".into()));
    }
}
