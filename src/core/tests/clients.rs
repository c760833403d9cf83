//! What clients are told of the guard, and what they may ask of alerts and entries.

use super::*;
use crate::protocol::request::{ActOnAlert, CloseNotice, UpdateWhitelist};
use crate::protocol::{Hello, Status};

/// The data of the answer that is among the effects.
fn data(effects: &[Effect]) -> serde_json::Value {
    let reply = effects.iter().find_map(|effect| if let Effect::Reply(_, reply) = effect { Some(reply) } else { None });
    let Some(Reply::Response(data)) = reply else { panic!("{effects:?}") };
    data.clone()
}

#[test]
fn the_status_tells_of_the_machine() {
    let mut world = World::new(Start::default());
    world.add(100, "spin");
    assert_eq!((world.core.status().scanned, world.core.status().cores), (None, 0));
    world.tick();
    let first = world.core.status();
    assert_eq!((first.scanned, first.cores, first.cpu_percent), (Some(START.unix), 4, None), "no interval yet");
    assert_eq!((first.memory_total_mb, first.memory_used_mb), (Some(16_384.0), Some(10_240.0)));
    assert_eq!(first.pressure, Pressure { cpu_some: Some(1.5), ..Pressure::default() });
    world.scan(&[(100, 1.0)]);
    assert_eq!(world.core.status().cpu_percent, Some(25.0), "one of four cores");
    world.now.boottime += Duration::from_hours(1);
    world.scan(&[]);
    assert_eq!(world.core.status().cpu_percent, None, "the machine slept");
    world.scan(&[(100, 9.0)]);
    assert_eq!(world.core.status().cpu_percent, Some(100.0));
}

#[test]
fn what_is_wrong_with_the_config_is_told_by_itself_too() {
    let mut world = burner();
    let sentence = "config.toml, line 3, column 1: no such key.".to_owned();
    world.core.set_problem(Part::Store, Some("The disk is full.".to_owned()));
    world.core.set_problem(Part::Config, Some(sentence.clone()));
    let Status { problems, config_problem, .. } = world.core.status();
    assert_eq!((problems.len(), config_problem), (2, Some(sentence)));
    world.core.set_problem(Part::Config, None);
    assert_eq!(world.core.status().config_problem, None);
}

#[test]
fn hello_tells_of_this_run() {
    let about = About {
        pid: 900,
        started: START.unix,
        config_path: "/c/config.toml".into(),
        history_path: "/d/history.db".into(),
        socket_path: "/r/guard.sock".into(),
        ends_with_session: true,
        no_window: None,
    };
    let mut world = World::new(Start { about, ..Start::default() });
    let hello: Hello = serde_json::from_value(data(&world.ask(Request::Hello).1)).unwrap();
    assert_eq!((hello.pid, hello.started, &*hello.socket_path), (900, START.unix, "/r/guard.sock"));
    assert_eq!((&*hello.config_path, &*hello.history_path), ("/c/config.toml", "/d/history.db"));
    assert!(hello.ends_with_session);
}

/// The code of the refusal that is among the effects.
fn code(effects: &[Effect]) -> ErrorCode {
    let [Effect::Reply(_, Reply::Error(error))] = effects else { panic!("{effects:?}") };
    error.code
}

fn update(id: i64, pattern: &str, match_type: MatchType) -> Request {
    let reason = Some("as it should be".to_owned());
    Request::UpdateWhitelist(UpdateWhitelist { id, pattern: pattern.to_owned(), match_type, reason })
}

/// Asks for a change of the whitelist, and lets the store keep it.
fn change(world: &mut World, request: Request) -> Vec<Effect> {
    let (_, effects) = world.ask(request);
    let [Effect::Store(_, Some(write))] = effects[..] else { panic!("{effects:?}") };
    world.core.stored(write, Ok(()), world.now)
}

#[test]
fn an_entry_is_changed_in_its_place_and_holds_from_the_next_scan() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    world.whitelist("other");
    let created = world.now.unix;
    world.scan(&[(100, 1.0)]);
    let effects = change(&mut world, update(1, "^sp", MatchType::Regex));
    assert_eq!(data(&effects), serde_json::json!({ "success": true }));
    let listed = data(&world.ask(Request::ListWhitelist).1);
    assert_eq!(listed[0]["pattern"], "^sp");
    assert_eq!((&listed[0]["created"], listed.as_array().unwrap().len()), (&created.into(), 1));
    let ended = pushed(&world.scan(&[(100, 1.0)]));
    assert_eq!((ended[0].id, ended[0].state), (alert.id, AlertState::Acted));
    change(&mut world, update(1, "other", MatchType::Name));
    assert_eq!(pushed(&world.scan(&[(100, 1.0)])).len(), 1, "it is told of again");
}

#[test]
fn a_change_of_an_entry_is_refused_where_it_cannot_be() {
    let mut world = burner();
    world.whitelist("spin");
    world.whitelist("make");
    let mut refused = |request| code(&world.ask(request).1);
    assert_eq!(refused(update(9, "gcc", MatchType::Name)), ErrorCode::NotFound);
    assert_eq!(refused(update(1, "(", MatchType::Regex)), ErrorCode::InvalidPattern);
    assert_eq!(refused(update(1, "make", MatchType::Name)), ErrorCode::AlreadyExists);
    let (_, effects) = world.ask(update(1, "spin", MatchType::Cmdline));
    let [Effect::Store(_, Some(write))] = effects[..] else { panic!("its own pattern is no other's: {effects:?}") };
    assert_eq!(code(&world.ask(update(2, "spin", MatchType::Name)).1), ErrorCode::AlreadyExists);
    let gone = Error::new(ErrorCode::NotFound, "Gone.");
    assert_eq!(code(&world.core.stored(write, Err(gone), world.now)), ErrorCode::NotFound);
    assert_eq!(data(&world.ask(Request::ListWhitelist).1)[0]["match_type"], "name", "nothing has changed");
}

#[test]
fn an_entry_that_stands_in_the_way_of_the_whitelist_button_is_told() {
    let mut world = burner();
    let description = Description {
        command_line: "/usr/lib/browser --tab".into(),
        ..world.process(100).description.as_ref().clone()
    };
    world.process(100).description = description.into();
    let entry = |id, match_type| WhitelistEntry { id, pattern: "spin".into(), match_type, reason: None, created: 1 };
    world.core.take_up_whitelist(vec![entry(1, MatchType::Cmdline)]);
    let alert = world.burn_until_alert(100).id;
    let press = |world: &mut World| {
        world.core.act(alert, Action::Whitelist, Origin::Tray, world.now);
        world.core.view().notices.into_iter().map(|notice| (notice.title, notice.body)).collect::<Vec<_>>()
    };
    let why = "The whitelist has \"spin\" already. Remove that entry first.";
    assert_eq!(press(&mut world), [("spin (100) is not on the whitelist.".to_owned(), why.to_owned())]);
    world.pass(Duration::from_mins(1), &[(100, 1.0)]);
    world.core.end_due_outcomes(world.now);
    change(&mut world, update(1, "spin", MatchType::Name));
    assert_eq!(press(&mut world), [], "it holds from the next scan on");
}

#[test]
fn an_entry_that_the_store_found_holds_from_the_next_scan() {
    let mut world = burner();
    let alert = world.burn_until_alert(100);
    let found =
        WhitelistEntry { id: 41, pattern: "spin".into(), match_type: MatchType::Name, reason: None, created: 1 };
    changes(&mut world);
    world.core.take_up_whitelist(vec![found]);
    assert_eq!(changes(&mut world), [What::Whitelist]);
    let ended = pushed(&world.scan(&[(100, 1.0)]));
    assert_eq!((ended[0].id, ended[0].state), (alert.id, AlertState::Acted));
    world.whitelist("other");
    assert_eq!(data(&world.ask(Request::ListWhitelist).1)[1]["id"], 42);
}

#[test]
fn a_pattern_that_is_being_stored_is_taken() {
    let mut world = burner();
    world.whitelist("spin");
    world.ask(update(1, "gcc", MatchType::Name));
    let params = AddWhitelist { pattern: "gcc".into(), match_type: MatchType::Name, reason: None };
    assert_eq!(code(&world.ask(Request::AddWhitelist(params)).1), ErrorCode::AlreadyExists);
}

/// What is told of changes since it was last asked.
fn changes(world: &mut World) -> Vec<What> {
    let what = |effect| if let Effect::Push(Push::Changed(changed)) = effect { Some(changed.what) } else { None };
    world.core.news().into_iter().filter_map(what).collect()
}

#[test]
fn changes_of_config_and_whitelist_are_told_once() {
    let mut world = burner();
    assert_eq!(changes(&mut world), []);
    world.whitelist("spin");
    change(&mut world, update(1, "make", MatchType::Name));
    assert_eq!(changes(&mut world), [What::Whitelist]);
    change(&mut world, Request::RemoveWhitelist(ById { id: 1 }));
    world.core.adopt(Config::default());
    assert_eq!(changes(&mut world), [What::Config, What::Whitelist]);
    world.core.set_problem(Part::Config, Some("config.toml is not a file.".to_owned()));
    assert_eq!(changes(&mut world), [What::Config]);
    world.core.set_problem(Part::Config, Some("config.toml is not a file.".to_owned()));
    world.core.set_problem(Part::Store, Some("The disk is full.".to_owned()));
    assert_eq!(changes(&mut world), []);
    world.core.set_problem(Part::Config, None);
    assert_eq!(changes(&mut world), [What::Config]);
}

#[test]
fn notices_are_told_when_they_change_and_answered_when_asked() {
    let mut world = burner();
    assert_eq!(world.core.news(), []);
    assert_eq!(data(&world.ask(Request::GetNotices).1), serde_json::json!([]));
    let alert = world.burn_until_alert(100).id;
    world.process(100).state = State::Running;
    let [Effect::Push(Push::Notices(told))] = &world.core.news()[..] else { panic!("one push") };
    assert_eq!((told[0].alert, &*told[0].title), (alert, "spin is using 1 core"));
    assert_eq!(told[0].kind, crate::protocol::NoticeKind::Warning);
    assert_eq!(told[0].actions, [Action::Kill, Action::Pause, Action::Whitelist, Action::Dismiss]);
    assert_eq!(data(&world.ask(Request::GetNotices).1), serde_json::to_value(told).unwrap());
    world.scan(&[(100, 1.0)]);
    assert_eq!(world.core.news(), [], "nothing has changed");
    let (_, effects) = world.ask(Request::CloseNotice(CloseNotice { alert }));
    assert_eq!(effects[1..], [Effect::Push(Push::Notices(vec![]))]);
    assert_eq!(world.core.view().alerts.len(), 1, "the alert goes on");
    assert_eq!(world.ask(Request::CloseNotice(CloseNotice { alert: 99 })).1.len(), 1);
}

#[test]
fn the_notice_that_counts_the_rest_stays_closed() {
    let mut world = World::new(Start::default());
    let all: Vec<(u32, f64)> = (100..110).map(|pid| (pid, 1.0)).collect();
    for (pid, _) in &all {
        world.add(*pid, &format!("spin{pid}"));
    }
    world.tick();
    while pushed(&world.scan(&all)).is_empty() {}
    assert_eq!(world.core.view().notices.len(), 5);
    world.ask(Request::CloseNotice(CloseNotice { alert: -1 }));
    world.scan(&all);
    assert_eq!(world.core.view().notices.len(), 4);
    for alert in 1..=6 {
        world.ask(Request::CloseNotice(CloseNotice { alert }));
    }
    world.scan(&all);
    assert_eq!(world.core.view().notices.len(), 4, "nobody is left to be counted");
}

#[test]
fn acting_on_an_alert_does_what_its_buttons_do() {
    let mut world = burner();
    let id = world.burn_until_alert(100).id;
    let act = |world: &mut World, action| world.ask(Request::ActOnAlert(ActOnAlert { id, action, ask: false })).1;
    let effects = act(&mut world, Action::Kill);
    let [Effect::Reply(_, reply), Effect::Kill(kill)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((reply, kill.alert, kill.origin), (&Reply::success(), Some(id), Origin::Socket));
    world.core.killed(*kill, &KillOutcome::Refused("It is root's.".into()), world.now);
    let effects = act(&mut world, Action::Pause);
    assert!(matches!(effects[1], Effect::Signal(SignalRequest { signal: Signal::Stop, ticket: None, .. })));
    let effects = act(&mut world, Action::Continue);
    assert!(matches!(effects[1], Effect::Signal(SignalRequest { signal: Signal::Cont, .. })));
    assert!(matches!(act(&mut world, Action::Whitelist)[1], Effect::Store(Write::AddWhitelist(_), Some(_))));
    assert_eq!(pushed(&act(&mut world, Action::Dismiss))[0].state, AlertState::Dismissed);
    assert_eq!(code(&act(&mut world, Action::Kill)), ErrorCode::NotFound, "it fires no more");
}

#[test]
fn what_is_being_told_is_known_until_it_has_been_shown() {
    let mut world = burner();
    let outcome = crate::words::no_window("no display");
    world.core.tell(outcome.clone(), world.now);
    assert!(world.core.is_telling(&outcome.title, world.now));
    assert_eq!(world.core.view().notices[0].title, "The window could not be opened");
    world.scan(&[]);
    assert!(!world.core.is_telling(&outcome.title, world.now));
}

#[test]
fn quit_is_answered_before_the_end() {
    let mut world = burner();
    let (ticket, effects) = world.ask(Request::Quit);
    assert_eq!(effects, [Effect::Reply(ticket, Reply::success()), Effect::Quit]);
}

#[test]
fn an_alert_keeps_the_title_of_its_worst() {
    let mut world = burner();
    assert_eq!(world.burn_until_alert(100).title.as_deref(), Some("spin is using 1 core"));
    let worse = world.burn_until_alert(100);
    assert_eq!(world.core.view().alerts[0].title, worse.title.unwrap());
}

#[test]
fn whoever_waits_for_a_scan_that_does_not_end_is_answered() {
    let mut world = World::new(Start::default());
    let (first, effects) = world.ask(Request::ListProcesses(ListProcesses::default()));
    assert_eq!(effects, [Effect::Scan]);
    world.pass(Duration::from_secs(2), &[]);
    let (second, _) = world.ask(Request::ListProcesses(ListProcesses::default()));
    world.pass(Duration::from_secs(2), &[]);
    assert_eq!(world.core.give_up(world.now), []);
    assert_eq!(world.core.patience(), Some(world.now.monotonic + Duration::from_secs(1)));
    world.pass(Duration::from_secs(1), &[]);
    let effects = world.core.give_up(world.now);
    let [Effect::Reply(ticket, Reply::Error(error))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((*ticket, error.code), (first, ErrorCode::Internal));
    let effects = world.tick();
    assert!(matches!(effects[..], [Effect::Reply(ticket, Reply::Response(_))] if ticket == second), "{effects:?}");
    assert_eq!(world.core.patience(), None);
}
