//! How far the user's hand reaches.

/// What the user may do to a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: the system, a session or the guard itself stands on it.
    #[default]
    Protected,
    /// Nothing: it belongs to another user, and nobody can be asked.
    Foreign,
    /// End it where an administrator agrees: it belongs to another user.
    Asks,
    /// Everything.
    Free,
}

impl Reach {
    /// Whether it can be killed, by whatever way.
    #[must_use]
    pub fn kills(self) -> bool {
        matches!(self, Self::Asks | Self::Free)
    }

    /// Whether it can be stopped and continued.
    #[must_use]
    pub fn pauses(self) -> bool {
        self == Self::Free
    }
}
