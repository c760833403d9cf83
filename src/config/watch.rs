//! Tells when the config file may have changed, however it was saved.
//!
//! The folder is watched and not the file, as editors rename a new file over the old one. A folder that is not there is
//! waited for in the nearest one above it; where the file is a link, the folder of its target is watched too. Nothing
//! wakes while nothing happens. (A folder that is itself a link is not noticed when the link is pointed elsewhere.)
//!
//! Source: inotify(7).

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, InotifyEvent, WatchDescriptor};
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, timeout_at};

/// How long it must be quiet before a change is told: an editor's save is several events.
const SETTLE: Duration = Duration::from_millis(50);

/// How long a change is held back at most.
const LONGEST: Duration = Duration::from_secs(1);

/// How many links to links are followed.
const MOST_LINKS: usize = 8;

/// How often the folders are looked at again when they change while they are put under watch.
const MOST_ROUNDS: usize = 8;

/// How often events are read at a stretch, so that a flood of them does not hold the loop.
const MOST_READS: usize = 64;

/// A watch on the config file.
#[derive(Debug)]
pub struct Watch {
    inotify: AsyncFd<Descriptor>,
    path: PathBuf,
    places: Vec<(Place, WatchDescriptor)>,
    exists: bool,
    burst: Option<Burst>,
}

/// Events that are not told yet. It is kept between two waits: one that is cancelled again and again is over in time too.
#[derive(Clone, Copy, Debug)]
struct Burst {
    began: Instant,
    last: Instant,
}

impl Burst {
    /// Gives when it is told.
    fn ends(self) -> Instant {
        (self.last + SETTLE).min(self.began + LONGEST)
    }
}

/// A name in a folder that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    folder: PathBuf,
    name: OsString,
    /// Whether the name is the file's own or a link's on the way to it, and not that of a missing folder.
    is_file: bool,
}

impl Watch {
    /// Begins to watch; the file need not be there, nor its folder. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// What the kernel answered: mostly that the user has no inotify watches left. Without a watch, restart the guard
    /// to take up a change.
    pub fn new(path: &Path) -> io::Result<Self> {
        let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        #[expect(deprecated, reason = "its unsafe successor asks for what holds: the descriptor is owned and stays")]
        let inotify = AsyncFd::new(Descriptor(inotify))?;
        let path = std::path::absolute(path)?;
        let mut watch = Self { inotify, path, places: Vec::new(), exists: false, burst: None };
        watch.arm()?;
        watch.burst = None;
        Ok(watch)
    }

    /// Waits until the file may have changed, appeared or gone; a burst of events is told once. It may be cancelled
    /// and called again without missing a change. Begin to watch before the file is first read.
    pub async fn changed(&mut self) {
        loop {
            match self.burst {
                None => self.take_in().await,
                Some(burst) => {
                    let is_quiet = timeout_at(burst.ends(), self.take_in()).await.is_err();
                    if is_quiet || Instant::now() >= burst.ends() {
                        break;
                    }
                }
            }
        }
        self.burst = None;
    }

    fn note(&mut self, is_change: bool) {
        if is_change {
            let last = Instant::now();
            self.burst = Some(Burst { began: self.burst.map_or(last, |burst| burst.began), last });
        }
    }

    /// Waits for events, takes all that are there, and moves the watches where folders came or went.
    async fn take_in(&mut self) {
        let Ok(mut ready) = self.inotify.readable().await else { return std::future::pending().await };
        let mut events = Vec::new();
        for _ in 0..MOST_READS {
            let Ok(more) = ready.get_inner().0.read_events() else {
                ready.clear_ready();
                break;
            };
            events.extend(more);
        }
        self.note(events.iter().any(|event| self.is_relevant(event)));
        if let Err(error) = self.arm() {
            tracing::warn!(%error, "a change of the config file may go unnoticed");
        }
    }

    fn is_relevant(&self, event: &InotifyEvent) -> bool {
        let concerns = |(place, watch): &(Place, WatchDescriptor)| {
            place.is_file && *watch == event.wd && event.name.as_ref() == Some(&place.name)
        };
        event.mask.contains(AddWatchFlags::IN_Q_OVERFLOW) || self.places.iter().any(concerns)
    }

    /// Watches the folders as they are now, and notes a change where the file is now behind other ones.
    fn arm(&mut self) -> io::Result<()> {
        let mut found = places(&self.path);
        let mut armed = self.add(&found)?;
        let mut old = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let now = places(&self.path);
            if now == found {
                break;
            }
            old.extend(std::mem::replace(&mut armed, self.add(&now)?));
            found = now;
        }
        let exists = self.path.exists();
        self.note(armed != self.places && (exists || self.exists));
        self.exists = exists;
        old.extend(std::mem::replace(&mut self.places, armed));
        for (_, watch) in old {
            if !self.places.iter().any(|(_, kept)| *kept == watch) {
                // A folder that is gone took its watch along.
                let _ = self.inotify.get_ref().0.rm_watch(watch);
            }
        }
        Ok(())
    }

    /// Adds watches; a folder that has just gone, or may not be read, is left out.
    fn add(&self, places: &[Place]) -> io::Result<Vec<(Place, WatchDescriptor)>> {
        let mut armed = Vec::new();
        for place in places {
            let holds_a_file = places.iter().any(|other| other.is_file && other.folder == place.folder);
            let events = if holds_a_file { file_events() } else { folder_events() };
            match self.inotify.get_ref().0.add_watch(&place.folder, events) {
                Ok(watch) => armed.push((place.clone(), watch)),
                Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(armed)
    }
}

/// The inotify instance as tokio wants it.
#[derive(Debug)]
struct Descriptor(Inotify);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

/// What may happen to a missing folder, or to one that is watched.
fn folder_events() -> AddWatchFlags {
    AddWatchFlags::IN_ONLYDIR
        | AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF
}

/// What may happen to the file, besides.
fn file_events() -> AddWatchFlags {
    folder_events()
        | AddWatchFlags::IN_MODIFY
        | AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_ATTRIB
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_DELETE
}

/// Finds the folders to watch for a file and the links on the way to it. Those for fewer events come first: where two
/// turn out to be the same folder, the later watch takes the place of the earlier one.
fn places(path: &Path) -> Vec<Place> {
    let mut places = Vec::new();
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        places.extend(nearest(&path));
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    places.sort_by_key(|place| place.is_file);
    places
}

/// Finds the nearest folder that is there, and the name in it that leads to the file.
fn nearest(path: &Path) -> Option<Place> {
    let (mut folder, mut name) = (path.parent()?, path.file_name()?);
    let mut is_file = true;
    while !folder.is_dir() {
        (folder, name) = (folder.parent()?, folder.file_name()?);
        is_file = false;
    }
    Some(Place { folder: folder.to_path_buf(), name: name.to_owned(), is_file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;
    use tokio::time::timeout;

    const LIMIT: Duration = Duration::from_secs(10);

    fn watch(folder: &TempDir, path: &str) -> (Watch, PathBuf) {
        let path = folder.path().join(path);
        (Watch::new(&path).unwrap(), path)
    }

    #[track_caller]
    fn tells(told: bool, of: &str) {
        assert!(told, "{of} was not noticed");
    }

    async fn change(watch: &mut Watch) -> bool {
        timeout(LIMIT, watch.changed()).await.is_ok()
    }

    /// Takes in the events that there are, and tells whether a change is among them.
    async fn is_change(watch: &mut Watch) -> bool {
        timeout(LIMIT, watch.take_in()).await.unwrap();
        watch.burst.take().is_some()
    }

    #[tokio::test]
    async fn writing_in_place_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), "").unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        fs::write(&path, "a").unwrap();
        tells(change(&mut watch).await, "a write");
        let mut open = fs::OpenOptions::new().append(true).open(&path).unwrap();
        open.write_all(b"b").unwrap();
        tells(change(&mut watch).await, "a write to a file that stays open");
        fs::remove_file(&path).unwrap();
        tells(change(&mut watch).await, "a removal");
        fs::write(&path, "c").unwrap();
        tells(change(&mut watch).await, "a new file");
    }

    #[tokio::test]
    async fn renaming_over_is_told_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        for text in ["a", "b", "c"] {
            let new = folder.path().join("config.toml~");
            fs::write(&new, text).unwrap();
            fs::rename(&new, &path).unwrap();
            tells(change(&mut watch).await, text);
        }
    }

    #[tokio::test]
    async fn a_burst_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        for n in 0..500 {
            fs::write(&path, n.to_string()).unwrap();
        }
        tells(change(&mut watch).await, "a burst");
        assert!(watch.burst.is_none());
        assert!(watch.inotify.get_ref().0.read_events().is_err(), "events are left over");
    }

    #[tokio::test]
    async fn other_files_are_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        fs::write(folder.path().join("other.toml"), "a").unwrap();
        assert!(!is_change(&mut watch).await);
        fs::write(&path, "a").unwrap();
        assert!(is_change(&mut watch).await);
        fs::read(&path).unwrap();
        assert!(watch.inotify.get_ref().0.read_events().is_err(), "reading woke the watch");
    }

    #[tokio::test]
    async fn folders_that_come_later_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "a/b/config.toml");
        fs::create_dir(folder.path().join("other")).unwrap();
        assert!(!is_change(&mut watch).await);
        fs::create_dir(folder.path().join("a")).unwrap();
        assert!(!is_change(&mut watch).await);
        fs::create_dir(folder.path().join("a/b")).unwrap();
        assert!(!is_change(&mut watch).await);
        fs::write(&path, "a").unwrap();
        tells(change(&mut watch).await, "the file in new folders");
    }

    #[tokio::test]
    async fn folders_that_come_all_at_once_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "a/b/config.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "a").unwrap();
        tells(change(&mut watch).await, "the file in new folders");
        fs::write(&path, "b").unwrap();
        tells(change(&mut watch).await, "a write after that");
    }

    #[tokio::test]
    async fn a_folder_that_goes_and_comes_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        let (mut watch, path) = watch(&folder, "a/config.toml");
        fs::write(&path, "a").unwrap();
        tells(change(&mut watch).await, "a write");
        fs::remove_dir_all(folder.path().join("a")).unwrap();
        tells(change(&mut watch).await, "the folder's removal");
        for text in ["b", "c"] {
            fs::create_dir_all(folder.path().join("a")).unwrap();
            fs::write(&path, text).unwrap();
            tells(change(&mut watch).await, text);
        }
        fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
        tells(change(&mut watch).await, "the folder's new name");
        fs::write(folder.path().join("b/config.toml"), "d").unwrap();
        fs::rename(folder.path().join("b"), folder.path().join("a")).unwrap();
        tells(change(&mut watch).await, "the folder's old name");
        fs::write(&path, "e").unwrap();
        tells(change(&mut watch).await, "a write after that");
        assert_eq!(watch.places.len(), 1);
    }

    #[tokio::test]
    async fn the_target_of_a_link_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        symlink("../dotfiles/guard.toml", folder.path().join("a/config.toml")).unwrap();
        let (mut watch, path) = watch(&folder, "a/config.toml");
        fs::create_dir(folder.path().join("dotfiles")).unwrap();
        assert!(!is_change(&mut watch).await);
        fs::write(folder.path().join("dotfiles/guard.toml"), "a").unwrap();
        tells(change(&mut watch).await, "the link's target");
        fs::write(folder.path().join("dotfiles/guard.toml"), "b").unwrap();
        tells(change(&mut watch).await, "a write to the link's target");
        fs::remove_file(&path).unwrap();
        symlink("other.toml", &path).unwrap();
        tells(change(&mut watch).await, "another link");
        fs::write(folder.path().join("a/other.toml"), "c").unwrap();
        tells(change(&mut watch).await, "the other link's target");
    }

    #[tokio::test]
    async fn a_change_survives_a_cancelled_wait() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        fs::write(&path, "a").unwrap();
        let cut_short = timeout(SETTLE / 2, watch.changed()).await;
        assert!(cut_short.is_err());
        tells(change(&mut watch).await, "the write");
    }

    #[tokio::test]
    async fn a_change_is_told_though_every_wait_is_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "config.toml");
        fs::write(&path, "a").unwrap();
        let told = timeout(LIMIT, async { while timeout(SETTLE / 5, watch.changed()).await.is_err() {} }).await;
        tells(told.is_ok(), "the write");
    }

    #[tokio::test]
    async fn a_watch_holds_no_more_than_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let (mut watch, path) = watch(&folder, "a/config.toml");
        let parent = path.parent().unwrap();
        for text in ["a", "b", "c"] {
            assert_eq!(held(&watch), 1, "the folder above");
            fs::create_dir(parent).unwrap();
            fs::write(&path, text).unwrap();
            tells(change(&mut watch).await, text);
            assert_eq!(held(&watch), 1, "the folder itself");
            fs::remove_dir_all(parent).unwrap();
            tells(change(&mut watch).await, "the removal");
        }
    }

    fn held(watch: &Watch) -> usize {
        let descriptor = watch.inotify.as_raw_fd();
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).unwrap();
        info.matches("inotify wd:").count()
    }
}
