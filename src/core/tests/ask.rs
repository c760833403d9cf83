//! Processes of other users: who may have an administrator asked, and how often.

use super::*;
use crate::protocol::Outcome;
use crate::protocol::request::ActOnAlert;

const OWNER: &str = "Not allowed: it belongs to root. Run: sudo kill -TERM 100";

/// A guard of ada's, beside a process of root's that keeps a core busy.
fn world(asks: bool) -> World {
    let protection = Protection::new(1000, vec![1]).asking(asks);
    let mut world = World::new(Start { protection, ..Start::default() });
    world.add(100, "packagekitd");
    let description = Description { uid: 0, user: "root".into(), ..(*world.process(100).description).clone() };
    world.process(100).description = Arc::new(description);
    world
}

fn forbidden() -> KillOutcome {
    KillOutcome::Forbidden(OWNER.into())
}

fn asked(effects: &[Effect]) -> Vec<Kill> {
    effects.iter().filter_map(|effect| if let Effect::Ask(kill) = effect { Some(*kill) } else { None }).collect()
}

fn told(effects: &[Effect]) -> Vec<Outcome> {
    let outcome =
        |effect: &Effect| if let Effect::Push(Push::Outcome(told)) = effect { Some(told.clone()) } else { None };
    effects.iter().filter_map(outcome).collect()
}

/// A client's request, as the shell hands it back where the kernel refused.
fn request(world: &mut World, signal: &str, ask: bool) -> SignalRequest {
    let params = KillProcess { pid: 100, signal: SignalName::Name(signal.into()), start_time: None, ask };
    let (_, effects) = world.ask(Request::KillProcess(params));
    let [Effect::Signal(request)] = effects[..] else { panic!("{effects:?}") };
    request
}

#[test]
fn its_notification_offers_what_can_work_and_says_the_rest() {
    for (asks, actions, said) in [
        (true, &[Action::Kill, Action::Whitelist, Action::Dismiss][..], "Kill asks for an administrator's password."),
        (false, &[Action::Whitelist, Action::Dismiss], "To end it, run: sudo kill 100"),
    ] {
        let mut world = world(asks);
        world.burn_until_alert(100);
        let view = world.core.view();
        assert_eq!(view.notices[0].actions(), actions);
        let body = &view.notices[0].body;
        assert!(body.starts_with("packagekitd (100) has kept 1 core busy for 60 s. It belongs to root"), "{body}");
        assert!(body.ends_with(said), "{body}");
        assert_eq!((view.alerts[0].reach.kills(), view.alerts[0].reach.pauses()), (asks, false));
    }
}

#[test]
fn a_button_asks_once_and_what_comes_of_it_ends_the_alert() {
    let mut world = world(true);
    let alert = world.burn_until_alert(100).id;
    let kill = pressed(&world.core.act(alert, Action::Kill, Origin::Notification, world.now));
    assert_eq!(world.core.killed(kill, &forbidden(), world.now), [Effect::Ask(kill)]);
    assert_eq!(world.core.act(alert, Action::Kill, Origin::Tray, world.now), [], "the question stands");
    world.scan(&[(100, 1.0)]);
    assert_eq!(
        world.core.view().notices.len(),
        1,
        "scans go on, and the notice stays until there is something to tell"
    );
    let effects = world.core.killed(kill, &KillOutcome::Ended, world.now);
    let alert = &pushed(&effects)[0];
    assert_eq!((alert.state, alert.action.as_deref()), (AlertState::Acted, Some("SIGTERM by notification")));
    let message = "packagekitd (100) ended.".to_owned();
    assert_eq!(told(&effects), [Outcome { pid: 100, start_time: 1000, ended: true, message }], "whoever asked");
    assert_eq!(world.core.view().notices[0].title, "packagekitd (100) ended.");
}

#[test]
fn a_question_that_was_closed_is_told_and_may_be_asked_again() {
    let mut world = world(true);
    let alert = world.burn_until_alert(100).id;
    for _ in 0..2 {
        let kill = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
        assert_eq!(asked(&world.core.killed(kill, &forbidden(), world.now)).len(), 1);
        let closed = KillOutcome::Refused("The question was closed, so nothing was done.".into());
        let effects = world.core.killed(kill, &closed, world.now);
        assert_eq!((told(&effects).len(), effects.len()), (1, 1));
        let notice = &world.core.view().notices[0];
        assert_eq!(notice.title, "packagekitd (100) goes on.");
        assert_eq!(notice.body, "The question was closed, so nothing was done.");
    }
    assert_eq!(world.core.view().alerts.len(), 1);
}

#[test]
fn a_client_that_does_not_say_so_asks_nobody() {
    let mut world = world(true);
    let id = world.burn_until_alert(100).id;
    let act = |world: &mut World, ask| world.ask(Request::ActOnAlert(ActOnAlert { id, action: Action::Kill, ask })).1;
    let effects = act(&mut world, false);
    assert_eq!(effects[0], Effect::Reply(Ticket(1), Reply::success()));
    assert_eq!(world.core.killed(pressed(&effects), &forbidden(), world.now), []);
    assert_eq!(world.core.view().notices[0].body, OWNER);
    assert!(!request(&mut world, "TERM", false).asks);
    let effects = act(&mut world, true);
    assert_eq!(effects[0], Effect::Reply(Ticket(3), Reply::asking()));
    assert_eq!(asked(&world.core.killed(pressed(&effects), &forbidden(), world.now)).len(), 1);
}

#[test]
fn a_client_is_answered_at_once_and_told_by_a_push_what_came_of_it() {
    let mut world = world(true);
    world.burn_until_alert(100);
    let first = request(&mut world, "KILL", true);
    let id = Id { pid: 100, start_time: 1000 };
    let effects = world.core.forbidden(&first, id);
    assert_eq!(effects[0], Effect::Reply(Ticket(1), Reply::asking()));
    let [kill] = asked(&effects)[..] else { panic!("{effects:?}") };
    let second = request(&mut world, "TERM", true);
    assert_eq!(world.core.forbidden(&second, id), [Effect::Reply(Ticket(2), Reply::asking())], "the question stands");
    let kill = Kill { grace: Duration::from_secs(5), ..kill };
    let effects = world.core.killed(kill, &KillOutcome::Killed, world.now);
    let message = "packagekitd (100) was killed. It ignored the request to end; killed after 5 s.".to_owned();
    assert_eq!(told(&effects), [Outcome { pid: 100, start_time: 1000, ended: true, message }]);
    assert_eq!(pushed(&effects)[0].action.as_deref(), Some("SIGKILL by socket"));
    assert!(world.core.view().notices.is_empty(), "who asked is told");
    let effects = world.core.forbidden(&first, id);
    assert_eq!(asked(&effects).len(), 1, "it may be asked again");
}

#[test]
fn two_who_ask_about_one_process_are_one_question() {
    let mut world = world(true);
    let alert = world.burn_until_alert(100).id;
    let request = request(&mut world, "TERM", true);
    let id = Id { pid: 100, start_time: 1000 };
    let [kill] = asked(&world.core.forbidden(&request, id))[..] else { panic!("no question") };
    let button = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
    assert_eq!(world.core.killed(button, &forbidden(), world.now), []);
    assert_eq!(world.core.view().notices[0].body, "An administrator is being asked about it already.");
    let effects = world.core.killed(kill, &KillOutcome::Refused("It was not allowed.".into()), world.now);
    let message = "packagekitd (100) goes on. It was not allowed.".to_owned();
    assert_eq!(told(&effects), [Outcome { pid: 100, start_time: 1000, ended: false, message }]);
}

#[test]
fn only_what_ends_a_process_is_asked_for() {
    let mut world = world(true);
    for (signal, asks) in [("TERM", true), ("KILL", true), ("STOP", false), ("CONT", false), ("HUP", false)] {
        assert_eq!(request(&mut world, signal, true).asks, asks, "{signal}");
    }
}

/// What the store is told of alerts that clients are told nothing more of.
fn recorded(effects: &[Effect]) -> Vec<Alert> {
    assert_eq!(pushed(effects), [], "nothing is told after the end");
    let alert = |effect: &Effect| {
        if let Effect::Store(Write::Alert(record), _) = effect { Some(record.alert.clone()) } else { None }
    };
    effects.iter().filter_map(alert).collect()
}

/// Presses Kill on the alert of packagekitd, and has an administrator asked.
fn question(world: &mut World) -> Kill {
    let alert = world.burn_until_alert(100).id;
    let kill = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
    assert_eq!(world.core.killed(kill, &forbidden(), world.now), [Effect::Ask(kill)]);
    kill
}

/// Answers the question with an end after the alert ended in some way, and gives the state that its record says.
fn ended_before_the_answer(end: impl Fn(&mut World)) -> AlertState {
    let mut world = world(true);
    let kill = question(&mut world);
    end(&mut world);
    assert_eq!(world.core.view().alerts, []);
    let effects = world.core.killed(kill, &KillOutcome::Ended, world.now);
    let message = "packagekitd (100) ended.".to_owned();
    assert_eq!(told(&effects), [Outcome { pid: 100, start_time: 1000, ended: true, message }]);
    assert_eq!(world.core.view().notices[0].title, "packagekitd (100) ended.");
    let records = recorded(&effects);
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!((Some(record.id), record.action.as_deref()), (kill.alert, Some("SIGTERM by tray")));
    assert!(record.ended.is_some());
    record.state
}

#[test]
fn what_comes_of_a_question_is_told_and_recorded_where_its_alert_has_ended() {
    let calm = ended_before_the_answer(|world| while pushed(&world.scan(&[])).is_empty() {});
    let listed = ended_before_the_answer(|world| {
        world.whitelist("packagekitd");
        assert_eq!(pushed(&world.scan(&[(100, 1.0)])).len(), 1);
    });
    let dismissed = ended_before_the_answer(|world| {
        let alert = world.core.view().alerts[0].alert.id;
        world.core.act(alert, Action::Dismiss, Origin::Tray, world.now);
    });
    assert_eq!([calm, listed, dismissed], [AlertState::Acted, AlertState::Acted, AlertState::Dismissed]);
}

#[test]
fn what_was_refused_after_the_alert_ended_is_told_and_leaves_its_record() {
    let mut world = world(true);
    let kill = question(&mut world);
    while pushed(&world.scan(&[])).is_empty() {}
    let effects = world.core.killed(kill, &KillOutcome::Refused("It was not allowed.".into()), world.now);
    assert_eq!((told(&effects).len(), recorded(&effects)), (1, Vec::new()));
    assert_eq!(world.core.view().notices[0].title, "packagekitd (100) goes on.");
}

#[test]
fn an_alert_that_came_after_the_question_says_what_was_done_too() {
    let mut world = world(true);
    let kill = question(&mut world);
    while pushed(&world.scan(&[])).is_empty() {}
    let later = world.burn_until_alert(100).id;
    let alerts = pushed(&world.core.killed(kill, &KillOutcome::Ended, world.now));
    let [alert] = &alerts[..] else { panic!("{alerts:?}") };
    assert_eq!((alert.id, alert.action.as_deref()), (later, Some("SIGTERM by tray")));
}

#[test]
fn a_process_that_ends_while_the_question_stands_ends_its_alert() {
    let mut world = world(true);
    let kill = question(&mut world);
    world.processes.clear();
    assert_eq!(pushed(&world.scan(&[]))[0].state, AlertState::Resolved);
    let effects = world.core.killed(kill, &KillOutcome::Gone, world.now);
    assert_eq!((told(&effects)[0].ended, recorded(&effects)), (true, Vec::new()));
    assert_eq!(world.core.view().notices[0].body, "It was already gone.");
}

#[test]
fn the_button_of_the_whitelist_loses_nothing_of_a_kill_at_work() {
    let mut world = world(true);
    let alert = world.burn_until_alert(100).id;
    let kill = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
    let effects = world.core.act(alert, Action::Whitelist, Origin::Tray, world.now);
    let [Effect::Store(_, Some(write))] = effects[..] else { panic!("{effects:?}") };
    world.core.stored(write, Ok(()), world.now);
    world.scan(&[(100, 1.0)]);
    assert!(!world.core.is_quiet(), "its grace time runs");
    let records = recorded(&world.core.killed(kill, &KillOutcome::Killed, world.now));
    assert_eq!(records[0].action.as_deref(), Some("SIGKILL by tray"));
    assert!(world.core.episodes.is_empty());
}

#[test]
fn four_questions_stand_at_once_and_a_fifth_is_refused() {
    let mut world = world(true);
    let alert = world.burn_until_alert(100).id;
    let request = request(&mut world, "TERM", true);
    let id = |pid| Id { pid, start_time: 7 };
    let first = asked(&world.core.forbidden(&request, id(1)))[0];
    for pid in 2..=4 {
        assert_eq!(asked(&world.core.forbidden(&request, id(pid))).len(), 1);
    }
    let full = Error::new(
        ErrorCode::Busy,
        "An administrator is being asked about 4 processes already. Answer or close one of these questions, then try again.",
    );
    let refused = |ticket| [Effect::Reply(Ticket(ticket), full.clone().into())];
    assert_eq!(world.core.forbidden(&request, id(5)), refused(1));
    assert_eq!(world.core.forbidden(&request, id(4)), [Effect::Reply(Ticket(1), Reply::asking())], "that one stands");
    let act = Request::ActOnAlert(ActOnAlert { id: alert, action: Action::Kill, ask: true });
    assert_eq!(world.ask(act.clone()).1, refused(2));
    let button = pressed(&world.core.act(alert, Action::Kill, Origin::Tray, world.now));
    assert_eq!(world.core.killed(button, &forbidden(), world.now), []);
    assert_eq!(world.core.view().notices[0].body, full.message);
    world.core.killed(first, &KillOutcome::Gone, world.now);
    let button = pressed(&world.ask(act).1);
    assert_eq!(asked(&world.core.killed(button, &forbidden(), world.now)).len(), 1);
}

#[test]
fn it_is_quiet_while_nothing_fires_and_nobody_is_asked() {
    let mut world = world(true);
    world.tick();
    assert!(world.core.is_quiet());
    let kill = question(&mut world);
    assert!(!world.core.is_quiet());
    while pushed(&world.scan(&[])).is_empty() {}
    world.scan(&[]);
    assert!(!world.core.is_quiet(), "nothing fires any more, and the question stands");
    world.core.killed(kill, &KillOutcome::Refused("It was not allowed.".into()), world.now);
    assert!(world.core.is_quiet());
}
