//! What each process of a group did, and what of it lasts.

use super::key::Kind;
use super::{NEARLY_ALL, OF_WEIGHT, Share};
use crate::config::OfCpu;
use crate::process::Id;
use crate::sample::Sample;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How many living processes of a group are remembered.
const MOST_LIVING: usize = 4096;

/// How many programs are remembered whose processes have ended.
const MOST_ENDED: usize = 256;

/// A program that was started so many times is started again and again.
const AGAIN: u32 = 3;

/// A group whose short-lived processes have so many command lines does one thing after the other.
const DIVERSE: usize = 3;

/// A process is at work while it uses this part of what it used until then.
const AT_WORK: f64 = 0.25;

/// The processes that have been in a group since it is watched.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// In the order of their ids.
    living: Vec<Part>,
    ended: Vec<Program>,
    /// How many programs of weight were forgotten.
    forgotten: usize,
}

/// One process of a group.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) id: Id,
    /// When the interval began in which it was seen first, and when that ended.
    since: Duration,
    first: Duration,
    /// When it was at work last.
    last: Duration,
    /// Whether it ever was of weight.
    is_of_weight: bool,
    /// Whether it counts where it is started again and again; else it does in another group, or in none.
    restarts: bool,
    /// Whether it is over the threshold by itself.
    is_over: bool,
    /// What its rule says of it.
    of_cpu: OfCpu,
    /// The same for processes of one name and command line; None where the command line is not known.
    alike: Option<u64>,
    /// What it used, or wanted where the cores did not suffice, in percent of one core times seconds.
    work: f64,
    /// What it used of that.
    used: f64,
    /// How much of its work it did while it was over the threshold by itself.
    own: f64,
}

/// The processes of one name and command line that did not last.
#[derive(Clone, Debug)]
struct Program {
    alike: Option<u64>,
    runs: u32,
    first: Duration,
    last: Duration,
    is_of_weight: bool,
    restarts: bool,
    work: f64,
}

/// For how long a group is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) began: Duration,
    pub(super) at: Duration,
    /// How much later than the group what lasts may begin, and how much earlier end.
    pub(super) slack: Duration,
    /// After so long it lasts, whenever it began.
    pub(super) patience: Duration,
}

/// What of a group lasts.
#[derive(Debug)]
pub(super) struct Lasting<'a> {
    /// What was at work all the time.
    pub(super) steady: Vec<&'a Part>,
    /// What programs did that were started again and again, in percent of one core times seconds.
    pub(super) again: f64,
    /// Who of them is at work.
    pub(super) started: Vec<&'a Part>,
    /// Whether the others did many different things.
    pub(super) is_diverse: bool,
}

impl Parts {
    /// Takes the share of a process. `restarts` tells whether it counts here where it is started again and again.
    pub(super) fn add(&mut self, sample: &Sample, share: &Share, restarts: bool, at: Duration, elapsed: Duration) {
        let index = match self.living.binary_search_by_key(&sample.id, |part| part.id) {
            Ok(index) => index,
            Err(_) if self.living.len() >= MOST_LIVING => return,
            Err(index) => {
                let part = Part::new(sample, restarts && share.of_cpu.counts_for_groups(), at, elapsed);
                self.living.insert(index, part);
                index
            }
        };
        self.living[index].take(share, at, elapsed);
    }

    /// Has those that have ended count as what their program did.
    pub(super) fn bury(&mut self, at: Duration, lives: impl Fn(Id) -> bool) {
        let Self { living, ended, forgotten } = self;
        let known = ended.len();
        living.retain(|part| {
            let stays = part.last == at || lives(part.id);
            ended.extend((!stays).then(|| Program::of(part)));
            stays
        });
        if ended.len() > known {
            add_up(ended);
        }
        if ended.len() > MOST_ENDED {
            ended.sort_unstable_by_key(|program| std::cmp::Reverse(program.last));
            *forgotten += ended.drain(MOST_ENDED..).filter(|program| program.is_of_weight).count();
        }
    }

    /// Gives what a process used on average since it is in the group, in percent of one core.
    pub(super) fn percent_of(&self, id: Id, at: Duration) -> f64 {
        let index = self.living.binary_search_by_key(&id, |part| part.id);
        index.map_or(0.0, |index| self.living[index].percent(at))
    }

    /// Tells whether there were some, and all have ended.
    pub(super) fn have_all_ended(&self) -> bool {
        self.living.is_empty() && !self.ended.is_empty()
    }

    /// Tells whether some have ended, or are not at work any more.
    pub(super) fn have_passed(&self, at: Duration) -> bool {
        !self.ended.is_empty() || self.living.iter().any(|part| part.last < at)
    }

    /// Tells whether one that lasts is told of by itself.
    pub(super) fn is_one_told_of(&self, period: Period) -> bool {
        self.living.iter().any(|part| part.lasts(period) && part.is_told_of())
    }

    /// Tells what lasted.
    pub(super) fn lasting(&self, period: Period, kind: Kind) -> Lasting<'_> {
        let (steady, passing): (Vec<_>, Vec<_>) = self.living.iter().partition(|part| part.lasts(period));
        let mut programs = self.ended.clone();
        programs.extend(passing.iter().map(|part| Program::of(part)));
        add_up(&mut programs);
        programs.retain(|program| program.is_of_weight);
        let (again, others): (Vec<_>, Vec<_>) = programs.iter().partition(|program| program.is_started_again(period));
        let counts = |program: &&&Program| program.restarts;
        let is_again = |part: &&Part| {
            again.iter().filter(counts).any(|program| program.alike == part.alike) && part.last == period.at
        };
        Lasting {
            steady: steady.into_iter().filter(|part| kind.counts_whole_life(part)).collect(),
            again: again.iter().filter(counts).map(|program| program.work).sum(),
            started: passing.into_iter().filter(is_again).collect(),
            is_diverse: self.forgotten + others.len() >= DIVERSE,
        }
    }
}

/// Brings programs of one name and command line together; those whose command line is not known stand alone.
fn add_up(programs: &mut Vec<Program>) {
    programs.sort_unstable_by_key(|program| program.alike);
    programs.dedup_by(|next, program| {
        let is_same = program.alike.is_some() && program.alike == next.alike;
        if is_same {
            program.add(next);
        }
        is_same
    });
}

impl Part {
    fn new(sample: &Sample, restarts: bool, at: Duration, elapsed: Duration) -> Self {
        let process = &sample.description;
        let alike = (!process.command_line.is_empty()).then(|| {
            let mut hasher = DefaultHasher::new();
            (&process.name, &process.command_line).hash(&mut hasher);
            hasher.finish()
        });
        Self {
            id: sample.id,
            since: at.saturating_sub(elapsed),
            first: at,
            last: at,
            is_of_weight: false,
            restarts,
            is_over: false,
            of_cpu: OfCpu::Nothing,
            alike,
            work: 0.0,
            used: 0.0,
            own: 0.0,
        }
    }

    fn take(&mut self, share: &Share, at: Duration, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        self.is_over = share.is_over;
        self.of_cpu = share.of_cpu;
        self.work += share.percent * seconds;
        self.used += share.used * seconds;
        self.own += if share.is_over { share.percent * seconds } else { 0.0 };
        self.is_of_weight |= share.percent >= OF_WEIGHT;
        if share.percent >= OF_WEIGHT.min(AT_WORK * self.percent(at)) {
            self.last = at;
        }
    }

    /// What it used, or wanted, on average, in percent of one core.
    pub(super) fn percent(&self, at: Duration) -> f64 {
        self.work / at.saturating_sub(self.since).as_secs_f64()
    }

    /// What it used on average, in percent of one core.
    pub(super) fn used_percent(&self, at: Duration) -> f64 {
        self.used / at.saturating_sub(self.since).as_secs_f64()
    }

    /// For how long it has been in the group.
    pub(super) fn lasted(&self, at: Duration) -> Duration {
        at.saturating_sub(self.since)
    }

    fn lasts(&self, period: Period) -> bool {
        let Period { began, at, slack, patience } = period;
        self.last == at && (self.first <= began + slack || self.lasted(at) >= patience)
    }

    /// Whether it is over the threshold, and was nearly all the time: an alert of its own tells of it, or will.
    pub(super) fn is_told_of(&self) -> bool {
        self.is_over && self.own >= NEARLY_ALL * self.work
    }
}

impl Program {
    fn of(part: &Part) -> Self {
        let Part { alike, first, last, is_of_weight, restarts, work, .. } = *part;
        Self { alike, runs: 1, first, last, is_of_weight, restarts, work }
    }

    fn add(&mut self, more: &Self) {
        self.runs += more.runs;
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
        self.is_of_weight |= more.is_of_weight;
        self.restarts &= more.restarts;
        self.work += more.work;
    }

    fn is_started_again(&self, period: Period) -> bool {
        let lasts = self.first <= period.began + period.slack && self.last + period.slack >= period.at;
        lasts && self.runs >= AGAIN && self.alike.is_some()
    }
}

impl Kind {
    /// Whether a process that lives on counts, and not only those that end soon. One that is told of by a limit of its own
    /// does not.
    fn counts_whole_life(self, part: &Part) -> bool {
        let is_apart = part.of_cpu.has_limit() && part.is_told_of();
        !matches!(self, Self::Children { .. }) && part.of_cpu.counts_for_groups() && !is_apart
    }
}
