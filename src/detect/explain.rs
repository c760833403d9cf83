//! Why a process is told of, or is not: each rule in turn, with the figures as of the last scan.

use super::group::Asked;
use super::rules::Special;
use super::{Detector, Rules, cpu_high, hang, memory_leak};
use crate::config::{CpuHigh, Hang, MemoryLeak, OfCpu};
use crate::figures::tenths;
use crate::process::Description;
use crate::protocol::{GroupStanding, Reason, Standing, StandingState};
use crate::sample::{Sample, Snapshot};
use crate::words::why;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is known of one process, for its explanation.
struct Known<'a> {
    detector: &'a Detector,
    snapshot: &'a Snapshot,
    index: usize,
    cpu_percent: f64,
    special: Option<&'a Special>,
}

impl Detector {
    /// Says for each rule how a process stands; None where the snapshot is not the last that was judged.
    #[must_use]
    pub fn explain(&self, snapshot: &Snapshot, index: usize, cpu_percent: f64, rules: &Rules) -> Option<Vec<Standing>> {
        let sample = snapshot.samples.get(index)?;
        self.pasts.get(index).filter(|past| past.id == sample.id)?;
        let special = rules.special(&sample.description);
        let tables = rules.tables_of(&sample.description);
        let known = Known { detector: self, snapshot, index, cpu_percent, special };
        Some(vec![
            known.cpu_high(&tables.cpu_high),
            known.hang(&tables.hang),
            known.memory_leak(&tables.memory_leak),
            known.timeout(),
        ])
    }

    /// Says how the groups stand that a process may count for, where the snapshot is the last that was judged.
    #[must_use]
    pub fn explain_groups(
        &self,
        snapshot: &Snapshot,
        index: usize,
        rules: &Rules,
        is_excused: &dyn Fn(&Description) -> bool,
    ) -> Vec<GroupStanding> {
        let sample = &snapshot.samples[index];
        let Some(past) = self.pasts.get(index).filter(|past| past.id == sample.id) else { return Vec::new() };
        let special = rules.special(&sample.description).filter(|special| !special.of_cpu.counts_for_groups());
        let silence = past.known_history().and_then(|history| history.busy.silence);
        let apart = match special {
            _ if is_excused(&sample.description) => Some(why::ON_THE_WHITELIST.to_owned()),
            Some(special) => Some(why::by_rule(&special.title)),
            None => silence.map(|silence| why::honest(silence).to_owned()),
        };
        let rule = &rules.general().cpu_high;
        let patience = cpu_high::patience(false, self.machine.on_battery, rule);
        let is_silenced = |sample: &Sample| {
            let of_cpu = rules.special(&sample.description).map(|special| special.of_cpu);
            is_excused(&sample.description) || of_cpu == Some(OfCpu::Silent)
        };
        let (samples, at) = (&snapshot.samples, self.at);
        let asked = Asked { samples, sample, at, patience, rule, apart, is_silenced: &is_silenced };
        let mut standings = self.groups.explain(&asked);
        standings.extend(self.leaks.explain(sample, &rules.general().memory_leak));
        standings
    }
}

impl Known<'_> {
    fn off(&self, reason: Reason) -> Standing {
        let rule = self.special.map(|special| special.title.as_str());
        standing(reason, StandingState::Off, why::off(rule), &[])
    }

    fn cpu_high(&self, rule: &CpuHigh) -> Standing {
        let past = &self.detector.pasts[self.index];
        let threshold = f64::from(rule.threshold_percent.get());
        if !rule.enabled {
            return self.off(Reason::CpuHigh);
        }
        let busy = past.known_history().map(|history| history.busy).unwrap_or_default();
        let percent = if busy.since().is_some() { busy.percent } else { self.cpu_percent };
        let counted = busy.counts_for(self.detector.at, rule);
        let patience = busy.patience(past.is_orphan(), self.detector.machine.on_battery, rule);
        let figures = [
            ("cpu_percent", tenths(percent)),
            ("threshold_percent", threshold),
            ("seconds", counted.as_secs_f64().round()),
            ("duration_seconds", patience.as_secs_f64().round()),
        ];
        let (state, summary) = match (busy.silence, busy.since()) {
            (Some(silence), _) => (StandingState::Silent, why::silent(silence, percent)),
            (None, None) => (StandingState::Calm, why::calm(percent, threshold)),
            (None, Some(_)) if counted < patience => (StandingState::Suspicious, why::busy(percent, counted, patience)),
            (None, Some(_)) => (StandingState::Firing, why::busy(percent, counted, patience)),
        };
        standing(Reason::CpuHigh, state, summary, &figures)
    }

    fn hang(&self, rule: &Hang) -> Standing {
        if !rule.enabled {
            return self.off(Reason::Hang);
        }
        let history = self.detector.pasts[self.index].known_history();
        let since = history.and_then(|history| history.stuck.since());
        let lasted = since.map_or(Duration::ZERO, |since| self.detector.at.saturating_sub(since));
        let duration = rule.duration_seconds.seconds();
        let state = match since {
            None => StandingState::Calm,
            Some(_) if lasted < duration => StandingState::Suspicious,
            Some(_) => StandingState::Firing,
        };
        let figures = [("seconds", lasted.as_secs_f64().round()), ("duration_seconds", duration.as_secs_f64())];
        let (function, waits_for) = hang::known(&self.snapshot.samples[self.index]);
        let why = why::stuck(since.map(|_| lasted), duration, function.as_deref(), &waits_for);
        standing(Reason::Hang, state, why, &figures)
    }

    fn memory_leak(&self, rule: &MemoryLeak) -> Standing {
        if !rule.enabled {
            return self.off(Reason::MemoryLeak);
        }
        let memory = self.detector.pasts[self.index].known_history().map(|history| &history.memory);
        let (state, summary, figures) = memory_leak::explain(memory, self.snapshot.memory, rule);
        standing(Reason::MemoryLeak, state, summary, &figures)
    }

    fn timeout(&self) -> Standing {
        let Some((title, limit)) = self.special.and_then(|special| Some((&special.title, special.runtime?))) else {
            return standing(Reason::Timeout, StandingState::Off, why::NO_LIMIT.to_owned(), &[]);
        };
        let runtime = self.detector.pasts[self.index].awake_age(self.snapshot.now);
        let state = if runtime >= limit { StandingState::Firing } else { StandingState::Calm };
        let figures = [("runtime_seconds", runtime.as_secs_f64().round()), ("limit_seconds", limit.as_secs_f64())];
        standing(Reason::Timeout, state, why::runs(runtime, limit, title), &figures)
    }
}

fn standing(reason: Reason, state: StandingState, summary: String, figures: &[(&str, f64)]) -> Standing {
    let figures: BTreeMap<String, f64> = figures.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
    Standing { reason, state, summary, figures }
}
