//! The plain rules that most monitors have, for comparison: each looks at one process and at what every sample shows.
//!
//! 90 % of a core for 60 s, state D for 30 s, or 500 MB of RSS more within 5 minutes.

use super::label::{Alert, Identity};
use runaway_guard::trace::{Line, Process};
use std::collections::{HashMap, VecDeque};

const THRESHOLD_PERCENT: f64 = 90.0;
const BUSY_SECONDS: f64 = 60.0;
const STUCK_SECONDS: f64 = 30.0;
const WINDOW_SECONDS: f64 = 300.0;
const GROWTH_KB: u64 = 500 << 10;

/// The plain rules at work.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    before: Option<f64>,
    known: HashMap<Identity, Past>,
}

#[derive(Debug, Default)]
struct Past {
    cpu_ns: u64,
    busy_since: Option<f64>,
    stuck_since: Option<f64>,
    memory: VecDeque<(f64, u64)>,
    /// One a rule: whether it fires.
    told: [bool; 3],
}

impl Plain {
    /// Takes the next line, and gives the alerts that begin with it.
    pub(crate) fn feed(&mut self, line: &Line) -> Vec<Alert> {
        let at = super::seconds(line.at.as_ref());
        let awake = line.awake.as_ref().map_or(at, |awake| super::seconds(Some(awake)));
        let before = self.before.replace(awake);
        let mut alerts = Vec::new();
        let mut known = HashMap::new();
        for process in line.processes.iter().flatten() {
            let id = identity(process);
            let mut past = self.known.remove(&id).unwrap_or_default();
            let is_new = past.memory.is_empty();
            let fires = past.judge(process, awake, before.filter(|_| !is_new));
            for (rule, reason) in ["cpu_high", "hang", "memory_leak"].into_iter().enumerate() {
                if fires[rule] && !past.told[rule] {
                    let summary = format!("{} ({}) broke the plain rule.", name(process), id.0);
                    let reason = reason.to_owned();
                    alerts.push(Alert { at, awake, reason, app: None, members: vec![id], summary });
                }
            }
            past.told = fires;
            known.insert(id, past);
        }
        self.known = known;
        alerts
    }
}

impl Past {
    fn judge(&mut self, process: &Process, awake: f64, before: Option<f64>) -> [bool; 3] {
        let cpu_ns = process.cpu_ns.unwrap_or(0);
        let used = cpu_ns.saturating_sub(std::mem::replace(&mut self.cpu_ns, cpu_ns)) as f64 / 1e9;
        let busy_from = before.filter(|before| used / (awake - before) * 100.0 >= THRESHOLD_PERCENT);
        self.busy_since = busy_from.map(|from| self.busy_since.unwrap_or(from));
        let is_stuck = process.state.as_deref() == Some("D");
        self.stuck_since = is_stuck.then(|| self.stuck_since.unwrap_or(awake));
        let rss = process.rss_kb.or(process.anon_kb).unwrap_or(0);
        self.memory.push_back((awake, rss));
        while self.memory.front().is_some_and(|(at, _)| awake - at > WINDOW_SECONDS) {
            self.memory.pop_front();
        }
        let lasts = |since: Option<f64>, seconds: f64| since.is_some_and(|since| awake - since >= seconds);
        let oldest = self.memory.front().map_or(rss, |(_, rss)| *rss);
        [
            lasts(self.busy_since, BUSY_SECONDS),
            lasts(self.stuck_since, STUCK_SECONDS),
            rss.saturating_sub(oldest) >= GROWTH_KB,
        ]
    }
}

/// Gives the identity of a process; zeros where it is not told.
pub(crate) fn identity(process: &Process) -> Identity {
    (process.pid.unwrap_or(0), process.start_time.unwrap_or(0))
}

fn name(process: &Process) -> &str {
    process.name.as_deref().unwrap_or("a process")
}
