//! Why a process is told of, or is not.

use super::groups::{firefox, until_alert};
use super::*;
use crate::protocol::request::ExplainProcess;
use crate::protocol::{Explanation, GroupKind, StandingState};

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

#[test]
fn a_process_is_explained_with_its_application() {
    let mut world = firefox(20);
    let busy: Vec<_> = (101..121).map(|pid| (pid, if pid == 110 { 0.3 } else { 0.1 })).collect();
    let together = |world: &mut World| {
        let groups = explained(world, 110).groups;
        let [group] = &groups[..] else { panic!("{groups:?}") };
        assert_eq!(group.kind, GroupKind::Application);
        (group.standing.state, group.standing.summary.clone())
    };
    world.scan(&[]);
    let calm = "The processes of Firefox are not over the limit of 0.9 cores together.";
    assert_eq!(together(&mut world), (StandingState::Calm, calm.into()));
    world.scan(&busy);
    let rising = "The processes of Firefox have kept 2.2 cores busy together for 10 s, 0.3 cores of it by this one; they \
                  are told of after 60 s.";
    assert_eq!(together(&mut world), (StandingState::Suspicious, rising.into()));
    assert_eq!(cpu(&mut world, 110).0, StandingState::Calm, "by itself it is none");
    until_alert(&mut world, &busy);
    assert_eq!(together(&mut world).0, StandingState::Firing);
    world.whitelist("Isolated Web Co");
    let listed = "It does not count among the processes of Firefox: it is on the whitelist.";
    assert_eq!(together(&mut world), (StandingState::Off, listed.into()));
}

#[test]
fn a_group_of_which_nothing_is_told_is_not_said_to_fire() {
    let rule =
        "[[rule]]\nname = 'first'\nmatch = 'firefox --child 100'\nmatch_type = 'cmdline'\nsilence = ['cpu_high']";
    let mut world = firefox(20);
    world.core.adopt(crate::config::parse::parse(rule).unwrap());
    let busy: Vec<_> = (101..121).map(|pid| (pid, 0.1)).collect();
    for _ in 0..40 {
        assert_eq!(pushed(&world.scan(&busy)), []);
    }
    let standing = &explained(&mut world, 110).groups[0].standing;
    assert_eq!(standing.state, StandingState::Silent, "{standing:?}");
    assert!(standing.summary.contains("is on the whitelist, or silenced by a rule"), "{standing:?}");
}

#[test]
fn a_rule_about_its_cpu_takes_a_process_out_of_its_application() {
    let rule = "[[rule]]\nname = 'tabs'\nmatch = 'Isolated Web Co'\ncpu_threshold_percent = 300";
    let mut world = firefox(2);
    world.core.adopt(crate::config::parse::parse(rule).unwrap());
    world.scan(&[]);
    let groups = explained(&mut world, 101).groups;
    let apart = "It does not count among the processes of Firefox: the rule \"tabs\" is about its use of CPU.";
    assert_eq!((groups[0].standing.state, groups[0].standing.summary.as_str()), (StandingState::Off, apart));
    assert_eq!(explained(&mut world, 100).groups[0].standing.state, StandingState::Calm);
}
