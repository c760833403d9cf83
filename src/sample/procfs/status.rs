//! Reads `/proc/pid/status`.
//!
//! Not with the procfs crate: its reader refuses a file whose `Name:` is broken UTF-8, and any process may have one.

/// What is taken from the status of one process.
///
/// Source: proc(5), `/proc/pid/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    /// `Uid`, the first: the real one, which kill(2) asks for.
    pub(super) uid: u32,
    /// `RssAnon` + `VmSwap`, in bytes; 0 where the process has no memory of its own.
    pub(super) anonymous: u64,
}

impl Status {
    /// Reads the file; None where it names no owner.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let uid = u32::try_from(field(text, b"Uid:")?).ok()?;
        let kibibytes = |key| field(text, key).unwrap_or(0);
        let anonymous = (kibibytes(b"RssAnon:") + kibibytes(b"VmSwap:")) * 1024;
        Some(Self { uid, anonymous })
    }
}

/// The first number of the line that begins with the key. The kernel escapes newlines in `Name:`.
fn field(text: &[u8], key: &[u8]) -> Option<u64> {
    let line = text.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(key))?;
    let number = line.split(u8::is_ascii_whitespace).find(|word| !word.is_empty())?;
    std::str::from_utf8(number).ok()?.parse::<u32>().ok().map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_anonymous_memory_are_found_behind_a_hostile_name() {
        let text = b"Name:\t\xff\\nUid: 0\nState:\tS\nUid:\t1000\t0\t0\t0\nVmRSS:\t  900 kB\nRssAnon:\t  600 kB\nVmSwap:\t   24 kB\n";
        assert_eq!(Status::parse(text), Some(Status { uid: 1000, anonymous: 624 * 1024 }));
    }

    #[test]
    fn a_zombie_has_an_owner_and_no_memory() {
        assert_eq!(Status::parse(b"Name:\tx\nUid:\t7\t7\t7\t7\n"), Some(Status { uid: 7, anonymous: 0 }));
        assert_eq!(Status::parse(b""), None);
    }
}
