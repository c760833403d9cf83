//! The tray on a real private bus.

mod session;

use super::*;
use crate::applet::event::Part;
use crate::applet::menu::tests::{firing, view};
use crate::core::view::{Firing, Pause};
use crate::core::{Action, Origin};
use crate::protocol::{Level, Severity};
use session::{Bus, FakeHost, Seen, eventually, on_private_bus};
use std::time::Duration;

fn tray() -> (Tray, mpsc::Receiver<Event>) {
    let (sender, receiver) = mpsc::channel(8);
    (Tray::new(sender), receiver)
}

async fn next(events: &mut mpsc::Receiver<Event>) -> Event {
    tokio::time::timeout(Duration::from_secs(10), events.recv()).await.unwrap().unwrap()
}

async fn until_first_line_is(seen: &Seen, line: &str) {
    eventually(line, async || (seen.lines().await[0] == line).then_some(())).await;
}

#[test]
fn a_host_sees_all_of_it() {
    on_private_bus("a_host_sees_all_of_it", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.show(&view(vec![]), Some(true), 0);
        tray.follow_bus(Some(1));
        let seen = host.item().await;
        assert_eq!(seen.property::<String>("Id").await, "io.github.runawayguard.applet");
        assert_eq!(seen.property::<String>("Title").await, "RunawayGuard");
        assert_eq!(seen.property::<String>("Category").await, "SystemServices");
        assert_eq!(seen.property::<String>("Status").await, "Active");
        assert_eq!(seen.property::<String>("IconThemePath").await, "");
        assert!(!seen.property::<bool>("ItemIsMenu").await);
        for name in ["IconName", "AttentionIconName", "OverlayIconName"] {
            assert_eq!(seen.property::<String>(name).await, "", "no theme has the icons, so they have no names");
        }
        for pixmaps in ["IconPixmap", "AttentionIconPixmap"] {
            assert_eq!(seen.sides(pixmaps).await, [16, 22, 24, 32, 48, 64]);
        }
        assert_eq!(seen.tooltip().await, ("All quiet · 512 processes".into(), String::new()));
        let autostart = seen.number("Start at login").await;
        let menu = seen.menu().await;
        let mark = menu.iter().find(|entry| entry.id == autostart).unwrap();
        assert_eq!(mark.properties["toggle-state"].downcast_ref::<i32>().unwrap(), 1);
        assert_eq!(
            seen.lines().await,
            [
                "All quiet · 512 processes",
                "",
                "Pause monitoring",
                "    For 15 minutes",
                "    For 1 hour",
                "    Until resumed",
                "",
                "Open window",
                "Settings",
                "Start at login",
                "",
                "Quit",
            ]
        );
        seen.activate().await;
        assert!(matches!(next(&mut events).await, Event::OpenWindow(None)));
        seen.click(autostart).await.unwrap();
        assert!(matches!(next(&mut events).await, Event::SetAutostart(false)));
    });
}

#[test]
fn an_alert_changes_icon_status_tooltip_and_menu() {
    on_private_bus("an_alert_changes_icon_status_tooltip_and_menu", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let seen = host.item().await;
        let quiet = seen.pixmaps("IconPixmap").await;
        let alert = firing(7, 4711, "my_tool is using 1.4 cores");
        tray.show(
            &view(vec![alert, Firing { reach: crate::process::Reach::Protected, ..firing(9, 1502, "shell") }]),
            None,
            1,
        );
        until_first_line_is(&seen, "2 alerts · 512 processes").await;
        assert_eq!(seen.property::<String>("Status").await, "NeedsAttention");
        assert_ne!(seen.pixmaps("IconPixmap").await, quiet);
        assert_eq!(seen.pixmaps("AttentionIconPixmap").await, seen.pixmaps("IconPixmap").await);
        assert_eq!(seen.tooltip().await.0, "my_tool is using 1.4 cores and 1 more");
        let lines = seen.lines().await;
        let alert =
            ["my__tool is using 1.4 cores", "    Isolated Web Co (4711)", "    Kill", "    Pause", "    Whitelist"];
        assert_eq!(lines[2..7], alert);
        let kill: Vec<_> = seen.menu().await.into_iter().filter(|entry| entry.label() == "Kill").collect();
        assert!(kill[0].is("enabled") && !kill[1].is("enabled"));
        seen.click(kill[1].id).await.unwrap();
        seen.click(kill[0].id).await.unwrap();
        let event = next(&mut events).await;
        let (alert, action, origin) = (7, Action::Kill, Origin::Tray);
        assert!(matches!(event, Event::Act { alert: a, action: b, origin: c } if (a, b, c) == (alert, action, origin)));
        assert!(events.try_recv().is_err(), "the disabled Kill did nothing");
    });
}

#[test]
fn installed_icons_are_named() {
    on_private_bus("installed_icons_are_named", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (sender, _events) = mpsc::channel(8);
        let mut tray = Tray::with_icons(sender, true);
        tray.follow_bus(Some(1));
        let mut critical = firing(7, 4711, "x");
        critical.alert.severity = Severity::Critical;
        tray.show(&View { level: Level::Red, ..view(vec![critical]) }, None, 0);
        let seen = host.item().await;
        for name in ["IconName", "AttentionIconName"] {
            assert_eq!(seen.property::<String>(name).await, "io.github.runawayguard.applet-critical");
        }
        assert_eq!(seen.sides("IconPixmap").await.len(), 6);
        let menu = seen.menu().await;
        let alert = menu.iter().find(|entry| entry.label() == "x").unwrap();
        let name = alert.properties["icon-name"].downcast_ref::<&str>().unwrap();
        assert_eq!(name, "io.github.runawayguard.applet-critical");
    });
}

#[test]
fn an_old_number_never_reaches_another_alert() {
    on_private_bus("an_old_number_never_reaches_another_alert", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![firing(1, 101, "first")]), Some(true), 0);
        let seen = host.item().await;
        let mut old = vec![seen.number("Kill").await];
        // Menus of the same shape, and one whose missing last line makes up for a change elsewhere.
        let changes: [(i64, Option<bool>, &str); 4] =
            [(2, Some(true), ""), (3, Some(true), "x"), (4, None, ""), (5, Some(true), "")];
        for (alert, autostart, problem) in changes {
            let problems = Some(problem.to_owned()).filter(|problem| !problem.is_empty());
            let alerts = vec![firing(alert, 101, &format!("alert {alert}"))];
            tray.show(&View { problems: problems.into_iter().collect(), ..view(alerts) }, autostart, 0);
            let label = format!("alert {alert}");
            eventually(&label, async || seen.lines().await.contains(&label).then_some(())).await;
            for number in &old {
                let refused = seen.click(*number).await.unwrap_err();
                assert!(refused.to_string().contains("id not found"), "{refused}");
            }
            old.push(seen.number("Kill").await);
        }
        seen.click(*old.last().unwrap()).await.unwrap();
        assert!(matches!(next(&mut events).await, Event::Act { alert: 5, action: Action::Kill, .. }));
        assert!(events.try_recv().is_err(), "no old number did anything");
    });
}

#[test]
fn an_old_number_stays_dead_when_changes_are_skipped() {
    on_private_bus("an_old_number_stays_dead_when_changes_are_skipped", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![firing(1, 101, "alert 1")]), None, 0);
        let seen = host.item().await;
        for round in 0..5 {
            let old = seen.number("Kill").await;
            for step in 1..=8 {
                let alert = round * 10 + step + 1;
                tray.show(&view(vec![firing(alert, 101, &format!("alert {alert}"))]), None, 0);
            }
            let label = format!("alert {}", round * 10 + 9);
            eventually(&label, async || seen.lines().await.contains(&label).then_some(())).await;
            assert!(seen.click(old).await.is_err());
        }
        assert!(events.try_recv().is_err());
    });
}

#[test]
fn a_number_lives_on_while_only_its_words_change() {
    on_private_bus("a_number_lives_on_while_only_its_words_change", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![firing(1, 101, "1.4 cores")]), None, 0);
        let seen = host.item().await;
        let kill = seen.number("Kill").await;
        tray.show(&view(vec![firing(1, 101, "1.6 cores")]), None, 0);
        eventually("new words", async || seen.lines().await.contains(&"1.6 cores".into()).then_some(())).await;
        seen.click(kill).await.unwrap();
        assert!(matches!(next(&mut events).await, Event::Act { alert: 1, action: Action::Kill, .. }));
        let stopped = Firing { stopped: true, ..firing(1, 101, "1.6 cores") };
        let pause = seen.number("Pause").await;
        tray.show(&view(vec![stopped]), None, 0);
        eventually("Continue", async || seen.lines().await.contains(&"    Continue".into()).then_some(())).await;
        assert!(seen.click(pause).await.is_err(), "a click on Pause must not continue");
    });
}

#[test]
fn what_is_left_of_a_pause_is_right_when_the_menu_opens() {
    on_private_bus("what_is_left_of_a_pause_is_right_when_the_menu_opens", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, _events) = tray();
        tray.follow_bus(Some(1));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed();
        let paused = View { pause: Some(Pause::Until(now + 300)), ..view(vec![]) };
        tray.show(&paused, None, now - 600);
        let seen = host.item().await;
        assert_eq!(seen.lines().await[0], "Paused · 15 min left");
        seen.about_to_show().await;
        assert_eq!(seen.lines().await[0], "Paused · 5 min left");
    });
}

#[test]
fn the_count_of_processes_alone_changes_once_a_minute() {
    on_private_bus("the_count_of_processes_alone_changes_once_a_minute", async {
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, _events) = tray();
        tray.follow_bus(Some(1));
        let count = |count| View { process_count: count, ..view(vec![]) };
        tray.show(&count(None), None, 100);
        let seen = host.item().await;
        tray.show(&count(Some(512)), None, 100);
        until_first_line_is(&seen, "All quiet · 512 processes").await;
        let shown = tray.wanted.borrow().shown.clone().unwrap();
        tray.show(&count(Some(513)), None, 159);
        assert!(Arc::ptr_eq(&shown, tray.wanted.borrow().shown.as_ref().unwrap()));
        tray.show(&count(Some(514)), None, 160);
        until_first_line_is(&seen, "All quiet · 514 processes").await;
    });
}

#[test]
fn a_host_that_comes_late_gets_the_item() {
    on_private_bus("a_host_that_comes_late_gets_the_item", async {
        let _bus = Bus::start();
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        eventually("the first look", async || {
            tokio::task::yield_now().await;
            tray.retry();
            events.try_recv().ok()
        })
        .await;
        let mut host = FakeHost::start().await;
        host.item().await;
        assert!(matches!(next(&mut events).await, Event::Part { part: Part::Tray, problem: None }));
        assert!(!host.has_another());
    });
}

#[test]
fn a_missing_host_is_said_once() {
    on_private_bus("a_missing_host_is_said_once", async {
        let _bus = Bus::start();
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let said = eventually("a report", async || {
            tray.retry();
            events.try_recv().ok()
        })
        .await;
        assert!(matches!(said, Event::Part { part: Part::Tray, problem: Some(text) } if text == NO_HOST));
        for alert in 1..5 {
            tray.retry();
            tray.show(&view(vec![firing(alert, 101, "x")]), None, 0);
            tokio::task::yield_now().await;
        }
        let mut host = FakeHost::start().await;
        let seen = host.item().await;
        until_first_line_is(&seen, "1 alert · 512 processes").await;
        assert!(matches!(next(&mut events).await, Event::Part { part: Part::Tray, problem: None }));
        assert!(events.try_recv().is_err());
    });
}

#[test]
fn a_host_that_refuses_is_asked_again() {
    on_private_bus("a_host_that_refuses_is_asked_again", async {
        let (_bus, host) = (Bus::start(), FakeHost::refusing().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let said = eventually("a report", async || {
            tray.retry();
            events.try_recv().ok()
        })
        .await;
        let Event::Part { part: Part::Tray, problem: Some(problem) } = said else { panic!("{said:?}") };
        assert!(problem.starts_with("The tray host did not take the icon (") && problem.contains("no more room"));
        drop(host);
        let mut host = FakeHost::start().await;
        tray.retry();
        host.item().await;
        assert!(matches!(next(&mut events).await, Event::Part { part: Part::Tray, problem: None }));
    });
}

#[test]
fn a_host_that_does_not_answer_is_said_and_taken_back_once_it_does() {
    on_private_bus("a_host_that_does_not_answer_is_said_and_taken_back_once_it_does", async {
        let _bus = Bus::start();
        // A connection that serves nothing answers nothing.
        let hangs = zbus::Connection::session().await.unwrap();
        hangs.request_name("org.kde.StatusNotifierWatcher").await.unwrap();
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let Event::Part { part: Part::Tray, problem: Some(problem) } = next(&mut events).await else {
            panic!("no word")
        };
        assert_eq!(
            problem,
            "The tray host did not take the icon (it does not answer). Alerts still come as notifications."
        );
        hangs.release_name("org.kde.StatusNotifierWatcher").await.unwrap();
        drop(hangs);
        let mut host = FakeHost::start().await;
        tray.retry();
        host.item().await;
        assert!(matches!(next(&mut events).await, Event::Part { part: Part::Tray, problem: None }));
    });
}

#[test]
fn a_host_that_restarts_gets_the_item_again() {
    on_private_bus("a_host_that_restarts_gets_the_item_again", async {
        let _bus = Bus::start();
        let mut host = FakeHost::start().await;
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let first = host.item().await;
        for _ in 0..3 {
            drop(host);
            host = FakeHost::start().await;
            let again = host.item().await;
            assert_eq!(again.name, first.name, "the item itself went on");
            until_first_line_is(&again, "All quiet · 512 processes").await;
            tray.retry();
        }
        assert!(events.try_recv().is_err(), "a host that is back at once is no problem");
    });
}

#[test]
fn a_new_bus_gets_the_item_again() {
    on_private_bus("a_new_bus_gets_the_item_again", async {
        let (bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, mut events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let seen = host.item().await;
        tray.follow_bus(Some(1));
        tray.show(&view(vec![firing(1, 101, "x")]), None, 0);
        until_first_line_is(&seen, "1 alert · 512 processes").await;
        assert!(!host.has_another(), "what comes or goes on the same bus leaves the item where it is");
        drop((host, bus));
        tray.follow_bus(None);
        tray.show(&view(vec![firing(2, 102, "y"), firing(1, 101, "x")]), None, 0);
        tray.retry();
        let (bus, mut host) = (Bus::start(), FakeHost::start().await);
        tray.follow_bus(Some(2));
        let seen = host.item().await;
        assert_eq!(seen.lines().await[0], "2 alerts · 512 processes");
        drop((host, bus));
        // The bus came back before anybody noticed that it was gone.
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        tray.show(&view(vec![]), None, 0);
        tray.follow_bus(Some(3));
        assert_eq!(host.item().await.lines().await[0], "All quiet · 512 processes");
        assert!(events.try_recv().is_err());
    });
}

#[test]
fn without_a_bus_it_waits_for_one() {
    on_private_bus("without_a_bus_it_waits_for_one", async {
        let (mut tray, mut events) = tray();
        tray.show(&view(vec![]), None, 0);
        tray.follow_bus(Some(1));
        for _ in 0..100 {
            tray.retry();
            tokio::task::yield_now().await;
        }
        let (_bus, mut host) = (Bus::start(), FakeHost::start().await);
        let seen = eventually("an item", async || {
            tray.retry();
            let waits = tokio::time::timeout(Duration::from_millis(100), host.item());
            waits.await.ok()
        })
        .await;
        assert_eq!(seen.lines().await[0], "All quiet · 512 processes");
        assert!(events.try_recv().is_err());
    });
}

#[test]
fn a_dropped_tray_takes_its_item_away() {
    on_private_bus("a_dropped_tray_takes_its_item_away", async {
        let (bus, mut host) = (Bus::start(), FakeHost::start().await);
        let (mut tray, _events) = tray();
        tray.follow_bus(Some(1));
        tray.show(&view(vec![]), None, 0);
        let seen = host.item().await;
        drop(tray);
        let connection = zbus::Connection::session().await.unwrap();
        let daemon = zbus::fdo::DBusProxy::new(&connection).await.unwrap();
        let name = zbus::names::BusName::try_from(seen.name.as_str()).unwrap();
        eventually("its name is free", async || (!daemon.name_has_owner(name.clone()).await.unwrap()).then_some(()))
            .await;
        drop(bus);
    });
}
