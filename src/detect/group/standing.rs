//! How the groups stand that a process may count for.

use super::key::{self, Key, Kind};
use super::watched::{Watched, slack};
use super::{Groups, cpu_high, parent_of};
use crate::config::CpuHigh;
use crate::figures::tenths;
use crate::protocol::{GroupKind, GroupStanding, Reason, Standing, StandingState};
use crate::sample::Sample;
use crate::words::{Subject, why};
use std::time::Duration;

/// Which process is asked about, and when.
pub(in crate::detect) struct Asked<'a> {
    /// The processes of the last scan.
    pub(in crate::detect) samples: &'a [Sample],
    /// The one that is asked about.
    pub(in crate::detect) sample: &'a Sample,
    /// When that scan was, on the clock of [`super::Step::at`].
    pub(in crate::detect) at: Duration,
    /// After what time a group is told of.
    pub(in crate::detect) patience: Duration,
    /// The rule for groups.
    pub(in crate::detect) rule: &'a CpuHigh,
    /// Why the process counts for none, where it does not.
    pub(in crate::detect) apart: Option<String>,
    /// Whether nothing is told under a process.
    pub(in crate::detect) is_silenced: &'a dyn Fn(&Sample) -> bool,
}

/// A state, its sentence, and the figures behind it.
type Told = (StandingState, String, Vec<(&'static str, f64)>);

/// How a group that is over the limit stands; its use and the part of the process, in percent of one core.
struct Stand {
    state: StandingState,
    percent: f64,
    own: f64,
    /// Why it is not told of.
    reason: Option<&'static str>,
}

impl Groups {
    /// Says how each group stands that a process may count for.
    pub(in crate::detect) fn explain(&self, asked: &Asked) -> Vec<GroupStanding> {
        if asked.sample.kernel_thread || asked.sample.has_ended() {
            return Vec::new();
        }
        let whole = key::whole(asked.samples, asked.sample);
        let children = key::children(asked.samples, asked.sample);
        let come_and_go =
            |key: &Key| self.find(*key).is_some_and(|watched| watched.comes_and_goes(asked, self.elapsed));
        let mut keys: Vec<Key> = whole.into_iter().collect();
        for key in [children, key::of_children(asked.sample)].into_iter().flatten().filter(come_and_go) {
            if asked.apart.is_none() && !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.into_iter().map(|key| self.standing(key, asked)).collect()
    }

    fn standing(&self, key: Key, asked: &Asked) -> GroupStanding {
        let who = asked.name(key.kind);
        let threshold = f64::from(asked.rule.threshold_percent.get());
        let (state, summary, figures) = match (&asked.apart, self.find(key)) {
            _ if !asked.rule.enabled => (StandingState::Off, why::off(None), Vec::new()),
            (Some(reason), _) => (StandingState::Off, why::apart(&who, reason), Vec::new()),
            (None, Some(watched)) => watched.explain(asked, self.elapsed, &who),
            (None, None) => {
                (StandingState::Calm, why::calm_together(&who, threshold), vec![("threshold_percent", threshold)])
            }
        };
        let figures = figures.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let standing = Standing { reason: Reason::CpuHigh, state, summary, figures };
        GroupStanding { kind: key.kind.wire(), standing }
    }

    fn find(&self, key: Key) -> Option<&Watched> {
        self.watched.iter().find(|watched| watched.key.group == key.group)
    }
}

impl Watched {
    /// Tells whether some of its processes have ended since it is over the limit, and the process is one of those or
    /// starts them: a child that stays counts among its like alone.
    fn comes_and_goes(&self, asked: &Asked, elapsed: Duration) -> bool {
        let is_started = matches!(self.key.kind, Kind::Children { of } if of != asked.sample.id);
        let lasted = asked.at.saturating_sub(self.began);
        let stays = is_started && asked.sample.age + slack(asked.rule, elapsed) >= lasted;
        !stays && (self.unseen > 0.0 || self.parts.have_passed(asked.at))
    }

    fn explain(&self, asked: &Asked, elapsed: Duration, who: &str) -> Told {
        let lasted = asked.at.saturating_sub(self.began);
        let Stand { state, percent, own, reason } = self.stand(asked, lasted, elapsed);
        let summary = match reason {
            Some(reason) => why::silent_together(who, percent, own, lasted, reason),
            None => why::busy_together(who, percent, own, lasted, asked.patience),
        };
        let figures = vec![
            ("cpu_percent", tenths(percent)),
            ("own_percent", tenths(own)),
            ("threshold_percent", asked.rule.threshold_percent.get().into()),
            ("seconds", lasted.as_secs_f64().round()),
            ("duration_seconds", asked.patience.as_secs_f64().round()),
        ];
        (state, summary, figures)
    }

    /// Tells how it stands: before it is told of by all that its processes did, then by what of it lasts.
    fn stand(&self, asked: &Asked, lasted: Duration, elapsed: Duration) -> Stand {
        let own = self.parts.percent_of(asked.sample.id, asked.at);
        let percent = self.given / lasted.as_secs_f64();
        let over = Stand { state: StandingState::Suspicious, percent, own, reason: None };
        if cpu_high::severity(lasted, asked.patience, asked.rule).is_none() {
            return over;
        }
        let silent = |reason| Stand { state: StandingState::Silent, reason: Some(reason), ..over };
        let period = self.period(asked.at, elapsed, asked.patience, asked.rule);
        let summary = self.summary(period).filter(|summary| self.is_over(summary, asked.rule));
        let summary = match summary {
            Some(summary) if summary.is_of_one() => return silent(why::OF_ONE),
            Some(summary) => summary,
            None if self.parts.is_one_told_of(period) => return silent(why::OF_ONE),
            None => return silent(why::PASSING),
        };
        let lead = self.lead(asked.samples, &summary);
        if lead.is_some_and(|lead| (asked.is_silenced)(&asked.samples[lead])) {
            return silent(why::UNDER_SILENCED);
        }
        Stand { state: StandingState::Firing, percent: summary.percent, ..over }
    }
}

impl Asked<'_> {
    /// Names the processes of a group that the process may count for.
    fn name(&self, kind: Kind) -> String {
        let parent = parent_of(self.samples, self.sample);
        let name = &self.sample.description.name;
        let subject = || parent.map(|parent| Subject::new(parent.id.pid, &parent.description));
        match kind {
            Kind::Application => why::of_application(self.application(parent).unwrap_or(name)),
            Kind::Unit => why::of_unit(name, key::innermost(self.sample).unwrap_or_default()),
            Kind::Siblings { .. } => why::of_parent(name, subject().as_ref()),
            Kind::Children { of } if of == self.sample.id => why::started_by(None),
            Kind::Children { .. } => why::started_by(subject().as_ref()),
        }
    }

    /// The application of a process, or that of its parent, for which it counts where it has none.
    fn application<'a>(&'a self, parent: Option<&'a Sample>) -> Option<&'a str> {
        let of = |sample: &'a Sample| sample.description.application.as_ref().map(|found| found.name.as_str());
        of(self.sample).or_else(|| of(parent?))
    }
}

impl Kind {
    fn wire(self) -> GroupKind {
        match self {
            Self::Application => GroupKind::Application,
            Self::Unit => GroupKind::Unit,
            Self::Siblings { .. } => GroupKind::Siblings,
            Self::Children { .. } => GroupKind::Children,
        }
    }
}
