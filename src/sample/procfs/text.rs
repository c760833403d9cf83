//! Makes text for people of the bytes that the kernel gives, which any process may choose.

/// Reads UTF-8 and puts U+FFFD for what is broken, for control characters and for those that turn the direction of writing.
pub(super) fn clean(bytes: &[u8]) -> String {
    clean_str(&String::from_utf8_lossy(bytes))
}

/// As [`clean`]; tabs and newlines become spaces.
pub(super) fn clean_line(text: &str) -> String {
    clean_str(&text.replace(['\t', '\n', '\r'], " "))
}

fn clean_str(text: &str) -> String {
    let hostile = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(hostile, "\u{fffd}")
}

/// The kernel's name of a process, or the longer name of its executable where the kernel cut it.
///
/// `others` are paths: the first arguments, then the link to the executable.
///
/// Source: proc(5), `/proc/pid/comm`: names are cut at 15 bytes.
pub(super) fn name<'a>(comm: &[u8], others: impl IntoIterator<Item = &'a [u8]>) -> String {
    const CUT: usize = 15;
    const LONGEST: usize = 64;
    let longer = |path: &'a [u8]| {
        let base = path.rsplit(|&byte| byte == b'/').next().filter(|base| base.starts_with(comm))?;
        let end = base[CUT..].iter().position(u8::is_ascii_whitespace).map_or(base.len(), |space| CUT + space);
        Some(&base[..end]).filter(|base| (CUT + 1..=LONGEST).contains(&base.len()))
    };
    let longer = (comm.len() == CUT).then(|| others.into_iter().find_map(longer)).flatten();
    clean(longer.unwrap_or(comm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_name_is_completed_by_a_path_that_begins_alike() {
        let comm = b"gnome-session-b";
        assert_eq!(name(comm, [b"/usr/libexec/gnome-session-binary".as_slice()]), "gnome-session-binary");
        assert_eq!(name(comm, [b"python3".as_slice(), b"./gnome-session-builder"]), "gnome-session-builder");
        assert_eq!(name(comm, [b"gnome-session-binary --session=x".as_slice()]), "gnome-session-binary");
        assert_eq!(name(comm, [b"/usr/bin/other".as_slice(), b""]), "gnome-session-b");
        assert_eq!(name(b"Isolated Web Co", [b"/usr/lib/firefox/firefox".as_slice()]), "Isolated Web Co");
    }

    #[test]
    fn a_short_name_is_never_changed() {
        assert_eq!(name(b"node", [b"/usr/bin/node-wrapper".as_slice()]), "node");
        assert_eq!(name(b"", [b"/usr/bin/x".as_slice()]), "");
    }

    #[test]
    fn hostile_bytes_do_not_reach_people() {
        assert_eq!(clean(b"a\nb\x1b[31m\xff\xe2\x80\xae"), "a\u{fffd}b\u{fffd}[31m\u{fffd}\u{fffd}");
        assert_eq!(clean_line("sh -c a\nb\t\u{1b}"), "sh -c a b \u{fffd}");
    }
}
