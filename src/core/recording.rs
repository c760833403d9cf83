//! What processes used over the last minutes, and throughout an alert: the points of charts.

use super::Latest;
use crate::figures::tenths;
use crate::process::Id;
use crate::protocol::HistoryPoint;
use crate::sample::{Now, Sample, Snapshot};
use std::collections::{HashMap, VecDeque};

/// How far the recording of a process reaches back, in seconds.
const REACH: u32 = 300;

/// How many points the recording of a process has at most.
const MOST_POINTS: usize = 150;

/// How many points the track of an alert has at most.
const MOST_TRACKED: usize = 240;

/// A process that used less CPU is at rest, in percent of one core.
const REST: f32 = 0.5;

/// A process whose memory changed by less is at rest, in MiB.
const GRAIN: f32 = 1.0;

/// What a process used up to one scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Seconds on `CLOCK_BOOTTIME`, which nobody sets back.
    at: u32,
    /// Since the scan before, in percent of one core.
    cpu_percent: f32,
    /// Resident, in MiB.
    memory_mb: f32,
}

impl Point {
    /// Takes what one scan saw of a process.
    pub(super) fn new(sample: &Sample, cpu_percent: f64, now: Now) -> Self {
        let memory_mb = sample.resident as f32 / (1024.0 * 1024.0);
        Self { at: now.boottime.as_secs() as u32, cpu_percent: cpu_percent as f32, memory_mb }
    }

    /// Takes a point that was stored.
    fn stored(point: &HistoryPoint, now: Now) -> Self {
        let ago = now.unix.saturating_sub(point.at).max(0).cast_unsigned();
        let at = now.boottime.as_secs().saturating_sub(ago) as u32;
        Self { at, cpu_percent: point.cpu_percent as f32, memory_mb: point.memory_mb as f32 }
    }

    /// Gives it as clients are told of it, by the wall clock as it is now.
    fn wire(self, now: Now) -> HistoryPoint {
        let ago = now.boottime.as_secs().saturating_sub(self.at.into());
        HistoryPoint {
            at: now.unix.saturating_sub_unsigned(ago),
            cpu_percent: tenths(self.cpu_percent.into()),
            memory_mb: tenths(self.memory_mb.into()),
        }
    }

    /// Tells whether a process that was at `before` has been at rest since.
    fn is_rest_after(self, before: Self) -> bool {
        self.cpu_percent < REST && (self.memory_mb - before.memory_mb).abs() < GRAIN
    }
}

/// The recordings of all processes that have not been at rest all the time.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    all: HashMap<Id, Recording>,
    scans: u64,
}

/// What one process used: points only at the ends of a rest, oldest first.
#[derive(Debug, Default)]
struct Recording {
    points: VecDeque<Point>,
    /// The latest point of a rest that goes on; it is not yet among the points.
    rest: Option<Point>,
    seen: u64,
}

impl Recording {
    fn note(&mut self, point: Point) {
        let last = self.points.back().copied();
        if last.is_some_and(|last| last.cpu_percent < REST && point.is_rest_after(last)) {
            self.rest = Some(point);
        } else {
            self.points.extend(self.rest.take());
            self.points.push_back(point);
        }
        let start = point.at.saturating_sub(REACH);
        while self.points.len() > MOST_POINTS || self.points.front().is_some_and(|oldest| oldest.at < start) {
            self.points.pop_front();
        }
    }

    fn points(&self) -> impl Iterator<Item = Point> {
        self.points.iter().copied().chain(self.rest)
    }
}

impl Recordings {
    /// Takes a scan and the one before it.
    pub(super) fn observe(&mut self, latest: &Latest, before: Option<&Snapshot>) {
        if !latest.counts {
            return;
        }
        self.scans += 1;
        let now = latest.snapshot.now;
        // The kernel lists processes by their pid, so that the two lists are walked side by side.
        let mut before = before.map_or(&[][..], |snapshot| &snapshot.samples).iter().peekable();
        for (sample, cpu_percent) in latest.snapshot.samples.iter().zip(&latest.cpu_percent) {
            while before.next_if(|old| old.id.pid < sample.id.pid).is_some() {}
            let old = before.peek().filter(|old| old.id == sample.id);
            self.note(sample.id, Point::new(sample, *cpu_percent, now), old.map(|old| Point::new(old, 0.0, now)));
        }
        let scans = self.scans;
        self.all.retain(|_, recording| recording.seen == scans && !recording.points.is_empty());
    }

    fn note(&mut self, id: Id, point: Point, before: Option<Point>) {
        if let Some(recording) = self.all.get_mut(&id) {
            recording.seen = self.scans;
            recording.note(point);
        } else if !point.is_rest_after(before.unwrap_or(point)) {
            let mut recording = Recording { seen: self.scans, ..Recording::default() };
            recording.note(point);
            self.all.insert(id, recording);
        }
    }

    /// Gives what a process used, oldest first; empty where it was at rest all the time.
    fn points(&self, id: Id) -> impl Iterator<Item = Point> {
        self.all.get(&id).into_iter().flat_map(Recording::points)
    }

    /// Gives what a process used as clients are told of it: where it was at rest all the time, only what it uses now.
    pub(super) fn wire(&self, id: Id, latest: Point, now: Now) -> Vec<HistoryPoint> {
        let mut points: Vec<_> = self.points(id).map(|point| point.wire(now)).collect();
        if points.is_empty() {
            points.push(latest.wire(now));
        }
        points
    }

    /// Begins the track of an alert with what its process used before.
    pub(super) fn track(&self, id: Id, latest: Point) -> Track {
        let mut track = Track { points: self.points(id).collect(), ..Track::default() };
        if track.points.is_empty() {
            track.points.push(latest);
        }
        track
    }
}

/// What a process used before an alert began and throughout it, oldest first.
#[derive(Debug)]
pub(super) struct Track {
    points: Vec<Point>,
    /// How many scans one point stands for from now on.
    stride: u16,
    /// The point that is being made, and of how many scans it is the mean.
    part: Option<(Point, u16)>,
}

impl Default for Track {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, part: None }
    }
}

impl Track {
    /// Goes on with what was stored.
    pub(super) fn resumed(stored: &[HistoryPoint], now: Now) -> Self {
        let skipped = stored.len().saturating_sub(MOST_TRACKED);
        let points = stored[skipped..].iter().map(|point| Point::stored(point, now)).collect();
        Self { points, ..Self::default() }
    }

    /// Adds what one scan saw.
    pub(super) fn note(&mut self, point: Point) {
        let (part, count) = self.part.map_or((point, 1), |(part, count)| (mean(part, count, point), count + 1));
        if count < self.stride {
            self.part = Some((part, count));
            return;
        }
        self.part = None;
        self.points.push(part);
        if self.points.len() >= MOST_TRACKED {
            self.halve();
        }
    }

    /// Gives it as clients are told of it.
    pub(super) fn wire(&self, now: Now) -> Vec<HistoryPoint> {
        self.points.iter().copied().chain(self.part.map(|(part, _)| part)).map(|point| point.wire(now)).collect()
    }

    /// Makes one point of two.
    fn halve(&mut self) {
        self.points =
            self.points.chunks(2).filter_map(|two| two.iter().copied().reduce(|a, b| mean(a, 1, b))).collect();
        self.stride = self.stride.saturating_mul(2);
    }
}

/// Gives the mean of `count` scans and a later one: its time and memory are those of the later one.
fn mean(mean: Point, count: u16, later: Point) -> Point {
    let sum = mean.cpu_percent * f32::from(count) + later.cpu_percent;
    Point { cpu_percent: sum / (f32::from(count) + 1.0), ..later }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: u32, cpu_percent: f32, memory_mb: f32) -> Point {
        Point { at, cpu_percent, memory_mb }
    }

    fn times(recording: &Recording) -> Vec<u32> {
        recording.points().map(|point| point.at).collect()
    }

    #[test]
    fn a_point_takes_twelve_bytes() {
        assert_eq!(size_of::<Point>(), 12);
    }

    #[test]
    fn a_rest_is_kept_by_its_two_ends() {
        let mut recording = Recording::default();
        for (at, cpu) in [(10, 50.0), (12, 0.0), (14, 0.1), (16, 0.0)] {
            recording.note(point(at, cpu, 100.0));
        }
        assert_eq!(times(&recording), [10, 12, 16]);
        recording.note(point(18, 0.0, 102.0));
        recording.note(point(20, 80.0, 102.0));
        assert_eq!(times(&recording), [10, 12, 16, 18, 20], "memory that changes ends a rest");
    }

    #[test]
    fn a_recording_is_bounded_in_time_and_number() {
        let mut recording = Recording::default();
        for at in 0..1000 {
            recording.note(point(at, 50.0, 100.0));
            assert!(recording.points.len() <= MOST_POINTS);
        }
        for at in (1000..3000).step_by(10) {
            recording.note(point(at, 50.0, 100.0));
        }
        assert_eq!((recording.points.len(), recording.points[0].at), (31, 2690));
        let calm = (3000..3400).step_by(10).find(|at| {
            recording.note(point(*at, 0.0, 100.0));
            recording.points.is_empty()
        });
        assert_eq!(calm, Some(3310), "nothing is left but the rest, and it is dropped");
    }

    #[test]
    fn a_track_halves_its_resolution_and_keeps_its_mean() {
        let mut track = Track::default();
        for at in 0..100_000 {
            track.note(point(at, if at % 2 == 0 { 100.0 } else { 0.0 }, 7.0));
            assert!(track.points.len() < MOST_TRACKED);
        }
        let now = Now { boottime: std::time::Duration::from_secs(100_000), unix: 1_100_000, ..Now::default() };
        let points = track.wire(now);
        assert!((MOST_TRACKED / 2 - 1..=MOST_TRACKED).contains(&points.len()), "{}", points.len());
        assert!(points.is_sorted_by_key(|point| point.at));
        assert!(points[..points.len() - 1].iter().all(|point| (49.0..51.0).contains(&point.cpu_percent)), "{points:?}");
        let resumed = Track::resumed(&points, now).wire(now);
        assert_eq!(resumed, points);
    }
}
