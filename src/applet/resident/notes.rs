//! What the guard says of itself: which of its parts are out of order, and what a user is to know once.

use super::Resident;
use crate::applet::event::Part;
use crate::applet::once;
use crate::applet::store::Note;
use crate::sample::Now;
use crate::words::about_the_guard;
use std::time::{Duration, Instant};

/// After so long a tray is not merely slow to come, as at a login.
const TRAY_IS_LATE: Duration = Duration::from_secs(20);

impl Resident {
    /// Takes up what the database says of itself.
    pub(super) fn take_note(&mut self, note: Note) {
        match note {
            Note::Once(sentence) => {
                tracing::warn!("{sentence}");
                self.core.tell(about_the_guard(sentence), Now::read());
                self.changed = true;
            }
            Note::Failing(sentence) => self.note(Part::Store, Some(sentence)),
            Note::Recovered => self.note(Part::Store, None),
        }
    }

    /// Notes that a part is out of order, or works again; says so once.
    pub(in crate::applet) fn note(&mut self, part: Part, problem: Option<String>) {
        let sentence = problem.clone();
        if !self.core.set_problem(part, problem) {
            return;
        }
        self.changed = true;
        if let Some(sentence) = sentence {
            tracing::warn!("{sentence}");
        } else {
            tracing::info!("{part:?} works again");
        }
    }

    /// Notes that there is no icon and why, or that there is one.
    pub(super) fn note_tray(&mut self, problem: Option<String>) {
        if let Some(why) = &problem {
            self.without_icon.get_or_insert_with(|| (Instant::now(), why.clone()));
        } else {
            self.without_icon = None;
        }
        self.note(Part::Tray, problem);
    }

    /// Tells a user who has no icon why, once and for all: nobody reads the log of what does not seem to run.
    pub(super) fn say_that_there_is_no_icon(&mut self) {
        let is_late = |(since, _): &mut (Instant, String)| since.elapsed() >= TRAY_IS_LATE;
        let Some((_, why)) = self.without_icon.take_if(is_late) else { return };
        if once::is_first_time(&self.paths.told_of_tray()) {
            self.core.tell(about_the_guard(why), Now::read());
            self.changed = true;
        }
    }
}
