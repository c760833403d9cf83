//! What processes used over the last minutes, and throughout an alert.

use super::*;
use crate::protocol::request::GetHistory;

fn ask(world: &mut World, params: GetHistory) -> Result<Vec<HistoryPoint>, ErrorCode> {
    match &world.ask(Request::GetHistory(params)).1[..] {
        [Effect::Reply(_, Reply::Response(data))] => Ok(serde_json::from_value(data.clone()).unwrap()),
        [Effect::Reply(_, Reply::Error(error))] => Err(error.code),
        other => panic!("{other:?}"),
    }
}

fn of_process(pid: u32) -> GetHistory {
    GetHistory { pid: Some(pid), ..GetHistory::default() }
}

fn of_alert(alert: i64) -> GetHistory {
    GetHistory { alert: Some(alert), ..GetHistory::default() }
}

fn used(points: &[HistoryPoint]) -> Vec<(i64, f64)> {
    points.iter().map(|point| (point.at - START.unix, point.cpu_percent)).collect()
}

#[test]
fn a_process_that_moved_has_points_and_one_that_sleeps_has_its_present() {
    let mut world = burner();
    world.add(200, "sleep");
    world.scan(&[]);
    world.scan(&[(100, 0.5)]);
    world.scan(&[]);
    world.scan(&[]);
    world.scan(&[]);
    let points = ask(&mut world, of_process(100)).unwrap();
    assert_eq!(used(&points), [(20, 50.0), (30, 0.0), (50, 0.0)], "a rest is told by its ends");
    assert!(points.iter().all(|point| (point.memory_mb - 1.0).abs() < 0.01));
    assert_eq!(used(&ask(&mut world, of_process(200)).unwrap()), [(50, 0.0)]);
    assert_eq!(ask(&mut world, of_process(300)), Err(ErrorCode::NotFound));
    let reused = GetHistory { start_time: Some(1), ..of_process(100) };
    assert_eq!(ask(&mut world, reused), Err(ErrorCode::NotFound));
    world.processes.clear();
    world.scan(&[]);
    assert_eq!(ask(&mut world, of_process(100)), Err(ErrorCode::NotFound));
}

#[test]
fn memory_that_changes_is_recorded_too() {
    let mut world = burner();
    world.scan(&[]);
    world.process(100).resident += 64 << 20;
    world.scan(&[]);
    world.scan(&[]);
    let points = ask(&mut world, of_process(100)).unwrap();
    assert_eq!(points.iter().map(|point| point.memory_mb).collect::<Vec<_>>(), [65.0, 65.0]);
}

#[test]
fn an_interval_that_slept_is_no_point() {
    let mut world = burner();
    world.scan(&[(100, 1.0)]);
    world.now.boottime += Duration::from_mins(1);
    world.now.unix += 60;
    world.scan(&[(100, 1.0)]);
    world.scan(&[(100, 1.0)]);
    let points = ask(&mut world, of_process(100)).unwrap();
    assert_eq!(used(&points), [(10, 100.0), (82, 100.0)], "each at its time, those before the sleep too");
}

#[test]
fn an_alert_has_what_its_process_used_before_it_and_throughout() {
    let mut world = burner();
    world.scan(&[(100, 0.2)]);
    let alert = world.burn_until_alert(100).id;
    let at_begin = ask(&mut world, of_alert(alert)).unwrap();
    assert_eq!(used(&at_begin)[0], (10, 20.0), "before the episode");
    assert_eq!(at_begin.last().unwrap().at, world.now.unix);
    for _ in 0..1000 {
        world.scan(&[(100, 1.0)]);
        assert!(ask(&mut world, of_alert(alert)).unwrap().len() <= 240);
    }
    let points = ask(&mut world, of_alert(alert)).unwrap();
    assert!(points.len() > 120 && points.is_sorted_by_key(|point| point.at), "{}", points.len());
    assert_eq!((points[0].at < START.unix + 60, points.last().unwrap().at), (true, world.now.unix));
}

/// The histories that are to be stored.
fn stored(effects: &[Effect]) -> Vec<(i64, usize)> {
    let history = |effect: &Effect| {
        let Effect::Store(Write::History { alert, points }, None) = effect else { return None };
        Some((*alert, points.len()))
    };
    effects.iter().filter_map(history).collect()
}

#[test]
fn a_history_is_stored_at_the_begin_at_the_end_and_when_the_guard_ends() {
    let mut world = burner();
    let mut effects = Vec::new();
    while pushed(&effects).is_empty() {
        effects = world.scan(&[(100, 1.0)]);
    }
    let [(alert, at_begin)] = stored(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(stored(&world.scan(&[(100, 1.0)])), []);
    assert_eq!(stored(&world.core.end(world.now)), [(alert, at_begin + 1)]);
    let (_, effects) = world.ask(Request::DismissAlert(ById { id: alert }));
    assert_eq!(stored(&effects), [(alert, at_begin + 1)]);
    world.scan(&[(100, 1.0)]);
    assert_eq!(ask(&mut world, of_alert(alert)).unwrap().len(), at_begin + 1, "it has ended");
    world.processes.clear();
    world.scan(&[]);
    let (ticket, effects) = world.ask(Request::GetHistory(of_alert(alert)));
    assert_eq!(effects, [Effect::QueryHistory(ticket, alert)], "the store has it now");
}

#[test]
fn a_history_goes_on_after_a_restart() {
    let mut before = burner();
    let alert = before.burn_until_alert(100);
    let points = ask(&mut before, of_alert(alert.id)).unwrap();
    let histories = HashMap::from([(alert.id, points.clone())]);
    let lasting = before.records.values().cloned().collect();
    let start = Start { lasting, histories, next_alert: 10, ..Start::default() };
    before.core = Core::new(start, before.now).0;
    before.tick();
    before.scan(&[(100, 1.0)]);
    let after = ask(&mut before, of_alert(alert.id)).unwrap();
    assert_eq!((&after[..points.len()], after.len()), (&points[..], points.len() + 1));
}
