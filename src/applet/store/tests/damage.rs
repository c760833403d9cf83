//! Files that are no database any more, or not where they were.

use super::*;
use crate::applet::store::rows;
use std::fs;
use std::os::unix::fs::FileExt;

const PAGE: usize = 4096;

/// Opens a damaged history; checks that it is set aside, that it is said once, and that a new one works.
fn assert_set_aside(path: &Path, kept_bytes: Option<&[u8]>) {
    let (store, mut opened) = open(path);
    let text = once(the_only(&opened.notes));
    let kept = path.with_file_name("history.db.damaged-2026-05-01T120000Z");
    let ending = format!("It is kept as {}; a new one was begun. Add your whitelist entries again.", kept.display());
    assert!(text.starts_with(&format!("The history {} was damaged (", path.display())), "{text}");
    assert!(text.ends_with(&ending), "{text}");
    if let Some(bytes) = kept_bytes {
        assert!(fs::read(&kept).unwrap() == bytes, "the damaged file is kept as it was");
    }
    assert_eq!((opened.next_alert, opened.whitelist, opened.lasting), (1, vec![], vec![]));
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    close(store);
    assert_eq!(opened.later.try_recv().ok(), None);
    let (store, _opened) = open_well(path);
    assert_eq!(everything(&store), [alert(1)]);
    close(store);
}

fn assert_damage(spoil: impl FnOnce(&mut Vec<u8>)) {
    let (_folder, path) = place();
    make_history(&path, 500);
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() > 20 * PAGE, "{}", bytes.len());
    spoil(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    assert_set_aside(&path, Some(&bytes));
}

#[test]
fn other_bytes() {
    assert_damage(|bytes| bytes.iter_mut().zip(0_u64..).for_each(|(byte, at)| *byte = noise(at)));
}

#[test]
fn half_a_file() {
    assert_damage(|bytes| bytes.truncate(bytes.len() / 2));
}

#[test]
fn half_a_page() {
    assert_damage(|bytes| bytes.truncate(PAGE / 2));
}

#[test]
fn a_few_bytes() {
    assert_damage(|bytes| bytes.truncate(10));
}

#[test]
fn a_page_in_the_middle_flipped() {
    assert_damage(|bytes| {
        let middle = bytes.len() / PAGE / 2 * PAGE;
        bytes[middle..middle + PAGE].iter_mut().for_each(|byte| *byte = !*byte);
    });
}

#[test]
fn a_page_of_zeros() {
    assert_damage(|bytes| bytes[PAGE..2 * PAGE].fill(0));
}

#[test]
fn a_row_that_cannot_be_read_costs_no_other() {
    let (_folder, path) = place();
    make_history(&path, 3);
    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, put(alert(4))), Ok(()));
    assert_eq!(write(&store, Write::History { alert: 4, points: vec![] }), Ok(()));
    assert_eq!(write(&store, Write::AddWhitelist(entry(2, "node"))), Ok(()));
    close(store);
    let spoil = "UPDATE alerts SET lasts = '{', severity = 'gremlins' WHERE id = 2;
                 UPDATE histories SET points = x'ff' WHERE alert = 4;
                 UPDATE whitelist SET match_type = 'gremlins' WHERE id = 1";
    Connection::open(&path).unwrap().execute_batch(spoil).unwrap();
    let (store, opened) = open_well(&path);
    assert_eq!((lasting(&opened), opened.whitelist, opened.histories.len()), (vec![4], vec![entry(2, "node")], 0));
    assert_eq!(ids(&everything(&store)), [4, 3, 1]);
    close(store);
    assert_eq!(names(&path), ["history.db"]);
}

#[test]
fn a_database_of_another_program() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let theirs = "CREATE TABLE alerts (id TEXT, body BLOB); PRAGMA user_version = 2";
    Connection::open(&path).unwrap().execute_batch(theirs).unwrap();
    assert_set_aside(&path, None);
}

#[test]
fn a_folder_in_its_place() {
    let (_folder, path) = place();
    fs::create_dir_all(path.join("kept")).unwrap();
    assert_set_aside(&path, None);
    assert!(path.with_file_name("history.db.damaged-2026-05-01T120000Z").join("kept").is_dir());
}

#[test]
fn a_file_of_no_bytes_is_a_history_not_yet_begun() {
    let (_folder, path) = place();
    make_history(&path, 3);
    fs::write(&path, "").unwrap();
    let (store, opened) = open_well(&path);
    assert_eq!((opened.next_alert, opened.whitelist), (1, vec![]));
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    close(store);
    assert_eq!(names(&path), ["history.db"]);
}

#[test]
fn nothing_that_was_set_aside_is_overwritten() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    for bytes in ["first damaged file", "second damaged file", "third damaged file"] {
        fs::write(&path, bytes.repeat(100)).unwrap();
        close(open(&path).0);
    }
    let dated = "history.db.damaged-2026-05-01T120000Z";
    assert_eq!(names(&path), ["history.db", dated, &format!("{dated}-2"), &format!("{dated}-3")]);
    let first = |name: &str| fs::read_to_string(path.with_file_name(name)).unwrap()[..5].to_owned();
    assert_eq!([first(dated), first(&format!("{dated}-2"))], ["first", "secon"]);
}

#[test]
fn damage_while_running_loses_neither_the_whitelist_nor_what_fires() {
    let (_folder, path) = place();
    make_history(&path, 2_000);
    let (store, mut opened) = open_well(&path);
    assert_eq!(write(&store, put(alert(2_001))), Ok(()));
    assert_eq!(write(&store, Write::AddWhitelist(entry(2, "node"))), Ok(()));
    spoil_in_place(&path);

    let after: Vec<_> = (2_002..2_010).map(|id| write(&store, put(alert(id)))).collect();
    assert!(after.iter().all(Result::is_ok), "{after:?}");
    let found = ids(&everything(&store));
    assert_eq!(write(&store, put(alert(2_010))), Ok(()));
    close(store);

    let note = opened.later.try_recv().unwrap();
    let text = once(&note);
    assert!(text.contains("It is kept as ") && text.contains(".damaged-2026-05-01T1"), "{text}");
    assert!(text.ends_with("The whitelist and the alerts that fire were written to it."), "{text}");
    assert_eq!(opened.later.try_recv().ok(), None, "it is said once");
    assert_eq!(found, (2_001..2_010).rev().collect::<Vec<_>>());
    let (store, opened) = open_well(&path);
    assert_eq!(opened.whitelist, [entry(1, "make"), entry(2, "node")]);
    assert_eq!(lasting(&opened), (2_001..=2_010).collect::<Vec<_>>());
    close(store);
}

/// Overwrites a file that is open, all but nothing of it.
fn spoil_in_place(path: &Path) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    let bytes: Vec<u8> = (0..length).map(noise).collect();
    file.write_all_at(&bytes, 0).unwrap();
    // Closing this file would drop the locks that SQLite holds in the same process.
    std::mem::forget(file);
}

/// Bytes that look like nothing, the same every time.
fn noise(at: u64) -> u8 {
    (at.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u8
}

#[test]
fn a_file_removed_while_running_is_begun_again() {
    let (_folder, path) = place();
    make_history(&path, 3);
    let (store, mut opened) = open_well(&path);
    assert_eq!(write(&store, put(alert(4))), Ok(()));
    assert_eq!(write(&store, Write::AddWhitelist(entry(2, "make"))), Err(Error::AlreadyExists));
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert_eq!(write(&store, put(alert(5))), Ok(()));
    close(store);
    assert_eq!(opened.later.try_recv().ok(), None, "whoever removed it knows");
    let (store, opened) = open_well(&path);
    assert_eq!((opened.whitelist.clone(), lasting(&opened)), (vec![entry(1, "make")], vec![4, 5]));
    assert_eq!(ids(&everything(&store)), [5, 4]);
    close(store);
}

#[test]
fn a_history_put_back_while_running_loses_none_of_its_whitelist() {
    let (_folder, path) = place();
    let backup = path.with_file_name("backup.db");
    make_history(&backup, 0);
    let (store, mut opened) = open_well(&path);
    let ours = WhitelistEntry { created: NOW + 5, ..entry(1, "node") };
    assert_eq!(write(&store, Write::AddWhitelist(ours.clone())), Ok(()));
    fs::rename(&backup, &path).unwrap();
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    let Ok(Note::Whitelist(found)) = opened.later.try_recv() else { panic!("nothing is told") };
    assert_eq!((&*the_only(&found).pattern, found[0].id > NOW), ("make", true));
    close(store);
    assert_eq!(open_well(&path).1.whitelist, [ours, found[0].clone()]);
}

#[test]
fn a_history_put_back_while_running_is_taken_up() {
    let (_folder, path) = place();
    make_history(&path, 3);
    let backup = path.with_file_name("backup.db");
    fs::copy(&path, &backup).unwrap();
    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, put(ended(4, NOW + 9))), Ok(()));
    assert_eq!(write(&store, put(alert(5))), Ok(()));
    let moved = path.with_file_name("moved.db");
    fs::rename(&path, &moved).unwrap();
    fs::rename(&backup, &path).unwrap();
    assert_eq!(write(&store, put(alert(6))), Ok(()));
    assert_eq!(ids(&everything(&store)), [6, 5, 3, 2, 1]);
    close(store);
    inspect(&path);
    assert_eq!(rows::all(&inspect(&moved)).unwrap().len(), 5, "the file that was moved has what it had");
}
