//! What several processes of an application take together.
//!
//! Each of them has to grow as a leak does, however little: what a process takes as it starts, and what ends, is no part of
//! it. Where one takes nearly all, it is told of by itself.

use super::{Growth, HOURS, Leak, Machine, Memory, PAUSES, Rise, STANDS, is_start, threshold};
use crate::config::MemoryLeak;
use crate::detect::group::{self, Group, NAMED, NEARLY_ALL};
use crate::detect::history::Step;
use crate::detect::past::Past;
use crate::detect::rules::Rules;
use crate::detect::{Finding, Verdict};
use crate::figures::mebibytes;
use crate::process::{Description, Id};
use crate::protocol::{GroupKind, GroupStanding, Grower, MOST_NAMED, Reason, Standing, StandingState};
use crate::sample::{Sample, Snapshot, index_of};
use crate::words::why;
use std::cmp::Reverse;

/// What a process takes as part of its application.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// At each scale that counts, where it grows as a leak does.
    pub(super) growths: [Option<Growth>; HOURS],
    /// Without a pause.
    pub(super) rise: Option<Rise>,
}

/// The applications of which a process grows.
#[derive(Debug, Default)]
pub(in crate::detect) struct Leaks(Vec<Application>);

/// A scan, and what is known of its processes.
pub(in crate::detect) struct Scan<'a> {
    pub(in crate::detect) snapshot: &'a Snapshot,
    /// Of its processes, in their order.
    pub(in crate::detect) pasts: &'a [Past],
    pub(in crate::detect) step: Step,
    pub(in crate::detect) rules: &'a Rules,
    /// Whether nothing is told of a process.
    pub(in crate::detect) is_excused: &'a dyn Fn(&Description) -> bool,
}

/// One application in one scan, and what was told of it.
#[derive(Debug)]
struct Application {
    group: Group,
    /// The processes that grow now, by their indices in the snapshot.
    parts: Vec<(usize, Part)>,
    told: Option<Told>,
}

/// A leak of an application that was told.
#[derive(Debug, Default)]
struct Told {
    /// Those that took part in it, and from where their growth is measured, in bytes.
    members: Vec<(Id, u64)>,
    /// The most that those grew by that lived then, in bytes.
    top: u64,
    /// By how much it had grown when it was told, in bytes.
    first: u64,
}

/// What of an application leaks.
struct Found {
    growth: Growth,
    /// Who takes part in it, the worst first: the index, and by how much it grew.
    members: Vec<(usize, u64)>,
}

impl Leaks {
    /// Looks whether a process takes part in a leak of its application.
    pub(in crate::detect) fn look_at(
        &mut self,
        index: usize,
        sample: &Sample,
        past: &Past,
        machine: Machine,
        rule: &MemoryLeak,
    ) {
        let Some(memory) = past.known_history().map(|history| &history.memory) else { return };
        if sample.description.application.is_none() || is_start(sample) || !rule.enabled {
            return;
        }
        let takes = memory.part(machine, rule);
        if takes.rise.is_none() && takes.growths.iter().all(Option::is_none) {
            return;
        }
        let Some(group) = group::of_application(sample) else { return };
        match self.0.iter_mut().find(|application| application.group == group) {
            Some(application) => application.parts.push((index, takes)),
            None => self.0.push(Application { group, parts: vec![(index, takes)], told: None }),
        }
    }

    /// Says how the application of a process stands, where it is told of.
    pub(in crate::detect) fn explain(&self, sample: &Sample, rule: &MemoryLeak) -> Option<GroupStanding> {
        let (group, application) = (group::of_application(sample)?, sample.description.application.as_ref()?);
        let told = self.0.iter().find(|known| known.group == group)?.told.as_ref()?;
        let base = told.members.iter().find(|(id, _)| *id == sample.id).map(|(_, base)| *base);
        let own = sample.anonymous.saturating_sub(base.unwrap_or(sample.anonymous));
        let figures = [
            ("grown_mb", mebibytes(told.top)),
            ("own_mb", mebibytes(own)),
            ("growth_threshold_mb", rule.growth_threshold_mb.get().into()),
        ];
        let standing = Standing {
            reason: Reason::MemoryLeak,
            state: StandingState::Firing,
            summary: why::grew_together(&why::of_application(&application.name), told.top, own),
            figures: figures.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        };
        Some(GroupStanding { kind: GroupKind::Application, standing })
    }

    /// Adds what is found of the applications to what was found of their processes, in place of that where it is told.
    pub(in crate::detect) fn judge(&mut self, scan: &Scan, findings: &mut Vec<Finding>) {
        self.0.retain_mut(|application| {
            let samples = &scan.snapshot.samples;
            application.parts.retain(|(index, _)| !(scan.is_excused)(&samples[*index].description));
            if scan.step.elapsed.is_some() {
                application.judge(scan, findings);
            } else if application.told.is_some() {
                findings.push(application.finding(Verdict::Held));
            }
            application.parts.clear();
            application.told.is_some()
        });
    }
}

impl Application {
    fn judge(&mut self, scan: &Scan, findings: &mut Vec<Finding>) {
        let found = self.found(scan).filter(|found| self.told.is_some() || self.is_apart(found, scan, findings));
        let lead = if found.is_some() || self.told.is_some() { self.lead(scan) } else { None };
        let is_growing = found.is_none() && self.is_growing(scan);
        let verdict = match (found, lead, &mut self.told) {
            (Some(found), Some(lead), told) => Some(told.get_or_insert_default().tell(&found, lead, scan)),
            (Some(_), None, _) => None,
            (None, _, Some(told)) => (lead.is_some() && !told.is_over(scan)).then_some(Verdict::Held),
            (None, _, None) => is_growing.then_some(Verdict::Suspicious),
        };
        let Some(verdict) = verdict else {
            self.told = None;
            return;
        };
        if self.told.is_some() {
            findings.retain(|found| !self.is_own(found));
        }
        let index = lead.filter(|_| matches!(verdict, Verdict::Firing(..)));
        findings.push(Finding { index, ..self.finding(verdict) });
    }

    fn finding(&self, verdict: Verdict) -> Finding {
        Finding { index: None, group: Some(self.group), is_together: true, reason: Reason::MemoryLeak, verdict }
    }

    /// Whether a finding is about the memory of one of its processes.
    fn is_own(&self, found: &Finding) -> bool {
        found.reason == Reason::MemoryLeak && found.group == Some(self.group) && !found.is_together
    }

    /// Tells what is enough to be told of.
    fn found(&self, scan: &Scan) -> Option<Found> {
        let (machine, rule) = (scan.snapshot.memory, scan.rule());
        let rise = |part: &Part| part.rise;
        let rises = self.sum(rise, Rise::and).filter(|sum| sum.takes_all(machine));
        if let Some(sum) = rises {
            let growth = Growth::of_rise(&sum, machine);
            return Some(Found { growth, members: self.members(|part| rise(part).map(|rise| rise.grown)) });
        }
        let at_scale = |scale: usize| {
            let growth = move |part: &Part| part.growths[scale];
            let sum = self.sum(growth, Growth::and).filter(|sum| sum.is_leak(rule))?;
            Some(Found { growth: sum, members: self.members(|part| growth(part).map(|growth| growth.grown)) })
        };
        (0..HOURS).find_map(at_scale)
    }

    /// Adds up what two or more of its processes do.
    fn sum<T>(&self, of: impl Fn(&Part) -> Option<T>, and: fn(T, T) -> T) -> Option<T> {
        let mut each = self.parts.iter().filter_map(|(_, part)| of(part));
        let (first, second) = (each.next()?, each.next()?);
        Some(each.fold(and(first, second), and))
    }

    fn members(&self, grown: impl Fn(&Part) -> Option<u64>) -> Vec<(usize, u64)> {
        let each = self.parts.iter().filter_map(|(index, part)| Some((*index, grown(part)?)));
        let mut members: Vec<_> = each.collect();
        members.sort_by_key(|(_, grown)| Reverse(*grown));
        members
    }

    /// Whether it is to be told of as a whole: none of its processes was told of before, and either none takes nearly all,
    /// or several would be told of at once.
    fn is_apart(&self, found: &Found, scan: &Scan, findings: &[Finding]) -> bool {
        let own = || findings.iter().filter(|found| self.is_own(found));
        let is_of_it = |(_, sample): &(usize, &Sample)| group::of_application(sample) == Some(self.group);
        let its = scan.snapshot.samples.iter().enumerate().filter(is_of_it);
        let was_told = its.filter_map(|(index, _)| scan.leak(index)).any(|leak| leak.since < scan.step.at);
        let worst = found.members.first().map_or(0, |(_, grown)| *grown) as f64;
        let is_one = worst >= NEARLY_ALL * found.growth.grown as f64;
        !was_told && (!is_one || own().filter(|found| found.is_firing()).count() > 1)
    }

    fn is_growing(&self, scan: &Scan) -> bool {
        let least = threshold(scan.rule()) / 2;
        self.sum(|part| part.growths[0], Growth::and).is_some_and(|sum| sum.grown >= least)
            || self.sum(|part| part.rise, Rise::and).is_some_and(|sum| sum.may_take_all(scan.snapshot.memory))
    }

    /// Finds its oldest process, under which it is told; None where nothing is to be told under that.
    fn lead(&self, scan: &Scan) -> Option<usize> {
        let samples = scan.snapshot.samples.iter().enumerate();
        let own =
            samples.filter(|(_, sample)| !sample.has_ended() && group::of_application(sample) == Some(self.group));
        let (index, oldest) = own.min_by_key(|(_, sample)| (sample.id.start_time, sample.id.pid))?;
        let is_silenced = !scan.rule().enabled || !scan.rules.tables_of(&oldest.description).memory_leak.enabled;
        (!is_silenced && !(scan.is_excused)(&oldest.description)).then_some(index)
    }
}

impl Told {
    fn tell(&mut self, found: &Found, lead: usize, scan: &Scan) -> Verdict {
        let Found { growth, members } = found;
        self.first = if self.members.is_empty() { growth.grown } else { self.first };
        for (index, grown) in members {
            let sample = &scan.snapshot.samples[*index];
            if self.members.iter().all(|(id, _)| *id != sample.id) {
                self.members.push((sample.id, sample.anonymous.saturating_sub(*grown)));
            }
        }
        let grown = self.grown(scan);
        self.top = self.top.max(grown);
        let held = members.iter().map(|(index, _)| scan.snapshot.samples[*index].anonymous).sum();
        let special = scan.rules.special(&scan.snapshot.samples[lead].description);
        let severity = special.and_then(|special| special.severity);
        Verdict::Firing(
            severity.unwrap_or_else(|| super::severity(growth, grown, self.first, scan.rule())),
            growth.evidence(held, growers(members, scan)),
        )
    }

    /// By how much those grew that live, in bytes.
    fn grown(&self, scan: &Scan) -> u64 {
        let grown = |(id, base): &(Id, u64)| {
            let held = scan.index(*id).map_or(0, |index| scan.snapshot.samples[index].anonymous);
            held.saturating_sub(*base)
        };
        self.members.iter().map(grown).sum()
    }

    /// Whether what was told of is over: much was handed back, or it has not grown for two stretches.
    fn is_over(&self, scan: &Scan) -> bool {
        let living = self.members.iter().filter_map(|(id, _)| scan.memory(scan.index(*id)?));
        let lately: Option<u64> = living.map(|memory| memory.scales[PAUSES].lately()).sum();
        let stands = lately.is_some_and(|grown| grown < threshold(scan.rule()) / STANDS);
        self.grown(scan) < self.top / 2 || stands
    }
}

/// Names the worst of those that grow.
fn growers(members: &[(usize, u64)], scan: &Scan) -> Vec<Grower> {
    let worst = members.first().map_or(0, |(_, grown)| *grown) as f64;
    let named = members.iter().filter(|(_, grown)| *grown as f64 >= NAMED * worst).take(MOST_NAMED);
    let grower = |(index, grown): &(usize, u64)| {
        let Sample { id: Id { pid, start_time }, description, .. } = &scan.snapshot.samples[*index];
        Grower { pid: *pid, start_time: *start_time, name: description.name.to_string(), grown_mb: mebibytes(*grown) }
    };
    named.map(grower).collect()
}

impl Scan<'_> {
    fn rule(&self) -> &MemoryLeak {
        &self.rules.general().memory_leak
    }

    fn index(&self, id: Id) -> Option<usize> {
        index_of(&self.snapshot.samples, id)
    }

    fn memory(&self, index: usize) -> Option<&Memory> {
        self.pasts[index].known_history().map(|history| &history.memory)
    }

    fn leak(&self, index: usize) -> Option<Leak> {
        self.memory(index)?.leak
    }
}
