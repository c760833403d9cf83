//! What every client is told of changes that nobody asked for: the config, the whitelist, the notices.

use super::Core;
use super::effect::Effect;
use super::view::Notice;
use crate::protocol::{Changed, Push, What};
use std::collections::BTreeSet;

/// What clients were told, and what they are to be told next.
#[derive(Debug, Default)]
pub(super) struct News {
    changed: BTreeSet<What>,
    notices: Vec<Notice>,
}

impl News {
    /// Notes that clients have to ask for this again.
    pub(super) fn note(&mut self, what: What) {
        self.changed.insert(what);
    }
}

impl Core {
    /// Gives the pushes about what has changed since it was last called: none where nothing has.
    pub fn news(&mut self) -> Vec<Effect> {
        let changed = std::mem::take(&mut self.news.changed).into_iter();
        let mut pushes: Vec<_> = changed.map(|what| Effect::Push(Push::Changed(Changed { what }))).collect();
        let notices = self.notices();
        if notices != self.news.notices {
            pushes.push(Effect::Push(Push::Notices(notices.iter().map(Notice::wire).collect())));
            self.news.notices = notices;
        }
        pushes
    }
}
