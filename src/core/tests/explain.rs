//! Why a process is told of, or is not.

use super::*;
use crate::protocol::request::ExplainProcess;
use crate::protocol::{Explanation, StandingState};

fn explained(world: &mut World, pid: u32) -> Explanation {
    let (_, effects) = world.ask(Request::ExplainProcess(ExplainProcess { pid, start_time: None }));
    let [Effect::Reply(_, Reply::Response(data))] = &effects[..] else { panic!("{effects:?}") };
    serde_json::from_value(data.clone()).unwrap()
}

fn cpu(world: &mut World, pid: u32) -> (StandingState, String) {
    let standing = explained(world, pid).reasons.remove(0);
    assert_eq!(standing.reason, Reason::CpuHigh);
    (standing.state, standing.summary)
}

#[test]
fn each_state_says_why() {
    let mut world = burner();
    world.scan(&[(100, 0.1)]);
    assert_eq!(cpu(&mut world, 100), (StandingState::Calm, "It uses 0.1 cores; the limit is 0.9 cores.".into()));
    world.scan(&[(100, 1.0)]);
    let busy = "It has kept 1 core busy for 10 s; it is told of after 60 s.";
    assert_eq!(cpu(&mut world, 100), (StandingState::Suspicious, busy.into()));
    world.burn_until_alert(100);
    assert_eq!(cpu(&mut world, 100).0, StandingState::Firing);
    world.process(100).is_foreground = true;
    world.scan(&[(100, 1.0)]);
    let silent = "It uses 1 core and is not told of: it is the job that a terminal shows at work.";
    assert_eq!(cpu(&mut world, 100), (StandingState::Silent, silent.into()));
}

#[test]
fn rule_and_whitelist_are_named() {
    let config = crate::config::parse::parse(
        "[[rule]]\nname = 'spinners'\nmatch = 'spin'\nmax_runtime_minutes = 9\nsilence = ['hang']",
    );
    let mut world = World::new(Start { config: config.unwrap(), ..Start::default() });
    world.add(100, "spin");
    world.tick();
    world.scan(&[]);
    let states = |explained: &Explanation| explained.reasons.iter().map(|standing| standing.state).collect::<Vec<_>>();
    let before = explained(&mut world, 100);
    assert_eq!(states(&before), [StandingState::Calm, StandingState::Off, StandingState::Calm, StandingState::Calm]);
    assert_eq!((before.rule.as_deref(), before.whitelist), (Some("spinners"), None));
    world.whitelist("spin");
    for _ in 0..10 {
        world.scan(&[]);
    }
    let after = explained(&mut world, 100);
    assert_eq!(after.whitelist.as_deref(), Some("spin"));
    assert_eq!(states(&after)[3], StandingState::Firing);
    assert_eq!(after.reasons[3].figures["limit_seconds"].round() as u64, 540);
}

#[test]
fn a_process_that_is_not_there_is_an_error() {
    let mut world = burner();
    for params in [ExplainProcess { pid: 7, start_time: None }, ExplainProcess { pid: 100, start_time: Some(1) }] {
        let (_, effects) = world.ask(Request::ExplainProcess(params));
        assert!(matches!(&effects[..], [Effect::Reply(_, Reply::Error(error))] if error.code == ErrorCode::NotFound));
    }
}
