//! What is said to a user once, and never again.

use crate::paths::create_private_dir;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Tells whether this was never said before, and remembers it by an empty file. What cannot be remembered is not said: it
/// would come with each login.
pub(super) fn is_first_time(mark: &Path) -> bool {
    leave(mark).is_ok()
}

fn leave(mark: &Path) -> io::Result<()> {
    mark.parent().map_or(Ok(()), create_private_dir)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(mark).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_said_once_and_not_where_that_cannot_be_remembered() {
        let state = tempfile::tempdir().unwrap();
        let mark = state.path().join("runaway-guard/told-of-tray");
        assert!(is_first_time(&mark));
        assert_eq!(std::fs::metadata(&mark).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(!is_first_time(&mark));
        assert!(!is_first_time(&mark.join("below-a-file")));
    }
}
