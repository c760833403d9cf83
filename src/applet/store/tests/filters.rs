//! Questions for some of the alerts: page after page, and by what they are about.

use super::*;
use crate::protocol::request::Since;
use crate::protocol::{ErrorCode, WaitsFor};

/// Five alerts, two of them begun in the same second.
fn varied() -> (TempDir, Store) {
    let (folder, path) = place();
    let (store, _opened) = open_well(&path);
    let hang = Evidence::Hang { seconds: 35, wait_channel: None, waits_for: WaitsFor::default() };
    let alerts = [
        ended(1, NOW - 50),
        Alert { reason: Reason::Hang, evidence: hang, name: "rsync".to_owned(), ..ended(2, NOW + 60) },
        Alert { severity: Severity::Critical, timestamp: NOW, ..alert(3) },
        Alert { summary: "100%_done".to_owned(), cmdline: String::new(), ..alert(4) },
        Alert { name: "GIMP Größe".to_owned(), ..alert(5) },
    ];
    for alert in alerts {
        assert_eq!(write(&store, put(alert)), Ok(()));
    }
    (folder, store)
}

fn found(store: &Store, request: &GetAlerts) -> Vec<i64> {
    ids(&query(store, request))
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    let (_folder, store) = varied();
    assert_eq!(ids(&everything(&store)), [5, 4, 3, 2, 1]);
    let page = |before| found(&store, &GetAlerts { before, limit: Some(2), ..GetAlerts::default() });
    assert_eq!(page(None), [5, 4]);
    assert_eq!(page(Some(4)), [3, 2], "the two of one second");
    assert_eq!(page(Some(3)), [2, 1]);
    assert_eq!(page(Some(1)), [0; 0]);
    assert_eq!(page(Some(99)), [0; 0], "one that was deleted was the oldest");
    close(store);
}

#[test]
fn alerts_are_found_by_time_severity_and_reason() {
    let (_folder, store) = varied();
    let by = |request: GetAlerts| found(&store, &request);
    let none = GetAlerts::default;
    assert_eq!(by(GetAlerts { until: Some(Since::Unix(NOW)), ..none() }), [3, 2, 1]);
    let noon = Since::Rfc3339("2026-05-01T12:00:00.9Z".to_owned());
    assert_eq!(by(GetAlerts { until: Some(noon.clone()), ..none() }), [3, 2, 1]);
    assert_eq!(by(GetAlerts { since: Some(noon), ..none() }), [5, 4]);
    assert_eq!(by(GetAlerts { severity: Some(Severity::Critical), ..none() }), [3]);
    assert_eq!(by(GetAlerts { reason: Some(Reason::Hang), ..none() }), [2]);
    assert_eq!(by(GetAlerts { active: Some(true), before: Some(5), ..none() }), [4, 3]);
    assert_eq!(by(GetAlerts { active: Some(true), severity: Some(Severity::Warning), ..none() }), [5, 4]);
    let wrong = GetAlerts { until: Some(Since::Rfc3339("tomorrow".to_owned())), ..none() };
    let error = store.query(&wrong).blocking_recv().unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::BadRequest);
    assert!(error.message.starts_with("until: \"tomorrow\" is not a time."), "{}", error.message);
    close(store);
}

#[test]
fn text_is_found_in_name_command_line_and_summary() {
    let (_folder, store) = varied();
    let with = |text: &str| found(&store, &GetAlerts { text: Some(text.to_owned()), ..GetAlerts::default() });
    assert_eq!(with("RSYNC"), [2]);
    assert_eq!(with("contentPROC"), [5, 3, 2, 1]);
    assert_eq!(with("100%_D"), [4], "no character stands for others");
    assert_eq!(with("1%"), [0; 0]);
    assert_eq!(with("gimp Größe"), [5]);
    assert_eq!(with("' OR 1 --"), [0; 0]);
    assert_eq!(with(""), [5, 4, 3, 2, 1]);
    close(store);
}
