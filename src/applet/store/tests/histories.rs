//! Histories of alerts: kept with their alert, and no longer.

use super::*;
use crate::protocol::{ErrorCode, HistoryPoint};

fn points(count: i64) -> Vec<HistoryPoint> {
    (0..count).map(|at| HistoryPoint { at: NOW + at, cpu_percent: 99.5, memory_mb: 12.3 }).collect()
}

fn keep(store: &Store, alert: i64, count: i64) {
    assert_eq!(write(store, Write::History { alert, points: points(count) }), Ok(()));
}

fn history(store: &Store, alert: i64) -> Result<Vec<HistoryPoint>, ErrorCode> {
    store.history(alert).blocking_recv().unwrap().map_err(|error| error.code)
}

#[test]
fn a_history_is_there_after_a_restart() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    for alert in [alert(1), ended(2, NOW)] {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    keep(&store, 1, 3);
    keep(&store, 1, 240);
    keep(&store, 2, 5);
    assert_eq!(write(&store, put(Alert { severity: Severity::Critical, ..alert(1) })), Ok(()));
    close(store);
    let (store, opened) = open_well(&path);
    assert_eq!(opened.histories, [(1, points(240))].into(), "of those that fire");
    assert_eq!(history(&store, 2), Ok(points(5)));
    assert_eq!(history(&store, 3), Err(ErrorCode::NotFound));
    close(store);
}

#[test]
fn a_history_goes_with_its_alert() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, put(ended(1, NOW - 80 * DAY))), Ok(()));
    assert_eq!(write(&store, put(ended(2, NOW))), Ok(()));
    keep(&store, 1, 3);
    keep(&store, 2, 3);
    close(store);
    let (store, _opened) = open_at(&path, NOW + DAY);
    store.set_retention(70);
    assert_eq!(history(&store, 1), Err(ErrorCode::NotFound));
    assert_eq!(history(&store, 2), Ok(points(3)));
    close(store);
    let count: i64 = inspect(&path).query_row("SELECT count(*) FROM histories", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_history_that_cannot_be_read_is_none() {
    let (_folder, path) = place();
    let (store, _opened) = open_well(&path);
    assert_eq!(write(&store, put(alert(1))), Ok(()));
    keep(&store, 1, 3);
    close(store);
    Connection::open(&path).unwrap().execute_batch("UPDATE histories SET points = '[[1'").unwrap();
    let (store, opened) = open_well(&path);
    assert!(opened.histories.is_empty());
    assert_eq!(history(&store, 1), Err(ErrorCode::NotFound));
    close(store);
}

#[test]
fn histories_of_memory_reach_the_file() {
    let (folder, path) = place();
    std::fs::write(folder.path().join("data"), "not a folder").unwrap();
    let (store, opened) = open_eager(&path);
    let id = opened.next_alert;
    assert_eq!(write(&store, put(alert(id))), Ok(()));
    keep(&store, id, 3);
    assert_eq!(history(&store, id), Ok(points(3)));
    std::fs::remove_file(folder.path().join("data")).unwrap();
    close(store);
    let (store, _opened) = open(&path);
    assert_eq!(history(&store, id), Ok(points(3)));
    close(store);
}
