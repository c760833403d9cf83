use super::*;
use crate::process::Reach;
use crate::protocol::{Alert, AlertState, Evidence, Reason};

/// An alert of a process with this pid.
pub(in crate::applet) fn firing(id: i64, pid: u32, title: &str) -> Firing {
    let alert = Alert {
        id,
        pid,
        name: "Isolated Web Co".into(),
        reason: Reason::CpuHigh,
        severity: Severity::Warning,
        timestamp: 1_700_000_000,
        cmdline: "/usr/lib/firefox/firefox -contentproc".into(),
        start_time: 4711,
        state: AlertState::Firing,
        ended: None,
        action: None,
        evidence: Evidence::CpuHigh {
            cpu_percent: 140.0,
            threshold_percent: 90,
            seconds: 62,
            circumstances: crate::protocol::Circumstances::default(),
        },
        summary: format!("Isolated Web Co ({pid}) has kept 1.4 cores busy for 62 s."),
        title: Some(title.into()),
    };
    Firing { alert, title: title.into(), stopped: false, reach: Reach::Free }
}

/// What is shown while these alerts fire.
pub(in crate::applet) fn view(alerts: Vec<Firing>) -> View {
    View {
        level: if alerts.is_empty() { Level::Green } else { Level::Yellow },
        pause: None,
        process_count: Some(512),
        alerts,
        problems: Vec::new(),
        notices: Vec::new(),
    }
}

/// The menu as text: an entry a line, `-` what may not be chosen, `[x]` what is checked.
fn drawn(items: &[Item]) -> String {
    let mut lines = String::new();
    draw(items, "", &mut lines);
    lines
}

fn draw(items: &[Item], indent: &str, lines: &mut String) {
    for item in items {
        let line = match item {
            Item::Label(label) | Item::Action { label, enabled: false, .. } => format!("- {label}"),
            Item::Action { label, enabled: true, command } => format!("{label} → {command:?}"),
            Item::Submenu { label, .. } => format!("{label} ▸"),
            Item::Check { label, checked, command } => {
                format!("[{}] {label} → {command:?}", if *checked { "x" } else { " " })
            }
            Item::Separator => "――".into(),
        };
        lines.extend([indent, &line, "\n"]);
        if let Item::Submenu { items, .. } = item {
            draw(items, &format!("{indent}    "), lines);
        }
    }
}

#[test]
fn all_quiet() {
    insta::assert_snapshot!(drawn(&menu(&view(vec![]), Some(true), 0)), @r#"
    - All quiet · 512 processes
    ――
    Pause monitoring ▸
        For 15 minutes → Ask(PauseMonitoring(PauseMonitoring { seconds: Some(900) }))
        For 1 hour → Ask(PauseMonitoring(PauseMonitoring { seconds: Some(3600) }))
        Until resumed → Ask(PauseMonitoring(PauseMonitoring { seconds: None }))
    ――
    Open window → OpenWindow(None)
    Settings → OpenWindow(Some(Settings))
    [x] Start at login → SetAutostart(false)
    ――
    Quit → Quit
    "#);
}

#[test]
fn two_alerts_one_stopped_and_one_protected() {
    let stopped = Firing { stopped: true, ..firing(7, 4711, "Firefox is using 1.4 cores") };
    let protected = Firing { reach: Reach::Protected, ..firing(9, 1502, "gnome-shell is using 2.0 cores") };
    insta::assert_snapshot!(drawn(&menu(&view(vec![stopped, protected]), None, 0)), @r#"
    - 2 alerts · 512 processes
    ――
    Firefox is using 1.4 cores ▸
        - Isolated Web Co (4711)
        Kill → Act(7, Kill)
        Continue → Act(7, Continue)
        Whitelist → Act(7, Whitelist)
        Dismiss → Act(7, Dismiss)
    gnome-shell is using 2.0 cores ▸
        - Isolated Web Co (1502)
        - Kill
        - Pause
        Whitelist → Act(9, Whitelist)
        Dismiss → Act(9, Dismiss)
    Clear alerts → Ask(ClearAlerts)
    ――
    Pause monitoring ▸
        For 15 minutes → Ask(PauseMonitoring(PauseMonitoring { seconds: Some(900) }))
        For 1 hour → Ask(PauseMonitoring(PauseMonitoring { seconds: Some(3600) }))
        Until resumed → Ask(PauseMonitoring(PauseMonitoring { seconds: None }))
    ――
    Open window → OpenWindow(None)
    Settings → OpenWindow(Some(Settings))
    ――
    Quit → Quit
    "#);
}

#[test]
fn more_alerts_than_fit() {
    let alerts = (1..=17).map(|id| firing(id, 100, &format!("alert {id}"))).collect();
    let menu = menu(&view(alerts), None, 0);
    let alerts = menu.iter().filter(|item| matches!(item, Item::Submenu { severity: Some(_), .. })).count();
    assert_eq!(alerts, MOST_ALERTS);
    let more =
        Item::Action { label: "… and 7 more".into(), enabled: true, command: Command::OpenWindow(Some(Tab::Alerts)) };
    assert!(menu.contains(&more));
}

#[test]
fn status_line() {
    let quiet = view(vec![]);
    let line = |view: &View| {
        let Item::Label(label) = menu(view, None, 1000).swap_remove(0) else { panic!("no status line") };
        label
    };
    assert_eq!(line(&quiet), "All quiet · 512 processes");
    assert_eq!(line(&View { process_count: Some(1), ..quiet.clone() }), "All quiet · 1 process");
    assert_eq!(line(&View { process_count: None, ..quiet.clone() }), "The first scan has not ended yet");
    assert_eq!(line(&view(vec![firing(1, 2, "x")])), "1 alert · 512 processes");
    assert_eq!(line(&view(vec![firing(1, 2, "x"), firing(2, 3, "y")])), "2 alerts · 512 processes");
    let broken = View { level: Level::Red, problems: vec!["Cannot read /proc.".into()], ..quiet.clone() };
    assert_eq!(line(&broken), "1 problem · 512 processes");
    let paused = |pause| line(&View { pause: Some(pause), ..quiet.clone() });
    assert_eq!(paused(Pause::UntilResumed), "Paused");
    assert_eq!(paused(Pause::Until(1000 + 12 * 60)), "Paused · 12 min left");
    assert_eq!(paused(Pause::Until(1000 + 11 * 60 + 1)), "Paused · 12 min left");
    assert_eq!(paused(Pause::Until(1000 + 3600)), "Paused · 1 h left");
    assert_eq!(paused(Pause::Until(1000 + 3901)), "Paused · 1 h 6 min left");
    assert_eq!(paused(Pause::Until(900)), "Paused · 1 min left");
}

#[test]
fn paused_with_a_problem() {
    let problem = "config.toml, line 14: threshold_percent must be 1 to 6400, not \"ninety\". The settings from before \
                   stay in force.";
    let view = View { pause: Some(Pause::Until(720)), problems: vec![problem.into()], ..view(vec![]) };
    insta::assert_snapshot!(drawn(&menu(&view, Some(false), 0)), @r#"
    - Paused · 12 min left
    - config.toml, line 14: threshold_percent must be 1 to 6400, not
    - "ninety". The settings from before stay in force.
    ――
    Resume monitoring → Ask(ResumeMonitoring)
    ――
    Open window → OpenWindow(None)
    Settings → OpenWindow(Some(Settings))
    [ ] Start at login → SetAutostart(true)
    ――
    Quit → Quit
    "#);
}

#[test]
fn tooltips() {
    let tip = |view: &View| (tooltip(view).title, tooltip(view).body);
    let quiet = view(vec![]);
    assert_eq!(tip(&quiet), ("All quiet · 512 processes".into(), String::new()));
    let one = view(vec![firing(1, 4711, "Firefox is using 1.4 cores")]);
    let body = "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.".to_owned();
    assert_eq!(tip(&one), ("Firefox is using 1.4 cores".into(), body.clone()));
    let three = view(vec![firing(1, 4711, "Firefox is using 1.4 cores"), firing(2, 1, "b"), firing(3, 2, "c")]);
    assert_eq!(tip(&three), ("Firefox is using 1.4 cores and 2 more".into(), body));
    let paused = View { pause: Some(Pause::UntilResumed), ..three };
    assert_eq!(tip(&paused), ("Monitoring is paused".into(), "It goes on once you resume it.".into()));
    let problems = View { problems: vec!["One.".into(), "Two.".into()], ..quiet };
    assert_eq!(tip(&problems), ("All quiet · 512 processes".into(), "One.\nTwo.".into()));
    let hostile = view(vec![firing(1, 4711, "<img src=x>&\u{202e} is using 1.4 cores")]);
    assert_eq!(tip(&hostile).0, "‹img src=x›+\u{fffd} is using 1.4 cores");
}

#[test]
fn commands_become_events() {
    let event = Event::from(Command::Act(7, Action::Kill));
    assert!(matches!(event, Event::Act { alert: 7, action: Action::Kill, origin: Origin::Tray }));
    assert!(matches!(Event::from(Command::Ask(Request::ClearAlerts)), Event::Menu(Request::ClearAlerts)));
    assert!(matches!(Event::from(Command::OpenWindow(Some(Tab::Alerts))), Event::OpenWindow(Some(Tab::Alerts))));
    assert!(matches!(Event::from(Command::SetAutostart(true)), Event::SetAutostart(true)));
    assert!(matches!(Event::from(Command::Quit), Event::Quit));
}
