//! Disks that are full or cannot be written, on a small file system of the test's own.

use super::*;
use crate::core::KeptPause;
use std::fs;
use std::process::Command;

/// A file system in memory that is gone at the end of the test.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts it. Where neither root nor `sudo` is at hand there is none, but never in CI.
    fn mount(kib: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={kib}k,mode=0700,uid={}", nix::unistd::getuid());
        let mounted = as_root(&["mount", "-t", "tmpfs", "-o", &options, "tmpfs"], folder.path());
        if !mounted {
            assert!(std::env::var_os("CI").is_none(), "this test must run in CI: let it mount a tmpfs as root");
            eprintln!("skipped: only root can mount a small disk");
        }
        mounted.then(|| Self { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    fn set(&self, option: &str) {
        assert!(as_root(&["mount", "-o", &format!("remount,{option}")], self.folder.path()));
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let filler = fs::File::create(self.folder.path().join("filler")).unwrap();
        let mut outcome = Ok(());
        while outcome.is_ok() {
            outcome = std::io::Write::write_all(&mut &filler, &[1; 4096]);
        }
        assert_eq!(outcome.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }

    fn make_room(&self) {
        fs::remove_file(self.folder.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A test that failed may leave files open.
        let options: &[&str] = if std::thread::panicking() { &["umount", "--lazy"] } else { &["umount"] };
        assert!(as_root(options, self.folder.path()));
    }
}

fn as_root(command: &[&str], folder: &Path) -> bool {
    let sudo: &[&str] = if nix::unistd::geteuid().is_root() { &[] } else { &["sudo", "-n"] };
    let words: Vec<&str> = sudo.iter().chain(command).copied().collect();
    Command::new(words[0]).args(&words[1..]).arg(folder).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_disk_that_fills_up_loses_nothing_that_was_acknowledged_and_catches_up() {
    let Some(disk) = Disk::mount(512) else { return };
    let (store, mut opened) = open_well(&disk.path());
    let long = |id| Alert { cmdline: "x".repeat(2_000), ..ended(id, NOW + id) };
    disk.fill();
    let (mut acknowledged, mut refused) = (vec![], vec![]);
    for id in 1..200 {
        match write(&store, put(long(id))) {
            Ok(()) => acknowledged.push(id),
            Err(error) => {
                assert!(
                    error.to_string().ends_with("cannot be written: the disk is full. Free some space."),
                    "{error}"
                );
                refused.push(id);
            }
        }
    }
    assert!(!refused.is_empty());
    assert!(matches!(write(&store, Write::AddWhitelist(entry(1, "make"))), Err(Error::Failed(_))));
    assert_eq!(everything(&store).len(), 199, "what waits for the disk is answered all the same");
    let text = opened.later.try_recv().unwrap();
    assert!(failing(&text).ends_with("Free some space. New alerts are kept in memory until then."), "{text:?}");
    assert_eq!(opened.later.try_recv().ok(), None, "it is said once");

    disk.make_room();
    disk.set("size=4096k");
    assert_eq!(write(&store, put(long(200))), Ok(()));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    close(store);
    let (store, opened) = open_well(&disk.path());
    assert_eq!(opened.whitelist, [], "a change that was refused was not made");
    assert_eq!(ids(&everything(&store)), (1..=200).rev().collect::<Vec<_>>(), "{acknowledged:?} {refused:?}");
    close(store);
}

const LONG: Duration = Duration::from_secs(30);

fn note_within(time: Duration, opened: &mut Opened) -> Option<Note> {
    LOOP.block_on(async { tokio::time::timeout(time, opened.later.recv()).await.ok().flatten() })
}

#[test]
fn a_full_disk_is_returned_to_though_nothing_else_is_written() {
    let Some(disk) = Disk::mount(256) else { return };
    let (store, mut opened) = {
        let _inside = LOOP.enter();
        Store::with_retry(&disk.path(), 90, NOW, Duration::from_millis(100))
    };
    let is_full = |note: &Note| assert!(failing(note).contains("the disk is full"), "{note:?}");
    disk.fill();
    assert!(write(&store, put(Alert { cmdline: "x".repeat(300_000), ..alert(1) })).is_err());
    is_full(&note_within(LONG, &mut opened).unwrap());
    assert_eq!(note_within(Duration::from_millis(500), &mut opened), None, "it is full still");
    disk.make_room();
    disk.set("size=4096k");
    assert_eq!(note_within(LONG, &mut opened), Some(Note::Recovered));
    disk.fill();
    let long = WhitelistEntry { reason: Some("x".repeat(2_000_000)), ..entry(1, "make") };
    assert!(write(&store, Write::AddWhitelist(long)).is_err());
    is_full(&note_within(LONG, &mut opened).unwrap());
    disk.make_room();
    assert_eq!(note_within(LONG, &mut opened), Some(Note::Recovered), "though nothing waits");
    close(store);
    let (store, opened) = open_well(&disk.path());
    assert_eq!(lasting(&opened), [1]);
    close(store);
}

#[test]
fn what_waits_for_a_full_disk_is_bounded_and_keeps_the_newest_state() {
    let Some(disk) = Disk::mount(256) else { return };
    let (store, _opened) = open_well(&disk.path());
    disk.fill();
    let long = |id| Alert { cmdline: "x".repeat(300_000), ..alert(id) };
    assert!(matches!(write(&store, put(long(1))), Err(Error::Failed(_))));
    assert!(matches!(write(&store, put(Alert { state: AlertState::Acted, ..long(1) })), Err(Error::Failed(_))));
    assert_eq!(the_only(&everything(&store)).state, AlertState::Acted);
    let active = GetAlerts { active: Some(true), ..GetAlerts::default() };
    assert_eq!(query(&store, &active), []);
    for outcome in (2..1_100).map(|id| store.write(put(alert(id)))).collect::<Vec<_>>() {
        assert!(matches!(outcome.blocking_recv().unwrap(), Err(Error::Failed(_))));
    }
    assert_eq!(ids(&everything(&store)), (100..1_100).rev().collect::<Vec<_>>());
    close(store);
}

#[test]
fn a_disk_that_is_full_from_the_start_is_returned_to() {
    let Some(disk) = Disk::mount(256) else { return };
    disk.fill();
    let (store, mut opened) = open_eager(&disk.path());
    let text = failing(the_only(&opened.notes));
    assert!(text.contains("cannot be used: the disk is full. Free some space. Until then alerts and"), "{text}");
    assert!(opened.next_alert >= NOW);
    let (first, second) = (opened.next_alert, opened.next_alert + 1);
    assert_eq!(write(&store, put(alert(first))), Ok(()));
    assert_eq!(write(&store, Write::AddWhitelist(entry(opened.next_whitelist, "make"))), Ok(()));
    assert_eq!(ids(&everything(&store)), [first]);
    assert_eq!(opened.later.try_recv().ok(), None);

    disk.make_room();
    assert_eq!(write(&store, put(alert(second))), Ok(()));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    close(store);
    let (store, opened) = open_well(&disk.path());
    assert_eq!(ids(&everything(&store)), [second, first]);
    assert_eq!(the_only(&opened.whitelist).pattern, "make");
    close(store);
}

#[test]
fn a_disk_that_can_only_be_read_still_gives_the_whitelist() {
    let Some(disk) = Disk::mount(512) else { return };
    make_history(&disk.path(), 3);
    let (store, _opened) = open_well(&disk.path());
    assert_eq!(write(&store, put(alert(4))), Ok(()));
    close(store);
    disk.set("ro");
    let (store, mut opened) = open_eager(&disk.path());
    let text = failing(the_only(&opened.notes));
    assert!(text.contains("cannot be used: the disk can only be read. Make it writable. Until then"), "{text}");
    assert_eq!((opened.whitelist.clone(), lasting(&opened)), (vec![entry(1, "make")], vec![4]));
    assert_eq!(write(&store, put(ended(4, NOW + 9))), Ok(()));
    assert_eq!(write(&store, put(alert(opened.next_alert))), Ok(()));

    disk.set("rw");
    close(store);
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    let (store, again) = open_well(&disk.path());
    assert_eq!((again.whitelist.clone(), lasting(&again)), (vec![entry(1, "make")], vec![opened.next_alert]));
    assert_eq!(ids(&everything(&store)), [opened.next_alert, 4, 3, 2, 1]);
    close(store);
}

#[test]
fn a_file_that_is_lost_while_the_disk_is_full_is_begun_again_later() {
    let Some(disk) = Disk::mount(512) else { return };
    // What is in the log when the file is lost leaves room: it is to be little.
    close(open_well(&disk.path()).0);
    let (store, mut opened) = open_eager(&disk.path());
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    fs::rename(disk.path(), disk.path().with_extension("moved")).unwrap();
    disk.fill();
    assert_eq!(write(&store, put(alert(2))), Ok(()), "in memory");
    let note = opened.later.try_recv().unwrap();
    assert!(failing(&note).contains("the disk is full"), "{note:?}");
    disk.make_room();
    assert_eq!(write(&store, put(alert(3))), Ok(()));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    close(store);
    let (store, opened) = open_well(&disk.path());
    assert_eq!(lasting(&opened), [1, 2, 3]);
    close(store);
}

#[test]
fn the_end_of_a_pause_is_written_once_the_disk_takes_it() {
    let Some(disk) = Disk::mount(512) else { return };
    let path = disk.path();
    let paused = Some(KeptPause { since: NOW, until: None });
    let pause_at_start = || {
        let (store, opened) = open_well(&path);
        close(store);
        opened.pause
    };
    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, Write::Pause(paused)), Ok(()));
    close(store);
    assert_eq!(pause_at_start(), paused);

    let (store, _opened) = open_eager(&path);
    disk.fill();
    let long = || store.write(put(Alert { cmdline: "x".repeat(500_000), ..alert(1) }));
    let outcomes = [long(), store.write(Write::Pause(None))].map(|outcome| outcome.blocking_recv().unwrap());
    assert!(outcomes.iter().any(Result::is_err), "{outcomes:?}");
    disk.make_room();
    disk.set("size=8192k");
    close(store);
    assert_eq!(pause_at_start(), None, "written as the store was closed");

    let (store, _opened) = open_eager(&path);
    assert_eq!(write(&store, Write::Pause(paused)), Ok(()));
    fs::rename(&path, path.with_extension("moved")).unwrap();
    assert_eq!(write(&store, put(alert(2))), Ok(()));
    close(store);
    assert_eq!(pause_at_start(), paused, "in the file that was begun anew");
}

#[test]
fn a_history_that_comes_later_keeps_its_whitelist_and_tells_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, away) = (folder.path().join("data"), folder.path().join("away"));
    make_history(&away.join("history.db"), 0);
    fs::write(&data, "not a folder").unwrap();
    let path = data.join("history.db");
    let (store, mut opened) = open_eager(&path);
    assert!(opened.whitelist.is_empty());
    let added = entry(opened.next_whitelist, "node");
    assert_eq!(write(&store, Write::AddWhitelist(added.clone())), Ok(()));
    fs::remove_file(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    assert_eq!(write(&store, put(alert(NOW))), Ok(()));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Whitelist(vec![entry(1, "make")]));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    close(store);
    let (store, opened) = open_well(&path);
    assert_eq!(opened.whitelist, [entry(1, "make"), added]);
    close(store);
}

#[test]
fn what_is_changed_in_the_whitelist_while_a_disk_can_only_be_read_is_changed_on_it_later() {
    let Some(disk) = Disk::mount(512) else { return };
    let (store, _opened) = open_well(&disk.path());
    for (id, pattern) in [(1, "make"), (2, "node"), (3, "cc1")] {
        assert_eq!(write(&store, Write::AddWhitelist(entry(id, pattern))), Ok(()));
    }
    close(store);
    disk.set("ro");
    let (store, mut opened) = open_eager(&disk.path());
    assert_eq!(write(&store, Write::RemoveWhitelist(1)), Ok(()));
    assert_eq!(write(&store, Write::UpdateWhitelist(entry(2, "nodejs"))), Ok(()));
    disk.set("rw");
    close(store);
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    let (store, opened) = open_well(&disk.path());
    assert_eq!(opened.whitelist, [entry(2, "nodejs"), entry(3, "cc1")]);
    close(store);
}

#[test]
fn a_folder_that_cannot_be_made_leaves_memory() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data"), "not a folder").unwrap();
    let path = folder.path().join("data/history.db");
    let (store, mut opened) = open_eager(&path);
    let text = failing(the_only(&opened.notes));
    assert!(text.contains("Check the disk and the folders above the file. Until then alerts"), "{text}");
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    assert_eq!(ids(&everything(&store)), [1]);
    close(store);
    assert_eq!(opened.later.try_recv().ok(), None, "it is said once");
}
