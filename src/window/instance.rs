//! One window at a time: a second one asks the first to come forward, and ends.

use crate::applet::lock::{self, Lock};
use crate::paths::Paths;
use crate::protocol::Tab;
use crate::protocol::request::OpenWindow;
use iced::futures::{SinkExt, Stream};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// How long the first window has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest request to come forward, in bytes.
const LONGEST: u64 = 1024;

/// What came of the attempt to be the only window.
pub(super) enum Instance {
    /// This is the only one, as long as the lock is held; it comes forward where it is asked to at the socket.
    Only(Lock, PathBuf),
    /// Another one is there, and has come forward.
    Second,
}

/// The only window cannot be told from others.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lock.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The first window does not answer.
    #[error("the window that is open does not answer: {0}. End it, and open the window again.")]
    Silent(io::Error),
}

/// Becomes the only window, or has the one that is open come forward with a tab.
///
/// # Errors
/// Where the lock cannot be used, or the one that is open does not answer.
pub(super) fn enter(paths: &Paths, tab: Option<Tab>) -> Result<Instance, Error> {
    let socket = paths.socket.with_extension("window.sock");
    match Lock::acquire(&paths.socket.with_extension("window.lock"))? {
        Some(lock) => Ok(Instance::Only(lock, socket)),
        None => raise(&socket, tab).map(|()| Instance::Second).map_err(Error::Silent),
    }
}

/// The first one binds its socket shortly after it took the lock: a refusal is asked again.
fn raise(socket: &std::path::Path, tab: Option<Tab>) -> io::Result<()> {
    let deadline = std::time::Instant::now() + PATIENCE;
    let mut stream = loop {
        match UnixStream::connect(socket) {
            Ok(stream) => break stream,
            Err(error) if std::time::Instant::now() >= deadline => return Err(error),
            Err(_) => std::thread::park_timeout(Duration::from_millis(20)),
        }
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    serde_json::to_writer(&stream, &OpenWindow { tab })?;
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_exact(&mut [0]).and_then(|()| stream.flush())
}

/// Tells whenever a second window wants this one to come forward, and with which tab.
pub(super) fn requests(socket: PathBuf) -> impl Stream<Item = Option<Tab>> {
    iced::stream::channel(4, async move |mut told| {
        let listener = match bind(&socket) {
            Ok(listener) => listener,
            Err(error) => return tracing::warn!("a second window cannot raise this one: {error}"),
        };
        while let Ok((stream, _)) = listener.accept().await {
            let Some(asked) = tokio::time::timeout(PATIENCE, answer(stream)).await.ok().flatten() else { continue };
            if told.send(asked.tab).await.is_err() {
                return;
            }
        }
    })
}

fn bind(socket: &std::path::Path) -> io::Result<tokio::net::UnixListener> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    tokio::net::UnixListener::from_std(listener)
}

async fn answer(stream: tokio::net::UnixStream) -> Option<OpenWindow> {
    let mut text = Vec::new();
    let (input, mut output) = stream.into_split();
    input.take(LONGEST).read_to_end(&mut text).await.ok()?;
    let asked = serde_json::from_slice(&text).ok()?;
    tokio::io::AsyncWriteExt::write_all(&mut output, b"\n").await.ok()?;
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::futures::StreamExt;

    #[tokio::test]
    async fn a_second_window_raises_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths {
            config: folder.path().join("config.toml"),
            history: folder.path().join("history.db"),
            socket: folder.path().join("guard.sock"),
            window: folder.path().join("window.toml"),
            without_runtime_dir: false,
        };
        let Instance::Only(lock, socket) = enter(&paths, None).unwrap() else { panic!("somebody else is here") };
        let second = paths.clone();
        let entering = tokio::task::spawn_blocking(move || enter(&second, Some(Tab::Alerts)));
        let mut requests = Box::pin(requests(socket));
        assert_eq!(requests.next().await, Some(Some(Tab::Alerts)));
        assert!(matches!(entering.await.unwrap(), Ok(Instance::Second)));
        drop(lock);
        assert!(matches!(enter(&paths, None), Ok(Instance::Only(..))));
    }
}
