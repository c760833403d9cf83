//! Alerts about memory that the processes of an application take together.

use super::groups::firefox;
use super::*;
use crate::protocol::Evidence;

/// Scans for so long while these processes grow by so many KiB a second each, and gives the alerts that were told.
fn grow(world: &mut World, seconds: u64, growing: &[(u32, u64)]) -> Vec<Alert> {
    let before = world.now;
    let mut told = Vec::new();
    while world.seconds_since(before) < seconds {
        let interval = world.core.interval(world.now).unwrap().as_secs();
        for (pid, pace) in growing {
            world.process(*pid).anonymous += (pace * interval) << 10;
        }
        told.extend(pushed(&world.scan(&[])));
    }
    told
}

fn helpers(pace: u64) -> Vec<(u32, u64)> {
    (101..109).map(|pid| (pid, pace)).collect()
}

#[test]
fn what_helpers_leak_together_is_one_alert_from_its_beginning_to_its_end() {
    let mut world = firefox(8);
    let told = grow(&mut world, 450, &helpers(600));
    assert_eq!(told.len(), 1, "{told:?}");
    let Evidence::MemoryLeak { members, .. } = &told[0].evidence else { panic!("{told:?}") };
    assert_eq!((told[0].pid, told[0].reason, told[0].severity), (100, Reason::MemoryLeak, Severity::Warning));
    assert_eq!((members.len(), members[0].pid), (8, 101));
    assert_eq!(told[0].title.as_deref(), Some("Firefox has grown by 1.4 GiB in 5 minutes"));
    let summary = &told[0].summary;
    assert!(summary.starts_with("Processes of Firefox hold "), "{summary}");
    assert!(summary.ends_with("most of all Isolated Web Co (101); memory is full in about 22 minutes."), "{summary}");
    let worsened = grow(&mut world, 600, &helpers(600));
    assert_eq!(worsened.iter().map(|alert| (alert.id, alert.severity)).collect::<Vec<_>>(), [(1, Severity::Critical)]);
    world.processes.retain(|sample| sample.id.pid <= 100);
    let ended = grow(&mut world, 60, &[]);
    assert_eq!(ended.iter().map(|alert| (alert.id, alert.state)).collect::<Vec<_>>(), [(1, AlertState::Resolved)]);
}

#[test]
fn one_that_was_told_of_stands_for_those_that_join_it() {
    let mut world = firefox(8);
    let told = grow(&mut world, 450, &[(101, 4000)]);
    assert_eq!(told.iter().map(|alert| alert.pid).collect::<Vec<_>>(), [101]);
    let later = grow(&mut world, 1200, &helpers(4000));
    assert!(later.iter().all(|alert| alert.id == told[0].id), "{later:?}");
}

#[test]
fn one_that_was_dismissed_stays_silent_for_all_helpers() {
    let mut world = firefox(8);
    let told = grow(&mut world, 450, &helpers(600));
    world.ask(Request::DismissAlert(ById { id: told[0].id }));
    assert_eq!(grow(&mut world, 1200, &helpers(600)), []);
}

#[test]
fn what_helpers_leak_together_is_told_once_over_a_restart() {
    let mut world = firefox(8);
    let told = grow(&mut world, 450, &helpers(600));
    world.restart();
    let later = grow(&mut world, 1200, &helpers(600));
    assert!(later.iter().all(|alert| alert.id == told[0].id && alert.state == AlertState::Firing), "{later:?}");
}
