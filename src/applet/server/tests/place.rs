//! The socket as a file.

use super::super::Error;
use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

fn bind(path: &Path) -> Result<Server, Error> {
    Server::bind(path, mpsc::channel(1).0)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn the_socket_and_the_folders_made_for_it_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/runaway-guard/guard.sock");
    let server = bind(&path).unwrap();
    assert!(server.is_bound());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&folder.path().join("state")), 0o700);
}

#[tokio::test]
async fn a_stale_socket_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guard.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let server = bind(&path).unwrap();
    assert!(server.is_bound());
    UnixStream::connect(&path).await.unwrap();
}

#[tokio::test]
async fn a_socket_on_which_somebody_listens_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let stream = folder.path().join("stream.sock");
    let datagram = folder.path().join("datagram.sock");
    let listener = UnixListener::bind(&stream).unwrap();
    let _receiver = UnixDatagram::bind(&datagram).unwrap();
    for path in [&stream, &datagram] {
        let error = bind(path).unwrap_err();
        assert!(matches!(error, Error::InUse { .. }), "{error}");
        assert!(path.exists());
    }
    listener.set_nonblocking(true).unwrap();
    listener.accept().unwrap();
}

#[tokio::test]
async fn what_is_not_a_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter");
    fs::write(&file, "dear").unwrap();
    let link = folder.path().join("link");
    symlink(folder.path().join("guard.sock"), &link).unwrap();
    let directory = folder.path().join("folder");
    fs::create_dir(&directory).unwrap();
    for path in [&file, &link, &directory] {
        let error = bind(path).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "{} is not a socket and is left alone. Move it away, or set RUNAWAY_GUARD_SOCKET to another path.",
                path.display()
            )
        );
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "dear");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[tokio::test]
async fn a_path_of_107_bytes_is_bound_and_a_longer_one_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let filler = 107 - folder.path().as_os_str().len() - 1;
    let longest = folder.path().join("x".repeat(filler));
    bind(&longest).unwrap();
    let error = bind(&folder.path().join("x".repeat(filler + 1))).unwrap_err().to_string();
    assert!(error.contains("108 bytes, and 107 are the most"), "{error}");
    assert!(error.ends_with("Set RUNAWAY_GUARD_SOCKET to a shorter path."), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("guard.sock");
    let error = bind(&path).unwrap_err();
    assert!(matches!(error, Error::Io { .. }));
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

#[tokio::test]
async fn closing_leaves_a_socket_that_is_not_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guard.sock");
    let server = bind(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    assert!(!server.is_bound());
    server.close();
    assert!(path.exists());
}

#[tokio::test]
async fn after_its_folder_vanished_the_socket_is_bound_again_and_the_clients_stay() {
    let mut guard = Guard::start();
    let mut before = guard.connect().await;
    before.ping().await;
    assert!(guard.server.is_bound());
    fs::remove_dir_all(guard.folder.path()).unwrap();
    assert!(!guard.server.is_bound());
    guard.server.rebind().unwrap();
    assert!(guard.server.is_bound());
    assert_eq!(mode(&guard.path()), 0o600);
    let mut after = guard.connect().await;
    guard.clients(2).await;
    guard.server.push(&status(1));
    for client in [&mut before, &mut after] {
        assert_eq!(client.json().await["type"], "status");
        client.ping().await;
    }
}

#[tokio::test]
async fn who_connected_just_before_the_folder_vanished_is_let_in() {
    let mut guard = Guard::start();
    let mut waiting = guard.connect().await;
    fs::remove_dir_all(guard.folder.path()).unwrap();
    guard.server.rebind().unwrap();
    waiting.ping().await;
    guard.connect().await.ping().await;
}

#[tokio::test]
async fn a_rebind_that_fails_keeps_the_clients_and_may_be_tried_again() {
    let mut guard = Guard::start();
    let mut client = guard.connect().await;
    client.ping().await;
    fs::remove_file(guard.path()).unwrap();
    fs::write(guard.path(), "").unwrap();
    assert!(matches!(guard.server.rebind(), Err(Error::NotASocket { .. })));
    client.ping().await;
    fs::remove_file(guard.path()).unwrap();
    guard.server.rebind().unwrap();
    guard.connect().await.ping().await;
}

#[tokio::test]
async fn a_rebind_of_a_bound_socket_changes_nothing() {
    let mut guard = Guard::start();
    let before = fs::symlink_metadata(guard.path()).unwrap().ino();
    guard.server.rebind().unwrap();
    assert_eq!(fs::symlink_metadata(guard.path()).unwrap().ino(), before);
    guard.connect().await.ping().await;
}
