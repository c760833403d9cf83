//! The floor of a process's memory: what it holds at the least in each of a few stretches of time.
//!
//! Collectors of garbage draw a saw-tooth, whose teeth say nothing; its floor tells whether anything stays.

use std::time::Duration;

/// How many stretches are kept: the last one is going on.
const STRETCHES: usize = 6;

/// A fall by less, in KiB, is none, nor is one by less than a twentieth.
const LEAST_FALL: u32 = 16 * 1024;

/// Growth quickens where each step is this many times the one before, at the least and at the most.
const QUICKENS: std::ops::RangeInclusive<f64> = 1.25..=4.5;

/// A height that the memory once reached and left again is remembered for this many stretches, and at most twice as long.
const REMEMBERED: u8 = 30;

/// The memory of one process at one scale of time. Times are in tenths of a second, as there is one for each scale and process.
#[derive(Clone, Debug, Default)]
pub(super) struct Floor {
    /// Oldest first.
    stretches: [Stretch; STRETCHES],
    count: u8,
    /// What it held at the last note, when that was, and how long after the one before.
    last: u32,
    noted: u32,
    interval: u32,
    /// The most it held in stretches that are no longer kept: of late, and before that.
    heights: [u32; 2],
    /// How many stretches the first of them is of.
    age: u8,
}

/// A stretch of time; memory in KiB.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    began: u32,
    low: u32,
    high: u32,
    /// Whether much was handed back in it.
    fell: bool,
}

/// How the floor went over all the stretches that are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trend {
    /// By how much it rose, in bytes; 0 where it fell.
    pub(super) grown: u64,
    /// In how much time.
    pub(super) span: Duration,
    /// The smallest of its steps, as a part of their mean: 1 for a straight line, 0 and less where it did not always rise.
    pub(super) smallest_step: f64,
    /// Its last steps, as a part of the larger of its first ones: 1 for a straight line, less where it slows down.
    pub(super) last_steps: f64,
    /// Whether it goes on in the stretch that is not over.
    pub(super) goes_on: bool,
    /// Where each step is larger than the one before: the last one in bytes, and how many times the one before it is.
    pub(super) quickens: Option<(f64, f64)>,
    /// Whether it tells of more than one tooth of a saw: memory was handed back in each stretch, or it is higher than it
    /// was before.
    pub(super) is_new_ground: bool,
}

impl Trend {
    /// Gives in how many seconds so many bytes are used up where it goes on so.
    pub(super) fn uses_up(self, bytes: u64) -> f64 {
        let (left, span) = (bytes as f64, self.span.as_secs_f64());
        match self.quickens {
            None => left * span / self.grown as f64,
            Some((step, times)) => {
                let steps = (1.0 + left * (times - 1.0) / (step * times)).ln() / times.ln();
                steps * span / (STRETCHES - 1) as f64
            }
        }
    }
}

impl Floor {
    /// Notes what the process holds, in bytes. A stretch lasts for `length`, and at least from one note to the next.
    pub(super) fn note(&mut self, at: Duration, bytes: u64, length: Duration) {
        let kib = kibibytes(bytes);
        let (at, length) = (tenths(at), tenths(length));
        let is_over = self.current().is_none_or(|stretch| at.saturating_sub(stretch.began) >= length);
        if is_over {
            self.begin(Stretch { began: at, low: kib, high: kib, fell: false });
        }
        let fell = kib.saturating_add(LEAST_FALL.max(self.last / 20)) < self.last;
        self.last = kib;
        self.interval = at.saturating_sub(self.noted);
        self.noted = at;
        if let Some(stretch) = self.stretches[..usize::from(self.count)].last_mut() {
            (stretch.low, stretch.high) = (stretch.low.min(kib), stretch.high.max(kib));
            stretch.fell |= fell;
        }
    }

    fn current(&self) -> Option<&Stretch> {
        self.stretches[..usize::from(self.count)].last()
    }

    fn begin(&mut self, stretch: Stretch) {
        if usize::from(self.count) < STRETCHES {
            self.stretches[usize::from(self.count)] = stretch;
            self.count += 1;
            return;
        }
        self.forget_height();
        self.heights[0] = self.heights[0].max(self.stretches[0].high);
        self.stretches.rotate_left(1);
        self.stretches[STRETCHES - 1] = stretch;
    }

    fn forget_height(&mut self) {
        self.age += 1;
        if self.age > REMEMBERED {
            (self.heights, self.age) = ([0, self.heights[0]], 0);
        }
    }

    /// Tells how the floor went; None before all stretches are there.
    pub(super) fn trend(&self) -> Option<Trend> {
        (usize::from(self.count) == STRETCHES).then_some(())?;
        let [oldest, .., newest] = &self.stretches;
        let lows = self.stretches.map(|stretch| f64::from(stretch.low));
        let step = |index: usize| lows[index + 1] - lows[index];
        let mean = (lows[STRETCHES - 1] - lows[0]) / (STRETCHES - 1) as f64;
        let smallest = (0..STRETCHES - 1).map(step).fold(f64::INFINITY, f64::min);
        let (early, late) = (larger_two([step(0), step(1), step(2)]), f64::midpoint(step(3), step(4)));
        let part = |some: f64, of: f64| if of > 0.0 { some / of } else { 0.0 };
        // The stretch that goes on may not have come to its fall.
        let falls_in_each = self.stretches[..STRETCHES - 1].iter().all(|stretch| stretch.fell);
        Some(Trend {
            grown: u64::from(newest.low.saturating_sub(oldest.low)) * 1024,
            span: Duration::from_millis(100 * u64::from(newest.began.saturating_sub(oldest.began))),
            smallest_step: part(smallest, mean),
            last_steps: part(late, early),
            goes_on: self.goes_on(mean),
            quickens: quickens(std::array::from_fn(step)),
            is_new_ground: falls_in_each || newest.low > self.heights[0].max(self.heights[1]),
        })
    }

    /// Whether it rises in the stretch that is not over, by steps that have this mean in KiB.
    fn goes_on(&self, mean: f64) -> bool {
        const PASSED: f64 = 0.25;
        const RISES: f64 = 0.5;
        let [first, .., last] = &self.stretches;
        let length = last.began.saturating_sub(first.began) / (STRETCHES - 1) as u32;
        let passed = self.noted.saturating_sub(last.began);
        if 2 * self.interval >= length {
            return true;
        }
        let part = f64::from(passed) / f64::from(length);
        let risen = f64::from(self.last) - f64::from(last.low);
        part >= PASSED && risen >= RISES * part * mean
    }

    /// As [`Floor::trend`], where it has grown by so many bytes.
    pub(super) fn trend_of(&self, least: u64) -> Option<Trend> {
        let [oldest, .., newest] = &self.stretches;
        let grown = u64::from(newest.low.saturating_sub(oldest.low)) * 1024;
        if grown < least { None } else { self.trend() }
    }

    /// The floor of the stretch that goes on, in bytes.
    pub(super) fn now(&self) -> u64 {
        self.current().map_or(0, |stretch| u64::from(stretch.low) * 1024)
    }

    /// By how much the floor rose over the last two stretches, in bytes; None before there are so many.
    pub(super) fn lately(&self) -> Option<u64> {
        let before = usize::from(self.count).checked_sub(3)?;
        Some(self.now().saturating_sub(u64::from(self.stretches[before].low) * 1024))
    }
}

/// Gives a time in tenths of a second.
pub(super) fn tenths(time: Duration) -> u32 {
    u32::try_from(time.as_millis() / 100).unwrap_or(u32::MAX)
}

/// Gives bytes in KiB.
pub(super) fn kibibytes(bytes: u64) -> u32 {
    u32::try_from(bytes / 1024).unwrap_or(u32::MAX)
}

/// Gives the last of steps that grow from one to the next, in bytes, and by how much they do on the whole.
fn quickens(steps: [f64; STRETCHES - 1]) -> Option<(f64, f64)> {
    let each = steps.windows(2).all(|two| two[0] > 0.0 && QUICKENS.contains(&(two[1] / two[0])));
    let [first, .., last] = steps;
    each.then(|| (last * 1024.0, (last / first).powf(1.0 / (STRETCHES - 2) as f64)))
}

/// The mean of the larger two: the first step may be cut short, where growth began in the middle of it.
fn larger_two(steps: [f64; 3]) -> f64 {
    let smallest = steps.iter().copied().fold(f64::INFINITY, f64::min);
    (steps.iter().sum::<f64>() - smallest) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: f64 = 1024.0 * 1024.0;

    /// Notes what the function tells, in MiB, every second.
    fn trend(seconds: u64, mebibytes: impl Fn(f64) -> f64) -> Option<Trend> {
        let mut floor = Floor::default();
        for second in 0..=seconds {
            let bytes = (mebibytes(second as f64) * MIB) as u64;
            floor.note(Duration::from_secs(second), bytes, Duration::from_mins(1));
        }
        floor.trend()
    }

    #[test]
    fn a_straight_line_is_told_as_one() {
        assert_eq!(trend(299, |second| second), None);
        let line = trend(300, |second| 2.0 * second).unwrap();
        assert_eq!((line.grown, line.span), (600 << 20, Duration::from_mins(5)));
        assert!(line.smallest_step > 0.99 && line.last_steps > 0.99 && line.is_new_ground, "{line:?}");
    }

    #[test]
    fn what_slows_down_is_told() {
        let filling = trend(300, |second| 3000.0 * (1.0 - (-second / 400.0).exp())).unwrap();
        assert!((0.6..0.75).contains(&filling.last_steps), "{filling:?}");
        let stopped = trend(300, |second| second.min(200.0)).unwrap();
        assert!(stopped.smallest_step <= 0.0, "{stopped:?}");
    }

    #[test]
    fn what_quickens_is_told_with_its_end() {
        let doubling = trend(320, |second| 100.0 * (second / 70.0).exp2()).unwrap();
        let (_, times) = doubling.quickens.unwrap();
        assert!(doubling.smallest_step < 0.25 && (times - 1.81).abs() < 0.01, "{doubling:?}");
        // From 1950 MiB at 300 s it doubles twice and a bit.
        let left = doubling.uses_up(10_238 << 20);
        assert!((left - 185.0).abs() < 5.0, "{left}");
        let line = trend(300, |second| 2.0 * second).unwrap();
        assert!(line.quickens.is_none() && (line.uses_up(1200 << 20) - 600.0).abs() < 0.1, "{line:?}");
        let late = trend(320, |second| (second - 58.0).max(0.2) * 4.0).unwrap();
        assert_eq!(late.quickens, None, "it began in the second stretch: {late:?}");
    }

    #[test]
    fn a_tooth_below_what_was_held_before_is_no_new_ground() {
        let saw = |second: f64| 600.0 + (second % 540.0) * 4.0;
        assert!(trend(400, saw).unwrap().is_new_ground, "nobody knows better of the first");
        for seconds in [540 + 300, 540 + 420, 1620 + 500] {
            assert!(!trend(seconds, saw).unwrap().is_new_ground, "{seconds}");
        }
        let leaking = |second: f64| 600.0 + (second % 30.0) * 40.0 + 2.0 * second;
        let leak = trend(1000, leaking).unwrap();
        assert!(leak.is_new_ground && leak.smallest_step > 0.4, "{leak:?}");
    }

    proptest! {
        /// However the memory swings, a floor that does not rise never seems to.
        #[test]
        fn no_growth_is_told_where_the_floor_stands(
            swings in prop::collection::vec(0.0..4000.0_f64, 600),
            period in 5_usize..55,
        ) {
            let at = |second: f64| if (second as usize).is_multiple_of(period) { 100.0 } else { 100.0 + swings[second as usize % 600] };
            let trend = trend(900, at).unwrap();
            prop_assert!(trend.grown < 4000 << 20 && trend.smallest_step <= 0.0, "{:?}", trend);
        }
    }
}
