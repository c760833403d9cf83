use super::*;
use crate::process::{Description, State};
use crate::protocol::Pressure;
use crate::protocol::request::{AddWhitelist, ById, KillProcess, ListProcesses, PauseMonitoring, SignalName};
use crate::protocol::{AlertState, Error, ErrorCode, Level, MatchType, Push, Reason, Reply, Request, Severity};
use crate::sample::{Load, Memory, Sample, Wait};

mod ask;
mod clients;
mod explain;
mod groups;
mod histories;
mod leaks;
mod properties;
mod restart;
mod world;

use world::{START, World, pushed};

fn burner() -> World {
    let mut world = World::new(Start::default());
    world.add(100, "spin");
    world.tick();
    world
}

#[test]
fn a_burner_is_one_episode_from_warning_to_its_end() {
    let mut world = burner();
    assert_eq!(world.core.interval(world.now), Some(Duration::from_secs(10)));
    let alert = world.burn_until_alert(100);
    assert_eq!((alert.reason, alert.severity, alert.state), (Reason::CpuHigh, Severity::Warning, AlertState::Firing));
    assert_eq!(world.seconds_since(START), 60);
    assert_eq!(world.core.interval(world.now), Some(Duration::from_secs(2)));
    assert_eq!(world.core.view().level, Level::Yellow);

    let worsened = world.burn_until_alert(100);
    assert_eq!((worsened.id, worsened.severity), (alert.id, Severity::Critical));
    assert_eq!(world.seconds_since(START), 120);
    assert_eq!(world.core.view().level, Level::Red);

    for _ in 0..50 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), [], "nothing is said twice");
    }
    let ended: Vec<Alert> = (0..30).flat_map(|_| pushed(&world.scan(&[]))).collect();
    assert_eq!(ended.iter().map(|alert| (alert.id, alert.state)).collect::<Vec<_>>(), [(1, AlertState::Resolved)]);
    assert_eq!(world.core.view().level, Level::Green);
    assert_eq!(world.core.interval(world.now), Some(Duration::from_secs(10)));
}

#[test]
fn one_idle_interval_neither_ends_nor_repeats_an_alert() {
    let mut world = burner();
    world.burn_until_alert(100);
    for round in 0..100 {
        let cores = if round % 5 == 0 { 0.1 } else { 1.0 };
        let changes = pushed(&world.scan(&[(100, cores)]));
        assert_eq!(changes, [], "round {round}");
    }
}

#[test]
fn a_process_that_rests_once_in_the_duration_is_not_alerted_about() {
    let mut world = burner();
    for round in 0..200 {
        let cores = if round % 20 == 0 { 0.5 } else { 1.0 };
        assert_eq!(pushed(&world.scan(&[(100, cores)])), [], "round {round}");
    }
}

#[test]
fn a_process_that_is_gone_ends_its_alerts() {
    let mut world = burner();
    world.burn_until_alert(100);
    world.processes.clear();
    let ended = pushed(&world.scan(&[]));
    assert_eq!(ended.iter().map(|alert| alert.state).collect::<Vec<_>>(), [AlertState::Resolved]);
    assert_eq!(world.core.view().notices, []);
}

#[test]
fn a_reused_pid_is_another_process() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    let sample = world.process(100);
    sample.id.start_time += 1;
    sample.age = Duration::ZERO;
    sample.cpu_time = Duration::ZERO;
    let ended = pushed(&world.scan(&[(100, 1.0)]));
    assert_eq!(
        ended.iter().map(|ended| (ended.id, ended.state)).collect::<Vec<_>>(),
        [(alert.id, AlertState::Resolved)]
    );
    assert_ne!(world.burn_until_alert(100).id, alert.id);
}

#[test]
fn a_dismissed_alert_stays_silent_until_its_condition_ends() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    let (_, effects) = world.ask(Request::DismissAlert(ById { id: alert.id }));
    assert_eq!(pushed(&effects)[0].state, AlertState::Dismissed);
    assert_eq!(world.core.view().level, Level::Green);
    for _ in 0..100 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), []);
    }
    for _ in 0..10 {
        assert_eq!(pushed(&world.scan(&[])), []);
    }
    assert_eq!(world.burn_until_alert(100).state, AlertState::Firing);
}

#[test]
fn the_whitelist_holds_from_the_next_scan_when_added_and_when_removed() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    world.whitelist("spin");
    let ended = pushed(&world.scan(&[(100, 1.0)]));
    assert_eq!((ended[0].id, ended[0].state), (alert.id, AlertState::Acted));
    for _ in 0..60 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), []);
    }
    assert_eq!(world.core.interval(world.now), Some(Duration::from_secs(10)), "what is whitelisted is not suspicious");
    let (ticket, effects) = world.ask(Request::RemoveWhitelist(ById { id: 1 }));
    let [Effect::Store(Write::RemoveWhitelist(1), Some(write))] = effects[..] else { panic!("{effects:?}") };
    assert_eq!(world.core.stored(write, Ok(()), world.now), [Effect::Reply(ticket, Reply::success())]);
    assert_eq!(pushed(&world.scan(&[(100, 1.0)])).len(), 1);
}

#[test]
fn an_entry_that_could_not_be_stored_takes_no_effect() {
    let mut world = burner();
    let params = AddWhitelist { pattern: "spin".into(), match_type: MatchType::Name, reason: None };
    let (ticket, effects) = world.ask(Request::AddWhitelist(params));
    let [Effect::Store(_, Some(write))] = effects[..] else { panic!("{effects:?}") };
    let full = Error::new(ErrorCode::Internal, "The disk is full.");
    assert_eq!(world.core.stored(write, Err(full.clone()), world.now), [Effect::Reply(ticket, full.into())]);
    world.burn_until_alert(100);
}

#[test]
fn a_pattern_is_refused_when_it_cannot_be_used_or_is_there_already() {
    let mut world = burner();
    world.whitelist("spin");
    let mut refused = |pattern: &str, match_type| {
        let params = AddWhitelist { pattern: pattern.into(), match_type, reason: None };
        match &world.ask(Request::AddWhitelist(params)).1[..] {
            [Effect::Reply(_, Reply::Error(error))] => error.code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused("spin", MatchType::Cmdline), ErrorCode::AlreadyExists);
    assert_eq!(refused("(", MatchType::Regex), ErrorCode::InvalidPattern);
    assert_eq!(refused("", MatchType::Name), ErrorCode::InvalidPattern);
}

/// The kill that somebody pressed.
fn pressed(effects: &[Effect]) -> Kill {
    let kill = effects.iter().find_map(|effect| if let Effect::Kill(kill) = effect { Some(*kill) } else { None });
    kill.expect("a kill")
}

#[test]
fn kill_ends_the_alert_and_says_what_became_of_it() {
    let mut world = burner();
    let alert = world.burn_until_alert(100).id;
    let effects = world.core.act(alert, Action::Kill, Origin::Notification, world.now);
    let kill = pressed(&effects);
    assert_eq!((kill.id.pid, kill.grace), (100, Duration::from_secs(5)));
    let again = world.core.act(alert, Action::Kill, Origin::Tray, world.now);
    assert_eq!(again, [], "one kill at a time");
    assert_eq!(world.core.view().notices.len(), 1, "it stays open until there is something to tell");
    world.processes.clear();
    assert_eq!(pushed(&world.scan(&[])), [], "the end is told with what became of it");
    let effects = world.core.killed(kill, &KillOutcome::Killed, world.now);
    let told = &pushed(&effects)[0];
    assert_eq!((told.state, told.action.as_deref()), (AlertState::Acted, Some("SIGKILL by notification")));
    let notices = world.core.view().notices;
    assert_eq!(notices[0].title, "spin (100) was killed.");
    assert_eq!(notices[0].body, "It ignored the request to end; killed after 5 s.");
    world.scan(&[]);
    assert_eq!(world.core.view().notices, [], "an outcome goes away by itself");
}

#[test]
fn a_refused_kill_says_why_and_the_alert_goes_on() {
    let mut world = burner();
    let alert = world.burn_until_alert(100).id;
    let kill = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
    let why = KillOutcome::Refused("Not allowed: it belongs to root.".into());
    assert_eq!(world.core.killed(kill, &why, world.now), []);
    assert_eq!(world.core.view().notices[0].body, "Not allowed: it belongs to root.");
    assert_eq!(world.core.view().alerts.len(), 1);
}

#[test]
fn a_paused_process_keeps_its_alert_with_continue_and_calms_the_tray() {
    let mut world = burner();
    world.burn_until_alert(100);
    let alert = world.burn_until_alert(100).id;
    let effects = world.core.act(alert, Action::Pause, Origin::Tray, world.now);
    let [Effect::Signal(request)] = effects[..] else { panic!("{effects:?}") };
    assert_eq!(request.signal, Signal::Stop);
    world.core.signalled(&request, Ok(()), world.now);
    world.process(100).state = State::Stopped;
    for _ in 0..30 {
        assert_eq!(pushed(&world.scan(&[])), []);
    }
    let view = world.core.view();
    assert!(view.alerts[0].stopped);
    assert_eq!(view.level, Level::Yellow);
    assert_eq!(world.core.interval(world.now), Some(Duration::from_secs(10)));
    world.process(100).state = State::Running;
    for _ in 0..10 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), [], "the same episode goes on");
    }
    assert!(!world.core.view().alerts[0].stopped);
}

#[test]
fn a_closed_notification_stays_closed_while_the_alert_lasts() {
    let mut world = burner();
    let alert = world.burn_until_alert(100).id;
    assert_eq!(world.core.view().notices.len(), 1);
    world.core.notice_closed(alert);
    world.burn_until_alert(100);
    assert_eq!(world.core.view().notices, []);
    assert_eq!(world.core.view().level, Level::Red);
}

#[test]
fn many_runaways_at_once_have_few_notifications_and_one_that_counts_the_rest() {
    let mut world = World::new(Start::default());
    let all: Vec<(u32, f64)> = (100..120).map(|pid| (pid, 1.0)).collect();
    for (pid, _) in &all {
        world.add(*pid, &format!("spin{pid}"));
    }
    world.tick();
    while pushed(&world.scan(&all)).is_empty() {}
    let view = world.core.view();
    assert_eq!((view.alerts.len(), view.notices.len()), (20, 5));
    assert_eq!(view.notices[4].title, "16 more processes have run away");
    let (_, effects) = world.ask(Request::ClearAlerts);
    assert_eq!(pushed(&effects).len(), 20);
    assert_eq!(world.core.view().notices, []);
}

#[test]
fn sleep_of_the_machine_counts_for_nothing() {
    let mut world = burner();
    for _ in 0..10 {
        world.scan(&[(100, 1.0)]);
    }
    world.now.boottime += Duration::from_hours(8);
    world.now.unix += 8 * 3600;
    let before = world.now;
    assert_eq!(pushed(&world.scan(&[(100, 0.0)])), [], "the interval of the sleep is no calm either");
    world.burn_until_alert(100);
    let awake = world.seconds_since(before);
    assert_eq!(awake, 60 - 28 + 2, "28 s before the sleep, the rest after it, and the interval that slept");
}

#[test]
fn a_wall_clock_set_back_changes_no_verdict() {
    let mut world = burner();
    world.scan(&[(100, 1.0)]);
    world.now.unix -= 86_400;
    world.burn_until_alert(100);
    assert_eq!(world.seconds_since(START), 60);
}

#[test]
fn a_stuck_process_is_a_hang_only_if_it_never_ran() {
    let mut world = World::new(Start::default());
    world.add(100, "rsync");
    world.add(200, "dd");
    world.process(100).state = State::DiskSleep;
    world.process(200).state = State::DiskSleep;
    let waits = |timeslices| Some(Box::new(Wait { timeslices: Some(timeslices), ..Wait::default() }));
    world.process(100).wait = waits(7);
    world.tick();
    let mut alerts = Vec::new();
    for round in 0..40 {
        world.process(200).wait = waits(round);
        alerts.extend(pushed(&world.scan(&[])));
    }
    let told: Vec<_> = alerts.iter().map(|alert| (alert.pid, alert.reason, alert.severity)).collect();
    assert_eq!(told, [(100, Reason::Hang, Severity::Warning), (100, Reason::Hang, Severity::Critical)]);
}

#[test]
fn a_stopped_process_never_hangs() {
    let mut world = burner();
    world.process(100).state = State::Stopped;
    for _ in 0..100 {
        assert_eq!(pushed(&world.scan(&[])), []);
    }
}

#[test]
fn pausing_stops_alerts_and_ends_by_itself() {
    let mut world = burner();
    world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: Some(900) }));
    assert_eq!(world.core.interval(world.now), Some(Duration::from_mins(15)));
    assert!(world.core.status().paused);
    assert_eq!(world.core.status().paused_until, Some(START.unix + 900));
    assert_eq!(pushed(&world.tick()), []);
    world.now.monotonic += Duration::from_mins(15);
    world.now.boottime += Duration::from_mins(15);
    assert!(world.core.end_due_pause(world.now));
    assert!(!world.core.is_paused());
    world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: None }));
    assert_eq!(world.core.interval(world.now), None);
    let (_, effects) = world.ask(Request::ResumeMonitoring);
    assert!(effects.contains(&Effect::Scan));
}

#[test]
fn time_during_a_pause_counts_for_nothing_however_often_somebody_asks_for_a_scan() {
    let mut world = burner();
    for _ in 0..10 {
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])), []);
    }
    let watched = world.seconds_since(START);
    world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: None }));
    for _ in 0..200 {
        world.pass(Duration::from_secs(2), &[(100, 1.0)]);
        let (ticket, effects) = world.ask(Request::ListProcesses(ListProcesses::default()));
        assert_eq!(effects, [Effect::Scan]);
        let effects = world.tick();
        let [Effect::Reply(to, Reply::Response(listed))] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!((*to, &listed[0]["cpu_percent"]), (ticket, &100.0.into()));
    }
    world.ask(Request::ResumeMonitoring);
    let resumed = world.now;
    assert_eq!(pushed(&world.tick()), []);
    world.burn_until_alert(100);
    assert_eq!(watched + world.seconds_since(resumed), 60, "before the pause and after it");
}

#[test]
fn one_that_ran_during_a_pause_has_not_been_stuck_throughout() {
    let mut world = burner();
    world.process(100).state = State::DiskSleep;
    for _ in 0..9 {
        assert_eq!(pushed(&world.scan(&[])), []);
    }
    world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: None }));
    world.scan_after(Duration::from_mins(5), &[(100, 0.1)]);
    world.scan_after(Duration::from_mins(5), &[]);
    world.ask(Request::ResumeMonitoring);
    let resumed = world.now;
    world.tick();
    let alert = (0..100).find_map(|_| pushed(&world.scan(&[])).pop()).expect("an alert");
    assert_eq!((alert.reason, world.seconds_since(resumed)), (Reason::Hang, 30));
}

#[test]
fn bad_pids_and_signals_are_refused_before_anything_is_touched() {
    let mut world = burner();
    for (pid, signal) in [(0, "TERM"), (-1, "TERM"), (1 << 23, "TERM"), (100, "SEGV"), (100, "0")] {
        let params = KillProcess { pid, signal: SignalName::Name(signal.into()), start_time: None, ask: false };
        let (_, effects) = world.ask(Request::KillProcess(params));
        let [Effect::Reply(_, Reply::Error(error))] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(error.code, ErrorCode::BadRequest, "{pid} {signal}");
    }
    for signal in [SignalName::Name("sigterm".into()), SignalName::Name("15".into()), SignalName::Number(15)] {
        assert_eq!(Signal::parse(&signal), Some(Signal::Term));
    }
}

#[test]
fn the_owner_of_a_process_is_named_as_the_last_scan_did() {
    let world = burner();
    assert_eq!(&*world.core.owner(Target { pid: 100, start_time: None }), "ada");
    assert_eq!(&*world.core.owner(Target { pid: 100, start_time: Some(7) }), "another user");
}
