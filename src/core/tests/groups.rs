//! Alerts about what processes do together.

use super::*;
use crate::config::parse::parse;
use crate::process::Application;
use crate::protocol::Evidence;

const SCOPE: &str = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope";

/// Firefox, with its first process 100 and so many helpers from 101 on.
pub(super) fn firefox(helpers: u32) -> World {
    firefox_with("", helpers)
}

/// As [`firefox`], with these rules.
fn firefox_with(rules: &str, helpers: u32) -> World {
    let mut world = World::new(Start { config: parse(rules).unwrap(), ..Start::default() });
    let application = Arc::new(Application { id: "firefox".into(), name: "Firefox".into() });
    for pid in 100..=100 + helpers {
        world.add(pid, if pid == 100 { "firefox" } else { "Isolated Web Co" });
        let sample = world.process(pid);
        let description = Arc::make_mut(&mut sample.description);
        description.application = Some(Arc::clone(&application));
        description.cgroup = SCOPE.into();
        description.command_line = format!("firefox --child {pid}").into();
        sample.parent = if pid == 100 { 1 } else { 100 };
    }
    world.tick();
    world
}

pub(super) fn until_alert(world: &mut World, busy: &[(u32, f64)]) -> Vec<Alert> {
    (0..100).map(|_| pushed(&world.scan(busy))).find(|told| !told.is_empty()).expect("an alert")
}

fn members(alert: &Alert) -> Vec<u32> {
    let Evidence::CpuHigh { circumstances, .. } = &alert.evidence else { panic!("{alert:?}") };
    circumstances.members.iter().map(|member| member.pid).collect()
}

#[test]
fn an_application_has_one_alert_which_names_the_worst() {
    let mut world = firefox(20);
    let busy: Vec<_> = (101..121).map(|pid| (pid, if pid == 110 { 0.3 } else { 0.1 })).collect();
    let told = until_alert(&mut world, &busy);
    assert_eq!((told.len(), told[0].pid, members(&told[0])[0], members(&told[0]).len()), (1, 100, 110, 20));
    assert_eq!(told[0].title.as_deref(), Some("Firefox is using 2.2 cores"));
    assert_eq!(
        told[0].summary,
        "20 processes of Firefox have kept 2.2 cores busy for 60 s, most of all Isolated Web Co (110)."
    );
    let worsened = until_alert(&mut world, &busy);
    assert_eq!((worsened.len(), worsened[0].id, worsened[0].severity), (1, told[0].id, Severity::Critical));
    let ended = until_alert(&mut world, &[]);
    assert_eq!((ended.len(), ended[0].id, ended[0].state), (1, told[0].id, AlertState::Resolved));
}

#[test]
fn processes_of_one_application_that_run_away_at_once_are_one_alert() {
    let mut world = firefox(4);
    let busy = [(101, 1.0), (102, 1.2), (103, 1.0)];
    let told = until_alert(&mut world, &busy);
    assert_eq!((told.len(), told[0].pid, members(&told[0])), (1, 102, vec![102, 101, 103]));
    assert_eq!(told[0].title.as_deref(), Some("Firefox is using 3.2 cores"));
    let worsened = until_alert(&mut world, &busy);
    assert_eq!((worsened.len(), worsened[0].id, worsened[0].severity), (1, told[0].id, Severity::Critical));
    assert_eq!(members(&worsened[0]), [102, 101, 103]);
    for _ in 0..20 {
        assert_eq!(pushed(&world.scan(&busy)), [], "it is one alert");
    }
}

#[test]
fn when_the_worst_has_rested_the_next_is_told_of() {
    let mut world = firefox(4);
    let told = until_alert(&mut world, &[(101, 1.0), (102, 1.2)]);
    assert_eq!(told[0].pid, 102);
    until_alert(&mut world, &[(101, 1.0), (102, 1.2)]);
    let ended = until_alert(&mut world, &[(101, 1.0)]);
    assert_eq!((ended[0].pid, ended[0].state), (102, AlertState::Resolved));
    let next = until_alert(&mut world, &[(101, 1.0)]);
    assert_eq!((next[0].pid, next[0].state), (101, AlertState::Firing));
}

#[test]
fn an_alert_about_all_of_them_outlives_the_process_that_it_is_told_under() {
    let mut world = firefox(20);
    let busy: Vec<_> = (101..121).map(|pid| (pid, 0.1)).collect();
    let told = until_alert(&mut world, &busy);
    assert_eq!(told[0].pid, 100);
    world.processes.retain(|sample| sample.id.pid != 100);
    for _ in 0..20 {
        assert_eq!(pushed(&world.scan(&busy)), []);
    }
    let worsened = until_alert(&mut world, &busy);
    assert_eq!((worsened[0].id, worsened[0].severity), (told[0].id, Severity::Critical));
    world.processes.retain(|sample| sample.id.pid < 100);
    let ended = until_alert(&mut world, &[]);
    assert_eq!((ended[0].id, ended[0].state), (told[0].id, AlertState::Resolved));
}

#[test]
fn one_that_was_dismissed_stays_silent_for_the_whole_application() {
    let mut world = firefox(4);
    let busy = [(101, 1.0), (102, 1.2)];
    let told = until_alert(&mut world, &busy);
    world.ask(Request::DismissAlert(ById { id: told[0].id }));
    for _ in 0..100 {
        assert_eq!(pushed(&world.scan(&busy)), []);
    }
}

#[test]
fn one_with_a_limit_of_its_own_is_told_of_beside_its_application() {
    let rule = "[[rule]]\nmatch = '--child 102'\nmatch_type = 'cmdline'\ncpu_threshold_percent = 50";
    let mut world = firefox_with(rule, 4);
    let busy = [(101, 1.2), (102, 1.0), (103, 1.0)];
    let told = until_alert(&mut world, &busy);
    let told: Vec<_> = told.iter().map(|alert| (alert.pid, members(alert))).collect();
    assert_eq!(told, [(101, vec![101, 103]), (102, vec![])]);

    let mut world = firefox_with(rule, 20);
    let mut busy: Vec<_> = (103..121).map(|pid| (pid, 0.1)).collect();
    let told = until_alert(&mut world, &busy);
    assert_eq!((told.len(), told[0].pid), (1, 100));
    busy.push((102, 0.6));
    let told: Vec<Alert> = (0..40).flat_map(|_| pushed(&world.scan(&busy))).collect();
    assert!(told.iter().any(|alert| alert.pid == 102), "the application's alert does not stand for it: {told:?}");
}

#[test]
fn an_alert_about_all_of_them_ends_by_the_duration_for_all() {
    let rule = "[[rule]]\nmatch = '--child 100'\nmatch_type = 'cmdline'\ncpu_duration_seconds = 1";
    let mut world = firefox_with(rule, 20);
    let busy: Vec<_> = (101..121).map(|pid| (pid, 0.1)).collect();
    assert_eq!(until_alert(&mut world, &busy)[0].pid, 100);
    let before = world.now;
    let ended = until_alert(&mut world, &[]);
    assert_eq!((ended[0].pid, ended[0].state), (100, AlertState::Resolved));
    assert!(world.seconds_since(before) >= 30, "after {} s", world.seconds_since(before));
}

#[test]
fn what_was_dismissed_hides_no_other_program_of_the_same_name() {
    let mut world = World::new(Start::default());
    for (pid, name, command_line) in [(50, "bash", "bash"), (100, "python3", "sim.py"), (101, "python3", "bug.py")] {
        world.add(pid, name);
        let sample = world.process(pid);
        sample.parent = if pid == 50 { 1 } else { 50 };
        Arc::make_mut(&mut sample.description).command_line = command_line.into();
    }
    world.tick();
    let told = until_alert(&mut world, &[(100, 1.0)]);
    world.ask(Request::DismissAlert(ById { id: told[0].id }));
    let other = until_alert(&mut world, &[(100, 1.0), (101, 1.0)]);
    assert_eq!((other[0].pid, other[0].state), (101, AlertState::Firing));
}
