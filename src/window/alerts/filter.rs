//! Which alerts are shown: what is asked of the store, and whether one that is told of belongs to it.

use super::{Pick, Which, words};
use crate::protocol::request::{GetAlerts, Since};
use crate::protocol::{Alert, AlertState, Reason, Request, Severity};
use crate::window::clock;
use crate::window::widget::menu::{Entry, entry};
use std::iter;

/// How many alerts a page has.
pub(super) const PAGE: usize = 100;

const DAY: i64 = 86_400;

/// What an alert must be to be shown. The default shows all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Whether it must fire.
    pub(super) active: bool,
    /// How bad it must be.
    pub(super) severity: Option<Severity>,
    /// Of which rule.
    pub(super) reason: Option<Reason>,
    /// When it must have begun.
    pub(super) period: Period,
    /// What must be in its name, command line or summary.
    pub(super) text: String,
}

/// When an alert must have begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// At any time.
    #[default]
    All,
    /// Since midnight by the local clock.
    Today,
    /// Within 7 days.
    Week,
    /// Within 30 days.
    Month,
}

/// One change of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Only the firing ones, or all.
    Active(bool),
    /// A severity, or any.
    Severity(Option<Severity>),
    /// A rule, or any.
    Reason(Option<Reason>),
    /// A time.
    Period(Period),
}

impl Period {
    /// Gives the earliest begin in Unix seconds.
    fn since(self, now: i64) -> Option<i64> {
        match self {
            Self::All => None,
            Self::Today => Some(clock::midnight(now)),
            Self::Week => Some(now - 7 * DAY),
            Self::Month => Some(now - 30 * DAY),
        }
    }
}

impl Which {
    fn choices(self) -> Vec<Choice> {
        match self {
            Self::Severity => [None, Some(Severity::Warning), Some(Severity::Critical)].map(Choice::Severity).to_vec(),
            Self::Reason => iter::once(None).chain(words::REASONS.map(Some)).map(Choice::Reason).collect(),
            Self::Period => [Period::All, Period::Today, Period::Week, Period::Month].map(Choice::Period).to_vec(),
        }
    }
}

impl Choice {
    /// Gives what it is called.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Active(true) => "Active only",
            Self::Active(false) => "All alerts",
            Self::Severity(severity) => severity.map_or("Any severity", words::severity),
            Self::Reason(reason) => reason.map_or("Any reason", words::reason),
            Self::Period(Period::All) => "Any time",
            Self::Period(Period::Today) => "Today",
            Self::Period(Period::Week) => "Last 7 days",
            Self::Period(Period::Month) => "Last 30 days",
        }
    }
}

impl Filter {
    /// Makes one change.
    pub(super) fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Active(active) => self.active = active,
            Choice::Severity(severity) => self.severity = severity,
            Choice::Reason(reason) => self.reason = reason,
            Choice::Period(period) => self.period = period,
        }
    }

    /// Asks for a page: the first one, or the one that comes after an alert.
    pub(super) fn request(&self, before: Option<i64>, now: i64) -> Request {
        Request::GetAlerts(GetAlerts {
            limit: Some(PAGE),
            since: self.period.since(now).map(Since::Unix),
            until: None,
            active: self.active.then_some(true),
            before,
            severity: self.severity,
            reason: self.reason,
            text: Some(self.text.trim().to_owned()).filter(|text| !text.is_empty()),
        })
    }

    /// Tells whether an alert that the applet told of belongs to what is shown.
    pub(super) fn admits(&self, alert: &Alert, now: i64) -> bool {
        let text = self.text.trim().to_lowercase();
        let has_text = |field: &str| field.to_lowercase().contains(&text);
        (!self.active || alert.state == AlertState::Firing)
            && self.severity.is_none_or(|severity| severity == alert.severity)
            && self.reason.is_none_or(|reason| reason == alert.reason)
            && self.period.since(now).is_none_or(|since| alert.timestamp >= since)
            && [&alert.name, &alert.cmdline, &alert.summary].into_iter().any(|field| has_text(field))
    }

    /// Gives the choices of a filter, and which one is made.
    pub(super) fn entries(&self, which: Which) -> (Vec<Entry<Pick>>, usize) {
        let choices = which.choices();
        let chosen = choices.iter().position(|choice| self.has(*choice)).unwrap_or(0);
        let entries = choices.into_iter().map(|choice| entry(choice.label(), "", Some(Pick::Filter(choice))));
        (entries.collect(), chosen)
    }

    /// Gives what is chosen of a filter.
    pub(super) fn chosen(&self, which: Which) -> Choice {
        match which {
            Which::Severity => Choice::Severity(self.severity),
            Which::Reason => Choice::Reason(self.reason),
            Which::Period => Choice::Period(self.period),
        }
    }

    /// Tells whether a filter leaves out alerts.
    pub(super) fn is_narrowed_by(&self, which: Which) -> bool {
        self.chosen(which) != Self::default().chosen(which)
    }

    fn has(&self, choice: Choice) -> bool {
        let mut changed = self.clone();
        changed.choose(choice);
        changed == *self
    }

    /// Tells whether it shows all alerts.
    pub(super) fn shows_all(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether it leaves out alerts for nothing but their time.
    pub(super) fn is_about_time(&self) -> bool {
        let Self { active: _, severity, reason, period: _, text } = self;
        severity.is_none() && reason.is_none() && text.trim().is_empty()
    }
}
