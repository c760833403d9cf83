//! What happens around the applet: its user logs out, an upgrade puts another program in the place of its own, or its own is
//! removed.

use super::changed;
use crate::applet::session::Session;
use crate::applet::upgrade::{Upgrade, is_removed};
use crate::config::watch::Watch;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// So often it looks, where the loop has a turn then.
const EVERY: Duration = Duration::from_secs(30);

/// A program that is still missing so much later was removed: whoever replaces it is done.
const REMOVED_AFTER: Duration = Duration::from_secs(15);

/// Looks around from time to time.
pub(super) struct Lookout {
    /// The login session that the applet ends with, where no service manager sees to that.
    session: Option<Session>,
    /// None where nothing is to be watched, or cannot be: then it is looked at from time to time.
    watch: Option<Watch>,
    upgrade: Upgrade,
    /// Since when the program is missing that root had installed.
    missing: Option<Instant>,
    looked: Instant,
    /// Whether there is something new to be seen.
    has_news: bool,
}

/// What there was to see.
pub(super) enum Seen {
    Nothing,
    Logout,
    /// The program that is to go on in the stead of this one.
    Upgrade(PathBuf),
    Removal,
}

impl Lookout {
    /// Begins. An applet without a desktop goes on when its user logs out.
    pub(super) fn new(has_desktop: bool) -> Self {
        let session = has_desktop.then(Session::of_this_process).flatten();
        let watch = session.as_ref().and_then(|session| {
            session.watch().map_err(|error| tracing::debug!("the login session is not watched: {error}")).ok()
        });
        let upgrade = Upgrade::default();
        Self { session, watch, upgrade, missing: None, looked: Instant::now(), has_news: false }
    }

    /// Gives when the loop is to have a turn at the latest: a logout is to be seen even while nothing is scanned.
    pub(super) fn latest(&self) -> Option<Instant> {
        self.session.as_ref().map(|_| self.looked + 2 * EVERY)
    }

    /// Tells whether the applet is to end when its user logs out of the session that it was started in.
    pub(super) fn ends_with_session(&self) -> bool {
        self.session.is_some()
    }

    pub(super) fn is_due(&self) -> bool {
        let next = if self.missing.is_some() { REMOVED_AFTER } else { EVERY };
        self.has_news || self.looked.elapsed() >= next
    }

    /// Waits until there is something new to be seen. It may be dropped at any time and nothing is lost.
    pub(super) async fn news(&mut self) {
        // Who could not answer is asked again when it is looked the next time.
        self.has_news |= tokio::select! {
            is_upgrade = self.upgrade.answered() => is_upgrade,
            () = changed(self.watch.as_mut()) => true,
        };
    }

    /// Looks now. Only at a quiet moment an upgrade is taken up.
    pub(super) fn look(&mut self, is_quiet: bool) -> Seen {
        (self.looked, self.has_news) = (Instant::now(), false);
        if self.session.as_ref().is_some_and(Session::is_over) {
            return Seen::Logout;
        }
        self.missing = is_removed().then(|| self.missing.unwrap_or(self.looked));
        if self.missing.is_some_and(|since| since.elapsed() >= REMOVED_AFTER) {
            return Seen::Removal;
        }
        let successor = if is_quiet { self.upgrade.successor() } else { None };
        successor.map_or(Seen::Nothing, Seen::Upgrade)
    }
}
