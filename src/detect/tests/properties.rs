//! What holds of every list of rules.

use super::*;
use crate::config::bounded::Bounded;
use crate::config::{Config, Rule, RuleMatch};
use crate::pattern::Pattern;
use proptest::prelude::*;
use proptest::sample::subsequence;

const REASONS: [Reason; 4] = [Reason::CpuHigh, Reason::Hang, Reason::MemoryLeak, Reason::Timeout];

/// What one process does all the time: cores kept busy, MiB that it grows by each second, whether it is stuck.
type Doing = (f64, u64, bool);

fn doing() -> impl Strategy<Value = Doing> {
    (prop_oneof![2 => 0.0..0.3, 2 => 0.3..0.8, 1 => 0.8..1.5], 0..4_u64, prop::bool::weighted(0.1))
}

/// One of these, or none.
fn number<const MIN: u32, const MAX: u32>(of: &'static [u32]) -> impl Strategy<Value = Option<Bounded<MIN, MAX>>> {
    prop::option::weighted(0.3, prop::sample::select(of).prop_map(Bounded::new))
}

fn matching() -> impl Strategy<Value = (RuleMatch, &'static str)> {
    use RuleMatch::{Application, Cmdline, Executable, Name, Regex, User};
    prop::sample::select(vec![
        (Name, "a"),
        (Name, "Firefox"),
        (Name, "worker"),
        (Cmdline, "--child 101"),
        (Cmdline, "--child"),
        (Regex, "^[ab]$"),
        (Regex, "."),
        (Executable, "/opt/bin/b"),
        (Application, "firefox"),
        (User, "0"),
        (User, "ada"),
    ])
}

fn rule() -> impl Strategy<Value = Rule> {
    let limits = (
        number(&[1, 2, 3]),
        number(&[20, 50, 90, 120, 400]),
        number(&[10, 60, 100, 600]),
        number(&[10, 30, 60]),
        number(&[50, 400]),
        number(&[1, 4]),
    );
    let severity = prop::option::of(prop::sample::select(vec![Severity::Warning, Severity::Critical]));
    (prop::option::of("[a-z]"), matching(), limits, subsequence(REASONS.to_vec(), 0..=4), severity).prop_map(
        |(name, (match_type, pattern), limits, silence, severity)| Rule {
            name,
            pattern: pattern.to_owned(),
            match_type,
            max_runtime_minutes: limits.0,
            cpu_threshold_percent: limits.1,
            cpu_duration_seconds: limits.2,
            hang_duration_seconds: limits.3,
            memory_growth_mb: limits.4,
            memory_window_minutes: limits.5,
            silence,
            severity,
        },
    )
}

fn config(rules: Vec<Rule>) -> Config {
    Config { rules, ..Config::default() }
}

/// A machine with cores enough: an application of four processes, and two workers of one parent.
fn machine(doings: &[Doing]) -> Machine {
    let mut machine = Machine::new();
    machine.snapshot.load.cores = 64;
    for (pid, name) in [(100, "a"), (101, "b"), (102, "b"), (103, "c")] {
        machine.add_to(FIREFOX, pid, if pid == 100 { 1 } else { 100 }, name);
        let description = Arc::make_mut(&mut machine.sample(pid).description);
        description.executable = format!("/opt/bin/{name}").into();
    }
    machine.add(200, 1, "master", "master");
    for pid in 201..203 {
        machine.add(pid, 200, "worker", "worker");
        Arc::make_mut(&mut machine.sample(pid).description).user = "ada".into();
    }
    for (pid, (cores, _, is_stuck)) in [100, 101, 102, 103, 201, 202].into_iter().zip(doings) {
        machine.uses(pid, if *is_stuck { 0.0 } else { *cores });
        machine.sample(pid).state = if *is_stuck { State::DiskSleep } else { State::Running };
    }
    machine
}

/// All that is found in three minutes and a half, scan by scan.
fn found(machine: &mut Machine, doings: &[Doing], rules: Vec<Rule>) -> Vec<Vec<Finding>> {
    let rules = Rules::new(&config(rules));
    let scan = |_| {
        machine.pass(Duration::from_secs(2));
        for (pid, (_, grows, _)) in [100, 101, 102, 103, 201, 202].into_iter().zip(doings) {
            machine.sample(pid).anonymous += 2 * (grows << 20);
        }
        machine.snapshot.now = machine.now;
        machine.detector.observe(&machine.snapshot, &rules, |_| false).findings
    };
    (0..105).map(scan).collect()
}

/// What an alert would be about: a reason, and the group or the process.
type About = (Reason, Option<Group>, Option<usize>);

fn told_of(findings: &[Finding]) -> Vec<About> {
    let about = |found: &Finding| (found.reason, found.group, found.index.filter(|_| found.group.is_none()));
    findings.iter().filter(|found| found.is_firing()).map(about).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_first_rule_that_matches_holds_whatever_the_others_say(
        rules in prop::collection::vec(rule(), 0..6),
        doing in doing(),
    ) {
        // One process acts, so that nothing but its rule decides.
        let doings = [(0.0, 0, false), doing];
        let acts = Arc::clone(&machine(&doings).sample(101).description);
        let is_hit = |rule: &&Rule| Pattern::of_rule(&rule.pattern, rule.match_type).unwrap().matches(&acts);
        let first: Vec<Rule> = rules.iter().find(is_hit).cloned().into_iter().collect();
        let of_it = |rules: Vec<Rule>| {
            let mut machine = machine(&doings);
            let index = machine.index(101);
            let all = found(&mut machine, &doings, rules).into_iter().enumerate();
            let all = all.flat_map(|(scan, findings)| findings.into_iter().map(move |found| (scan, found)));
            all.filter(|(_, found)| found.index == Some(index)).collect::<Vec<_>>()
        };
        prop_assert_eq!(of_it(rules), of_it(first));
    }

    #[test]
    fn a_rule_that_silences_adds_no_alert(
        rules in prop::collection::vec(rule(), 0..4),
        (place, matching, like) in (0..4_usize, matching(), prop::option::of(any::<prop::sample::Index>())),
        silence in subsequence(REASONS.to_vec(), 1..=4),
        doings in prop::collection::vec(doing(), 6),
    ) {
        let mut more = rules.clone();
        let other = like.filter(|_| !rules.is_empty()).map(|like| like.get(&rules));
        let (match_type, pattern) = other.map_or(matching, |other| (other.match_type, &other.pattern));
        let silent = Rule { pattern: pattern.to_owned(), match_type, silence: silence.clone(), ..Rule::default() };
        more.insert(place.min(rules.len()), silent);
        let before = found(&mut machine(&doings), &doings, rules);
        let after = found(&mut machine(&doings), &doings, more);
        for (before, after) in before.iter().zip(&after) {
            let before = told_of(before);
            // Of what it does not name, it hides what later rules say.
            for about in told_of(after).iter().filter(|(reason, ..)| silence.contains(reason)) {
                prop_assert!(before.contains(about), "{:?} is new beside {:?}", about, before);
            }
        }
    }
}
