//! The notifier on a real bus, against a fake server that can be told to misbehave.

use super::*;
use crate::applet::bus::private::{LIMIT, PrivateBus};
use crate::applet::bus::{Bus, NOTIFICATIONS};
use crate::core::view::NoticeKind;
use crate::core::{Action, Origin};
use crate::protocol::{Severity, Tab};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Semaphore;
use zbus::zvariant::OwnedValue;

mod dunst;
mod fake;

use fake::{Fake, Manners};

pub(super) fn notice(alert: i64, body: &str) -> Notice {
    let kind = NoticeKind::Alert(Severity::Warning);
    Notice {
        alert,
        title: "Firefox is using 1.4 cores".into(),
        body: body.into(),
        kind,
        reach: crate::process::Reach::Free,
    }
}

/// The guard's side of a test: the bus is watched, and what the notifier tells arrives here.
struct Guard {
    bus: Bus,
    notifier: Notifier,
    events: mpsc::Receiver<Event>,
}

impl Guard {
    fn on(daemon: &PrivateBus) -> Self {
        let (told, events) = mpsc::channel(32);
        let bus = Bus::start(Some(daemon.address()), told.clone());
        let notifier = Notifier::new(bus.watch(), told);
        Self { bus, notifier, events }
    }

    async fn event(&mut self) -> Event {
        tokio::time::timeout(LIMIT, self.events.recv()).await.expect("an event comes in time").unwrap()
    }

    async fn part(&mut self) -> (Part, Option<String>) {
        let event = self.event().await;
        let Event::Part { part, problem } = event else { panic!("unexpected: {event:?}") };
        (part, problem)
    }

    async fn acts(&mut self, alert: i64, action: Action) {
        let event = self.event().await;
        let Event::Act { alert: told, action: done, origin: Origin::Notification } = event else {
            panic!("unexpected: {event:?}")
        };
        assert_eq!((told, done), (alert, action));
    }
}

#[tokio::test]
async fn a_notification_says_all_it_should() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a < b")]));
    let shown = fake.shown().await;
    assert_eq!(shown.app_name, "RunawayGuard");
    assert_eq!((shown.replaces, shown.expires), (0, 0));
    assert_eq!(shown.title, "Firefox is using 1.4 cores");
    assert_eq!(shown.body, "a &lt; b");
    assert_eq!(
        shown.icon,
        content::icon(NoticeKind::Alert(Severity::Warning), Capabilities::default(), &paths::data_dirs())
    );
    let actions = ["kill", "Kill", "pause", "Pause", "whitelist", "Whitelist", "default", "Open"];
    assert_eq!(shown.actions, actions);
    let hints = [
        ("category", OwnedValue::try_from(zbus::zvariant::Value::from("x-runawayguard.process.alert")).unwrap()),
        ("desktop-entry", OwnedValue::try_from(zbus::zvariant::Value::from("io.github.runawayguard.applet")).unwrap()),
        ("urgency", OwnedValue::from(1_u8)),
    ];
    assert_eq!(shown.hints, HashMap::from(hints.map(|(key, value)| (key.to_owned(), value))));
    let outcome = Notice { kind: NoticeKind::Outcome, ..notice(1, "It ended.") };
    guard.notifier.show(Some(&[outcome]));
    let shown = fake.shown().await;
    assert_eq!((shown.replaces, shown.expires), (1, 10_000));
    assert_eq!(shown.actions, ["default", "Open"]);
    assert_eq!(shown.hints.get("transient"), Some(&OwnedValue::from(true)));
}

#[tokio::test]
async fn a_server_that_would_hide_four_buttons_is_known_by_its_name() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners { name: "lxqt-notificationd", ..Manners::default() }).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    assert_eq!(fake.shown().await.actions, ["kill", "Kill", "pause", "Pause", "whitelist", "Whitelist"]);
}

#[tokio::test]
async fn what_is_not_used_shows_nothing_and_has_no_trouble() {
    let daemon = PrivateBus::start(&[]);
    let mut guard = Guard::on(&daemon);
    assert_eq!(guard.part().await, (Part::Notifications, Some(ABSENT.to_owned())));
    guard.notifier.show(None);
    assert_eq!(guard.part().await, (Part::Notifications, None));
    guard.notifier.show(Some(&[]));
    assert_eq!(guard.part().await, (Part::Notifications, Some(ABSENT.to_owned())));
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    assert_eq!(guard.part().await, (Part::Notifications, None));
    guard.notifier.show(Some(&[notice(1, "a")]));
    let shown = fake.shown().await;
    guard.notifier.show(None);
    assert_eq!(fake.closed().await.0, shown.id);
}

#[tokio::test]
async fn one_notification_follows_an_episode_from_one_connection() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a"), notice(2, "other")]));
    let (first, other) = (fake.shown().await, fake.shown().await);
    assert_eq!((first.id, first.body.as_str(), other.id, other.body.as_str()), (1, "a", 2, "other"));
    let worse = Notice { kind: NoticeKind::Alert(Severity::Critical), ..notice(1, "b") };
    guard.notifier.show(Some(&[worse, notice(2, "other")]));
    let replaced = fake.shown().await;
    assert_eq!((replaced.replaces, replaced.body.as_str()), (1, "b"));
    assert_eq!(replaced.hints.get("urgency"), Some(&OwnedValue::from(2_u8)));
    assert_eq!((&replaced.sender, &other.sender), (&first.sender, &first.sender));
    guard.notifier.show(Some(&[notice(2, "other")]));
    assert_eq!(fake.closed().await, (1, first.sender));
    assert_eq!(fake.capabilities_asked(), 1);
}

#[tokio::test]
async fn buttons_work_whether_signals_go_to_one_or_to_all() {
    for broadcast in [false, true] {
        let daemon = PrivateBus::start(&[]);
        let mut fake = Fake::start(&daemon, Manners { broadcast, ..Manners::default() }).await;
        let mut guard = Guard::on(&daemon);
        guard.notifier.show(Some(&[notice(7, "a"), notice(8, "b"), notice(9, "c")]));
        let (seventh, eighth, ninth) = (fake.shown().await, fake.shown().await, fake.shown().await);
        // Another program's notification has another id.
        fake.press(99, "kill").await;
        fake.press(seventh.id, "kill").await;
        fake.press(eighth.id, "whitelist").await;
        guard.acts(7, Action::Kill).await;
        guard.acts(8, Action::Whitelist).await;
        fake.press(eighth.id, "pause").await;
        guard.acts(8, Action::Pause).await;
        fake.press(ninth.id, "default").await;
        assert!(matches!(guard.event().await, Event::OpenWindow(Some(Tab::Alerts))));
    }
}

#[tokio::test]
async fn closed_twice_by_the_user_is_told_once() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a"), notice(2, "b"), notice(3, "c")]));
    let (first, second, third) = (fake.shown().await, fake.shown().await, fake.shown().await);
    fake.close(first.id, 2).await;
    fake.close(first.id, 2).await;
    assert!(matches!(guard.event().await, Event::NoticeClosed(1)));
    // A burst: pressed, and closed twice by the press.
    fake.press(second.id, "kill").await;
    fake.close(second.id, 2).await;
    fake.close(second.id, 2).await;
    fake.press(third.id, "pause").await;
    guard.acts(2, Action::Kill).await;
    guard.acts(3, Action::Pause).await;
    // What the user closed stays closed as it worsens, what was pressed tells what came of it.
    let outcome = Notice { kind: NoticeKind::Outcome, ..notice(2, "It ended.") };
    guard.notifier.show(Some(&[notice(1, "worse"), outcome, notice(3, "c")]));
    let shown = fake.shown().await;
    assert_eq!((shown.replaces, shown.body.as_str()), (0, "It ended."));
    fake.close(shown.id, 1).await;
    guard.notifier.show(Some(&[notice(4, "d")]));
    assert_eq!(fake.shown().await.body, "d");
    assert!(guard.events.try_recv().is_err(), "nothing else was told");
}

#[tokio::test]
async fn only_the_server_presses_buttons() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    let shown = fake.shown().await;
    let liar = daemon.connect().await;
    let body = (shown.id, "kill");
    liar.emit_signal(Some(shown.sender.as_str()), fake::PATH, NOTIFICATIONS, "ActionInvoked", &body).await.unwrap();
    liar.request_name("org.example.Done").await.unwrap();
    fake.press(shown.id, "pause").await;
    guard.acts(1, Action::Pause).await;
}

#[tokio::test]
async fn a_server_without_buttons_is_sent_text() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners { capabilities: vec!["body"], ..Manners::default() }).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a < b")]));
    let shown = fake.shown().await;
    assert_eq!(shown.body, "a ‹ b\nAct on it from the tray's menu, or run: runaway-guard kill PID");
    assert!(shown.actions.is_empty());
}

#[tokio::test]
async fn the_next_server_gets_what_still_fires_and_its_ids_mean_something_else() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a"), notice(2, "b")]));
    let (first, _) = (fake.shown().await, fake.shown().await);
    fake.close(first.id, 2).await;
    assert!(matches!(guard.event().await, Event::NoticeClosed(1)));
    fake.end().await;
    assert_eq!(guard.part().await, (Part::Notifications, Some(ABSENT.to_owned())));
    guard.notifier.show(Some(&[notice(1, "a"), notice(2, "b"), notice(3, "c")]));
    let mut next = Fake::start(&daemon, Manners::default()).await;
    assert_eq!(guard.part().await, (Part::Notifications, None));
    let (second, third) = (next.shown().await, next.shown().await);
    assert_eq!((second.id, second.replaces, second.body.as_str()), (1, 0, "b"));
    assert_eq!((third.id, third.replaces, third.body.as_str()), (2, 0, "c"));
    next.press(1, "kill").await;
    guard.acts(2, Action::Kill).await;
    assert_eq!(next.capabilities_asked(), 1);
}

#[tokio::test]
async fn without_a_server_it_says_so_once() {
    let daemon = PrivateBus::start(&[]);
    let mut guard = Guard::on(&daemon);
    assert_eq!(guard.part().await, (Part::Notifications, Some(ABSENT.to_owned())));
    for body in ["a", "b", "c"] {
        guard.notifier.show(Some(&[notice(1, body)]));
        tokio::task::yield_now().await;
    }
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    assert_eq!(guard.part().await, (Part::Notifications, None));
    assert_eq!(fake.shown().await.body, "c");
}

#[tokio::test]
async fn a_server_that_cannot_be_started_is_said_and_not_tried_again() {
    let daemon = PrivateBus::start(&[(NOTIFICATIONS, "/bin/false")]);
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    let (part, problem) = guard.part().await;
    let problem = problem.unwrap();
    assert_eq!(part, Part::Notifications);
    assert!(problem.starts_with("The notification server did not start ("), "{problem}");
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    assert_eq!(guard.part().await, (Part::Notifications, None));
    assert_eq!(fake.shown().await.body, "a");
}

#[tokio::test]
async fn a_refusal_is_said_and_over_with_the_next_success() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners { refuses: Some("worse"), ..Manners::default() }).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "worse")]));
    let sentence = "The notification server refused a notification (it is too bad), so alerts show in the tray, and in popups if they may. \
                    Restart it, or install another one, for example dunst.";
    assert_eq!(guard.part().await, (Part::Notifications, Some(sentence.to_owned())));
    guard.notifier.show(Some(&[notice(1, "better")]));
    assert_eq!(guard.part().await, (Part::Notifications, None));
    assert_eq!(fake.shown().await.body, "better");
}

#[tokio::test]
async fn what_cannot_take_the_place_of_another_is_shown_anew() {
    let daemon = PrivateBus::start(&[]);
    let manners = Manners { refuses: Some(""), takes_it_anew: true, ..Manners::default() };
    let mut fake = Fake::start(&daemon, manners).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "bad")]));
    let first = fake.shown().await;
    guard.notifier.show(Some(&[notice(1, "")]));
    assert_eq!(fake.closed().await.0, first.id);
    let second = fake.shown().await;
    assert_eq!((second.replaces, second.body.as_str()), (0, ""));
    fake.press(second.id, "kill").await;
    guard.acts(1, Action::Kill).await;
}

#[tokio::test]
async fn what_a_server_has_lost_is_shown_anew() {
    let daemon = PrivateBus::start(&[]);
    let manners = Manners { refuses: Some("lost"), takes_it_anew: true, silently: true, ..Manners::default() };
    let mut fake = Fake::start(&daemon, manners).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "bad")]));
    let first = fake.shown().await;
    guard.notifier.show(Some(&[notice(1, "lost")]));
    assert_eq!(fake.shown().await.replaces, first.id);
    tokio::time::pause();
    assert_eq!(guard.part().await, (Part::Notifications, Some(Failure::Slow.to_string())));
    tokio::time::resume();
    guard.notifier.show(Some(&[notice(1, "lost"), notice(2, "other")]));
    assert_eq!(fake.shown().await.body, "other");
    assert_eq!(guard.part().await, (Part::Notifications, None));
    assert_eq!(fake.closed().await.0, first.id);
    let anew = fake.shown().await;
    assert_eq!((anew.replaces, anew.body.as_str()), (0, "lost"));
    fake.press(anew.id, "kill").await;
    guard.acts(1, Action::Kill).await;
}

#[tokio::test]
async fn while_a_server_is_slow_nothing_waits_and_the_last_word_wins() {
    let daemon = PrivateBus::start(&[]);
    let gate = Arc::new(Semaphore::new(0));
    let manners = Manners { gate: Some(Arc::clone(&gate)), ..Manners::default() };
    let mut fake = Fake::start(&daemon, manners).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "first")]));
    assert_eq!(fake.shown().await.body, "first");
    // The server has the call and does not answer it.
    for body in ["second", "third"] {
        guard.notifier.show(Some(&[notice(1, body), notice(2, "other")]));
        tokio::task::yield_now().await;
    }
    assert_eq!(fake.shown().await.body, "other");
    fake.close(1, 1).await;
    gate.add_permits(100);
    let replaced = fake.shown().await;
    assert_eq!(replaced.body, "third");
    guard.notifier.show(Some(&[]));
    let mut closed = [fake.closed().await.0, fake.closed().await.0];
    closed.sort_unstable();
    assert_eq!(closed, [2, replaced.id]);
    assert!(guard.events.try_recv().is_err(), "nothing was told");
}

#[tokio::test]
async fn a_server_that_hangs_is_said_and_its_late_answer_counts() {
    let daemon = PrivateBus::start(&[]);
    let gate = Arc::new(Semaphore::new(0));
    let manners = Manners { gate: Some(Arc::clone(&gate)), ..Manners::default() };
    let mut fake = Fake::start(&daemon, manners).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    let shown = fake.shown().await;
    tokio::time::pause();
    assert_eq!(guard.part().await, (Part::Notifications, Some(Failure::Slow.to_string())));
    tokio::time::resume();
    gate.add_permits(100);
    assert_eq!(guard.part().await, (Part::Notifications, None));
    fake.press(shown.id, "kill").await;
    guard.acts(1, Action::Kill).await;
}

#[tokio::test]
async fn a_bus_that_dies_takes_nothing_with_it() {
    let mut daemon = PrivateBus::start(&[]);
    let gate = Arc::new(Semaphore::new(0));
    let mut fake = Fake::start(&daemon, Manners { gate: Some(gate), ..Manners::default() }).await;
    let mut guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    assert_eq!(fake.shown().await.body, "a");
    daemon.stop();
    let (part, problem) = guard.part().await;
    assert!(part == Part::Bus && problem.is_some(), "the bus speaks for itself: {part:?} {problem:?}");
    daemon.start_again();
    let mut next = Fake::start(&daemon, Manners::default()).await;
    let mut watched = guard.bus.watch();
    while watched.borrow_and_update().connection.is_none() {
        guard.bus.retry();
        let _ = tokio::time::timeout(Duration::from_millis(20), watched.changed()).await;
    }
    assert_eq!(guard.part().await, (Part::Bus, None));
    let shown = next.shown().await;
    assert_eq!((shown.replaces, shown.body.as_str()), (0, "a"));
    next.press(shown.id, "kill").await;
    guard.acts(1, Action::Kill).await;
}

#[tokio::test]
async fn the_end_of_the_guard_closes_what_is_open() {
    let daemon = PrivateBus::start(&[]);
    let mut fake = Fake::start(&daemon, Manners::default()).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    let shown = fake.shown().await;
    guard.notifier.close().await;
    assert_eq!(fake.closed().await, (shown.id, shown.sender));
}

#[tokio::test]
async fn a_server_that_hangs_does_not_hold_up_the_end() {
    let daemon = PrivateBus::start(&[]);
    let gate = Arc::new(Semaphore::new(0));
    let mut fake = Fake::start(&daemon, Manners { gate: Some(gate), ..Manners::default() }).await;
    let guard = Guard::on(&daemon);
    guard.notifier.show(Some(&[notice(1, "a")]));
    assert_eq!(fake.shown().await.body, "a");
    tokio::time::pause();
    tokio::time::timeout(2 * CLOSE_LIMIT, guard.notifier.close()).await.expect("it gives up in time");
}
