//! What each process of a group did, and what of it lasts.

use super::Share;
use super::key::Kind;
use crate::config::OfCpu;
use crate::process::Id;
use crate::sample::Sample;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How many processes of a group are remembered.
const MOST_PARTS: usize = 256;

/// A program that was started so many times is started again and again.
const AGAIN: usize = 3;

/// A group whose short-lived processes have so many command lines does one thing after the other.
const DIVERSE: usize = 3;

/// The processes that have been in a group since it is watched.
#[derive(Debug, Default)]
pub(super) struct Parts(Vec<Part>);

/// One process of a group.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) id: Id,
    /// The same for processes of one name and command line; None where the command line is not known.
    alike: Option<u64>,
    first: Duration,
    last: Duration,
    /// Whether it counts where it is started again and again; else it does in another group, or in none.
    restarts: bool,
    /// What its rule says of it.
    of_cpu: OfCpu,
    /// Percent of one core times seconds.
    pub(super) work: f64,
    /// How much of it it did while it was over the threshold by itself.
    own: f64,
}

/// What of a group lasts; percent of one core times seconds.
#[derive(Debug)]
pub(super) struct Lasting<'a> {
    /// What processes did that were there all the time.
    pub(super) steady: f64,
    /// What processes did that were started again and again.
    pub(super) again: f64,
    /// Whether the others did many different things.
    pub(super) is_diverse: bool,
    /// Who of both is alive.
    pub(super) members: Vec<&'a Part>,
}

impl Parts {
    /// Takes the share of a process. `restarts` tells whether it counts here where it is started again and again.
    pub(super) fn add(&mut self, sample: &Sample, share: &Share, restarts: bool, at: Duration, elapsed: Duration) {
        let known = self.0.iter().rposition(|part| part.id == sample.id);
        let index = known.unwrap_or_else(|| {
            self.make_room();
            self.0.push(Part::new(sample, restarts && share.of_cpu.counts_for_groups(), at));
            self.0.len() - 1
        });
        let part = &mut self.0[index];
        let work = share.percent * elapsed.as_secs_f64();
        (part.last, part.of_cpu) = (at, share.of_cpu);
        part.work += work;
        part.own += if share.is_over { work } else { 0.0 };
    }

    /// Gives what a process did, in percent of one core times seconds.
    pub(super) fn work_of(&self, id: Id) -> f64 {
        self.0.iter().find(|part| part.id == id).map_or(0.0, |part| part.work)
    }

    /// Tells whether one of them is not there any more.
    pub(super) fn have_passed(&self, at: Duration) -> bool {
        self.0.iter().any(|part| part.last < at)
    }

    /// Tells whether one that is there since then has an alert of its own.
    pub(super) fn has_one_told_of(&self, since: Duration, at: Duration) -> bool {
        self.0.iter().any(|part| part.first <= since && part.last == at && part.is_told_of())
    }

    /// Forgets the one that was seen the longest time ago.
    fn make_room(&mut self) {
        if self.0.len() >= MOST_PARTS {
            let oldest = self.0.iter().enumerate().min_by_key(|(_, part)| part.last).map(|(index, _)| index);
            oldest.map(|index| self.0.swap_remove(index));
        }
    }

    /// Tells what lasted from `began` until `at`, each to within `slack`.
    pub(super) fn lasting(&self, began: Duration, at: Duration, slack: Duration, kind: Kind) -> Lasting<'_> {
        let mut lasting = Lasting { steady: 0.0, again: 0.0, is_diverse: false, members: Vec::new() };
        let (lived, passed): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|part| part.last == at && part.first <= began + slack);
        for part in lived {
            if part.of_cpu.counts_for_groups() && kind.counts_whole_life(part) {
                lasting.steady += part.work;
                lasting.members.push(part);
            }
        }
        let mut others = 0;
        for alike in classes(&passed) {
            let first = alike.iter().map(|part| part.first).min().unwrap_or(at);
            let last = alike.iter().map(|part| part.last).max().unwrap_or(began);
            let lasts = first <= began + slack && last + slack >= at;
            let is_started_again = lasts && alike.len() >= AGAIN && alike[0].alike.is_some();
            if is_started_again && alike[0].restarts {
                lasting.again += alike.iter().map(|part| part.work).sum::<f64>();
                lasting.members.extend(alike.iter().filter(|part| part.last == at));
            } else if !is_started_again {
                others += 1;
            }
        }
        lasting.is_diverse = others >= DIVERSE;
        lasting
    }
}

/// Brings processes of one name and command line together; those whose command line is not known stand alone.
fn classes<'a>(parts: &[&'a Part]) -> Vec<Vec<&'a Part>> {
    let mut sorted = parts.to_vec();
    sorted.sort_by_key(|part| (part.alike, part.id));
    let is_same = |a: &&Part, b: &&Part| a.alike.is_some() && a.alike == b.alike;
    sorted.chunk_by(is_same).map(<[_]>::to_vec).collect()
}

impl Part {
    fn new(sample: &Sample, restarts: bool, at: Duration) -> Self {
        let process = &sample.description;
        let alike = (!process.command_line.is_empty()).then(|| {
            let mut hasher = DefaultHasher::new();
            (&process.name, &process.command_line).hash(&mut hasher);
            hasher.finish()
        });
        Self { id: sample.id, alike, first: at, last: at, restarts, of_cpu: OfCpu::Nothing, work: 0.0, own: 0.0 }
    }

    /// Whether an alert of its own tells of it.
    fn is_told_of(&self) -> bool {
        const NEARLY_ALL: f64 = 0.8;
        self.own >= NEARLY_ALL * self.work
    }
}

impl Kind {
    /// Whether a process that lives on counts, and not only those that end soon. One that is told of by itself does not,
    /// but in an application, which has one alert for all that have no limit of their own.
    fn counts_whole_life(self, part: &Part) -> bool {
        match self {
            Self::Application => !(part.of_cpu.has_limit() && part.is_told_of()),
            Self::Unit | Self::Siblings { .. } => !part.is_told_of(),
            Self::Children { .. } => false,
        }
    }
}
