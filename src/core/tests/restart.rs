//! A guard that ends and starts anew tells nothing twice.

use super::groups::{firefox, until_alert};
use super::*;

#[test]
fn alerts_of_before_a_restart_go_on_quietly_and_those_of_before_a_boot_are_over() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    let stored = &world.records[&alert.id];
    let old = |id, state| {
        let alert = Alert { id, state, timestamp: START.unix - 5000, ..alert.clone() };
        Record { alert, ..stored.clone() }
    };
    let lasting = vec![stored.clone(), old(8, AlertState::Dismissed), old(9, AlertState::Firing)];
    let (core, effects) = Core::new(Start { lasting, next_alert: 10, ..Start::default() }, world.now);
    let over = effects.iter().map(|effect| {
        let Effect::Store(Write::Alert(record), None) = effect else { panic!("{effect:?}") };
        (record.alert.id, record.alert.state, record.lasts)
    });
    assert_eq!(over.collect::<Vec<_>>(), [(8, AlertState::Dismissed, None), (9, AlertState::Resolved, None)]);
    world.core = core;
    world.tick();
    for _ in 0..20 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), []);
    }
    let view = world.core.view();
    assert_eq!(view.alerts[0].alert.id, alert.id);
    assert_eq!(view.notices, []);
}

#[test]
fn one_that_was_dismissed_stays_silent_after_a_restart_until_its_condition_ends() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    world.ask(Request::DismissAlert(ById { id: alert.id }));
    for _ in 0..2 {
        world.restart();
        for _ in 0..100 {
            assert_eq!(pushed(&world.scan(&[(100, 1.0)])), []);
        }
    }
    assert_eq!(world.core.view().alerts, []);
    for _ in 0..10 {
        assert_eq!(pushed(&world.scan(&[])), []);
    }
    assert_eq!((world.records[&alert.id].alert.state, world.records[&alert.id].lasts), (AlertState::Dismissed, None));
    world.restart();
    assert_eq!(world.burn_until_alert(100).state, AlertState::Firing);
}

#[test]
fn the_alert_of_a_group_is_its_only_one_after_a_restart() {
    let mut world = firefox(20);
    let busy: Vec<_> = (101..121).map(|pid| (pid, 0.1)).collect();
    let together = until_alert(&mut world, &busy);
    world.restart();
    let told: Vec<Alert> = (0..100).flat_map(|_| pushed(&world.scan(&busy))).collect();
    let told: Vec<_> = told.iter().map(|alert| (alert.id, alert.severity)).collect();
    assert_eq!(told, [(together[0].id, Severity::Critical)], "it worsens, and there is no other");

    let mut world = firefox(4);
    let busy = [(101, 1.0), (102, 1.2)];
    let worst = until_alert(&mut world, &busy);
    world.restart();
    let told: Vec<Alert> = (0..50).flat_map(|_| pushed(&world.scan(&busy))).collect();
    assert!(told.iter().all(|alert| alert.id == worst[0].id), "{told:?}");
}

/// A process that takes 10 MiB a second, up to its alert.
fn leaking() -> (World, Alert) {
    let mut world = burner();
    world.process(100).anonymous = 100 << 20;
    for _ in 0..200 {
        if let Some(alert) = pushed(&leak(&mut world)).pop() {
            return (world, alert);
        }
    }
    panic!("no alert");
}

fn leak(world: &mut World) -> Vec<Effect> {
    let interval = world.core.interval(world.now).unwrap();
    world.process(100).anonymous += (interval.as_secs() * 10) << 20;
    world.scan(&[(100, 0.1)])
}

#[test]
fn a_leak_of_before_a_restart_goes_on_until_its_rule_can_tell() {
    let (mut world, alert) = leaking();
    assert_eq!(alert.reason, Reason::MemoryLeak);
    for _ in 0..2 {
        world.restart();
        let before = world.now;
        while world.seconds_since(before) < 1800 {
            let told = pushed(&leak(&mut world));
            let is_worse = |told: &Alert| told.id == alert.id && told.state == AlertState::Firing;
            assert!(told.iter().all(is_worse), "{told:?}");
        }
    }
    world.restart();
    let before = world.now;
    let ended = (0..1000).find_map(|_| pushed(&world.scan(&[])).pop()).unwrap();
    assert_eq!((ended.id, ended.state), (alert.id, AlertState::Resolved));
    let seconds = world.seconds_since(before);
    assert!((300..600).contains(&seconds), "it stands: after {seconds} s");
}

#[test]
fn a_leak_of_before_a_restart_ends_soon_where_its_memory_is_handed_back() {
    let (mut world, alert) = leaking();
    world.restart();
    world.process(100).anonymous = 110 << 20;
    let before = world.now;
    let ended = (0..1000).find_map(|_| pushed(&world.scan(&[])).pop()).unwrap();
    assert_eq!((ended.id, ended.state), (alert.id, AlertState::Resolved));
    assert!(world.seconds_since(before) < 60, "after {} s", world.seconds_since(before));
}

#[test]
fn a_pause_outlasts_a_restart_and_no_boot() {
    let mut world = burner();
    let mut pause = |seconds, after, is_new_boot: bool| {
        world.ask(Request::PauseMonitoring(PauseMonitoring { seconds }));
        world.pass(Duration::from_secs(after), &[]);
        if is_new_boot {
            world.now.boottime = Duration::from_secs(1);
        }
        world.restart();
        world
            .core
            .interval(world.now)
            .filter(|_| world.core.is_paused())
            .or(world.core.is_paused().then_some(Duration::MAX))
    };
    assert_eq!(pause(Some(900), 300, false), Some(Duration::from_mins(10)));
    assert_eq!(pause(Some(900), 900, false), None);
    assert_eq!(pause(None, 5000, false), Some(Duration::MAX));
    assert_eq!(pause(None, 60, true), None);
    world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: None }));
    world.ask(Request::ResumeMonitoring);
    world.restart();
    assert!(!world.core.is_paused());
}
