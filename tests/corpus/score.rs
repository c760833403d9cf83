//! Compares what was told of a trace with its label.

use super::label::{Alert, Label, Runaway};
use super::plain::Plain;
use runaway_guard::config::Config;
use runaway_guard::trace::{Line, Replay, What};

/// Runs the detection and the plain rules over the same lines.
#[derive(Debug)]
pub(crate) struct Run {
    replay: Replay,
    plain: Plain,
    ours: Vec<Alert>,
    plains: Vec<Alert>,
    /// `at` and `awake` of each line.
    times: Vec<(f64, f64)>,
}

/// How one trace went.
#[derive(Debug)]
pub(crate) struct Result {
    pub(crate) name: String,
    pub(crate) label: Label,
    /// How long the trace is, the machine's sleep included.
    pub(crate) seconds: f64,
    /// Between two lines.
    pub(crate) interval: f64,
    pub(crate) ours: Score,
    pub(crate) plain: Score,
}

/// How one set of rules did on one trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    /// For each runaway how late it was told, beyond the rule's own duration, in seconds; None where it was missed.
    pub(crate) delays: Vec<Option<f64>>,
    /// How many alerts were right: the first of a runaway, or one for another reason of its own.
    pub(crate) right: usize,
    /// All others.
    pub(crate) wrong: Vec<Alert>,
}

impl Run {
    /// Begins with the settings' defaults.
    pub(crate) fn new() -> Self {
        let replay = Replay::new(Config::default());
        Self { replay, plain: Plain::default(), ours: Vec::new(), plains: Vec::new(), times: Vec::new() }
    }

    /// Takes the next line.
    pub(crate) fn feed(&mut self, line: Line) -> std::result::Result<(), String> {
        let at = super::seconds(line.at.as_ref());
        let awake = line.awake.as_ref().map_or(at, |awake| super::seconds(Some(awake)));
        self.times.push((at, awake));
        self.plains.extend(self.plain.feed(&line));
        for event in self.replay.feed(line).map_err(|fault| fault.to_string())? {
            if event.event != What::Begun {
                continue;
            }
            let mut members = event.members;
            members.insert(0, (event.pid, event.start_time));
            let reason = serde_json::to_value(event.reason).map_err(|error| error.to_string())?;
            let reason = reason.as_str().unwrap_or_default().to_owned();
            self.ours.push(Alert { at, awake, reason, app: event.app, members, summary: event.summary });
        }
        Ok(())
    }

    /// Ends the trace.
    pub(crate) fn finish(self, name: String, label: Label) -> Result {
        let (first, last) = (self.times.first().copied().unwrap_or_default(), self.times.last().copied());
        let last = last.unwrap_or_default();
        let steps = self.times.len().saturating_sub(1).max(1) as f64;
        let ours = judge(self.ours, &label.runaways, &self.times);
        let plain = judge(self.plains, &label.runaways, &self.times);
        Result { name, label, seconds: last.0 - first.0, interval: (last.1 - first.1) / steps, ours, plain }
    }
}

/// An alert is right where it is the first, with its reason, of some runaway: later ones only repeat it.
fn judge(alerts: Vec<Alert>, runaways: &[Runaway], times: &[(f64, f64)]) -> Score {
    let mut told: Vec<Vec<String>> = vec![Vec::new(); runaways.len()];
    let mut score = Score { delays: vec![None; runaways.len()], ..Score::default() };
    for alert in alerts {
        let mut is_right = false;
        for (index, runaway) in runaways.iter().enumerate() {
            if !runaway.is_meant_by(&alert) || told[index].contains(&alert.reason) {
                continue;
            }
            let late = alert.awake - awake_at(times, runaway.from) - runaway.rule_seconds;
            score.delays[index].get_or_insert(late);
            told[index].push(alert.reason.clone());
            is_right = true;
        }
        if is_right {
            score.right += 1;
        } else {
            score.wrong.push(alert);
        }
    }
    score
}

/// Gives `awake` at a time that may be between two lines.
fn awake_at(times: &[(f64, f64)], at: f64) -> f64 {
    let next = times.partition_point(|(time, _)| *time < at);
    let (time, awake) = times.get(next).or(times.last()).copied().unwrap_or_default();
    let before = next.checked_sub(1).map_or(awake, |before| times[before].1);
    (awake - (time - at)).max(before.min(awake))
}

/// The sums over traces, for one set of rules.
#[derive(Debug, Default)]
pub(crate) struct Total {
    pub(crate) runaways: usize,
    pub(crate) found: usize,
    pub(crate) right: usize,
    pub(crate) wrong: usize,
    pub(crate) days: f64,
    /// Seconds and intervals, each sorted.
    pub(crate) delays: [Vec<f64>; 2],
    /// False alarms in traces without a runaway.
    pub(crate) wrong_in_honest: usize,
}

impl Total {
    /// Sums the scores that `which` picks.
    pub(crate) fn of(results: &[Result], which: fn(&Result) -> &Score) -> Self {
        let mut total = Self::default();
        for result in results {
            let score = which(result);
            let delays: Vec<f64> = score.delays.iter().copied().flatten().collect();
            total.runaways += score.delays.len();
            total.found += delays.len();
            total.right += score.right;
            total.wrong += score.wrong.len();
            total.days += result.seconds / 86400.0;
            total.delays[1].extend(delays.iter().map(|delay| delay / result.interval));
            total.delays[0].extend(delays);
            if result.label.runaways.is_empty() {
                total.wrong_in_honest += score.wrong.len();
            }
        }
        total.delays.iter_mut().for_each(|delays| delays.sort_by(f64::total_cmp));
        total
    }

    /// Which part of what was told was right; 1 where nothing was told.
    pub(crate) fn precision(&self) -> f64 {
        part(self.right, self.right + self.wrong)
    }

    /// Which part of the runaways was told; 1 where there are none.
    pub(crate) fn recall(&self) -> f64 {
        part(self.found, self.runaways)
    }

    /// False alarms in a day of traced time.
    pub(crate) fn wrong_a_day(&self) -> f64 {
        self.wrong as f64 / self.days.max(f64::EPSILON)
    }

    /// The middle one of the delays, in intervals; 0 where nothing was told.
    pub(crate) fn median_intervals(&self) -> f64 {
        median(&self.delays[1])
    }
}

fn part(some: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { some as f64 / all as f64 }
}

/// The middle one of sorted figures, the lower of two; 0 where there are none.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}
