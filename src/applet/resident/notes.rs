//! What the guard says of itself: which of its parts are out of order, and what a user is to know once.

use super::Resident;
use crate::applet::desktop::Desktop;
use crate::applet::event::Part;
use crate::applet::once;
use crate::applet::store::Note;
use crate::sample::Now;
use crate::words::about_the_guard;

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
            Note::Whitelist(entries) => {
                self.core.take_up_whitelist(entries);
                (self.scan_wanted, self.changed) = (true, true);
            }
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

    /// Tells a user who has no icon why, once and for all: nobody reads the log of what does not seem to run.
    pub(super) fn say_once_that_there_is_no_icon(&mut self) {
        let why = self.desktop.as_mut().and_then(Desktop::lacks_icon);
        if let Some(why) = why.filter(|_| once::is_first_time(&self.paths.told_of_tray())) {
            self.core.tell(about_the_guard(why), Now::read());
            self.changed = true;
        }
    }
}
