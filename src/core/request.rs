//! Requests: each is answered at once, or waits for a scan, the store or a signal.

use super::act::PendingWrite;
use super::ask::TOO_MANY;
use super::effect::{Action, Effect, KeptPause, Origin, Signal, SignalRequest, Target, Ticket, Write};
use super::recording::Point;
use super::{About, Core, Latest, PauseState, Waiting, announce_turn};
use crate::figures::{mebibytes, tenths};
use crate::pattern::Pattern;
use crate::process::{Pid, Reach};
use crate::protocol::request::{
    ActOnAlert, AddWhitelist, COMMANDS, ExplainProcess, GetAlerts, GetHistory, KillProcess, ListProcesses,
    PauseMonitoring, Sort, UpdateWhitelist,
};
use crate::protocol::{
    self, AlertState, Error, ErrorCode, Explanation, Hello, HistoryPoint, Process, Push, Reply, Request, WhitelistEntry,
};
use crate::sample::{Now, Sample, Snapshot, index_of_pid};
use serde::Serialize;
use std::cmp::Ordering;
use std::time::Duration;

impl Core {
    /// Takes a request. Its reply is among the effects, now or later.
    pub fn request(&mut self, ticket: Ticket, origin: Origin, request: Request, now: Now) -> Vec<Effect> {
        let at_once = |reply: Reply| vec![Effect::Reply(ticket, reply)];
        let refused = |error: Error| at_once(error.into());
        match request {
            Request::Ping => at_once(Reply::Pong),
            Request::Hello => at_once(answer(&hello(&self.about))),
            Request::GetStatus => at_once(answer(&self.status())),
            Request::GetConfig => at_once(Reply::Config(crate::config::wire::wire(&self.config))),
            Request::UpdateConfig(patch) => vec![Effect::EditConfig(ticket, patch)],
            Request::ListProcesses(params) => self.list_processes(ticket, params, now),
            Request::GetAlerts(params) => self.get_alerts(ticket, params),
            Request::KillProcess(params) => kill_process(ticket, origin, &params),
            Request::ListWhitelist => at_once(answer(&self.whitelist.entries().collect::<Vec<_>>())),
            Request::AddWhitelist(params) => {
                let AddWhitelist { pattern, match_type, reason } = params;
                let entry = WhitelistEntry { id: 0, pattern, match_type, reason, created: now.unix };
                self.add_whitelist(entry, PendingWrite::reply_to(ticket)).unwrap_or_else(refused)
            }
            Request::RemoveWhitelist(params) => self.remove_whitelist(ticket, params.id).unwrap_or_else(refused),
            Request::PauseMonitoring(params) => {
                let mut effects = self.pause(params, now);
                effects.insert(0, Effect::Reply(ticket, Reply::success()));
                effects
            }
            Request::ResumeMonitoring => {
                let was_paused = self.is_paused();
                self.resume();
                let mut effects = at_once(Reply::success());
                if was_paused {
                    let status = Push::Status(self.status());
                    effects.extend([Effect::Push(status), Effect::Store(Write::Pause(None), None), Effect::Scan]);
                }
                effects
            }
            Request::ClearAlerts => self.clear_alerts(ticket, now),
            Request::DismissAlert(params) => self.dismiss_alert(ticket, params.id, now),
            Request::OpenWindow(params) => match self.lacks_window() {
                None => vec![Effect::Reply(ticket, Reply::success()), Effect::OpenWindow(params.tab)],
                Some(why) => refused(Error::new(ErrorCode::Internal, why)),
            },
            Request::UpdateWhitelist(params) => self.update_whitelist(ticket, params).unwrap_or_else(refused),
            Request::GetHistory(params) => vec![self.get_history(ticket, params, now)],
            Request::ActOnAlert(params) => self.act_on_alert(ticket, params, origin, now),
            Request::GetNotices => at_once(answer(&self.wire_notices())),
            Request::CloseNotice(params) => self.close_notice(ticket, params.alert),
            Request::ExplainProcess(params) => at_once(self.explain(&params)),
            Request::Quit => vec![Effect::Reply(ticket, Reply::success()), Effect::Quit],
        }
    }

    fn list_processes(&mut self, ticket: Ticket, params: ListProcesses, now: Now) -> Vec<Effect> {
        let fresh_for = self.config.general.alert_interval();
        let fresh = |taken: Duration| now.monotonic.saturating_sub(taken) < fresh_for;
        if self.latest.as_ref().is_some_and(|latest| fresh(latest.snapshot.now.monotonic)) {
            return vec![Effect::Reply(ticket, self.processes(&params))];
        }
        self.waiting.push(Waiting::new(ticket, params, now));
        vec![Effect::Scan]
    }

    /// Answers `list_processes` from the last snapshot.
    pub(super) fn processes(&self, params: &ListProcesses) -> Reply {
        let Some(latest) = &self.latest else { return Reply::Response(serde_json::json!([])) };
        let wanted = |sample: &Sample| {
            let process = &sample.description;
            params
                .filter
                .as_ref()
                .is_none_or(|part| process.name.contains(part.as_str()) || process.command_line.contains(part.as_str()))
        };
        let mut chosen: Vec<(&Sample, f64)> = latest
            .snapshot
            .samples
            .iter()
            .zip(latest.cpu_percent.iter().copied())
            .filter(|(sample, _)| wanted(sample))
            .collect();
        chosen.sort_by(|a, b| order(params.sort.unwrap_or(Sort::Pid), *a, *b));
        chosen.truncate(params.limit.unwrap_or(usize::MAX));
        answer(&chosen.into_iter().map(|(sample, cpu_percent)| process(sample, cpu_percent)).collect::<Vec<_>>())
    }

    fn get_alerts(&self, ticket: Ticket, params: GetAlerts) -> Vec<Effect> {
        let count = match params.count() {
            Ok(count) => count,
            Err(error) => return vec![Effect::Reply(ticket, error.into())],
        };
        let all_firing = GetAlerts { limit: params.limit, active: Some(true), ..GetAlerts::default() };
        if params != all_firing {
            return vec![Effect::QueryAlerts(ticket, params)];
        }
        let mut firing: Vec<_> = self.firing().map(|episode| &episode.alert).collect();
        firing.sort_by_key(|alert| std::cmp::Reverse((alert.timestamp, alert.id)));
        firing.truncate(count);
        vec![Effect::Reply(ticket, answer(&firing))]
    }

    /// Checks an entry and asks the store to keep it; it takes effect once it is kept.
    pub(super) fn add_whitelist(
        &mut self,
        mut entry: WhitelistEntry,
        pending: impl FnOnce(WhitelistEntry) -> PendingWrite,
    ) -> Result<Vec<Effect>, Error> {
        entry.id = self.next_whitelist;
        self.check(&entry)?;
        self.next_whitelist += 1;
        Ok(vec![self.store(Write::AddWhitelist(entry.clone()), pending(entry))])
    }

    /// Checks a change of an entry and asks the store to keep it; it takes effect once it is kept.
    fn update_whitelist(&mut self, ticket: Ticket, params: UpdateWhitelist) -> Result<Vec<Effect>, Error> {
        let UpdateWhitelist { id, pattern, match_type, reason } = params;
        let created = self.whitelist.get(id).ok_or_else(|| no_entry(id))?.created;
        let entry = WhitelistEntry { id, pattern, match_type, reason, created };
        self.check(&entry)?;
        Ok(vec![self.store(Write::UpdateWhitelist(entry.clone()), PendingWrite::Update { entry, ticket })])
    }

    /// Tells whether an entry can be put into the whitelist, or in the place of the one with its id.
    fn check(&self, entry: &WhitelistEntry) -> Result<(), Error> {
        Pattern::new(&entry.pattern, entry.match_type)
            .map_err(|error| Error::new(ErrorCode::InvalidPattern, error.to_string()))?;
        if self.whitelist.has_pattern(&entry.pattern, entry.id) || self.is_being_stored(&entry.pattern, entry.id) {
            let message = format!("The whitelist has {:?} already. Remove that entry first.", entry.pattern);
            return Err(Error::new(ErrorCode::AlreadyExists, message));
        }
        Ok(())
    }

    /// Tells whether the store is being asked to keep this pattern for an entry with another id.
    pub(super) fn is_being_stored(&self, pattern: &str, id: i64) -> bool {
        self.writes.values().any(|write| write.takes(pattern, id))
    }

    fn remove_whitelist(&mut self, ticket: Ticket, id: i64) -> Result<Vec<Effect>, Error> {
        self.whitelist.get(id).ok_or_else(|| no_entry(id))?;
        Ok(vec![self.store(Write::RemoveWhitelist(id), PendingWrite::Remove { id, ticket })])
    }

    fn pause(&mut self, params: PauseMonitoring, now: Now) -> Vec<Effect> {
        let seconds = params.seconds.map(|seconds| seconds.min(i64::MAX as u64 / 4).cast_signed());
        let until = seconds.map(|seconds| now.unix.saturating_add(seconds));
        self.pause = Some(PauseState::new(until, now));
        let kept = KeptPause { since: now.unix, until };
        vec![Effect::Push(Push::Status(self.status())), Effect::Store(Write::Pause(Some(kept)), None)]
    }

    fn clear_alerts(&mut self, ticket: Ticket, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        for episode in self.episodes.iter_mut().filter(|episode| episode.is_firing()) {
            episode.end(AlertState::Dismissed, now);
            effects.extend(announce_turn(episode, now));
        }
        effects.push(Effect::Push(Push::Status(self.status())));
        effects.push(Effect::Reply(ticket, Reply::success()));
        effects
    }

    fn dismiss_alert(&mut self, ticket: Ticket, id: i64, now: Now) -> Vec<Effect> {
        if !self.fires(id) {
            return vec![Effect::Reply(ticket, not_firing(id).into())];
        }
        let mut effects = self.finish(id, AlertState::Dismissed, now);
        effects.push(Effect::Push(Push::Status(self.status())));
        effects.push(Effect::Reply(ticket, Reply::success()));
        effects
    }

    fn get_history(&self, ticket: Ticket, params: GetHistory, now: Now) -> Effect {
        let points = match params {
            GetHistory { alert: Some(alert), .. } => match self.episodes.iter().find(|shown| shown.alert.id == alert) {
                Some(episode) => Some(episode.history(now)),
                None => return Effect::QueryHistory(ticket, alert),
            },
            GetHistory { pid, start_time, .. } => self.history_of(pid, start_time, now),
        };
        Effect::Reply(ticket, points.map_or_else(|| no_process().into(), |points| answer(&points)))
    }

    fn explain(&self, params: &ExplainProcess) -> Reply {
        let explained = self.latest.as_ref().and_then(|Latest { snapshot, cpu_percent, .. }| {
            let index = find(snapshot, params.pid, params.start_time)?;
            let sample = &snapshot.samples[index];
            let description = &sample.description;
            let listed = self.whitelist.find(description);
            Some(Explanation {
                pid: sample.id.pid,
                start_time: sample.id.start_time,
                name: description.name.to_string(),
                whitelist: listed.map(|entry| entry.pattern.clone()),
                rule: self.rules.title_for(description).map(str::to_owned),
                reasons: self.detector.explain(snapshot, index, cpu_percent[index], &self.rules)?,
                groups: self
                    .detector
                    .explain_groups(snapshot, index, &self.rules, &|process| self.whitelist.find(process).is_some()),
            })
        });
        explained.map_or_else(|| no_process().into(), |explained| answer(&explained))
    }

    fn history_of(&self, pid: Option<Pid>, start_time: Option<u64>, now: Now) -> Option<Vec<HistoryPoint>> {
        let Latest { snapshot, cpu_percent, .. } = self.latest.as_ref()?;
        let index = find(snapshot, pid?, start_time)?;
        let sample = &snapshot.samples[index];
        let point = Point::new(sample, cpu_percent[index], snapshot.now);
        Some(self.recordings.wire(sample.id, point, now))
    }

    fn act_on_alert(&mut self, ticket: Ticket, params: ActOnAlert, origin: Origin, now: Now) -> Vec<Effect> {
        let Some(episode) = self.firing().find(|episode| episode.alert.id == params.id) else {
            return vec![Effect::Reply(ticket, not_firing(params.id).into())];
        };
        let asking = params.ask && params.action == Action::Kill && episode.reach == Reach::Asks;
        if asking && self.is_asking_enough(episode.id) {
            return vec![Effect::Reply(ticket, Error::new(ErrorCode::Busy, TOO_MANY).into())];
        }
        let mut effects = self.act_on(params.id, params.action, (origin, params.ask), now);
        effects.insert(0, Effect::Reply(ticket, if asking { Reply::asking() } else { Reply::success() }));
        effects
    }

    fn close_notice(&mut self, ticket: Ticket, alert: i64) -> Vec<Effect> {
        self.notice_closed(alert);
        let mut effects = vec![Effect::Reply(ticket, Reply::success())];
        effects.extend(self.news());
        effects
    }

    fn fires(&self, alert: i64) -> bool {
        self.firing().any(|episode| episode.alert.id == alert)
    }
}

/// Finds the process that a client means in a snapshot: where the start time is missing, whoever has the pid.
fn find(snapshot: &Snapshot, pid: Pid, start_time: Option<u64>) -> Option<usize> {
    let is_meant = |index: &usize| start_time.is_none_or(|start| start == snapshot.samples[*index].id.start_time);
    index_of_pid(&snapshot.samples, pid).filter(is_meant)
}

/// Says that there is no such process.
fn no_process() -> Error {
    Error::new(ErrorCode::NotFound, "The last scan saw no such process. Ask again after the next one, if it is new.")
}

/// Says that the whitelist has no such entry.
fn no_entry(id: i64) -> Error {
    let message = format!("The whitelist has no entry {id}. list_whitelist shows the ids.");
    Error::new(ErrorCode::NotFound, message)
}

/// Says that no such alert fires.
fn not_firing(alert: i64) -> Error {
    let message = format!("No alert {alert} is firing. get_alerts with \"active\":true shows those that are.");
    Error::new(ErrorCode::NotFound, message)
}

/// Makes the answer of a request from its data.
pub fn answer(data: &impl Serialize) -> Reply {
    match serde_json::to_value(data) {
        Ok(value) => Reply::Response(value),
        Err(error) => Error::new(ErrorCode::Internal, format!("The answer could not be written: {error}.")).into(),
    }
}

fn kill_process(ticket: Ticket, origin: Origin, params: &KillProcess) -> Vec<Effect> {
    let refused = |message: String| vec![Effect::Reply(ticket, Error::new(ErrorCode::BadRequest, message).into())];
    let Some(pid) = u32::try_from(params.pid).ok().filter(|pid| (1..=crate::process::MAX_PID).contains(pid)) else {
        return refused(format!("pid must be 1 to {}, not {}.", crate::process::MAX_PID, params.pid));
    };
    let Some(signal) = Signal::parse(&params.signal) else {
        let names = Signal::ALL.map(Signal::name).join(", ");
        return refused(format!("signal must be one of {names}."));
    };
    let target = Target { pid, start_time: params.start_time };
    let asks = params.ask && matches!(signal, Signal::Term | Signal::Kill);
    vec![Effect::Signal(SignalRequest { target, signal, origin, ticket: Some(ticket), asks })]
}

fn hello(about: &About) -> Hello {
    Hello {
        name: crate::paths::NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: protocol::VERSION,
        capabilities: COMMANDS.map(str::to_owned).to_vec(),
        pid: about.pid,
        config_path: about.config_path.clone(),
        history_path: about.history_path.clone(),
        socket_path: about.socket_path.clone(),
        started: about.started,
        ends_with_session: about.ends_with_session,
    }
}

fn order(sort: Sort, (a, a_cpu): (&Sample, f64), (b, b_cpu): (&Sample, f64)) -> Ordering {
    let by_pid = || a.id.pid.cmp(&b.id.pid);
    let first = match sort {
        Sort::Pid => Ordering::Equal,
        Sort::Cpu => b_cpu.total_cmp(&a_cpu),
        Sort::Memory => b.resident.cmp(&a.resident),
        Sort::Name => a.description.name.cmp(&b.description.name),
        Sort::Runtime => b.age.cmp(&a.age),
    };
    first.then_with(by_pid)
}

fn process(sample: &Sample, cpu_percent: f64) -> Process {
    let described = &sample.description;
    Process {
        pid: sample.id.pid,
        name: described.name.to_string(),
        cmdline: described.command_line.to_string(),
        cpu_percent: tenths(cpu_percent),
        memory_mb: mebibytes(sample.resident),
        runtime_seconds: sample.age.as_secs(),
        state: sample.state,
        start_time: sample.id.start_time,
        ppid: sample.parent,
        uid: described.uid,
        user: described.user.to_string(),
        threads: sample.threads,
        app: described.application.as_ref().map(|application| application.id.clone()),
        app_name: described.application.as_ref().map(|application| application.name.clone()),
    }
}
