//! The selected process, which stays the selected one wherever its row goes and after it has ended.

use super::rows;
use crate::process::{Id, State};
use crate::protocol::request::GetHistory;
use crate::protocol::{HistoryPoint, Process, Request};
use crate::window::mirror::Mirror;

/// How far back the charts go, in seconds.
pub(super) const SPAN: i64 = 300;

/// The selected process.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    /// What it is.
    pub(super) id: Id,
    /// How it was last.
    pub(super) process: Process,
    /// Whether it has ended.
    pub(super) has_ended: bool,
    /// What it used, oldest first.
    pub(super) points: Vec<HistoryPoint>,
}

impl Selected {
    /// Selects a process.
    pub(super) fn new(process: &Process, now: i64) -> Self {
        let point = point(process, now);
        Self { id: rows::id(process), process: process.clone(), has_ended: has_ended(process), points: vec![point] }
    }

    /// Asks what it has used.
    pub(super) fn history(&self) -> Request {
        let params = GetHistory { pid: Some(self.id.pid), start_time: Some(self.id.start_time), alert: None };
        Request::GetHistory(params)
    }

    /// Takes up how it is now.
    pub(super) fn follow(&mut self, mirror: &Mirror, now: i64) {
        let Some(process) = mirror.find(self.id) else {
            self.has_ended = true;
            return;
        };
        self.has_ended = has_ended(process);
        self.process = process.clone();
        self.points.retain(|point| point.at >= now.saturating_sub(SPAN + 60));
        if self.points.last().is_none_or(|last| last.at < now) {
            self.points.push(point(process, now));
        }
    }

    /// Takes up what it has used before.
    pub(super) fn learn(&mut self, before: Vec<HistoryPoint>) {
        let known = before.last().map_or(i64::MIN, |last| last.at);
        let since = self.points.iter().filter(|point| point.at > known).copied();
        self.points = before.into_iter().chain(since.collect::<Vec<_>>()).collect();
    }
}

/// What has ended stays in the list until its parent has taken note.
fn has_ended(process: &Process) -> bool {
    matches!(process.state, State::Zombie | State::Dead)
}

fn point(process: &Process, at: i64) -> HistoryPoint {
    HistoryPoint { at, cpu_percent: process.cpu_percent, memory_mb: process.memory_mb }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::mirror::News;
    use rows::tests::process;

    #[test]
    fn what_it_used_is_joined_and_grows_with_each_list() {
        let mut mirror = Mirror::default();
        mirror.take(News::Processes(Ok(vec![process(7, 1, "make")])));
        let mut selected = Selected::new(mirror.find(Id { pid: 7, start_time: 7 }).unwrap(), 100);
        selected.follow(&mirror, 102);
        selected.follow(&mirror, 102);
        let before = [90, 95, 101].map(|at| HistoryPoint { at, cpu_percent: 1.0, memory_mb: 1.0 });
        selected.learn(before.to_vec());
        let times = |selected: &Selected| selected.points.iter().map(|point| point.at).collect::<Vec<_>>();
        assert_eq!(times(&selected), [90, 95, 101, 102]);
        selected.follow(&mirror, 500);
        assert_eq!(times(&selected), [500]);
        mirror.take(News::Processes(Ok(vec![Process { start_time: 9, ..process(7, 1, "other") }])));
        selected.follow(&mirror, 510);
        assert!(selected.has_ended);
        assert_eq!((selected.process.name.as_str(), selected.points.len()), ("make", 1));
    }
}
