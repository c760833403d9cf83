//! kill -9 of a process that writes.

use super::*;
use crate::applet::store::rows;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

const PATH: &str = "RUNAWAY_GUARD_TEST_HISTORY";
const CHILD: &str = "applet::store::tests::crash::writes_until_it_is_killed";
const ROUNDS: u64 = 25;

#[test]
fn kill_minus_9_loses_no_acknowledged_write() {
    let (_folder, path) = place();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        // The first rounds end while the file is made and opened, the others while it is written.
        let longest = if round < 8 { 20_000 } else { 200_000 };
        let moment = Duration::from_micros(RandomState::new().hash_one(round) % longest);
        acknowledged.extend(kill_after(&path, moment));
        if path.exists() {
            assert_holds(&path, &acknowledged, moment);
        }
    }
    assert!(acknowledged.len() > 100, "the child writes: {}", acknowledged.len());
}

/// Runs the child for so long; gives the ids that it said were stored.
fn kill_after(path: &Path, moment: Duration) -> Vec<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture"])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let killed = read_until(&mut child, Instant::now() + moment);
    child.wait().unwrap();
    killed
}

fn read_until(child: &mut Child, end: Instant) -> Vec<i64> {
    let output = BufReader::new(child.stdout.take().unwrap());
    let (lines, read) = mpsc::sync_channel(64);
    let reader = std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    let mut said = vec![];
    while let Ok(line) = read.recv_timeout(end.saturating_duration_since(Instant::now())) {
        said.push(line);
    }
    child.kill().unwrap();
    // What was said before the end counts, though it is read after it.
    said.extend(read.iter());
    reader.join().unwrap().unwrap();
    assert!(!said.iter().any(|line| line.starts_with("note")), "{said:?}");
    said.iter().filter_map(|line| line.strip_prefix("stored ")?.parse().ok()).collect()
}

fn assert_holds(path: &Path, acknowledged: &BTreeSet<i64>, moment: Duration) {
    close(open_well(path).0);
    let stored = rows::all(&inspect(path)).unwrap();
    let found: BTreeSet<i64> = stored.iter().map(|record| record.alert.id).collect();
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "lost after {moment:?}: {lost:?}");
    assert!(stored.into_iter().all(|found| found == record(alert(found.alert.id))));
}

#[test]
#[ignore = "the child of kill_minus_9_loses_no_acknowledged_write"]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let (store, opened) = open(Path::new(&path));
    let say = |what: &str, value: &str| {
        let mut output = std::io::stdout().lock();
        output.write_all(format!("\n{what} {value}\n").as_bytes()).unwrap();
        output.flush().unwrap();
    };
    opened.notes.iter().for_each(|note| say("note", &format!("{note:?}")));
    let mut waiting = std::collections::VecDeque::new();
    for id in opened.next_alert..opened.next_alert + 100_000 {
        waiting.push_back((id, store.write(put(alert(id)))));
        if waiting.len() > 8
            && let Some((id, outcome)) = waiting.pop_front()
        {
            outcome.blocking_recv().unwrap().unwrap();
            say("stored", &id.to_string());
        }
    }
}
