//! The lock that makes one applet the only one.
//!
//! It is an advisory `flock` on a file beside the socket, and is taken before the socket is touched: whoever holds it
//! may replace the socket. The kernel drops it when its holder ends, however that ends. The file itself stays: taking
//! it away would let two programs each lock a file of that name.

use crate::paths;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How often the file may be replaced under us before that is an error.
const ATTEMPTS: usize = 16;

/// The lock could not be taken, and not because another program holds it.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot use the lock file {path}: {source}. Check who owns its folder, or set RUNAWAY_GUARD_SOCKET to a path in another one."
)]
pub struct Error {
    /// The lock file.
    pub path: PathBuf,
    /// What the system answered.
    pub source: io::Error,
}

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock, making its file (0600) and folder (0700) where they are missing; None where another holds it.
    ///
    /// # Errors
    /// [`Error`] where file or folder cannot be made, opened or locked; its text names the path.
    pub fn acquire(path: &Path) -> Result<Option<Self>, Error> {
        try_acquire(path).map_err(|source| Error { path: path.to_owned(), source })
    }

    /// Tells whether the file at the path is still the one that is locked.
    ///
    /// It is not after the folder vanished: then another program may lock a new file, so this one must acquire the
    /// lock again before it binds the socket again.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path).unwrap_or(false)
    }
}

fn try_acquire(path: &Path) -> io::Result<Option<Lock>> {
    if let Some(folder) = path.parent() {
        paths::create_private_dir(folder)?;
    }
    for _ in 0..ATTEMPTS {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if is_at(&file, path)? {
            return Ok(Some(Lock { path: path.to_owned(), file }));
        }
    }
    Err(io::Error::other("it is replaced again and again"))
}

fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path)?;
    if file.metadata()?.mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Tells whether a file is the one at this path: it may have been unlinked or replaced since it was opened.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    fn acquire(path: &Path) -> Option<Lock> {
        Lock::acquire(path).unwrap()
    }

    /// Asks another process whether it gets the lock.
    fn is_free_elsewhere(path: &Path) -> bool {
        Command::new("flock").arg("--nonblock").arg(path).arg("true").status().unwrap().success()
    }

    #[test]
    fn one_holds_it_across_processes_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.lock");
        let lock = acquire(&path).unwrap();
        assert!(acquire(&path).is_none());
        assert!(!is_free_elsewhere(&path));
        assert!(lock.is_in_place());
        drop(lock);
        assert!(is_free_elsewhere(&path));
        assert!(acquire(&path).is_some());
    }

    #[test]
    fn another_process_keeps_us_out_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.lock");
        let mut holder = Command::new("flock")
            .arg(&path)
            .args(["sh", "-c", "echo held; read end"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = [0; 5];
        io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut said).unwrap();
        assert!(acquire(&path).is_none());
        drop(holder.stdin.take());
        holder.wait().unwrap();
        assert!(acquire(&path).is_some());
    }

    #[test]
    fn file_and_folder_are_private_even_where_the_file_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/guard.lock");
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        drop(acquire(&path));
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        drop(acquire(&path));
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_lock_whose_file_is_gone_is_out_of_place_and_free_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/guard.lock");
        let lost = acquire(&path).unwrap();
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!(!lost.is_in_place());
        let new = acquire(&path).unwrap();
        assert!(new.is_in_place());
        assert!(!lost.is_in_place());
        assert!(acquire(&path).is_none());
    }

    #[test]
    fn a_file_that_was_replaced_after_it_was_opened_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guard.lock");
        let opened = open(&path).unwrap();
        assert!(is_at(&opened, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&opened, &path).unwrap());
        open(&path).unwrap();
        assert!(!is_at(&opened, &path).unwrap());
    }

    #[test]
    fn what_cannot_be_locked_is_an_error_with_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.lock");
        std::os::unix::fs::symlink(folder.path().join("target"), &link).unwrap();
        for path in [folder.path().to_owned(), link] {
            let error = Lock::acquire(&path).unwrap_err();
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
        assert!(!folder.path().join("target").exists());
    }
}
