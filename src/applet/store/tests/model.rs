//! Any writes, in any order, against a plain map.

use super::*;
use crate::applet::store::query::{self, Query};
use crate::core::KeptPause;
use crate::protocol::request::Since;
use crate::protocol::{HistoryPoint, WaitsFor};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};
use std::cmp::Reverse;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Write(Write),
    Reopen,
}

/// What the store should hold.
#[derive(Default)]
struct Model {
    alerts: BTreeMap<i64, Alert>,
    whitelist: BTreeMap<i64, WhitelistEntry>,
    histories: BTreeMap<i64, Vec<HistoryPoint>>,
    pause: Option<KeptPause>,
}

impl Model {
    fn write(&mut self, write: &Write) -> Result<(), Error> {
        match write {
            Write::Alert(record) => drop(self.alerts.insert(record.alert.id, record.alert.clone())),
            Write::AddWhitelist(new) => {
                if self.whitelist.values().any(|entry| entry.id == new.id || entry.pattern == new.pattern) {
                    return Err(Error::AlreadyExists);
                }
                self.whitelist.insert(new.id, new.clone());
            }
            Write::UpdateWhitelist(new) => {
                if self.whitelist.values().any(|entry| entry.id != new.id && entry.pattern == new.pattern) {
                    let known = self.whitelist.contains_key(&new.id);
                    return Err(if known { Error::AlreadyExists } else { Error::NotFound });
                }
                self.whitelist.get_mut(&new.id).map(|old| old.clone_from(new)).ok_or(Error::NotFound)?;
            }
            Write::RemoveWhitelist(id) => drop(self.whitelist.remove(id)),
            Write::History { alert, points } => drop(self.histories.insert(*alert, points.clone())),
            Write::Pause(pause) => self.pause = *pause,
        }
        Ok(())
    }

    fn newest_first(&self) -> Vec<Alert> {
        let mut alerts: Vec<_> = self.alerts.values().cloned().collect();
        alerts.sort_by_key(|alert| Reverse((alert.timestamp, alert.id)));
        alerts
    }

    fn answer(&self, question: &GetAlerts) -> Vec<Alert> {
        let query = Query::new(question).unwrap();
        let end = match question.before {
            None => query::LAST,
            Some(id) => match self.alerts.get(&id) {
                Some(alert) => query::place(alert),
                None => return Vec::new(),
            },
        };
        self.newest_first().into_iter().filter(|alert| query.admits(alert, end)).take(query.limit).collect()
    }

    fn assert_opened(&self, opened: &Opened) {
        assert_eq!(opened.notes, []);
        assert_eq!(opened.whitelist, self.whitelist.values().cloned().collect::<Vec<_>>());
        let firing = self.alerts.values().filter(|alert| alert.state == AlertState::Firing);
        assert_eq!(opened.lasting, firing.cloned().map(record).collect::<Vec<_>>());
        let mut histories = self.histories.clone();
        histories.retain(|id, _| self.alerts.get(id).is_some_and(|alert| alert.state == AlertState::Firing));
        assert_eq!(opened.histories.clone().into_iter().collect::<BTreeMap<_, _>>(), histories);
        assert_eq!(opened.pause, self.pause);
        assert_eq!(opened.next_alert, self.alerts.keys().last().map_or(1, |id| id + 1));
        assert_eq!(opened.next_whitelist, self.whitelist.keys().last().map_or(1, |id| id + 1));
    }
}

fn any_state() -> impl Strategy<Value = (AlertState, Option<i64>)> {
    use AlertState::{Acted, Dismissed, Firing, Resolved};
    (prop::sample::select(vec![Firing, Resolved, Dismissed, Acted]), prop::option::of(NOW..NOW + 9))
}

/// Figures that JSON gives back as they were.
fn any_evidence() -> impl Strategy<Value = (Reason, Evidence)> {
    let figure = || (0..64_000_u32).prop_map(|quarters| f64::from(quarters) / 4.0);
    let minutes = || prop::option::of(any::<u64>());
    prop_oneof![
        (figure(), any::<u32>(), any::<u64>()).prop_map(|(cpu_percent, threshold_percent, seconds)| (
            Reason::CpuHigh,
            Evidence::CpuHigh {
                cpu_percent,
                threshold_percent,
                seconds,
                circumstances: crate::protocol::Circumstances::default()
            }
        )),
        (figure(), figure(), any::<u32>(), minutes()).prop_map(
            |(grown_mb, memory_mb, window_minutes, full_in_minutes)| (
                Reason::MemoryLeak,
                Evidence::MemoryLeak { grown_mb, memory_mb, window_minutes, full_in_minutes, members: Vec::new() }
            )
        ),
        (any::<u64>(), any::<u64>(), any::<String>()).prop_map(|(runtime_seconds, limit_seconds, rule)| (
            Reason::Timeout,
            Evidence::Timeout { runtime_seconds, limit_seconds, rule }
        )),
        (any::<u64>(), any::<Option<String>>(), any::<Option<u32>>(), any::<Option<String>>()).prop_map(
            |(seconds, wait_channel, thread, file)| {
                let waits_for = WaitsFor { thread, file, ..WaitsFor::default() };
                (Reason::Hang, Evidence::Hang { seconds, wait_channel, waits_for })
            }
        ),
    ]
}

fn any_alert() -> impl Strategy<Value = Write> {
    let numbers = (1..12_i64, any::<u32>(), any::<u64>(), NOW - 5..NOW + 5);
    let words = (any::<String>(), any::<String>(), any::<Option<String>>());
    (numbers, words, any_state(), any_evidence(), any::<bool>()).prop_map(
        |((id, pid, start_time, timestamp), (name, cmdline, action), (state, ended), (reason, evidence), worse)| {
            let severity = if worse { Severity::Critical } else { Severity::Warning };
            let summary = name.clone();
            let facts = Alert { id, pid, name, timestamp, cmdline, start_time, action, ..alert(id) };
            put(Alert { reason, severity, state, ended, evidence, summary, ..facts })
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let types = prop::sample::select(vec![MatchType::Name, MatchType::Cmdline, MatchType::Regex]);
    let entries = (1..9_i64, "[ab%_']{0,2}", types, any::<Option<String>>())
        .prop_map(|(id, pattern, match_type, reason)| WhitelistEntry { match_type, reason, ..entry(id, &pattern) });
    let added = entries.clone().prop_map(Write::AddWhitelist);
    let updated = entries.prop_map(Write::UpdateWhitelist);
    let point = (NOW - 9..NOW, 0..640_u32, 0..64_u32);
    let point =
        point.prop_map(|(at, cpu, memory)| HistoryPoint { at, cpu_percent: cpu.into(), memory_mb: memory.into() });
    let recorded = (1..12_i64, prop::collection::vec(point, 0..5))
        .prop_map(|(alert, points)| Step::Write(Write::History { alert, points }));
    let pause = (NOW - 9..NOW, prop::option::of(NOW..NOW + 9)).prop_map(|(since, until)| KeptPause { since, until });
    prop_oneof![
        2 => recorded,
        1 => prop::option::of(pause).prop_map(|pause| Step::Write(Write::Pause(pause))),
        6 => any_alert().prop_map(Step::Write),
        3 => added.prop_map(Step::Write),
        2 => updated.prop_map(Step::Write),
        2 => (1..9_i64).prop_map(|id| Step::Write(Write::RemoveWhitelist(id))),
        1 => Just(Step::Reopen),
    ]
}

fn any_question() -> impl Strategy<Value = GetAlerts> {
    let time = || prop::option::of((NOW - 6..NOW + 6).prop_map(Since::Unix));
    let reasons = vec![Reason::CpuHigh, Reason::Hang, Reason::MemoryLeak, Reason::Timeout];
    let severities = vec![Severity::Warning, Severity::Critical];
    let what = (
        prop::option::of(prop::sample::select(severities)),
        prop::option::of(prop::sample::select(reasons)),
        prop::option::of("[aB%_]?"),
    );
    (time(), time(), prop::option::of(1..12_i64), any::<Option<bool>>(), 0..12_usize, what).prop_map(
        |(since, until, before, active, limit, (severity, reason, text))| GetAlerts {
            limit: Some(limit),
            since,
            until,
            active,
            before,
            severity,
            reason,
            text,
        },
    )
}

proptest! {
    #![proptest_config(Config {
        cases: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    })]

    #[test]
    fn any_writes_leave_what_a_map_would_hold(
        steps in prop::collection::vec(any_step(), 0..40),
        questions in prop::collection::vec(any_question(), 4),
    ) {
        let (_folder, path) = place();
        let mut model = Model::default();
        let (mut store, mut opened) = open_well(&path);
        let mut outcomes = vec![];
        for step in steps {
            match step {
                Step::Write(write) => outcomes.push((model.write(&write), store.write(write))),
                Step::Reopen => {
                    close(store);
                    (store, opened) = open(&path);
                    model.assert_opened(&opened);
                }
            }
        }
        for (expected, outcome) in outcomes {
            prop_assert_eq!(outcome.blocking_recv().unwrap(), expected);
        }
        prop_assert_eq!(everything(&store), model.newest_first());
        for id in 1..12 {
            prop_assert_eq!(store.history(id).blocking_recv().unwrap().ok(), model.histories.get(&id).cloned());
        }
        for question in questions {
            prop_assert_eq!(query(&store, &question), model.answer(&question), "{:?}", question);
        }
        close(store);
        prop_assert_eq!(opened.later.try_recv().ok(), None);
        let (store, opened) = open(&path);
        model.assert_opened(&opened);
        close(store);
    }
}
