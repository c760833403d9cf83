//! One scan: verdicts become episodes.

use super::effect::Effect;
use super::episode::{Change, Episode};
use super::recording::Point;
use super::{Core, Latest, announce, announce_turn};
use crate::detect::{Finding, LONGEST_CALM, Observation, Verdict};
use crate::process::{Id, Reach};
use crate::protocol::{AlertState, Reason};
use crate::sample::{Now, Sample, Snapshot, index_of};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How a finding belongs to an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// It is the episode's next verdict.
    Own,
    /// It is about a process of the group that the episode is about as a whole.
    Part,
    /// It is about another process of the group, of which one alert is enough.
    Other,
}

impl Core {
    /// Takes a snapshot: judges it, begins, worsens and ends alerts, and answers who waited for it. The status is new then.
    pub fn tick(&mut self, snapshot: Snapshot) -> Vec<Effect> {
        self.machine.observe(&snapshot);
        let Observation { cpu_percent, counts, findings } = if self.is_paused() {
            self.detector.pass_over(&snapshot)
        } else {
            let is_excused = |process: &_| self.whitelist.find(process).is_some();
            self.detector.observe(&snapshot, &self.rules, is_excused)
        };
        let now = snapshot.now;
        let latest = Latest { snapshot, cpu_percent, counts };
        self.recordings.observe(&latest, self.latest.as_ref().map(|before| &before.snapshot));
        let mut effects = Vec::new();
        if self.pause.is_none() {
            let findings = self.not_whitelisted(&latest.snapshot, findings);
            let is_suspicious = |found: &Finding| matches!(found.verdict, Verdict::Suspicious);
            self.suspicious = findings.iter().any(is_suspicious) || !self.detector.suspects().is_empty();
            let findings = self.go_on(&latest, findings, &mut effects);
            self.begin(&latest, findings, &mut effects);
        }
        self.end_due_outcomes(now);
        self.forget_closed_more();
        if let Some(Latest { snapshot, cpu_percent, .. }) = self.latest.replace(latest) {
            self.detector.recycle(cpu_percent);
            self.spent = Some(snapshot);
        }
        effects.extend(self.answer_the_waiting());
        effects
    }

    fn not_whitelisted(&self, snapshot: &Snapshot, mut findings: Vec<Finding>) -> Vec<Finding> {
        let process = |found: &Finding| found.index.map(|index| &snapshot.samples[index].description);
        findings.retain(|found| process(found).is_none_or(|process| self.whitelist.find(process).is_none()));
        findings
    }

    /// Hands each episode its verdict, and gives back the findings that belong to none.
    fn go_on(&mut self, latest: &Latest, findings: Vec<Finding>, effects: &mut Vec<Effect>) -> Vec<Finding> {
        if self.episodes.is_empty() {
            return findings;
        }
        let snapshot = &latest.snapshot;
        let present = |id: Id| {
            let index = index_of(&snapshot.samples, id).filter(|index| !snapshot.samples[*index].has_ended())?;
            Some((&snapshot.samples[index], latest.cpu_percent[index]))
        };
        let mut verdicts: HashMap<i64, Verdict> = HashMap::new();
        let mut unclaimed = Vec::new();
        for found in findings {
            let sample = found.index.map(|index| &snapshot.samples[index]);
            match self.claim(sample, &found) {
                None => unclaimed.push(found),
                Some((alert, Claim::Own)) => {
                    verdicts.insert(alert, found.verdict);
                }
                Some((alert, Claim::Part)) if found.is_firing() => {
                    verdicts.entry(alert).or_insert(Verdict::Held);
                }
                Some((_, Claim::Part | Claim::Other)) => {}
            }
        }
        let mut episodes = std::mem::take(&mut self.episodes);
        episodes.retain_mut(|episode| {
            let verdict = verdicts.remove(&episode.alert.id).unwrap_or(Verdict::Calm);
            let seen = present(episode.id);
            if let Some((sample, cpu_percent)) = seen.filter(|_| latest.counts) {
                episode.record(Point::new(sample, cpu_percent, snapshot.now));
            }
            let lasts = self.advance(episode, seen.map(|(sample, _)| sample), verdict, snapshot.now, effects);
            if !lasts {
                self.keep_asked(episode);
            }
            lasts
        });
        self.episodes = episodes;
        unclaimed
    }

    /// Finds the episode that a finding belongs to, and how.
    fn claim(&self, sample: Option<&Sample>, found: &Finding) -> Option<(i64, Claim)> {
        let id = sample.map(|sample| sample.id);
        let of_reason = || self.episodes.iter().filter(|episode| episode.alert.reason == found.reason);
        let own = of_reason().find(|episode| episode.is_judged_by(id, found)).map(|episode| (episode, Claim::Own));
        let of_group = || {
            let is_of_group = |episode: &&Episode| found.group.is_some() && episode.scope.group == found.group;
            let episode = of_reason().filter(is_of_group).find(|episode| episode.tells_of(sample))?;
            Some((episode, if episode.scope.is_together { Claim::Part } else { Claim::Other }))
        };
        own.or_else(of_group).map(|(episode, claim)| (episode.alert.id, claim))
    }

    /// Takes one episode through one scan; tells whether it lasts.
    fn advance(
        &self,
        episode: &mut Episode,
        sample: Option<&Sample>,
        verdict: Verdict,
        now: Now,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let firing_before = episode.is_firing();
        let change = match sample {
            // What comes of a Kill, within its grace time, decides. A question may stand for hours.
            _ if episode.is_being_killed() && !self.is_asking(episode.id) => Change::None,
            None if episode.scope.is_together => episode.judge(verdict, self.calm_for(episode), now),
            None => {
                episode.end(AlertState::Resolved, now);
                Change::Ended
            }
            Some(sample) => {
                episode.refresh(sample, self.reach(sample));
                match self.whitelist.find(&sample.description) {
                    Some(entry) => {
                        episode.alert.action = Some(format!("whitelisted as {:?}", entry.pattern));
                        episode.end(AlertState::Acted, now);
                        Change::Ended
                    }
                    None => episode.judge(verdict, self.calm_for(episode), now),
                }
            }
        };
        match change {
            Change::Worsened if firing_before => effects.extend(announce(episode)),
            Change::Ended if firing_before => effects.extend(announce_turn(episode, now)),
            Change::Ended if episode.alert.state == AlertState::Dismissed => {
                effects.push(Effect::Store(episode.write_over(), None));
            }
            Change::None | Change::Worsened | Change::Ended => {}
        }
        change != Change::Ended
    }

    fn begin(&mut self, latest: &Latest, findings: Vec<Finding>, effects: &mut Vec<Effect>) {
        let now = latest.snapshot.now;
        for (index, found) in the_worst_of_each_group(latest, findings) {
            let sample = &latest.snapshot.samples[index];
            let point = Point::new(sample, latest.cpu_percent[index], now);
            let track = self.recordings.track(sample.id, point);
            let Some(mut episode) = Episode::new(self.next_alert, sample, found, track, now) else { continue };
            episode.reach = self.reach(sample);
            self.next_alert += 1;
            effects.extend(announce_turn(&episode, now));
            self.episodes.push(episode);
        }
    }

    /// Ends an alert that lasts: the clients and the store are told.
    pub(super) fn finish(&mut self, alert: i64, state: AlertState, now: Now) -> Vec<Effect> {
        let Some(episode) = self.episode(alert).filter(|episode| episode.is_firing()) else { return Vec::new() };
        episode.end(state, now);
        announce_turn(episode, now)
    }

    fn reach(&self, sample: &Sample) -> Reach {
        let process = &sample.description;
        self.protection.reach(&process.name, process.uid, sample.id.pid, sample.kernel_thread)
    }

    fn calm_for(&self, episode: &Episode) -> Duration {
        let general = self.rules.general();
        let detection = if episode.scope.is_together { general } else { self.rules.tables_of(&episode.description) };
        let duration = match episode.alert.reason {
            Reason::CpuHigh => detection.cpu_high.duration_seconds.seconds(),
            Reason::Hang => detection.hang.duration_seconds.seconds(),
            Reason::MemoryLeak => LONGEST_CALM,
            Reason::Timeout => Duration::ZERO,
        };
        duration.min(LONGEST_CALM)
    }
}

/// Chooses, of the findings that fire, those that become alerts: the worst of each group, which names the others.
fn the_worst_of_each_group(latest: &Latest, findings: Vec<Finding>) -> Vec<(usize, Finding)> {
    let firing = findings.into_iter().filter(Finding::is_firing);
    let mut chosen: Vec<(usize, Finding)> = firing.filter_map(|found| Some((found.index?, found))).collect();
    chosen.sort_by(|(a, _), (b, _)| latest.cpu_percent[*b].total_cmp(&latest.cpu_percent[*a]).then(a.cmp(b)));
    let mut groups = HashSet::new();
    chosen.retain(|(_, found)| found.group.is_none_or(|group| groups.insert((group, found.reason))));
    chosen.sort_by_key(|(index, _)| *index);
    chosen
}
