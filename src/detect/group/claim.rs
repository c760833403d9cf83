//! Which of two groups is told of, where both are about the same processes: those that one starts, and all of its name.

use super::NEARLY_ALL;
use super::key::{self, Key, Kind};
use super::watched::Watched;
use crate::detect::{Finding, Verdict};
use crate::process::Id;
use crate::protocol::Evidence;
use crate::sample::{Sample, index_of};

/// That a group is told of.
pub(super) struct Claim {
    key: Key,
    /// What its processes use together, in percent of one core.
    percent: f64,
    was_told: bool,
}

impl Claim {
    /// None where nothing is told.
    pub(super) fn of(watched: &Watched, found: &Finding) -> Option<Self> {
        let Verdict::Firing(_, Evidence::CpuHigh { cpu_percent, .. }) = found.verdict else { return None };
        Some(Self { key: watched.key, percent: cpu_percent, was_told: watched.is_told })
    }

    /// Tells whether the other is told of with this one: that of a fork's children with all forks, or that of all forks with
    /// the one that starts nearly all of them. What was told of goes on.
    pub(super) fn covers(&self, other: &Self, samples: &[Sample]) -> bool {
        let whole_of = |starter: Id| key::whole(samples, &samples[index_of(samples, starter)?]);
        let (is_related, is_larger) = match (self.key.kind, other.key.kind) {
            (Kind::Children { of }, Kind::Unit | Kind::Siblings { .. }) => {
                (whole_of(of) == Some(other.key), self.percent >= NEARLY_ALL * other.percent)
            }
            (Kind::Unit | Kind::Siblings { .. }, Kind::Children { of }) => {
                (whole_of(of) == Some(self.key), other.percent < NEARLY_ALL * self.percent)
            }
            _ => (false, false),
        };
        is_related && if self.was_told == other.was_told { is_larger } else { self.was_told }
    }
}
