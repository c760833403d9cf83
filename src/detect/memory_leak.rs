//! Leaks: a floor of anonymous memory, swapped-out included, that rises and goes on rising.
//!
//! Six scales of time are looked at in the same way: the rule's window, and a quarter of an hour to four hours. At each the
//! floor must have grown by the rule's threshold, in every stretch, without slowing down, and to where it was not before.
//! What fills a cache slows down, what starts stops growing, and what a collector frees comes back to its floor. A seventh,
//! of half a minute, looks for those that are about to take all there is.
//!
//! What fills memory that was mapped before, as a collector's heap, is told of later where the machine has enough for all of it.

mod floor;
mod room;

use super::history::History;
use super::{Process, Verdict};
use crate::config::MemoryLeak;
use crate::figures::mebibytes;
use crate::protocol::{Evidence, Severity, StandingState};
use crate::words::why;
use floor::{Floor, Trend};
use room::Room;
use std::time::Duration;

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

/// Where memory is full so soon nobody waits any longer, as long as most of it is in use already.
const AT_ONCE: Duration = Duration::from_mins(1);

/// What fills memory that it mapped before is told of where it goes on for so many windows.
const FILLING: u32 = 4;

/// An alert is critical where memory is full so soon.
const SOON: Duration = Duration::from_mins(15);

/// Beyond this the machine's memory lasts long enough to say nothing of it.
const FAR_OFF: Duration = Duration::from_hours(24);

/// Slow growth of less than an hour is told of where the rest of the memory lasts at most so many times as long.
const NEAR: u32 = 8;

/// The length of the steps of the scale of a moment.
const MOMENT: Duration = Duration::from_secs(5);

/// The lengths of the steps of the scales that are longer than the rule's, in minutes.
const MINUTES: [u64; SCALES - 1] = [3, 6, 12, 24, 48];

/// How many scales there are, the rule's and those that are longer.
const SCALES: usize = 6;

/// The first scale of an hour and more.
const HOURS: usize = 3;

/// The scale that tells, at the least, that a leak is over: a pause of some minutes ends none.
const PAUSES: usize = 2;

/// The floors of one process at each scale.
#[derive(Debug, Default)]
pub(super) struct Memory {
    moment: Floor,
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
}

/// What one of the scales shows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Growth {
    trend: Trend,
    scale: usize,
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
        let mut memory = Self::default();
        // The first note begins a stretch, however long that will be.
        for floor in &mut memory.scales {
            floor.note(since, bytes, Duration::MAX);
        }
        memory
    }

    fn window(&self) -> &Floor {
        &self.scales[0]
    }

    fn note(&mut self, process: &Process, rule: &MemoryLeak) {
        let (at, bytes, mapped) = (process.step.at, process.sample.anonymous, process.sample.mapped);
        self.moment.note(at, bytes, MOMENT);
        if process.sample.age < START {
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

    /// Tells what the floors show, with so many bytes of the machine's memory left.
    fn assess(&self, available: u64, total: u64, rule: &MemoryLeak) -> Assessment {
        let threshold = u64::from(rule.growth_threshold_mb.get()) * MIB;
        let takes_all =
            |trend: &Trend| is_steady(trend) && full_in(available, trend).is_some_and(|left| left <= AT_ONCE);
        let is_scarce = available <= total / 2;
        let at_once = self.moment.trend_of(available / 8).filter(|trend| is_scarce && takes_all(trend));
        if let Some(trend) = at_once {
            return Assessment::Leaking(Growth { trend, scale: 0 });
        }
        let at_scale = |scale| Some(Growth { trend: self.growth(scale, available, threshold)?, scale });
        match (0..SCALES).find_map(at_scale) {
            Some(growth) if self.room.is_filling(available, total, FILLING * window(rule)) => {
                Assessment::Filling(growth)
            }
            Some(growth) => Assessment::Leaking(growth),
            None if self.window().trend_of(threshold / 2).as_ref().is_some_and(leaks) => Assessment::Growing,
            None => Assessment::Calm,
        }
    }

    /// Gives how it grew at a scale, where that is a leak.
    fn growth(&self, scale: usize, available: u64, threshold: u64) -> Option<Trend> {
        let floor = &self.scales[scale];
        let part = (floor.now() as f64 * OF_ITSELF) as u64;
        let least = if scale == 0 { threshold } else { threshold.max(part) };
        let trend = floor.trend_of(least).filter(leaks)?;
        let is_far = || available > 0 && full_in(available, &trend).is_none_or(|left| left > NEAR * trend.span);
        let is_short = (1..HOURS).contains(&scale);
        (!(is_short && is_far())).then_some(trend)
    }

    /// Whether what was told of is over: much was handed back, or it has not grown for two stretches.
    fn is_over(&self, leak: Leak, bytes: u64, threshold: u64) -> bool {
        let handed_back = bytes < leak.base.saturating_add(leak.top.saturating_sub(leak.base) / 2);
        let stands = self.scales[leak.scale.max(PAUSES)].lately().is_some_and(|grown| grown < threshold / 64);
        handed_back || stands
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
pub(super) fn explain(memory: Option<&Memory>, machine: crate::sample::Memory, rule: &MemoryLeak) -> Explained {
    const TOO_EARLY: &str = "It is not known for long enough, or its memory has not changed.";
    let known = memory.and_then(|memory| Some((memory, memory.window().trend()?)));
    let Some((memory, window)) = known else {
        return (StandingState::Calm, TOO_EARLY.to_owned(), Vec::new());
    };
    let assessed = memory.assess(machine.available, machine.total, rule);
    let (state, trend) = match assessed {
        Assessment::Leaking(growth) => (StandingState::Firing, growth.trend),
        Assessment::Growing => (StandingState::Suspicious, window),
        Assessment::Filling(growth) => (StandingState::Suspicious, growth.trend),
        Assessment::Calm if memory.leak.is_some() => (StandingState::Firing, window),
        Assessment::Calm => (StandingState::Calm, window),
    };
    let threshold = u64::from(rule.growth_threshold_mb.get()) * MIB;
    let verdict = match assessed {
        _ if state == StandingState::Firing => "it leaks",
        Assessment::Filling(_) => "it fills memory that it mapped before",
        Assessment::Leaking(_) | Assessment::Growing | Assessment::Calm => why_not(&trend, threshold),
    };
    let mut figures = vec![
        ("grown_mb", mebibytes(trend.grown)),
        ("growth_threshold_mb", rule.growth_threshold_mb.get().into()),
        ("seconds", trend.span.as_secs_f64().round()),
    ];
    figures.extend(
        full_in(machine.available, &trend).map(|left| ("full_in_minutes", (left.as_secs_f64() / 60.0).round())),
    );
    (state, why::grew(trend.grown, trend.span, verdict), figures)
}

fn leaks(trend: &Trend) -> bool {
    is_steady(trend) && trend.is_new_ground
}

fn is_steady(trend: &Trend) -> bool {
    trend.smallest_step >= SMALLEST_STEP && trend.last_steps >= SLOWS_DOWN && trend.goes_on
}

pub(super) fn judge(process: &Process, history: &mut History, rule: &MemoryLeak) -> Verdict {
    let memory = &mut history.memory;
    if process.step.elapsed.is_none() {
        return Verdict::Held;
    }
    memory.note(process, rule);
    let threshold = u64::from(rule.growth_threshold_mb.get()) * MIB;
    let bytes = process.sample.anonymous;
    match memory.assess(process.memory.available, process.memory.total, rule) {
        Assessment::Leaking(Growth { trend, scale }) => {
            let floor = memory.window().now().max(memory.moment.now());
            let before = memory.leak;
            let base = before.map_or(floor.saturating_sub(trend.grown), |leak| leak.base);
            let scale = before.map_or(scale, |leak| leak.scale.max(scale));
            memory.leak = Some(Leak { base, top: floor, scale });
            firing(process, &trend, floor.saturating_sub(base), threshold)
        }
        Assessment::Calm | Assessment::Growing | Assessment::Filling(_) if memory.leak.is_some() => {
            let is_over = memory.leak.is_some_and(|leak| memory.is_over(leak, bytes, threshold));
            memory.leak = memory.leak.filter(|_| !is_over);
            if is_over { Verdict::Calm } else { Verdict::Held }
        }
        Assessment::Calm => Verdict::Calm,
        Assessment::Growing | Assessment::Filling(_) => Verdict::Suspicious,
    }
}

fn firing(process: &Process, trend: &Trend, grown_in_all: u64, threshold: u64) -> Verdict {
    let full = full_in(process.memory.available, trend);
    let is_critical = full.is_some_and(|left| left <= SOON) || grown_in_all >= 2 * threshold;
    let minutes = |time: Duration| (time.as_secs_f64() / 60.0).round() as u64;
    Verdict::Firing(
        if is_critical { Severity::Critical } else { Severity::Warning },
        Evidence::MemoryLeak {
            grown_mb: mebibytes(trend.grown),
            memory_mb: mebibytes(process.sample.anonymous),
            window_minutes: minutes(trend.span).max(1) as u32,
            full_in_minutes: full.map(minutes),
        },
    )
}

fn window(rule: &MemoryLeak) -> Duration {
    Duration::from_secs(u64::from(rule.window_minutes.get()) * 60)
}

/// Gives the time until the machine's memory is used up at this pace; None where that is far off or not known.
fn full_in(available: u64, trend: &Trend) -> Option<Duration> {
    let left = Duration::try_from_secs_f64(available as f64 / trend.rate()).ok();
    left.filter(|left| available > 0 && *left < FAR_OFF)
}
