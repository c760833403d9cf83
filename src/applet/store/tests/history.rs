//! A history in good order: writes, questions, versions, modes, retention.

use super::*;
use crate::applet::store::{file, rows, schema};
use crate::protocol::request::Since;
use crate::protocol::{ErrorCode, WaitsFor};
use std::os::unix::fs::PermissionsExt;

#[test]
fn what_was_written_is_there_after_a_restart() {
    let (_folder, path) = place();
    let (store, opened) = open_well(&path);
    assert_eq!((opened.next_alert, opened.next_whitelist), (1, 1));
    let worse = Alert { severity: Severity::Critical, action: Some("SIGTERM by socket".to_owned()), ..alert(7) };
    let hang = Evidence::Hang {
        seconds: 35,
        wait_channel: Some("nfs_wait_bit_killable".to_owned()),
        waits_for: WaitsFor::default(),
    };
    let stuck = Alert { reason: Reason::Hang, evidence: hang, ..ended(8, NOW + 5) };
    for alert in [alert(7), worse.clone(), stuck.clone()] {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    let kept = WhitelistEntry { reason: Some("builds".to_owned()), ..entry(3, "^make") };
    assert_eq!(write(&store, Write::AddWhitelist(kept.clone())), Ok(()));
    assert_eq!(write(&store, Write::AddWhitelist(entry(4, "node"))), Ok(()));
    assert_eq!(write(&store, Write::RemoveWhitelist(4)), Ok(()));
    close(store);
    assert_eq!(names(&path), ["history.db"], "a closed history is one file");

    let (store, opened) = open_well(&path);
    assert_eq!((opened.next_alert, opened.next_whitelist), (9, 4));
    assert_eq!((opened.lasting, opened.whitelist), (vec![record(worse.clone())], vec![kept]));
    assert_eq!(everything(&store), [worse, stuck]);
    close(store);
}

#[test]
fn a_pattern_is_in_the_whitelist_once() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    let outcomes = [
        store.write(Write::AddWhitelist(entry(1, "make"))),
        store.write(Write::AddWhitelist(entry(2, "make"))),
        store.write(put(alert(1))),
    ];
    let outcomes = outcomes.map(|outcome| outcome.blocking_recv().unwrap());
    assert_eq!(outcomes, [Ok(()), Err(Error::AlreadyExists), Ok(())]);
    close(store);
    assert_eq!(open_well(&path).1.whitelist, [entry(1, "make")]);
    assert_eq!(crate::protocol::Error::from(Error::AlreadyExists).code, ErrorCode::AlreadyExists);
}

#[test]
fn alerts_come_newest_first_and_as_many_as_are_asked_for() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    let at_once = |id| Alert { timestamp: NOW + id / 2, ..alert(id) };
    let outcomes: Vec<_> = (1..=60).map(|id| store.write(put(at_once(id)))).collect();
    assert!(outcomes.into_iter().all(|outcome| outcome.blocking_recv().unwrap() == Ok(())));

    let limited = |limit| ids(&query(&store, &GetAlerts { limit, ..GetAlerts::default() }));
    let newest_first = |count| (1..=60).rev().take(count).collect::<Vec<i64>>();
    assert_eq!(limited(None), newest_first(50));
    assert_eq!(limited(Some(0)), newest_first(0));
    assert_eq!(limited(Some(3)), newest_first(3));
    assert_eq!(limited(Some(10_000)), newest_first(60));
    let too_many = store.query(&GetAlerts { limit: Some(10_001), ..GetAlerts::default() });
    let error = too_many.blocking_recv().unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert_eq!(error.message, "limit: 10001 is too many; ask for 10,000 at most.");
    close(store);
}

#[test]
fn only_firing_alerts_are_answered_where_that_is_asked() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    for alert in [alert(1), ended(2, NOW), alert(3), Alert { state: AlertState::Dismissed, ..alert(4) }] {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    let active = |active| ids(&query(&store, &GetAlerts { active, ..GetAlerts::default() }));
    assert_eq!(active(Some(true)), [3, 1]);
    assert_eq!(active(Some(false)), [4, 3, 1, 2]);
    assert_eq!(active(None), [4, 3, 1, 2]);
    close(store);
}

#[test]
fn a_time_is_understood_in_both_forms() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    for id in 1..=5 {
        assert_eq!(write(&store, put(alert(id))), Ok(()));
    }
    let since = |since| ids(&query(&store, &GetAlerts { since: Some(since), ..GetAlerts::default() }));
    assert_eq!(since(Since::Unix(NOW + 4)), [5, 4]);
    assert_eq!(since(Since::Unix(i64::MIN)), [5, 4, 3, 2, 1]);
    let same = [
        "2026-05-01T12:00:04Z",
        "2026-05-01t12:00:04z",
        "2026-05-01 12:00:04+00:00",
        "2026-05-01T14:00:04+02:00",
        "2026-05-01T06:30:04-05:30",
        "2026-05-02T00:00:04+12:00",
        "2026-05-01T12:00:03.5Z",
    ];
    for text in same {
        assert_eq!(since(Since::Rfc3339(text.to_owned())), [5, 4], "{text}");
    }
    close(store);
}

#[test]
fn a_time_that_is_none_is_refused_with_the_right_form() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    let wrong = ["", "yesterday", "2026-05-01", "2026-05-01T12:00:00", "2026-02-30T12:00:00Z", "2026-05-01T25:00:00Z"];
    for text in wrong {
        let request = GetAlerts { since: Some(Since::Rfc3339(text.to_owned())), ..GetAlerts::default() };
        let error = store.query(&request).blocking_recv().unwrap().unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest, "{text}");
        let form = "Write Unix seconds as a number (1777636800) or RFC 3339 as a string (\"2026-05-01T12:00:00Z\").";
        assert_eq!(error.message, format!("since: {text:?} is not a time. {form}"));
    }
    close(store);
}

const SEED: &str = "
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    pid INTEGER,
    name TEXT,
    cmdline TEXT,
    reason TEXT,      -- cpu_high, hang, memory_leak, timeout
    severity TEXT,    -- warning, critical
    timestamp INTEGER
);
CREATE TABLE whitelist (
    id INTEGER PRIMARY KEY,
    pattern TEXT UNIQUE,
    match_type TEXT,  -- name, cmdline, regex
    reason TEXT
);
INSERT INTO alerts VALUES (3, 4711, 'node', 'node server.js', 'memory_leak', 'critical', 1777636000);
INSERT INTO alerts (id, reason, timestamp) VALUES (4, 'timeout', 1777636001);
INSERT INTO whitelist VALUES (5, 'firefox', 'name', 'big'), (6, 'make', NULL, NULL), (7, NULL, 'regex', NULL);
";

#[test]
fn a_database_of_the_seed_is_taken_over_with_its_rows() {
    let (_folder, path) = place();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    Connection::open(&path).unwrap().execute_batch(SEED).unwrap();

    let (store, opened) = open_well(&path);
    assert_eq!((opened.next_alert, opened.next_whitelist, opened.lasting), (5, 7, vec![]));
    let whitelist: Vec<_> =
        opened.whitelist.iter().map(|entry| (entry.id, &*entry.pattern, entry.match_type)).collect();
    assert_eq!(whitelist, [(5, "firefox", MatchType::Name), (6, "make", MatchType::Name)]);
    assert!(opened.whitelist.iter().all(|entry| entry.created > NOW - 365 * DAY), "{:?}", opened.whitelist);
    let alerts = everything(&store);
    assert_eq!(ids(&alerts), [4, 3]);
    let members = Vec::new();
    let grown =
        Evidence::MemoryLeak { grown_mb: 0.0, memory_mb: 0.0, window_minutes: 0, full_in_minutes: None, members };
    let expected = Alert {
        id: 3,
        pid: 4711,
        name: "node".to_owned(),
        cmdline: "node server.js".to_owned(),
        reason: Reason::MemoryLeak,
        severity: Severity::Critical,
        timestamp: 1_777_636_000,
        start_time: 0,
        state: AlertState::Resolved,
        ended: None,
        action: None,
        evidence: grown,
        summary: "node grew without end".to_owned(),
        title: None,
    };
    assert_eq!(alerts[1], expected);
    assert_eq!((alerts[0].pid, &*alerts[0].name, &*alerts[0].summary), (0, "", "A process ran for too long"));
    assert_eq!(write(&store, put(alert(5))), Ok(()));
    close(store);
    assert_eq!(schema::version(&inspect(&path)).unwrap(), schema::VERSION);
}

#[test]
fn a_new_database_has_the_seeds_tables_and_the_present_version() {
    let (_folder, path) = place();
    close(open_well(&path).0);
    let connection = inspect(&path);
    assert_eq!(schema::version(&connection).unwrap(), 4);
    connection.execute_batch("SELECT id, pid, name, cmdline, reason, severity, timestamp FROM alerts").unwrap();
    connection.execute_batch("SELECT id, pattern, match_type, reason FROM whitelist").unwrap();
}

#[test]
fn what_an_alert_is_about_is_there_after_a_restart_while_its_cause_lasts() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    let group: Scope = serde_json::from_str(&format!("{{\"group\":{},\"is_together\":true}}", u64::MAX)).unwrap();
    let dismissed = |id| Alert { state: AlertState::Dismissed, ended: Some(NOW - 200 * DAY), ..alert(id) };
    let records = [
        Record { alert: alert(1), lasts: Some(group) },
        Record { alert: dismissed(2), lasts: Some(Scope::default()) },
        Record { alert: dismissed(3), lasts: None },
    ];
    for record in &records {
        assert_eq!(write(&store, Write::Alert(Box::new(record.clone()))), Ok(()));
    }
    close(store);
    for now in [NOW, NOW + DAY] {
        let (store, opened) = open_at(&path, now);
        assert_eq!(opened.lasting, records[..2]);
        close(store);
    }
}

#[test]
fn an_alert_of_the_third_version_fires_on() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    for alert in [alert(1), ended(2, NOW)] {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    assert_eq!(write(&store, Write::AddWhitelist(entry(1, "make"))), Ok(()));
    close(store);
    let third = "DROP INDEX alerts_lasting; ALTER TABLE alerts DROP COLUMN lasts;
                 DROP TABLE looked; DROP TABLE pause; PRAGMA user_version = 3";
    Connection::open(&path).unwrap().execute_batch(third).unwrap();
    let rescued = file::rescue(&path).unwrap();
    assert_eq!((rescued.next_alert, rescued.whitelist), (3, vec![entry(1, "make")]), "where it cannot be written");
    let (store, opened) = open_well(&path);
    assert_eq!(opened.lasting, [record(alert(1))]);
    close(store);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let (_folder, path) = place();
    make_history(&path, 3);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    let before = std::fs::read(&path).unwrap();

    let (store, mut opened) = open_eager(&path);
    let text = failing(the_only(&opened.notes));
    assert!(text.contains("history.db cannot be used: it was written by a newer version of RunawayGuard."), "{text}");
    assert!(opened.next_alert >= NOW && opened.whitelist.is_empty());
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    assert_eq!(ids(&everything(&store)), [1], "it goes on in memory");
    close(store);
    assert_eq!(opened.later.try_recv().ok(), None, "it is said once");
    assert_eq!(names(&path), ["history.db"]);
    assert!(std::fs::read(&path).unwrap() == before, "not a byte was changed");
}

#[test]
fn files_and_folder_are_the_users_alone() {
    let (_folder, path) = place();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let everyone = |path: &Path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    let files = ["history.db", "history.db-shm", "history.db-wal"].map(|name| path.with_file_name(name));

    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 3]);
    close(store);

    everyone(&path);
    let reader = Connection::open(&path).unwrap();
    reader.query_row("SELECT count(*) FROM alerts", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o644; 3], "the test's own files are open to all");
    let (store, _opened) = open_well(&path);
    assert_eq!(files.each_ref().map(|file| mode(file)), [0o600; 3]);
    close(store);
}

#[test]
fn old_alerts_go_and_firing_ones_stay() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    let firing = Alert { timestamp: NOW - 400 * DAY, ..alert(1) };
    let written = [firing, ended(2, NOW - 91 * DAY), ended(3, NOW - 90 * DAY), ended(4, NOW - 1)];
    for alert in written {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    assert_eq!(ids(&everything(&store)), [4, 3, 2, 1]);
    close(store);

    let (store, _opened) = open_at(&path, NOW + DAY);
    assert_eq!(ids(&everything(&store)), [4, 3, 1], "at the start on another day");
    assert_eq!(write(&store, put(ended(5, NOW + 2 * DAY - 1))), Ok(()));
    assert_eq!(ids(&everything(&store)), [5, 4, 3, 1], "not again on the same day");
    assert_eq!(write(&store, put(ended(6, NOW + 2 * DAY))), Ok(()));
    assert_eq!(ids(&everything(&store)), [6, 5, 4, 1], "with the writes of another day");
    store.set_retention(1);
    assert_eq!(ids(&everything(&store)), [6, 5, 1], "when the setting changes");
    close(store);
}

#[test]
fn a_clock_that_is_far_ahead_for_a_while_empties_no_history() {
    const AHEAD: i64 = 4_102_444_800;
    let (_folder, path) = place();
    make_history(&path, 3);
    let all_are_there = |now| {
        let (store, _opened) = open_at(&path, now);
        assert_eq!(write(&store, put(ended(4, now))), Ok(()));
        assert_eq!(
            ids(&everything(&store)).into_iter().filter(|id| *id < 4).collect::<Vec<_>>(),
            [3, 2, 1],
            "at {now}"
        );
        store.set_retention(90);
        assert_eq!(everything(&store).len(), 4);
        close(store);
    };
    for now in [NOW + DAY, AHEAD, AHEAD + 60, NOW + DAY + 90, AHEAD, NOW + 2 * DAY] {
        all_are_there(now);
    }
    let (store, _opened) = open_at(&path, NOW + 2 * DAY);
    for now in [AHEAD, AHEAD + 60, NOW + 2 * DAY + 90] {
        assert_eq!(write(&store, put(ended(5, now))), Ok(()));
    }
    assert_eq!(everything(&store).len(), 5);
    close(store);
    close(open_at(&path, NOW + 200 * DAY).0);
    let (store, _opened) = open_at(&path, NOW + 201 * DAY);
    assert_eq!(everything(&store), [], "what is really old goes");
    close(store);
}

#[test]
fn a_commit_is_on_the_disk_and_little_memory_is_taken() {
    let (_folder, path) = place();
    let connection = file::open(&path, NOW).unwrap().connection;
    let pragma =
        |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("synchronous"), 2.into());
    assert_eq!(pragma("cache_size"), (-64).into());
    assert_eq!(pragma("mmap_size"), 0.into());
    assert_eq!(pragma("wal_autocheckpoint"), 64.into());
}

#[test]
fn questions_are_answered_from_an_index() {
    let (_folder, path) = place();
    let connection = file::open(&path, NOW).unwrap().connection;
    for (only_firing, index) in [(false, "alerts_by_time"), (true, "alerts_firing")] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM alerts {}", rows::found(only_firing));
        let mut plan = connection.prepare(&sql).unwrap();
        let values = rusqlite::params![1, 2, 3, 4, "warning", "hang", "x", 9];
        let steps: Vec<String> = plan.query_map(values, |row| row.get("detail")).unwrap().map(Result::unwrap).collect();
        assert_eq!(steps, [format!("SEARCH alerts USING INDEX {index} (timestamp>? AND timestamp<?)")]);
    }
}

#[test]
fn an_alert_that_cannot_be_read_is_left_out() {
    let (_folder, path) = place();
    make_history(&path, 3);
    let spoil = "UPDATE alerts SET reason = 'gremlins' WHERE id = 2; UPDATE alerts SET evidence = '{' WHERE id = 3";
    Connection::open(&path).unwrap().execute_batch(spoil).unwrap();
    let (store, _opened) = open_well(&path);
    let alerts = everything(&store);
    assert_eq!(ids(&alerts), [3, 1]);
    let unknown = Evidence::CpuHigh {
        cpu_percent: 0.0,
        threshold_percent: 0,
        seconds: 0,
        circumstances: crate::protocol::Circumstances::default(),
    };
    assert_eq!(alerts[0].evidence, unknown);
    close(store);
}

#[test]
fn another_program_that_locks_the_file_holds_alerts_up_and_loses_none() {
    let (_folder, path) = place();
    let (store, mut opened) = open_well(&path);
    let locker = Connection::open(&path).unwrap();
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = store.write(put(alert(1)));
    let flood: Vec<_> = (2..6_000).map(|id| store.write(put(alert(id)))).collect();
    let error = first.blocking_recv().unwrap().unwrap_err();
    assert!(error.to_string().contains("cannot be written: another program has locked it. Close that program."));
    locker.execute_batch("COMMIT").unwrap();

    let outcomes: Vec<_> = flood.into_iter().map(|outcome| outcome.blocking_recv().unwrap()).collect();
    let busy = outcomes.iter().filter(|outcome| **outcome == Err(Error::Busy)).count();
    assert!((1_000..3_000).contains(&busy), "the queue is bounded: {busy}");
    let lost = everything(&store).len() + busy;
    assert_eq!(lost, 5_999, "what was queued is stored, the first included");
    assert!(everything(&store).iter().any(|alert| alert.id == 1));
    assert!(failing(&opened.later.try_recv().unwrap()).contains("locked"));
    assert_eq!(opened.later.try_recv().unwrap(), Note::Recovered);
    close(store);
}
