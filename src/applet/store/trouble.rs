//! Why a database cannot be used, in words for people.

use rusqlite::ErrorCode;
use rustix::fs::StatVfsMountFlags;
use std::io;
use std::path::Path;

/// Less free space than this counts as a full disk: SQLite's index of the log alone takes 32 KiB.
const SMALLEST_ROOM: u64 = 64 * 1024;

/// What keeps a file from being read or written; the text says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the disk is full. Free some space.")]
    Full,
    #[error("the disk can only be read. Make it writable.")]
    ReadOnly,
    #[error("permission is denied. Give yourself read and write permission for the file and its folder.")]
    Denied,
    #[error("another program has locked it. Close that program.")]
    Locked,
    #[error("{0}. Check the disk and the folders above the file.")]
    Other(String),
}

impl Trouble {
    /// Understands what the file system answered.
    pub(super) fn of_io(error: &io::Error) -> Self {
        let known = [
            (io::ErrorKind::StorageFull, Self::Full),
            (io::ErrorKind::QuotaExceeded, Self::Full),
            (io::ErrorKind::ReadOnlyFilesystem, Self::ReadOnly),
            (io::ErrorKind::PermissionDenied, Self::Denied),
        ];
        let found = known.into_iter().find(|(kind, _)| *kind == error.kind());
        found.map_or_else(|| Self::Other(error.to_string()), |(_, trouble)| trouble)
    }

    /// Understands what SQLite answered about this file. Its codes do not always tell a full disk from a broken one,
    /// so the disk itself is asked first.
    pub(super) fn of_sqlite(error: &rusqlite::Error, path: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            code => disk(path).unwrap_or_else(|| match code {
                Some(ErrorCode::ReadOnly) => Self::ReadOnly,
                Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::Denied,
                _ => Self::Other(error.to_string()),
            }),
        }
    }
}

/// What is wrong with the disk that holds this file, as far as the disk can tell.
fn disk(path: &Path) -> Option<Trouble> {
    let disk = rustix::fs::statvfs(path.parent()?).ok()?;
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Some(Trouble::ReadOnly);
    }
    (disk.f_bavail.saturating_mul(disk.f_frsize) < SMALLEST_ROOM).then_some(Trouble::Full)
}

/// Tells whether an error means that the file itself is damaged, or no database of ours.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(
            code,
            ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::TypeMismatch | ErrorCode::Unknown
        ),
        None => true,
    }
}
