//! The sweep beside the plain scan, over a machine in turmoil: what the two tell must be the same.

use crate::harness::{Burner, Home, Odd, Running, requires};
use runaway_guard::config;
use runaway_guard::detect::{Detector, Rules, Verdict};
use runaway_guard::process::Id;
use runaway_guard::protocol::Reason;
use runaway_guard::sample::procfs::Collector;
use runaway_guard::sample::{Now, Sample, Snapshot};
use rustix::process::Signal;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

/// How often the two are compared.
const ROUNDS: usize = 2000;

/// A difference may last for so many scans: by then everything was read again.
const ROTATION: usize = 60;

/// The time that passes for the rotation between two rounds: ten minutes in [`ROTATION`] of them.
const STEP: Duration = Duration::from_secs(10);

/// The plain scan tells CPU time in ticks, of user and system each.
const TICKS: Duration = Duration::from_millis(20);

/// Memory that differs by less is the same: the kernel itself counts it in batches of each core.
const GRAIN: u64 = 1 << 20;

/// Every so many rounds the detectors look.
const JUDGED_EVERY: usize = 100;

/// Verdicts may differ for so many looks: one of the two looks a moment later.
const VERDICTS_DIFFER: usize = 1;

/// Processes of every unquiet kind.
struct Turmoil {
    burner: Burner,
    odd: Vec<Odd>,
    sleeper: Running,
    _shells: Vec<Running>,
    _home: Home,
}

impl Turmoil {
    fn start() -> Self {
        const SHELLS: [&str; 4] = [
            "while :; do /bin/true; /bin/true & wait; done",
            "while :; do (exec sleep 0.05); done",
            "i=0; while :; do i=$((i + 1)); echo n$i >/proc/$$/comm; sleep 0.07; done",
            "while :; do (sleep 0.5 &) ; sleep 0.1; done",
        ];
        let home = Home::new();
        let shell = |script: &&str| Running::start(&home, "shell", home.command("sh").args(["-c", script]));
        Self {
            burner: Burner::start(&home, "burn-turmoil"),
            odd: ["leader", "crumbs", "restless"].iter().map(|kind| Odd::start(&home, kind, &[])).collect(),
            sleeper: Running::start(&home, "sleeper", home.command("sleep").arg("600")),
            _shells: SHELLS.iter().map(shell).collect(),
            _home: home,
        }
    }

    /// Stops and continues some of them.
    fn stir(&self, round: usize) {
        let signal = if round.is_multiple_of(2) { Signal::STOP } else { Signal::CONT };
        self.sleeper.signal(signal);
        self.odd.iter().for_each(|odd| odd.signal(signal));
    }

    /// Those that are far from the threshold, where no hair's breadth decides: the plain scan counts in ticks, and what was
    /// told of twice shows for long after.
    fn pids(&self) -> BTreeSet<u32> {
        BTreeSet::from([self.burner.pid(), self.sleeper.pid()])
    }
}

/// For how many rounds something has differed.
#[derive(Default)]
struct Differences {
    compared: usize,
    lasting: HashMap<(Id, &'static str), usize>,
    longest: BTreeMap<&'static str, usize>,
}

impl Differences {
    fn note(&mut self, id: Id, what: &'static str, is_same: bool, limit: usize, told: impl Fn() -> String) {
        self.compared += 1;
        if is_same {
            self.lasting.remove(&(id, what));
            return;
        }
        let lasting = self.lasting.entry((id, what)).or_default();
        *lasting += 1;
        let longest = self.longest.entry(what).or_default();
        *longest = (*longest).max(*lasting);
        assert!(*lasting <= limit, "{what} has differed for {lasting} scans: {}", told());
    }

    /// Compares a sample of the sweep with those of the plain scans before and after it.
    fn compare(&mut self, sweep: &Sample, before: &Sample, after: &Sample) {
        let told = || format!("{sweep:?}\n{before:?}\n{after:?}");
        let near = |a: u64, b: u64| a.abs_diff(b) < GRAIN;
        let mut note = |what, is_same| self.note(sweep.id, what, is_same, ROTATION, told);
        note("state", [before.state, after.state].contains(&sweep.state));
        note("threads", [before.threads, after.threads].contains(&sweep.threads));
        note("parent", [before.parent, after.parent].contains(&sweep.parent));
        note("terminal", [before.terminal, after.terminal].contains(&sweep.terminal));
        note("nice", [before.nice, after.nice].contains(&sweep.nice));
        note("policy", [before.policy, after.policy].contains(&sweep.policy));
        note("name", [&before.description.name, &after.description.name].contains(&&sweep.description.name));
        note("memory", near(sweep.resident, before.resident) || near(sweep.resident, after.resident));
        let is_between = before.cpu_time <= sweep.cpu_time + TICKS && sweep.cpu_time <= after.cpu_time + TICKS;
        assert!(is_between, "CPU time: {}", told());
    }
}

fn by_id(snapshot: &Snapshot) -> HashMap<Id, &Sample> {
    snapshot.samples.iter().map(|sample| (sample.id, sample)).collect()
}

/// What a detector finds firing among some processes.
fn firing(detector: &mut Detector, rules: &Rules, snapshot: &Snapshot, pids: &BTreeSet<u32>) -> HashSet<(Id, Reason)> {
    let found = detector.observe(snapshot, rules, |_| false).findings.into_iter();
    let firing = found.filter(|found| matches!(found.verdict, Verdict::Firing(..)));
    let named = firing.map(|found| (snapshot.samples[found.index.unwrap()].id, found.reason));
    named.filter(|(id, _)| pids.contains(&id.pid)).collect()
}

fn rules() -> Rules {
    let text = "[detection.cpu_high]\nthreshold_percent = 10\nduration_seconds = 2\n";
    Rules::new(&config::parse::parse(text).unwrap())
}

/// Scans as if so much more time had passed, which the rotation counts; the detectors count what did pass.
fn scan_as_if(collector: &mut Collector, passed: Duration) -> Snapshot {
    let now = Now::read();
    let snapshot = collector.scan(Now { monotonic: now.monotonic + passed, ..now }).unwrap();
    Snapshot { now, ..snapshot }
}

#[test]
fn the_sweep_tells_what_the_plain_scan_tells() {
    if !requires(&["gcc"]) {
        return;
    }
    let turmoil = Turmoil::start();
    let (pids, rules) = (turmoil.pids(), rules());
    let (mut plain, mut sweep) = (Collector::plain("/proc").unwrap(), Collector::new("/proc").unwrap());
    let (mut by_plain, mut by_sweep) = (Detector::default(), Detector::default());
    let mut differences = Differences::default();
    let mut ever_fired = HashSet::new();
    let began = Instant::now();
    for round in 0..ROUNDS {
        if round.is_multiple_of(50) {
            turmoil.stir(round / 50);
        }
        let scan = |collector: &mut Collector| scan_as_if(collector, STEP * u32::try_from(round).unwrap());
        let (before, swept, after) = (scan(&mut plain), scan(&mut sweep), scan(&mut plain));
        assert!(swept.is_exact && !before.is_exact);
        let (first, last, found) = (by_id(&before), by_id(&after), by_id(&swept));
        for (id, before) in &first {
            let Some(after) = last.get(id) else { continue };
            let sample = found.get(id).unwrap_or_else(|| panic!("the sweep misses {before:?}"));
            differences.compare(sample, before, after);
        }
        for (id, sample) in &found {
            let is_there = first.contains_key(id) || last.contains_key(id);
            differences.note(*id, "identity", is_there, 1, || format!("{sample:?}"));
        }
        if round.is_multiple_of(JUDGED_EVERY) {
            let plainly = firing(&mut by_plain, &rules, &after, &pids);
            let sweeping = firing(&mut by_sweep, &rules, &swept, &pids);
            for fired @ (id, _) in plainly.union(&sweeping) {
                let is_same = plainly.contains(fired) == sweeping.contains(fired);
                differences.note(*id, "verdict", is_same, VERDICTS_DIFFER, || format!("{fired:?}"));
            }
            ever_fired.extend(sweeping);
        }
    }
    assert!(ever_fired.iter().any(|(id, _)| id.pid == turmoil.burner.pid()), "the burner fired: {ever_fired:?}");
    let Differences { compared, longest, .. } = differences;
    eprintln!(
        "{ROUNDS} rounds, {compared} comparisons, {:?}; longest difference in scans: {longest:?}",
        began.elapsed()
    );
}
