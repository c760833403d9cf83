use super::*;
use crate::protocol::request::{ActOnAlert, CloseNotice, GetHistory, UpdateWhitelist};
use proptest::prelude::*;
use std::collections::HashSet;

#[derive(Clone, Debug)]
enum Op {
    Scan(Vec<f64>),
    State(usize, State),
    Replace(usize),
    Act(Action),
    Killed(KillOutcome),
    CloseNotice,
    ActOnAlert(Action),
    CloseNoticeOf(i64),
    Update(usize, usize),
    Unlist(usize),
    Ask(Request),
    Pause,
    Resume,
    Clear,
    Whitelist(usize),
    Sleep,
    Restart,
}

fn op() -> impl Strategy<Value = Op> {
    let action = prop_oneof![
        Just(Action::Kill),
        Just(Action::Pause),
        Just(Action::Continue),
        Just(Action::Whitelist),
        Just(Action::Dismiss)
    ];
    let outcome = prop_oneof![
        Just(KillOutcome::Ended),
        Just(KillOutcome::Gone),
        Just(KillOutcome::Stuck),
        Just(KillOutcome::Forbidden("It is root's.".into()))
    ];
    prop_oneof![
        20 => prop::collection::vec(prop_oneof![3 => Just(1.0), 1 => 0.0..2.0], 4).prop_map(Op::Scan),
        1 => (0..4_usize).prop_map(|index| Op::State(index, State::Stopped)),
        1 => (0..4_usize).prop_map(|index| Op::State(index, State::Running)),
        1 => (0..4_usize).prop_map(Op::Replace),
        2 => action.clone().prop_map(Op::Act),
        1 => outcome.prop_map(Op::Killed),
        1 => Just(Op::CloseNotice),
        1 => Just(Op::Pause),
        1 => Just(Op::Resume),
        1 => Just(Op::Clear),
        1 => (0..4_usize).prop_map(Op::Whitelist),
        1 => action.prop_map(Op::ActOnAlert),
        1 => (-1..9_i64).prop_map(Op::CloseNoticeOf),
        1 => (0..4_usize, 0..4_usize).prop_map(|(entry, process)| Op::Update(entry, process)),
        1 => (0..4_usize).prop_map(Op::Unlist),
        1 => question().prop_map(Op::Ask),
        1 => Just(Op::Sleep),
        1 => Just(Op::Restart),
    ]
}

/// Requests that change nothing.
fn question() -> impl Strategy<Value = Request> {
    prop_oneof![
        Just(Request::GetStatus),
        Just(Request::GetNotices),
        Just(Request::Hello),
        Just(Request::ListWhitelist),
        (99..105_u32).prop_map(|pid| Request::GetHistory(GetHistory { pid: Some(pid), ..GetHistory::default() })),
        (0..9_i64).prop_map(|alert| Request::GetHistory(GetHistory { alert: Some(alert), ..GetHistory::default() })),
    ]
}

fn killed(world: &mut World, outcome: &KillOutcome) -> Vec<Effect> {
    let Some((alert, id)) = world.core.firing().next().map(|episode| (episode.alert.id, episode.id)) else {
        return Vec::new();
    };
    let kill = Kill { alert: Some(alert), id, grace: Duration::from_secs(5), origin: Origin::Tray, asks: true };
    world.core.killed(kill, outcome, world.now)
}

fn apply(world: &mut World, op: Op) -> Vec<Effect> {
    let first = world.core.firing().next().map(|episode| episode.alert.id);
    match op {
        Op::Scan(cores) => {
            // While paused a scan is made where a client asks.
            let interval = world.core.interval(world.now).unwrap_or(Duration::from_mins(1));
            world.scan_after(interval, &(100..).zip(cores).collect::<Vec<_>>())
        }
        Op::State(index, state) => {
            world.processes[index].state = state;
            Vec::new()
        }
        Op::Replace(index) => {
            let sample = &mut world.processes[index];
            sample.id.start_time += 1000;
            (sample.cpu_time, sample.age) = (Duration::ZERO, Duration::ZERO);
            Vec::new()
        }
        Op::Act(action) => first.map_or_else(Vec::new, |alert| world.core.act(alert, action, Origin::Tray, world.now)),
        Op::Killed(outcome) => killed(world, &outcome),
        Op::CloseNotice => {
            if let Some(alert) = first {
                world.core.notice_closed(alert);
            }
            Vec::new()
        }
        Op::ActOnAlert(action) => {
            let id = first.unwrap_or(99);
            world.ask(Request::ActOnAlert(ActOnAlert { id, action, ask: id % 2 == 0 })).1
        }
        Op::CloseNoticeOf(alert) => world.ask(Request::CloseNotice(CloseNotice { alert })).1,
        Op::Update(entry, process) => {
            let id = world.core.whitelist.entries().nth(entry).map_or(99, |entry| entry.id);
            let pattern = world.processes[process].description.name.to_string();
            let params = UpdateWhitelist { id, pattern, match_type: MatchType::Name, reason: None };
            world.ask(Request::UpdateWhitelist(params)).1
        }
        Op::Unlist(entry) => {
            let id = world.core.whitelist.entries().nth(entry).map_or(99, |entry| entry.id);
            world.ask(Request::RemoveWhitelist(ById { id })).1
        }
        Op::Ask(question) => world.ask(question).1,
        Op::Pause => world.ask(Request::PauseMonitoring(PauseMonitoring { seconds: None })).1,
        Op::Resume => world.ask(Request::ResumeMonitoring).1,
        Op::Clear => world.ask(Request::ClearAlerts).1,
        Op::Whitelist(index) => {
            let pattern = world.processes[index].description.name.to_string();
            let params = AddWhitelist { pattern, match_type: MatchType::Name, reason: None };
            world.ask(Request::AddWhitelist(params)).1
        }
        Op::Restart => world.restart(),
        Op::Sleep => {
            world.now.boottime += Duration::from_hours(1);
            Vec::new()
        }
    }
}

fn told_notices(effect: &Effect) -> Option<Vec<crate::protocol::Notice>> {
    if let Effect::Push(Push::Notices(notices)) = effect { Some(notices.clone()) } else { None }
}

fn settle(world: &mut World, effects: &mut Vec<Effect>) {
    let write = |effect: &Effect| if let Effect::Store(_, id) = effect { *id } else { None };
    let writes: Vec<WriteId> = effects.iter().filter_map(write).collect();
    for write in writes {
        effects.extend(world.core.stored(write, Ok(()), world.now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn episodes_begin_once_worsen_once_and_end_once(ops in prop::collection::vec(op(), 1..300)) {
        let mut world = World::new(Start::default());
        for pid in 100..104 {
            world.add(pid, &format!("spin{pid}"));
        }
        let mut shown = Vec::new();
        let mut told: HashMap<i64, Vec<(Severity, AlertState)>> = HashMap::new();
        let mut watched = 0;
        for op in ops {
            let is_scan = matches!(op, Op::Scan(_));
            if matches!(op, Op::Restart) {
                // Clients have to connect anew.
                shown.clear();
            }
            let before = world.now;
            let mut effects = apply(&mut world, op);
            watched += if world.core.is_paused() { 0 } else { world.seconds_since(before) };
            let begun = pushed(&effects).iter().any(|alert| !told.contains_key(&alert.id));
            prop_assert!(!begun || watched >= 60, "after {} s, without those of pauses", watched);
            for alert in pushed(&effects).iter().filter(|alert| is_scan && alert.state == AlertState::Firing) {
                let listed = world.core.whitelist.entries().any(|entry| entry.pattern == alert.name);
                prop_assert!(!listed, "{} is on the whitelist", alert.name);
            }
            settle(&mut world, &mut effects);
            world.store(&effects);
            let lasting = world.records.values().filter(|record| record.lasts.is_some());
            let of: Vec<_> = lasting.map(|Record { alert, .. }| (alert.pid, alert.start_time, alert.reason)).collect();
            prop_assert_eq!(of.iter().collect::<HashSet<_>>().len(), of.len(), "each has one alert: {:?}", of);
            for alert in pushed(&effects) {
                told.entry(alert.id).or_default().push((alert.severity, alert.state));
            }
            effects.extend(world.core.news());
            let view = world.core.view();
            let last = effects.iter().rev().find_map(told_notices);
            if let Some(last) = last {
                prop_assert_ne!(&last, &shown, "notices are told when they change");
                shown = last;
            }
            let wanted: Vec<_> = view.notices.iter().map(view::Notice::wire).collect();
            prop_assert_eq!(&wanted, &shown, "clients know every notice");
            prop_assert_eq!(view.alerts.len(), world.core.status().alert_count);
            prop_assert_eq!(view.level == Level::Green, view.alerts.is_empty());
            let ids: HashSet<_> = view.notices.iter().map(|notice| notice.alert).collect();
            prop_assert_eq!(ids.len(), view.notices.len(), "one notification an alert");
        }
        for (id, states) in told {
            let ends = states.iter().filter(|(_, state)| *state != AlertState::Firing).count();
            prop_assert!(ends <= 1, "alert {} ended {} times", id, ends);
            prop_assert!(states.windows(2).all(|pair| pair[0].0 <= pair[1].0), "severity only worsens");
            let after_end = states.iter().skip_while(|(_, state)| *state == AlertState::Firing).skip(1).count();
            prop_assert_eq!(after_end, 0, "nothing is told after the end");
        }
    }
}
