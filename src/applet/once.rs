//! What is said to a user once, and never again.

use crate::paths::create_private_dir;
use std::fs::File;
use std::path::Path;

/// Tells whether this was never said before, and remembers it by an empty file. What cannot be remembered is not said: it
/// would come with each login.
pub(super) fn is_first_time(mark: &Path) -> bool {
    mark.parent().is_some_and(|folder| create_private_dir(folder).is_ok()) && File::create_new(mark).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_and_not_where_that_cannot_be_remembered() {
        let state = tempfile::tempdir().unwrap();
        let mark = state.path().join("runaway-guard/told-of-tray");
        assert!(is_first_time(&mark));
        assert!(!is_first_time(&mark));
        assert!(!is_first_time(&mark.join("below-a-file")));
    }
}
