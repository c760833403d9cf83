//! Leaks: a floor of anonymous memory, swapped-out included, that rises and goes on rising.
//!
//! Six scales of time are looked at in the same way: the rule's window, and a quarter of an hour to four hours. At each the
//! floor must have grown by the rule's threshold, in every stretch, without slowing down, and to where it was not before.
//! What fills a cache slows down, what starts stops growing, and what a collector frees comes back to its floor. Who is about
//! to take all there is is told of at once, by what it took without a pause.
//!
//! What several processes of one application take counts together.
//!
//! What fills memory that was mapped before, as a collector's heap, is told of later where the machine has enough for all of it.

mod floor;
mod room;
mod surge;
mod together;

pub(super) use together::{Leaks, Scan};

use super::history::History;
use super::{Process, Verdict};
use crate::config::MemoryLeak;
use crate::figures::mebibytes;
use crate::protocol::{Evidence, Grower, Severity, StandingState};
use crate::sample::{Memory as Machine, Sample};
use crate::words::why;
use floor::{Floor, Trend};
use room::Room;
use std::time::Duration;
use surge::{Rise, Surge};
use together::Part;

const MIB: u64 = 1 << 20;

/// How many steps a trend has.
const STEPS: u32 = 5;

/// What a process takes while it is younger is its start.
const START: Duration = Duration::from_secs(30);

/// A step of the floor that is smaller than this part of their mean is no step of a leak.
const SMALLEST_STEP: f64 = 0.25;

/// Growth whose last steps are below this part of its first ones comes to an end.
const SLOWS_DOWN: f64 = 0.8;

/// In more than the rule's window a floor that rose by less than this part of itself stands.
const OF_ITSELF: f64 = 0.1;

/// What fills memory that it mapped before is told of where it goes on for so many windows.
const FILLING: u32 = 4;

/// An alert is critical where memory is full so soon.
const SOON: Duration = Duration::from_mins(15);

/// Beyond this the machine's memory lasts long enough to say nothing of it.
const FAR_OFF: Duration = Duration::from_hours(24);

/// Slow growth of less than an hour is told of where the rest of the memory lasts at most so many times as long.
const NEAR: f64 = 8.0;

/// It is slow below this part of the pace that the rule looks for.
const SLOW: f64 = 2.0 / 3.0;

/// The lengths of the steps of the scales that are longer than the rule's, in minutes.
const MINUTES: [u64; SCALES - 1] = [3, 6, 12, 24, 48];

/// How many scales there are, the rule's and those that are longer.
const SCALES: usize = 6;

/// The first scale of an hour and more.
const HOURS: usize = 3;

/// What grew by less than the threshold divided by this is no part of a leak.
const PARTS: u64 = 32;

/// A leak whose growth of late is below the threshold divided by this stands.
const STANDS: u64 = 64;

/// The scale that tells, at the least, that a leak is over: a pause of some minutes ends none.
const PAUSES: usize = 2;

/// The floors of one process at each scale.
#[derive(Debug, Default)]
pub(super) struct Memory {
    surge: Surge,
    /// That of the rule's window, and the longer ones.
    scales: [Floor; SCALES],
    room: Room,
    leak: Option<Leak>,
}

/// A leak that was told.
#[derive(Clone, Copy, Debug)]
struct Leak {
    /// The floor from which it is measured, in bytes.
    base: u64,
    /// The highest floor since.
    top: u64,
    /// The longest scale that showed it.
    scale: usize,
    /// By how much it had grown when it was told, in bytes.
    told: u64,
    /// When that was.
    since: Duration,
}

/// How much a process took, or several together, as one of the scales shows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Growth {
    scale: usize,
    /// In bytes.
    grown: u64,
    span: Duration,
    /// The floor that it came to, in bytes.
    floor: u64,
    /// Whether it is told of at once, whatever the floors show.
    is_rise: bool,
    /// In how many seconds the machine's memory is full where it goes on so; None where that is not known.
    full: Option<f64>,
}

/// What the floors show.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Assessment {
    /// It does not leak, or is not known for long enough.
    Calm,
    /// It has grown by half of the threshold, and goes on.
    Growing,
    /// It has grown by the threshold, within memory that it mapped before.
    Filling(Growth),
    /// It leaks, as one of the scales shows.
    Leaking(Growth),
}

impl Memory {
    /// Begins with the memory as it has been since then.
    pub(super) fn new(since: Duration, bytes: u64) -> Self {
        let mut memory = Self { surge: Surge::new(bytes), ..Self::default() };
        // The first note begins a stretch, however long that will be.
        for floor in &mut memory.scales {
            floor.note(since, bytes, Duration::MAX);
        }
        memory
    }

    fn window(&self) -> &Floor {
        &self.scales[0]
    }

    fn note(&mut self, process: &Process, elapsed: Duration, rule: &MemoryLeak) {
        let (at, bytes, mapped) = (process.step.at, process.sample.anonymous, process.sample.mapped);
        self.surge.note(at, elapsed, bytes, process.memory.available);
        if is_start(process.sample) {
            self.scales = Default::default();
            self.room.begin(at, bytes, mapped);
            return;
        }
        self.room.note(at, bytes, mapped);
        let lengths = std::iter::once(window(rule) / STEPS).chain(MINUTES.map(Duration::from_mins));
        for (floor, length) in self.scales.iter_mut().zip(lengths) {
            floor.note(at, bytes, length);
        }
    }

    /// Tells what the floors show, with so much of the machine's memory left.
    fn assess(&self, machine: Machine, is_start: bool, rule: &MemoryLeak) -> Assessment {
        let rise = self.surge.rise(machine.available, is_start);
        if let Some(rise) = rise.filter(|rise| rise.takes_all(machine)) {
            return Assessment::Leaking(Growth::of_rise(&rise, machine));
        }
        let is_leak = |growth: &Growth| growth.is_leak(rule);
        let threshold = threshold(rule);
        match (0..SCALES).find_map(|scale| self.growth(scale, machine, threshold).filter(is_leak)) {
            Some(growth) if self.is_filling(machine, rule) => Assessment::Filling(growth),
            Some(growth) => Assessment::Leaking(growth),
            None if self.growth(0, machine, threshold / 2).is_some() => Assessment::Growing,
            None if rise.is_some_and(|rise| rise.may_take_all(machine)) => Assessment::Growing,
            None => Assessment::Calm,
        }
    }

    /// Gives how it grew at a scale, where that is by so many bytes and as a leak does.
    fn growth(&self, scale: usize, machine: Machine, least: u64) -> Option<Growth> {
        let floor = &self.scales[scale];
        let trend = floor.trend_of(least).filter(leaks)?;
        Some(Growth::new(scale, &trend, floor.now(), machine))
    }

    /// Tells what it takes at each of the scales that count for its application, and how it rises.
    fn part(&self, machine: Machine, rule: &MemoryLeak) -> Part {
        let least = threshold(rule) / PARTS;
        let at_scale = |scale| self.growth(scale, machine, least).filter(|_| !self.is_filling(machine, rule));
        let rise = self.surge.rise(machine.available, false).filter(|rise| rise.grown >= least);
        Part { growths: std::array::from_fn(at_scale), rise }
    }

    fn is_filling(&self, machine: Machine, rule: &MemoryLeak) -> bool {
        self.room.is_filling(machine.available, machine.total, FILLING * window(rule))
    }

    /// Whether what was told of is over: much was handed back, or it has not grown for two stretches.
    fn is_over(&self, leak: Leak, bytes: u64, threshold: u64) -> bool {
        let handed_back = bytes < leak.base.saturating_add(leak.grown() / 2);
        let stands = self.scales[leak.scale.max(PAUSES)].lately().is_some_and(|grown| grown < threshold / STANDS);
        handed_back || stands
    }
}

impl Leak {
    fn new(growth: &Growth, floor: u64, since: Duration) -> Self {
        let base = floor.saturating_sub(growth.grown);
        Self { base, top: floor, scale: growth.scale, told: growth.grown, since }
    }

    fn goes_on(self, growth: &Growth, floor: u64) -> Self {
        Self { top: self.top.max(floor), scale: self.scale.max(growth.scale), ..self }
    }

    fn grown(self) -> u64 {
        self.top.saturating_sub(self.base)
    }
}

impl Growth {
    fn new(scale: usize, trend: &Trend, floor: u64, machine: Machine) -> Self {
        let full = (machine.available > 0).then(|| trend.uses_up(machine.available));
        Self { scale, grown: trend.grown, span: trend.span, floor, is_rise: false, full }
    }

    fn of_rise(rise: &Rise, machine: Machine) -> Self {
        let full = Some(rise.uses_up(machine.available));
        Self { scale: 0, grown: rise.grown, span: rise.span, floor: 0, is_rise: true, full }
    }

    /// Adds that of another process at the same scale.
    fn and(self, other: Self) -> Self {
        let both = self.full.zip(other.full);
        Self {
            grown: self.grown + other.grown,
            span: self.span.max(other.span),
            floor: self.floor + other.floor,
            full: both.map(|(one, other)| 1.0 / (1.0 / one + 1.0 / other)),
            ..self
        }
    }

    /// Tells whether it is enough to be told of.
    fn is_leak(&self, rule: &MemoryLeak) -> bool {
        let part = (self.floor as f64 * OF_ITSELF) as u64;
        let least = if self.scale == 0 { threshold(rule) } else { threshold(rule).max(part) };
        let span = self.span.as_secs_f64();
        let is_far = || self.full.is_some_and(|full| full > NEAR * span);
        let is_slow = || (self.grown as f64) < SLOW * threshold(rule) as f64 * span / window(rule).as_secs_f64();
        let is_short = (1..HOURS).contains(&self.scale);
        self.grown >= least && !(is_short && is_slow() && is_far())
    }

    fn evidence(&self, bytes: u64, members: Vec<Grower>) -> Evidence {
        let minutes = |time: Duration| (time.as_secs_f64() / 60.0).round() as u64;
        Evidence::MemoryLeak {
            grown_mb: mebibytes(self.grown),
            memory_mb: mebibytes(bytes),
            window_minutes: minutes(self.span).max(1) as u32,
            full_in_minutes: self.full_in().map(|left| minutes(left).max(1)),
            members,
        }
    }

    fn figures(&self, rule: &MemoryLeak) -> Vec<(&'static str, f64)> {
        let full = self.full_in().map(|left| ("full_in_minutes", (left.as_secs_f64() / 60.0).round()));
        let grown = [
            ("grown_mb", mebibytes(self.grown)),
            ("growth_threshold_mb", rule.growth_threshold_mb.get().into()),
            ("seconds", self.span.as_secs_f64().round()),
        ];
        grown.into_iter().chain(full).collect()
    }

    /// Gives the time until the machine's memory is used up; None where that is far off or not known.
    fn full_in(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.full?).ok().filter(|left| *left < FAR_OFF)
    }
}

fn why_not(trend: &Trend, threshold: u64) -> &'static str {
    if trend.grown < threshold {
        "less than the limit"
    } else if !trend.is_new_ground {
        "it has held as much before"
    } else if trend.smallest_step < SMALLEST_STEP {
        "it does not grow all the time"
    } else if trend.last_steps < SLOWS_DOWN {
        "it slows down"
    } else {
        "it has stopped"
    }
}

/// What is told of a process's memory: its state, a sentence, and the figures.
pub(super) type Explained = (StandingState, String, Vec<(&'static str, f64)>);

/// Says why a process is taken to leak, or not.
pub(super) fn explain(memory: Option<&Memory>, machine: Machine, rule: &MemoryLeak) -> Explained {
    const TOO_EARLY: &str = "It is not known for long enough, or its memory has not changed.";
    let known = memory.and_then(|memory| Some((memory, memory.window().trend()?)));
    let Some((memory, trend)) = known else {
        return (StandingState::Calm, TOO_EARLY.to_owned(), Vec::new());
    };
    let window = Growth::new(0, &trend, 0, machine);
    let assessed = memory.assess(machine, false, rule);
    let (state, growth) = match assessed {
        Assessment::Leaking(growth) => (StandingState::Firing, growth),
        Assessment::Growing => (StandingState::Suspicious, window),
        Assessment::Filling(growth) => (StandingState::Suspicious, growth),
        Assessment::Calm if memory.leak.is_some() => (StandingState::Firing, window),
        Assessment::Calm => (StandingState::Calm, window),
    };
    let verdict = match assessed {
        _ if state == StandingState::Firing => "it leaks",
        Assessment::Filling(_) => "it fills memory that it mapped before",
        Assessment::Leaking(_) | Assessment::Growing | Assessment::Calm => why_not(&trend, threshold(rule)),
    };
    (state, why::grew(growth.grown, growth.span, verdict), growth.figures(rule))
}

fn leaks(trend: &Trend) -> bool {
    let is_steady = trend.smallest_step >= SMALLEST_STEP || trend.quickens.is_some();
    is_steady && trend.last_steps >= SLOWS_DOWN && trend.goes_on && trend.is_new_ground
}

pub(super) fn judge(process: &Process, history: &mut History, rule: &MemoryLeak) -> Verdict {
    let memory = &mut history.memory;
    let Some(elapsed) = process.step.elapsed else { return Verdict::Held };
    memory.note(process, elapsed, rule);
    let (bytes, at) = (process.sample.anonymous, process.step.at);
    match memory.assess(process.memory, is_start(process.sample), rule) {
        Assessment::Leaking(growth) => {
            let floor = if growth.is_rise { bytes } else { memory.window().now() };
            let leak = memory.leak.map_or_else(|| Leak::new(&growth, floor, at), |leak| leak.goes_on(&growth, floor));
            memory.leak = Some(leak);
            let severity = severity(&growth, leak.grown(), leak.told, rule);
            Verdict::Firing(severity, growth.evidence(bytes, Vec::new()))
        }
        Assessment::Calm | Assessment::Growing | Assessment::Filling(_) if memory.leak.is_some() => {
            let is_over = memory.leak.is_some_and(|leak| memory.is_over(leak, bytes, threshold(rule)));
            memory.leak = memory.leak.filter(|_| !is_over);
            if is_over { Verdict::Calm } else { Verdict::Held }
        }
        Assessment::Calm => Verdict::Calm,
        Assessment::Growing | Assessment::Filling(_) => Verdict::Suspicious,
    }
}

/// Tells how bad a leak is that has grown by so many bytes, since it was told when it had grown by that.
fn severity(growth: &Growth, grown_in_all: u64, told: u64, rule: &MemoryLeak) -> Severity {
    let is_soon = growth.full_in().is_some_and(|left| left <= SOON);
    let has_doubled = grown_in_all >= 2 * told.max(threshold(rule));
    if is_soon || has_doubled { Severity::Critical } else { Severity::Warning }
}

fn is_start(sample: &Sample) -> bool {
    sample.age < START
}

fn window(rule: &MemoryLeak) -> Duration {
    Duration::from_secs(u64::from(rule.window_minutes.get()) * 60)
}

fn threshold(rule: &MemoryLeak) -> u64 {
    u64::from(rule.growth_threshold_mb.get()) * MIB
}
