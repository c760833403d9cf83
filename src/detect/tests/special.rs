//! What a `[[rule]]` puts in the place of the tables for all.

use super::*;
use crate::config::parse::parse;

/// What is told of a process that spins and leaks from the start of a quarter of an hour, with these rules.
fn told(rules: &str) -> Vec<(Reason, Severity, u64)> {
    let rules = Rules::new(&parse(rules).unwrap());
    let mut machine = Machine::new();
    machine.add_to(FIREFOX, 100, 1, "solver");
    let description = Arc::make_mut(&mut machine.sample(100).description);
    (description.executable, description.user, description.uid) = ("/opt/bin/solve".into(), "ada".into(), 1000);
    machine.uses(100, 1.0);
    let mut told: Vec<(Reason, Severity, u64)> = Vec::new();
    for seconds in (0..900).step_by(2) {
        machine.pass(Duration::from_secs(2));
        machine.sample(100).anonymous += 5 << 20;
        machine.snapshot.now = machine.now;
        for found in machine.detector.observe(&machine.snapshot, &rules, |_| false).findings {
            let Verdict::Firing(severity, _) = found.verdict else { continue };
            if told.iter().all(|(reason, before, _)| *reason != found.reason || *before < severity) {
                told.retain(|(reason, ..)| *reason != found.reason);
                told.push((found.reason, severity, seconds));
            }
        }
    }
    told
}

fn reasons(rules: &str) -> Vec<Reason> {
    let mut reasons: Vec<_> = told(rules).iter().map(|(reason, ..)| *reason).collect();
    reasons.sort();
    reasons
}

#[test]
fn without_a_rule_all_is_told() {
    assert_eq!(reasons(""), [Reason::CpuHigh, Reason::MemoryLeak]);
    assert_eq!(reasons("[[rule]]\nmatch = 'other'\nsilence = ['cpu_high']"), [Reason::CpuHigh, Reason::MemoryLeak]);
}

#[test]
fn every_way_of_matching_finds_it() {
    for (way, pattern) in [
        ("name", "solver"),
        ("cmdline", "--child 100"),
        ("regex", "^sol"),
        ("executable", "/opt/bin/solve"),
        ("executable", "solve"),
        ("application", "firefox"),
        ("application", "Firefox"),
        ("user", "ada"),
        ("user", "1000"),
    ] {
        let rule =
            format!("[[rule]]\nmatch = '{pattern}'\nmatch_type = '{way}'\nsilence = ['cpu_high', 'memory_leak']");
        assert_eq!(reasons(&rule), [], "{way} {pattern}");
        let miss = rule.replace(pattern, &format!("{pattern}x"));
        assert_eq!(reasons(&miss).len(), 2, "{way} {pattern}x");
    }
}

#[test]
fn a_limit_of_its_own_holds_in_place_of_that_for_all() {
    let rule = |keys: &str| reasons(&format!("[[rule]]\nmatch = 'solver'\n{keys}"));
    assert_eq!(rule("cpu_threshold_percent = 200"), [Reason::MemoryLeak]);
    assert_eq!(rule("cpu_duration_seconds = 3600"), [Reason::MemoryLeak]);
    assert_eq!(rule("memory_growth_mb = 5000"), [Reason::CpuHigh]);
    assert_eq!(rule("memory_window_minutes = 30"), [Reason::CpuHigh]);
    assert_eq!(rule("max_runtime_minutes = 10"), [Reason::CpuHigh, Reason::MemoryLeak, Reason::Timeout]);
    assert_eq!(rule("max_runtime_minutes = 10\nsilence = ['timeout', 'cpu_high']"), [Reason::MemoryLeak]);
    let lower = told("[[rule]]\nmatch = 'solver'\ncpu_duration_seconds = 20\nsilence = ['memory_leak']");
    assert_eq!(lower, [(Reason::CpuHigh, Severity::Critical, 40)]);
}

#[test]
fn a_rule_says_how_bad_it_is() {
    let severities = |severity: &str| {
        let rule = format!("[[rule]]\nmatch = 'solver'\nseverity = '{severity}'");
        told(&rule).iter().map(|(_, severity, _)| *severity).collect::<Vec<_>>()
    };
    assert_eq!(severities("warning"), [Severity::Warning; 2]);
    assert_eq!(severities("critical"), [Severity::Critical; 2]);
}

#[test]
fn the_first_rule_that_matches_holds() {
    let first = "[[rule]]\nmatch = 'solver'\nsilence = ['cpu_high']\n";
    let second = "[[rule]]\nmatch = 'sol'\nmatch_type = 'regex'\nsilence = ['memory_leak']\n";
    assert_eq!(reasons(&format!("{first}{second}")), [Reason::MemoryLeak]);
    assert_eq!(reasons(&format!("{second}{first}")), [Reason::CpuHigh]);
}

#[test]
fn what_a_rule_excuses_counts_for_no_group() {
    let rules = Rules::new(&parse("[[rule]]\nmatch = 'worker'\nsilence = ['cpu_high']").unwrap());
    let mut machine = Machine::new();
    machine.add(50, 1, "master", "master");
    for pid in 100..110 {
        machine.add(pid, 50, "worker", "worker");
        machine.uses(pid, 0.2);
    }
    for _ in 0..200 {
        machine.pass(Duration::from_secs(2));
        machine.snapshot.now = machine.now;
        let findings = machine.detector.observe(&machine.snapshot, &rules, |_| false).findings;
        assert!(!findings.iter().any(|found| found.is_together), "{findings:?}");
    }
}

/// When a process that waits in the kernel from the start is told of as stuck, with these rules.
fn stuck(rules: &str) -> Option<u64> {
    let rules = Rules::new(&parse(rules).unwrap());
    let mut machine = Machine::new();
    machine.add(100, 1, "rsync", "rsync /mnt").state = State::DiskSleep;
    (0..300).step_by(2).find(|_| {
        machine.pass(Duration::from_secs(2));
        machine.snapshot.now = machine.now;
        let findings = machine.detector.observe(&machine.snapshot, &rules, |_| false).findings;
        findings.iter().any(|found| found.reason == Reason::Hang && found.is_firing())
    })
}

#[test]
fn how_long_it_may_be_stuck_is_its_own_too() {
    let rule = |keys: &str| stuck(&format!("[[rule]]\nmatch = 'rsync'\n{keys}"));
    let usual = stuck("").unwrap();
    assert_eq!(rule("hang_duration_seconds = 120"), Some(usual + 90));
    assert_eq!(rule("hang_duration_seconds = 10"), Some(usual - 20));
    assert_eq!(rule("silence = ['hang']"), None);
    assert_eq!(rule("silence = ['cpu_high', 'memory_leak', 'timeout']"), Some(usual));
}

#[test]
fn what_a_rule_says_of_how_bad_it_is_holds_for_a_group() {
    let severities = |rules: &str| {
        let rules = Rules::new(&parse(rules).unwrap());
        let mut machine = Machine::new();
        machine.add_to(FIREFOX, 50, 1, "firefox");
        for pid in 100..110 {
            machine.add_to(FIREFOX, pid, 50, "Isolated Web Co");
            machine.uses(pid, 0.15);
        }
        let mut severities = Vec::new();
        for _ in 0..100 {
            machine.pass(Duration::from_secs(2));
            machine.snapshot.now = machine.now;
            for found in machine.detector.observe(&machine.snapshot, &rules, |_| false).findings {
                if let Verdict::Firing(severity, _) = found.verdict {
                    severities.push(severity);
                }
            }
        }
        severities.dedup();
        severities
    };
    let rule = |severity: &str| {
        severities(&format!("[[rule]]\nmatch = 'firefox'\nmatch_type = 'application'\nseverity = '{severity}'"))
    };
    assert_eq!(severities(""), [Severity::Warning, Severity::Critical]);
    assert_eq!(rule("warning"), [Severity::Warning]);
    assert_eq!(rule("critical"), [Severity::Critical]);
}
