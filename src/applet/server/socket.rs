//! The socket as a file: made private, told apart from what others put in its place, and taken away.

use crate::paths;
use nix::errno::Errno;
use nix::sys::socket::{self as sys, AddressFamily, Backlog, SockFlag, SockType, UnixAddr};
use nix::sys::stat::{Mode, fchmod};
use std::fs::symlink_metadata;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixListener as StdListener;
use std::path::{Path, PathBuf};
use tokio::net::UnixListener;

/// The longest path of a socket in bytes.
///
/// Source: unix(7), `sun_path`, less its final zero.
const LONGEST_PATH: usize = 107;

/// How many clients may wait to be accepted.
const BACKLOG: i32 = 128;

/// Why the socket could not be bound.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path does not fit into a socket's address.
    #[error(
        "the socket's path has {length} bytes, and {LONGEST_PATH} are the most: {path}. Set RUNAWAY_GUARD_SOCKET to a shorter path."
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// Its bytes.
        length: usize,
    },
    /// A file of another kind is at the path.
    #[error("{path} is not a socket and is left alone. Move it away, or set RUNAWAY_GUARD_SOCKET to another path.")]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// Another program listens at the path.
    #[error("another program listens on {path}. End it, or set RUNAWAY_GUARD_SOCKET to another path.")]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error(
        "cannot make the socket {path}: {source}. Check that its folder is yours, or set RUNAWAY_GUARD_SOCKET to a path in another one."
    )]
    Io {
        /// The path.
        path: PathBuf,
        /// What it answered.
        source: io::Error,
    },
}

/// Our socket at its path; dropping it takes the file away, where it is still ours.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    identity: Identity,
}

/// The device and the inode of a file.
type Identity = (u64, u64);

impl Socket {
    /// Binds and listens, with the folder (0700) made where it is missing and a stale socket unlinked.
    pub(super) fn bind(path: &Path) -> Result<(Self, UnixListener), Error> {
        let length = path.as_os_str().as_bytes().len();
        if length > LONGEST_PATH {
            return Err(Error::PathTooLong { path: path.to_owned(), length });
        }
        let refused = |source| Error::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            paths::create_private_dir(folder).map_err(refused)?;
        }
        make_way(path)?;
        let listener = listen(path).map_err(|errno| refused(errno.into()))?;
        let identity = identity(path).map_err(refused)?;
        let listener = UnixListener::from_std(listener).map_err(refused)?;
        Ok((Self { path: path.to_owned(), identity }, listener))
    }

    /// Tells whether the file at the path is this socket.
    pub(super) fn is_in_place(&self) -> bool {
        identity(&self.path).is_ok_and(|found| found == self.identity)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.is_in_place()
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!("the socket {} stays behind: {error}", self.path.display());
        }
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Unlinks a socket on which nobody listens; anything else is somebody's.
fn make_way(path: &Path) -> Result<(), Error> {
    let refused = |source| Error::Io { path: path.to_owned(), source };
    match symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refused(error)),
        Ok(found) if !found.file_type().is_socket() => Err(Error::NotASocket { path: path.to_owned() }),
        Ok(_) if !is_stale(path).map_err(|errno| refused(errno.into()))? => Err(Error::InUse { path: path.to_owned() }),
        Ok(_) => std::fs::remove_file(path).map_err(refused),
    }
}

/// Asks the kernel whether anybody listens, without waiting for an answer.
fn is_stale(path: &Path) -> Result<bool, Errno> {
    let socket = stream_socket()?;
    let answer = sys::connect(socket.as_raw_fd(), &UnixAddr::new(path)?);
    Ok(matches!(answer, Err(Errno::ECONNREFUSED | Errno::ENOENT)))
}

fn listen(path: &Path) -> Result<StdListener, Errno> {
    let socket = stream_socket()?;
    // Linux gives the file the mode of the descriptor: private from the first instant, whatever the folder's mode and
    // without changing the umask under other threads.
    fchmod(&socket, Mode::S_IRUSR | Mode::S_IWUSR)?;
    sys::bind(socket.as_raw_fd(), &UnixAddr::new(path)?)?;
    sys::listen(&socket, Backlog::new(BACKLOG)?)?;
    Ok(socket.into())
}

fn stream_socket() -> Result<OwnedFd, Errno> {
    sys::socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None)
}
